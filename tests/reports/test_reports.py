from decimal import Decimal
from io import BytesIO

import pytest
import time_machine
from django.urls import reverse
from django.utils.html import escape
from pypdf import PdfReader
from pytest_django.asserts import assertContains, assertNotContains

from agreements.models import Convention
from reports import pdf as pdf_module
from reports.bilan import build_bilan, years_with_conventions
from reports.figures import build_key_figures
from reports.inventory import build_inventory
from tests.factories import (
    make_action,
    make_avenant,
    make_budget_line,
    make_convention,
    make_disbursement,
    make_partner,
    published,
)


def pdf_text(response):
    assert response.status_code == 200
    assert response["Content-Type"] == "application/pdf"
    pages = PdfReader(BytesIO(response.content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_the_bilan_counts_what_is_published_and_of_the_year(parakou):
    convention = make_convention([parakou, make_partner()], **published())
    make_action(convention, state="achevee", places=[parakou])
    make_action(convention)
    make_action(convention, planned_start="2021")
    line = make_budget_line(convention, amount="100", year=2020)
    make_budget_line(convention, amount="50", currency="XOF")
    make_disbursement(line, paid_on="2020-05-01", amount="30")
    make_disbursement(line, paid_on="2021", amount="20")
    make_convention(starts_on="2020", ends_on=None, **published())
    make_budget_line(make_convention(), amount="999")
    bilan = build_bilan(2020)
    assert len(bilan.entries) == 2
    assert (bilan.begun, bilan.ending, bilan.of_unknown_term) == (1, 0, 1)
    assert dict(bilan.actions_by_state)["achevée"] == 1
    assert dict(bilan.actions_by_state)["état non renseigné"] == 1
    assert bilan.action_count == 2
    assert bilan.commune_count == 1
    assert [(t.currency, t.amount) for t in bilan.budget] == [
        ("XOF", Decimal(50)),
        ("EUR", Decimal(100)),
    ]
    assert [t.amount for t in bilan.budget_of_year] == [Decimal(100)]
    assert [t.amount for t in bilan.disbursed] == [Decimal(30)]


def test_the_term_in_a_bilan_is_that_known_at_the_end_of_its_year():
    convention = make_convention(starts_on="2019", ends_on="2021", **published())
    make_avenant(convention, signed_on="2021-11", ends_on="2023", **published())
    assert build_bilan(2020).entries[0].convention.term == "2021"
    assert build_bilan(2021).entries[0].convention.term == "2023"
    assert build_bilan(2023).ending == 1


def test_the_inventory_adds_up_to_the_cent():
    for amount in ("0.10", "0.20", "1123883.70"):
        make_budget_line(make_convention(**published()), amount=amount)
    make_budget_line(make_convention(), amount="5")
    inventory = build_inventory()
    (total,) = inventory.totals
    assert total.amount == Decimal("1123884.00")
    assert sum(t.amount for e in inventory.entries for t in e.totals) == total.amount


@pytest.mark.parametrize("size", [1, 12])
def test_reports_take_the_same_queries_whatever_their_length(django_assert_num_queries, size):
    for _ in range(size):
        convention = make_convention(**published())
        make_action(convention, places=[make_partner()])
        make_avenant(convention, **published())
        make_budget_line(convention)
    build_inventory()  # the index follows
    with django_assert_num_queries(12):
        build_inventory()
    with django_assert_num_queries(12):
        build_bilan(2020)


@pytest.mark.parametrize("page", ["inventory", "bilan_list", "home"])
def test_pages_open_on_an_empty_registry(client, page):
    assert client.get(reverse(page)).status_code == 200


def test_an_empty_year_says_so(client):
    assertContains(client.get(reverse("bilan", args=[1999])), "Aucune convention publiée")


@pytest.mark.parametrize("year", [0, 1, 1899, 2101, 99999999999999999999])
@pytest.mark.parametrize("name", ["bilan", "bilan_pdf"])
def test_an_absurd_year_is_not_found(client, name, year):
    assert client.get(reverse(name, args=[year])).status_code == 404


def test_page_and_pdf_of_the_bilan_hold_the_nine_actions(client, content, pango):
    actions = Convention.objects.search("parakou orleans").get().actions.all()
    page = client.get(reverse("bilan", args=[2020]))
    text = pdf_text(client.get(reverse("bilan_pdf", args=[2020])))
    assert len(actions) == 9
    for action in actions:
        assertContains(page, escape(action.title))
        assert action.title in text
    assert "1\u00a0123\u00a0884\u00a0€" in page.content.decode()
    assert "1 123 884 €" in text.replace("\u00a0", " ")


def test_the_inventory_pdf_is_tagged_titled_and_french(client, content, pango):
    response = client.get(reverse("inventory_file", args=["pdf"]))
    reader = PdfReader(BytesIO(response.content))
    assert "Inventaire" in reader.metadata.title
    assert reader.trailer["/Root"]["/Lang"] == "fr"
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert reader.outline
    text = pdf_text(response)
    for convention in Convention.objects.all():
        assert convention.reference in text


def test_nothing_in_a_report_is_fetched_or_run(client, tmp_path, pango):
    secret = tmp_path / "secret.txt"
    secret.write_text("MARQUEUR")
    make_convention(
        title=f"<img src='file://{secret}'><link rel=attachment href='file://{secret}'>",
        note="x",
        **published(),
    )
    response = client.get(reverse("inventory_file", args=["pdf"]))
    assert b"MARQUEUR" not in response.content
    assert not PdfReader(BytesIO(response.content)).attachments
    assert "file://" in pdf_text(response)


def test_the_fetcher_of_reports_fetches_nothing(pango):
    weasyprint = pdf_module.load_weasyprint()
    fetcher = weasyprint.urls.URLFetcher(allowed_protocols=())
    for address in ("file:///etc/passwd", "http://127.0.0.1/", "data:text/plain,x"):
        with pytest.raises(ValueError):
            fetcher.fetch(address)


@pytest.mark.parametrize("text", ["\u200b\u200f", "مرحبا", "🙂" * 50, "x" * 250, "<div>" * 50])
def test_odd_text_does_not_break_a_report(client, text, pango):
    make_convention(title=text, **published())
    assert client.get(reverse("inventory_file", args=["pdf"])).status_code == 200


def test_without_its_libraries_a_pdf_says_what_to_install(client, monkeypatch):
    def missing():
        raise pdf_module.PdfUnavailableError("À installer : apt-get install libpango-1.0-0")

    monkeypatch.setattr(pdf_module, "load_weasyprint", missing)
    make_convention(**published())
    response = client.get(reverse("bilan_pdf", args=[2020]))
    assert response.status_code == 503
    assert "apt-get install" in response.content.decode()
    assert 'href="/bilans/2020/"' in response.content.decode()


def test_key_figures_count_what_is_public_and_once(client, parakou, orleans):
    for _ in range(2):
        convention = make_convention([parakou, orleans], **published())
        make_action(convention, places=[parakou])
    make_convention([make_partner(country="HT")])
    figures = build_key_figures()
    assert (figures.conventions, figures.actions) == (2, 2)
    assert (figures.communes, figures.countries) == (1, 2)
    assertContains(client.get("/"), "communes du Bénin sur 77")


@time_machine.travel("2026-06-15")
def test_years_run_from_the_first_beginning_to_the_last_term(client):
    make_convention(starts_on="2006", ends_on="2008", **published())
    make_convention(starts_on="2024", ends_on=None, **published())
    undated = make_convention(starts_on=None, ends_on=None, **published())
    make_action(undated, actual_start="2017", actual_end="2017")
    assert years_with_conventions() == [2026, 2025, 2024, 2017, 2008, 2007, 2006]
    assert all(build_bilan(year).entries for year in years_with_conventions())
    assert not build_bilan(2018).entries
    assertContains(client.get(reverse("bilan_list")), reverse("bilan", args=[2007]))


def test_drafts_stay_out_of_every_report(client, pango):
    make_budget_line(make_convention(title="Secrète"), amount="777777")
    for address in ("/", "/inventaire/", "/bilans/2020/"):
        response = client.get(address)
        assertNotContains(response, "Secrète")
        assertNotContains(response, "777")
    assert "Secrète" not in pdf_text(client.get("/inventaire.pdf"))
