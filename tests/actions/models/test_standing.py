"""What is asked, refused or estimated is told beside every total, and counted in none."""

import json
from decimal import Decimal

import pytest
from django.urls import reverse
from lxml import etree
from pytest_django.asserts import assertContains

from actions.models import BudgetLine
from agreements.completeness import budgets
from agreements.models import Convention
from cooperation.values.money import COUNTED, Standing
from reports.facts.bilan import build_bilan
from reports.facts.figures import build_home
from reports.facts.inventory import build_inventory
from tests.factories import (
    make_action,
    make_budget_line,
    make_convention,
    make_disbursement,
    make_partner,
    published,
)


@pytest.fixture
def lausanne(parakou):
    """177.1 million granted by the AIMF and 42.6 given by the commune; 30 asked, 20 refused, 5 guessed."""
    aimf, asked = (
        make_partner(name="AIMF", kind="bailleur"),
        make_partner(name="Agence", kind="bailleur"),
    )
    convention = make_convention([parakou, aimf], starts_on="2021", ends_on="2023", **published())
    action = make_action(convention, places=[parakou])
    facts = {"currency": "XOF", "action": action}
    make_budget_line(
        convention, amount="177100000", funder=aimf, standing=Standing.GRANTED, **facts
    )
    make_budget_line(convention, amount="42600000", funder=parakou, **facts)
    for standing, amount in (("demande", 30), ("refuse", 20), ("estime", 5)):
        line = facts | {"amount": f"{amount}000000", "standing": standing, "funder": asked}
        make_budget_line(convention, **line)
    return convention


COUNTED_SUM = Decimal(219_700_000)


def test_every_total_counts_the_same(client, lausanne, parakou):
    """What was asked of a donor stood in the inventory as if it had been given."""
    found = {
        "home": build_home().budget,
        "inventory": build_inventory().sums.totals,
        "entry": next(build_inventory().entries()).totals,
        "bilan": build_bilan(2021, 2021).planned,
        "page": client.get(lausanne.get_absolute_url()).context["totals"],
        "action": client.get(lausanne.actions.get().get_absolute_url()).context["totals"],
        "rows": client.get("/montants/").context["totals"],
    }
    for name, sums in found.items():
        assert [(total.currency, total.amount) for total in sums] == [("XOF", COUNTED_SUM)], name
    row = client.get(f"/api/v1/conventions/{lausanne.reference}/").json()
    assert [Decimal(total["amount"]) for total in row["totals"]] == [COUNTED_SUM]
    assert len(row["budget_lines"]) == 5
    for kind in ("conventions", "actions"):
        content = json.loads(b"".join(client.get(f"/{kind}/export.json")))
        assert "219700000" in json.dumps(content["results"])
    tables = {table.name: table for table in build_bilan(2021, 2021).tables}
    assert sorted(row.label for row in tables["funder"].rows) == ["AIMF", "Parakou"]


def test_it_is_told_beside_the_total(client, lausanne):
    for page in (lausanne, lausanne.actions.get()):
        answer = client.get(page.get_absolute_url())
        assertContains(answer, "À côté de ce total")
        assertContains(answer, "demandé (Agence)")


def test_whoever_was_asked_is_no_funder(client, lausanne):
    for kind in ("conventions", "actions"):
        listing = client.get(f"/{kind}/").context["listing"]
        assert sorted(dict(listing.counts["funder"])) == ["aimf", "parakou"]


def test_iati_commits_what_is_granted_and_says_the_rest_in_words(client, lausanne):
    content = b"".join(client.get(reverse("iati_activities")))
    tree = etree.fromstring(content)
    values = [Decimal(v.text) for v in tree.xpath("//transaction/value | //budget/value")]
    assert sum(values) == COUNTED_SUM
    assert "Refusé : 20" in content.decode()
    assert 'standing="demande"' in content.decode()


def test_shares_of_co_funding_are_those_of_what_is_granted(lausanne):
    (lines,) = budgets(Convention.objects.all()).values()
    assert sum(line.amount for line in lines) == COUNTED_SUM


def test_what_was_paid_on_a_line_was_paid_whatever_it_is(lausanne):
    line = BudgetLine.objects.get(standing=Standing.ESTIMATED)
    make_disbursement(line, amount="1000000", currency="XOF", paid_on="2021")
    (paid,) = build_bilan(2021, 2021).paid
    assert paid.amount == 1_000_000


def test_the_definition_names_every_standing():
    assert set(COUNTED) <= {"", *Standing.values}
    assert set(Standing.values) - set(COUNTED) == {"demande", "refuse", "estime"}
