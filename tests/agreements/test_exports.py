"""Lists to take away: the rows and filters of the page, in each format."""

import csv
import io
import json
from html import unescape
from xml.etree import ElementTree

import icalendar
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook

from cooperation.lists.exports import CHUNK
from cooperation.lists.tables import csv_cell
from cooperation.models import Theme
from tests.factories import (
    make_action,
    make_budget_line,
    make_convention,
    make_indicator,
    make_partner,
    published,
)

ATOM = {"a": "http://www.w3.org/2005/Atom"}


def taken(client, kind, extension, **filters):
    response = client.get(reverse(f"{kind}_export", args=[extension]), filters)
    assert response.status_code == 200
    assert "attachment" in response["Content-Disposition"]
    return b"".join(response.streaming_content)


def csv_rows(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


@pytest.fixture
def forest(parakou, orleans):
    theme = Theme.objects.create(name="Forêts ; bois", slug="forets")
    convention = make_convention(
        [parakou], title="=Forêts\n; et « bois »", kind="jumelage", **published()
    )
    convention.parties.create(partner=orleans, role="bailleur")
    convention.themes.add(theme)
    make_budget_line(
        convention, amount="655957", currency="XOF", nature="valorisation", funder=orleans
    )
    make_budget_line(convention, amount="1000.50", currency="EUR")
    make_action(convention, title="Planter", places=[parakou])
    make_convention(title="Autre", **published())
    make_convention(title="Brouillon")
    return convention


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


@pytest.mark.parametrize("kind", ["action", "partner"])
@pytest.mark.parametrize("extension", ["csv", "xlsx", "json"])
def test_actions_and_partners_are_taken_away_too(client, forest, kind, extension):
    content = taken(client, kind, extension, q="planter" if kind == "action" else "parakou")
    if extension == "csv":
        assert len(csv_rows(content)) == 2
    elif extension == "json":
        assert len(json.loads(content)["results"]) == 1
    else:
        assert CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).height == 2


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
    assert queries() <= one_chunk + 2 * 12


def test_the_feed_tells_the_latest_changes_of_a_filtered_list(client, forest):
    response = client.get(reverse("convention_feed"), {"theme": "forets"})
    feed = ElementTree.fromstring(response.content)  # noqa: S314  our own feed
    assert feed.findtext("a:title", namespaces=ATOM) == "Conventions – Thème : Forêts ; bois"
    (entry,) = feed.findall("a:entry", ATOM)
    assert entry.findtext("a:title", namespaces=ATOM).startswith("=Forêts")
    assert entry.find("a:link", ATOM).get("href").endswith(forest.get_absolute_url())
    assert client.get(reverse("action_feed")).status_code == 200
    assert client.get(reverse("partner_feed")).status_code == 200


def test_the_calendar_keeps_the_precision_of_a_date(client):
    by_year = make_convention(title="Par an", ends_on="2090", **published())
    make_convention(title="Au jour", ends_on="2090-11-14", **published())
    make_convention(title="Passée", ends_on="2001", starts_on="2000", **published())
    make_indicator(by_year, name="Puits", target="5", target_on="2089-05")
    action = make_action(by_year, title="Creuser", planned_end="2088-01-02")
    response = client.get(reverse("convention_calendar"))
    found = {
        str(e["summary"]): e for e in icalendar.Calendar.from_ical(response.content).walk("VEVENT")
    }
    assert found.keys() == {
        "Fin de la convention : Par an (2090, sans jour précis)",
        "Fin de la convention : Au jour",
        "Échéance : Puits (Par an) (mai 2089, sans jour précis)",
    }
    day = found["Fin de la convention : Au jour"]
    assert (str(day.decoded("dtstart")), str(day.decoded("dtend"))) == ("2090-11-14", "2090-11-15")
    year = found["Fin de la convention : Par an (2090, sans jour précis)"]
    assert (str(year.decoded("dtstart")), str(year.decoded("dtend"))) == (
        "2090-01-01",
        "2091-01-01",
    )
    text = client.get(reverse("action_calendar")).content.decode()
    assert "Fin prévue : Creuser" in text
    action.actual_end = "2026-01"
    action.save()
    assert "Creuser" not in client.get(reverse("action_calendar")).content.decode()


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


def test_a_line_end_before_a_formula_hides_it_from_nobody():
    assert csv_cell("\n=1+1") == "'\n=1+1"
    assert csv_cell("a=1") == "a=1"
    assert csv_cell("") == ""


def test_the_total_of_a_row_is_rounded_once(client):
    """Line by line, three times 100 francs would be 45 cents instead of 46."""
    convention = make_convention(**published())
    for _ in range(3):
        make_budget_line(convention, amount="100", currency="XOF")
    answer = json.loads(client.get("/conventions/export.json").getvalue())
    assert answer["results"][0]["planned_total_eur"] == "0.46"


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
