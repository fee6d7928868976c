from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse
from pytest_django.asserts import assertContains

from reports.facts.bilan import build_bilan, years_with_conventions
from reports.facts.inventory import build_inventory
from tests.factories import (
    make_action,
    make_avenant,
    make_budget_line,
    make_convention,
    make_disbursement,
    make_partner,
    published,
)


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


def test_an_empty_year_says_so(client):
    assertContains(client.get(reverse("bilan", args=[1999])), "Aucune convention publiée")


@pytest.mark.parametrize("year", [0, 1, 1899, 2101, 99999999999999999999])
def test_an_absurd_year_is_not_found(client, year):
    assert client.get(reverse("bilan", args=[year])).status_code == 404
    assert client.get(reverse("bilan_file", args=[year, "pdf"])).status_code == 404


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
