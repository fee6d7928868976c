from decimal import Decimal

import pytest
import time_machine
from django.core.cache import caches
from django.urls import reverse
from django.utils.html import escape
from pytest_django.asserts import assertContains, assertNotContains

from agreements.models import Convention
from reports.facts.bilan import build_bilan, years_with_conventions
from reports.facts.figures import build_home
from reports.facts.inventory import build_inventory
from reports.pdf import rendering
from tests.factories import (
    make_action,
    make_avenant,
    make_budget_line,
    make_convention,
    make_disbursement,
    make_partner,
    published,
)
from tests.reports import readers
from tests.reports.readers import pdf_of, text_of
from tests.search import conventions_found


def figures(facts):
    return {figure.name: figure.count for figure in facts.figures}


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
    bilan = build_bilan(2020, 2020)
    assert bilan.count == 2
    found = figures(bilan)
    assert (found["nouvelles"], found["achevees"], found["terme-inconnu"]) == (1, 0, 1)
    assert dict(bilan.states)["achevée"] == 1
    assert dict(bilan.states)["état non renseigné"] == 1
    assert found["actions"] == 2
    assert found["communes"] == 4
    assert [(t.currency, t.amount) for t in bilan.planned] == [
        ("XOF", Decimal(50)),
        ("EUR", Decimal(100)),
    ]
    assert [t.amount for t in bilan.paid] == [Decimal(30)]


def test_the_term_in_a_bilan_is_that_known_at_the_end_of_its_year():
    convention = make_convention(starts_on="2019", ends_on="2021", **published())
    make_avenant(convention, signed_on="2021-11", ends_on="2023", **published())
    assert build_bilan(2020, 2020).entries[0].term == "2021"
    assert build_bilan(2021, 2021).entries[0].term == "2023"
    assert figures(build_bilan(2023, 2023))["achevees"] == 1


def test_the_inventory_adds_up_to_the_cent():
    for amount in ("0.10", "0.20", "1123883.70"):
        make_budget_line(make_convention(**published()), amount=amount)
    make_budget_line(make_convention(), amount="5")
    inventory = build_inventory()
    (total,) = inventory.sums.totals
    assert total.amount == Decimal("1123884.00")
    assert sum(t.amount for e in inventory.entries() for t in e.totals) == total.amount


@pytest.mark.parametrize("size", [1, 12])
def test_reports_take_the_same_queries_whatever_their_length(django_assert_num_queries, size):
    for _ in range(size):
        convention = make_convention(**published())
        make_action(convention, places=[make_partner()])
        make_avenant(convention, **published())
        make_budget_line(convention)
    build_inventory()  # the index follows
    with django_assert_num_queries(14):
        list(build_inventory().entries())
    with django_assert_num_queries(50):
        build_bilan(2020, 2020)


@pytest.mark.parametrize("page", ["inventory", "bilan_list", "home"])
def test_pages_open_on_an_empty_registry(client, page):
    assert client.get(reverse(page)).status_code == 200


def test_an_empty_year_says_so(client):
    assertContains(client.get(reverse("bilan", args=[1999])), "Aucune convention publiée")


@pytest.mark.parametrize("year", [0, 1, 1899, 2101, 99999999999999999999])
def test_an_absurd_year_is_not_found(client, year):
    assert client.get(reverse("bilan", args=[year])).status_code == 404
    assert client.get(reverse("bilan_file", args=[year, "pdf"])).status_code == 404


def test_page_and_pdf_of_the_bilan_hold_the_nine_actions(client, content, pango):
    actions = conventions_found("parakou orleans").get().actions.all()
    page = client.get(reverse("bilan", args=[2020]))
    text = text_of(pdf_of(client.get(reverse("bilan_file", args=[2020, "pdf"]))))
    assert len(actions) == 9
    for action in actions:
        assertContains(page, escape(action.title))
        assert action.title in text
    assert "1\u00a0123\u00a0884\u00a0€" in page.content.decode()
    assert "1 123 884 €" in text.replace("\u00a0", " ")


def test_the_inventory_pdf_is_tagged_titled_and_french(client, content, pango):
    response = client.get(reverse("inventory_file", args=["pdf"]))
    reader = pdf_of(response)
    assert "Inventaire" in reader.metadata.title
    assert reader.trailer["/Root"]["/Lang"] == "fr"
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert reader.outline
    text = text_of(reader)
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
    reader = pdf_of(response)
    assert not reader.attachments
    assert "MARQUEUR" not in text_of(reader)
    assert "file://" in text_of(reader)


def test_the_fetcher_of_reports_fetches_nothing(pango):
    weasyprint = rendering.load_weasyprint()
    fetcher = weasyprint.urls.URLFetcher(allowed_protocols=())
    for address in ("file:///etc/passwd", "http://127.0.0.1/", "data:text/plain,x"):
        with pytest.raises(ValueError):
            fetcher.fetch(address)


def test_odd_text_does_not_break_a_report(client, pango):
    for text in ("\u200b\u200f", "مرحبا", "🙂" * 50, "x" * 250, "<div>" * 50):
        make_convention(title=text, objectives=text * 400, **published())
    assert pdf_of(client.get(reverse("inventory_file", args=["pdf"]))).pages


def test_without_its_libraries_a_pdf_says_what_to_install(client, monkeypatch):
    caches["pages"].clear()
    monkeypatch.setattr(rendering, "render", readers.without_libraries)
    make_convention(**published())
    response = client.get(reverse("bilan_file", args=[2020, "pdf"]))
    assert response.status_code == 503
    assert "apt-get install" in response.content.decode()
    assert 'href="/bilans/2020/"' in response.content.decode()


def test_key_figures_count_what_is_public_and_once(client, parakou, orleans):
    for _ in range(2):
        convention = make_convention([parakou, orleans], **published())
        make_action(convention, places=[parakou])
    make_convention([make_partner(country="HT")])
    counts = {figure.name: figure.count for figure in build_home().figures}
    assert (counts["conventions"], counts["actions"]) == (2, 2)
    assert (counts["communes"], counts["pays"]) == (1, 1)
    assertContains(client.get("/"), "Communes du Bénin, sur 77")


def test_home_and_inventory_count_the_same(client, content):
    home = {figure.name: figure.count for figure in build_home().figures}
    inventory = {figure.name: figure.count for figure in build_inventory().figures}
    assert home.items() <= inventory.items()
    assert build_home().budget == build_inventory().sums.totals


@time_machine.travel("2026-06-15")
def test_years_run_from_the_first_beginning_to_the_last_term(client):
    make_convention(starts_on="2006", ends_on="2008", **published())
    make_convention(starts_on="2024", ends_on=None, **published())
    undated = make_convention(starts_on=None, ends_on=None, **published())
    make_action(undated, actual_start="2017", actual_end="2017")
    assert years_with_conventions() == [2026, 2025, 2024, 2017, 2008, 2007, 2006]
    assert all(build_bilan(year, year).entries for year in years_with_conventions())
    assert not build_bilan(2018, 2018).entries
    assertContains(client.get(reverse("bilan_list")), reverse("bilan", args=[2007]))


def test_drafts_stay_out_of_every_report(client, pango):
    make_budget_line(make_convention(title="Secrète"), amount="777777")
    for address in ("/", "/inventaire/", "/bilans/2020/"):
        response = client.get(address)
        assertNotContains(response, "Secrète")
        assertNotContains(response, "777")
    assert "Secrète" not in text_of(pdf_of(client.get("/inventaire.pdf")))
