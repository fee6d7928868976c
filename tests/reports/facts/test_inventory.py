"""The inventory of any scope, period and grouping: one set of figures in every format."""

from decimal import Decimal

from django.db.models import Sum
from django.http import QueryDict
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django.asserts import assertContains

from actions.models import BudgetLine
from cooperation.values.money import format_money
from reports.facts.inventory import By, build_inventory
from tests.factories import (
    make_avenant,
    make_budget_line,
    make_convention,
    make_partner,
    published,
)
from tests.reports.inventories import spreadsheet, whole
from tests.reports.readers import pdf_of, text_of


def asked(query="", **options):
    return build_inventory(QueryDict(query), **options)


def sums(record):
    return {total.currency: total.amount for total in record.sums.totals}


def titles(inventory):
    return [entry.title for entry in inventory.entries()]


def test_groups_overlap_and_the_whole_counts_each_once(themed):
    inventory = asked(by="theme")
    assert [(g.label, g.count) for g in inventory.groups] == [
        ("Eau", 1),
        ("Santé", 1),
        ("Non renseigné", 1),
    ]
    assert sums(inventory) == {"XOF": 655957, "EUR": Decimal("1000.30"), "USD": 50}
    assert sums(inventory.groups[0]) == {"XOF": 655957, "EUR": Decimal("1000.10")}
    assert [t.amount for t in inventory.sums.paid] == [Decimal("300.03")]
    assert inventory.combined.euros == Decimal("2000.30")
    assert [t.currency for t in inventory.combined.apart] == ["USD"]


def test_a_period_keeps_what_was_in_force_with_its_terms_of_then(themed):
    make_avenant(themed, signed_on="2003-05", ends_on="2005", **published())
    assert titles(asked(first=2004, last=2004)) == ["Première"]
    assert next(asked(last=2002).entries()).term == "2003"
    assert next(asked(first=2003, last=2003).entries()).term == "2005"
    assert asked(first=2000).count == 2
    assert asked(first=2006, last=2009).count == 0


def test_what_is_missing_is_counted(client, themed, pango):
    gaps = dict(asked().gaps())
    assert (gaps["budget"], gaps["thème"], gaps["actions"]) == (0, 1, 1)
    assertContains(client.get(reverse("inventory")), "Ce qui manque")
    assert "Ce qui manque" in text_of(pdf_of(client.get("/inventaire.pdf")))


def test_filters_of_the_list_are_those_of_the_inventory(themed):
    inventory = asked("theme=eau")
    assert titles(inventory) == ["Première"]
    assert inventory.scope == ["Thème : Eau"]


def as_printed(text):
    """Readers of PDFs give any space for a non-breaking one."""
    return " ".join(text.split())


AMOUNTS = st.lists(
    st.tuples(
        st.decimals(min_value="0.01", max_value="9999999.99", places=2),
        st.sampled_from(["EUR", "XOF", "USD"]),
        st.sampled_from(["", "numeraire", "valorisation"]),
    ),
    min_size=1,
    max_size=8,
)


@settings(
    max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(amounts=AMOUNTS, by=st.sampled_from(By.values))
def test_totals_are_equal_to_the_cent_in_every_format_and_in_sql(client, db, pango, amounts, by):
    BudgetLine.objects.all().take_back()
    for amount, currency, nature in amounts:
        convention = make_convention([make_partner()], **published())
        make_budget_line(convention, amount=amount, currency=currency, nature=nature)
    plain = {
        row["currency"]: row["total"].quantize(Decimal("0.01"))
        for row in BudgetLine.objects.order_by().values("currency").annotate(total=Sum("amount"))
    }
    assert sums(asked(by=by)) == plain
    for extension in ("csv", "xlsx", "ods"):
        found = whole(spreadsheet(client, extension, f"par={by}")["Totaux"])
        for currency, total in plain.items():
            assert found[f"Prévu {currency}, ensemble"].quantize(Decimal("0.01")) == total
    page = client.get(reverse("inventory"), {"par": by}).content.decode()
    paper = text_of(pdf_of(client.get(f"/inventaire.pdf?par={by}")))
    for currency, total in plain.items():
        label = format_money(total, currency)
        assert label in page
        assert as_printed(label) in as_printed(paper)
    api = {}
    for row in client.get("/api/v1/conventions/", {"page_size": 500}).json()["results"]:
        for total in row["totals"]:
            api[total["currency"]] = api.get(total["currency"], 0) + Decimal(total["amount"])
    assert {code: amount for code, amount in api.items() if amount} == plain
