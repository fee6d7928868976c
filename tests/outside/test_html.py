"""HTML as the W3C's checker reads it (vnu): every page that a visitor and the secretariat reach by links."""

import re
import shutil
import subprocess
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPCookieProcessor, build_opener

import pytest
from django.urls import Resolver404, resolve
from lxml import html

from cooperation.demo import PASSWORD
from tests.outside.conftest import TOOLS

# The pages of Django's admin are Django's own; a way out would end the visit.
LEFT_OUT = ("/admin/", "/deconnexion/")


@pytest.fixture(scope="session")
def checker(tool):
    """checker(files) -> what is wrong in them, a line each."""
    jar = TOOLS / "node_modules/vnu-jar/build/dist/vnu.jar"
    if not (shutil.which("java") and jar.exists()):
        pytest.skip(
            "the checker of the W3C is not installed: ./run outside says which packages to add"
        )

    def checker(files):
        command = ["java", "-jar", jar, "--format", "gnu", *files]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
        return done.stderr.splitlines()

    return checker


def reader(address, account):
    """opened(path) -> the answer, for a visitor or for one signed in."""
    opener = build_opener(HTTPCookieProcessor(CookieJar()))
    if account:
        with opener.open(f"{address}/connexion/") as page:
            token = re.search('csrfmiddlewaretoken" value="(.*?)"', page.read().decode())[1]
        typed = {"csrfmiddlewaretoken": token, "login": account, "password": PASSWORD}
        opener.open(f"{address}/connexion/", urlencode(typed).encode()).close()
    return lambda path: opener.open(address + path)


def pages(opened, left_out=LEFT_OUT):
    """(path, text) of one page of each kind."""
    to_see, seen = ["/"], set()
    while to_see:
        path = to_see.pop(0)
        try:
            kind = resolve(urlsplit(path).path).view_name
        except Resolver404:
            continue
        if kind in seen or path.startswith(left_out):
            continue
        seen.add(kind)
        try:
            with opened(path) as answer:
                if not answer.headers["Content-Type"].startswith("text/html"):
                    continue
                text = answer.read().decode()
        except HTTPError:
            continue
        yield path, text
        to_see += [
            link.partition("#")[0]
            for link in html.fromstring(text.encode()).xpath("//a/@href[starts-with(., '/')]")
        ]


def test_the_checker_finds_what_is_wrong(checker, tmp_path):
    wrong = tmp_path / "faux.html"
    wrong.write_text("<!doctype html><html lang=fr><title>x</title><p><div></p>", encoding="utf-8")
    assert checker([wrong])


@pytest.mark.parametrize(("account", "at_least"), [(None, 25), ("secretariat", 40)])
def test_the_checker_finds_nothing(checker, registry, tmp_path, account, at_least):
    address, _ = registry
    files = []
    for number, (path, text) in enumerate(pages(reader(address, account))):
        name = re.sub(r"\W+", "-", path)[:60]
        files.append(tmp_path / f"{number}{name}.html")
        files[-1].write_text(text, encoding="utf-8")
    wrong = [line.partition(str(tmp_path))[2] for line in checker(files)]
    assert wrong == []
    assert len(files) >= at_least
