"""The examples of « Réutiliser les données », run as anybody would run them."""

import json
import shutil
import subprocess
import sys
from urllib.request import urlopen

import pytest

from reports.opendata.examples import examples

ORLEANS = "CONV-2026-0010"


@pytest.fixture
def example(registry):
    address, _ = registry
    return lambda slug: next(one for one in examples(address) if one.slug == slug).text


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)  # noqa: S603
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_curl(example):
    rows = json.loads(run("sh", "-c", example("curl")))["results"]
    assert ORLEANS in {row["reference"] for row in rows}
    assert set(rows[0]) == {"reference", "title", "begin", "term"}


def test_python(example):
    printed = run(sys.executable, "-c", example("python")).splitlines()
    assert f"{ORLEANS} 1123884.00 EUR" in printed
    assert "CONV-2026-0009 462382800.00 XOF" in printed


@pytest.mark.skipif(not shutil.which("Rscript"), reason="R is not on this machine")
def test_r(example):
    printed = run("Rscript", "-e", example("r")).split()
    # The line of the names, then that of the numbers.
    assert printed[0] == ORLEANS
    assert "9" in printed


def test_a_spreadsheet(example):
    with urlopen(example("tableur").strip()) as answer:  # noqa: S310  our own server
        assert ORLEANS in answer.read().decode()


def test_a_map(example, browser, tmp_path):
    """A page of anywhere, opened from a disk."""
    path = tmp_path / "carte.html"
    path.write_text(example("carte"), encoding="utf-8")
    page = browser.new_page()
    page.goto(path.as_uri())
    page.wait_for_selector("circle")
    names = page.eval_on_selector_all("circle title", "all => all.map(one => one.textContent)")
    assert "Parakou" in names
    page.close()
