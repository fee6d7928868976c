import io
import json
from html import unescape
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook

from cooperation.lists.exports import CHUNK
from tests.factories import (
    make_action,
    make_convention,
    make_partner,
    published,
)
from tests.lists import csv_rows, taken

ATOM = {"a": "http://www.w3.org/2005/Atom"}


def test_csv_xlsx_and_json_hold_the_same_rows_and_their_filters(client, forest):
    rows = csv_rows(taken(client, "convention", "csv", theme="forets"))
    headings, row = rows[0], rows[1]
    values = dict(zip(headings, row, strict=True))
    assert values["Intitulé"] == "'=Forêts\n; et « bois »"
    assert values["Nature (code)"] == values["Nature"] == "jumelage"
    assert values["Parties"] == "Parakou ; Orléans"
    assert values["Rôles des parties"] == "non-renseigne ; bailleur"
    assert values["Financeurs"] == "Orléans"
    assert values["Montant prévu EUR"] == "1000,50"
    assert values["Montant prévu XOF"] == "655957,00"
    assert values["Total converti en EUR"] == "2000,50"
    assert values["Dont valorisation"] == "655957.00 XOF"
    assert len(rows) == 2, "a CSV holds nothing but its rows"

    found = json.loads(taken(client, "convention", "json", theme="forets"))
    assert found["about"]["Filtres"] == "Thème : Forêts ; bois"
    assert [r["title"] for r in found["results"]] == ["=Forêts\n; et « bois »"]
    assert found["results"][0]["parties"] == ["Parakou", "Orléans"]
    assert found["results"][0]["planned_total_eur"] == "2000.50"
    assert found["labels"]["planned_total_eur"] == "Total converti en EUR"

    book = CalamineWorkbook.from_filelike(
        io.BytesIO(taken(client, "convention", "xlsx", theme="forets"))
    )
    sheet, about = (
        book.get_sheet_by_name(name).to_python() for name in ("Conventions", "À propos")
    )
    assert sheet[0] == headings
    assert sheet[1][headings.index("Total converti en EUR")] == 2000.5
    assert ["Filtres", "Thème : Forêts ; bois"] in about
    assert len(sheet) == 2


def test_the_order_of_the_page_is_that_of_the_file(client, forest):
    rows = csv_rows(taken(client, "convention", "csv", ordering="title"))
    assert [row[2] for row in rows[1:3]] == ["Autre", "'=Forêts\n; et « bois »"]


@pytest.mark.parametrize(
    "address", ["export.pdf", "export.csv?theme=zzz", "flux.atom?year=0", "echeances.ics?on=x"]
)
def test_what_makes_no_sense_is_not_found(client, address):
    assert client.get(f"/conventions/{address}").status_code == 404


def test_a_long_file_takes_a_few_queries_for_some_hundred_rows(client, monkeypatch):
    monkeypatch.setattr("cooperation.lists.exports.CHUNK", 4)

    def queries():
        taken(client, "convention", "csv", q="rien")
        with CaptureQueriesContext(connection) as captured:
            taken(client, "convention", "csv")
        return len(captured)

    for _ in range(4):
        make_action(make_convention(**published()), places=[make_partner()])
    one_chunk = queries()
    for _ in range(8):
        make_action(make_convention(**published()), places=[make_partner()])
    assert CHUNK >= 100
    assert queries() <= one_chunk + 2 * 15


def test_the_feed_tells_the_latest_changes_of_a_filtered_list(client, forest):
    response = client.get(reverse("convention_feed"), {"theme": "forets"})
    feed = ElementTree.fromstring(response.content)  # noqa: S314  our own feed
    assert feed.findtext("a:title", namespaces=ATOM) == "Conventions – Thème : Forêts ; bois"
    (entry,) = feed.findall("a:entry", ATOM)
    assert entry.findtext("a:title", namespaces=ATOM).startswith("=Forêts")
    assert entry.find("a:link", ATOM).get("href").endswith(forest.get_absolute_url())
    assert client.get(reverse("action_feed")).status_code == 200
    assert client.get(reverse("partner_feed")).status_code == 200


def test_a_page_to_print_holds_the_whole_list(client):
    for _ in range(30):
        make_convention(**published())
    page = client.get(reverse("convention_list"), {"vue": "impression"})
    assert len(page.context["page"]) == 30
    assert page.context["listing"].query == ""


def test_a_list_and_a_record_say_how_to_share_and_cite_them(client, forest, settings):
    settings.SITE_URL = "https://registre.example"
    page = client.get(reverse("convention_list"), {"theme": "forets"}).content.decode()
    assert 'value="https://registre.example/conventions/?theme=forets"' in page
    page = client.get(forest.get_absolute_url()).content.decode()
    assert (
        f"convention {forest.reference}, Registre de la coopération décentralisée du Bénin" in page
    )


def test_a_feed_gives_a_name_back_as_it_was_typed_and_says_who_writes_it(client):
    party = make_partner(name="Eau < sol & <script>alert(1)</script>")
    make_convention([party], title="Eau <b>&</b> sol", **published())
    feed = ElementTree.fromstring(client.get("/conventions/flux.atom").content)  # noqa: S314  our own
    entry = feed.find("a:entry", ATOM)
    summary = entry.find("a:summary", ATOM)
    assert entry.findtext("a:title", namespaces=ATOM) == "Eau <b>&</b> sol"
    assert summary.get("type") == "html" and "<" not in summary.text
    assert "Eau < sol & <script>alert(1)</script>" in unescape(summary.text)
    assert feed.findtext("a:author/a:name", namespaces=ATOM)
