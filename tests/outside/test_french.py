"""French as Grammalecte reads it: every page that a visitor, a clerk and the secretariat reach by links.

What the records say is their sources’ own; what the registry itself says is held to grammar and spelling.
"""

import io
import json
import re
import shutil
import subprocess
import zipfile
from pathlib import Path
from urllib.request import urlopen

import pytest
from lxml import html

from tests.outside.test_html import LEFT_OUT, pages, reader

# The fields of the API, each by the name that programs call it.
REFERENCE = "/api/docs/"
NAMES = frozenset((Path(__file__).parent / "names.txt").read_text(encoding="utf-8").split())
# Names and codes of others: lists to choose from, addresses, what is read letter by letter.
APART = ("script", "style", "svg", "option", "datalist", "template")
LITERAL = ("code", "pre", "kbd", "textarea")
# What ends a sentence though no full stop says so.
INLINE = ("a", "abbr", "bdi", "em", "strong", "time")
# Rules that know neither labels, years nor lists of an API.
OFF = (
    "majuscule_après_point",
    "majuscule_début_paragraphe",
    "num_grand_nombre_avec_espaces",
    "g3__gn_nombre_chiffres",
)
# Said on purpose: what the rule takes them for, they are not.
MEANT = (
    "peut être repris",
    "« Relève de » prennent",
    "Finit en",
    "Signée le",
    "Partagée le",
    "devient",
    ".zip",
    ".html",
)


@pytest.fixture(scope="session")
def remarks(tmp_path_factory):
    """remarks(sentences) -> [(sentence, first, last, what is said of these characters), …]"""
    if not shutil.which("grammalecte-cli"):
        pytest.skip("Grammalecte is not installed: apt-get install grammalecte-cli")

    def remarks(sentences):
        file = tmp_path_factory.mktemp("phrases") / "phrases.txt"
        file.write_text("\n".join(sentences), encoding="utf-8")
        command = ["grammalecte-cli", "-f", file, "-j"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
        for paragraph in json.loads(done.stdout)["data"]:
            sentence = sentences[paragraph["iParagraph"] - 1]
            for fault in paragraph["lGrammarErrors"]:
                if not fault["sRuleId"].startswith(OFF):
                    yield sentence, fault["nStart"], fault["nEnd"], fault["sMessage"]
            for word in paragraph["lSpellingErrors"]:
                yield sentence, word["nStart"], word["nEnd"], "mot inconnu"

    return remarks


def sentences_of(text):
    """The words of a page, a line for each of its parts."""
    root = html.fromstring(text.encode(), parser=html.HTMLParser(encoding="utf-8"))
    for element in root.xpath("|".join(f"//{name}" for name in APART)):
        element.drop_tree()
    for element in root.xpath("|".join(f"//{name}" for name in LITERAL)):
        element.text = "ceci"
        for child in element:
            child.drop_tree()
    for element in root.iter():
        if element.tag not in (*INLINE, *LITERAL):
            element.text = f"\n{element.text or ''}"
            element.tail = f"\n{element.tail or ''}"
    # The spaces of the page are those of French; the soft hyphens of its tiles are no letters.
    lines = root.text_content().replace("\u00ad", "").splitlines()
    return {" ".join(line.split(" ")).strip() for line in lines if re.search("[a-zà-ÿ]{3}", line)}


def said_by_records(address):
    """Every text of the published records."""
    with urlopen(f"{address}/donnees/registre-jsonl.zip") as answer:  # noqa: S310  our own server
        archive = zipfile.ZipFile(io.BytesIO(answer.read()))
    found = set()

    def gather(value):
        if isinstance(value, str):
            found.update(part.strip() for part in value.splitlines())
        elif isinstance(value, dict):
            for one in value.values():
                gather(one)
        elif isinstance(value, list):
            for one in value:
                gather(one)

    for name in archive.namelist():
        if name.endswith(".jsonl"):
            for line in archive.read(name).decode().splitlines():
                gather(json.loads(line))
    return sorted((text for text in found if len(text) > 2), key=len, reverse=True)


def is_of(records, sentence, first, last):
    """Whether these characters are a record's own words."""
    plain = sentence.replace("\u00a0", " ")
    for text in records:
        start = plain.find(text)
        while start >= 0:
            if start <= first and last <= start + len(text):
                return True
            start = plain.find(text, start + 1)
    return False


def test_faults_are_found(remarks):
    found = {message for *_, message in remarks(["Les convention sont signées.", "Un avenent."])}
    assert "mot inconnu" in found
    assert len(found) > 1


@pytest.mark.parametrize("account", [None, "agent-parakou", "secretariat"])
def test_pages_are_in_good_french(remarks, registry, account):
    address, _ = registry
    found = {}
    for path, text in pages(reader(address, account), left_out=(*LEFT_OUT, REFERENCE)):
        for sentence in sentences_of(text):
            found.setdefault(sentence, path)
    records = said_by_records(address)
    faults = [
        f"{found[sentence]} : « {sentence[max(0, first - 30) : last + 20]} » {message}"
        for sentence, first, last, message in remarks(list(found))
        if sentence[first:last] not in NAMES
        and not any(words in sentence.replace("\u00a0", " ") for words in MEANT)
        and not is_of(records, sentence, first, last)
    ]
    assert faults == []
