from decimal import Decimal
from itertools import chain

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from actions.models import Action, Axis, BudgetLine, Disbursement
from tests.factories import (
    make_action,
    make_avenant,
    make_axis,
    make_budget_line,
    make_convention,
    make_disbursement,
    make_partner,
    published,
)
from tests.search import actions_found


def refused(record, field=None):
    with pytest.raises(ValidationError) as refusal:
        record.full_clean()
    messages = refusal.value.message_dict
    return " ".join(messages[field] if field else chain(*messages.values()))


def test_the_parts_of_a_convention_belong_to_one_convention():
    convention, other = make_convention(), make_convention()
    action = Action(convention=convention, number=1, title="x", axis=make_axis(other))
    assert "autre convention" in refused(action, "axis")
    line = BudgetLine(convention=convention, action=make_action(other), amount="1", currency="EUR")
    assert "autre convention" in refused(line, "action")
    axis = Axis(convention=convention, number=1, title="x", added_by=make_avenant(other))
    assert "autre convention" in refused(axis, "added_by")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"amount": "-5"}, "supérieur à zéro"),
        ({"amount": "0"}, "supérieur à zéro"),
        ({"amount": "1e30"}, "chiffre"),
        ({"amount": "0.001"}, "après la virgule"),
        ({"amount": "NaN"}, "nombre"),
        ({"currency": "XXX"}, "choix valide"),
        ({"currency": "FRF"}, "choix valide"),
        ({"year": 0}, "postérieure à 1899"),
        ({"year": 99999}, "antérieure à 2101"),
        ({"nature": "or"}, "choix valide"),
    ],
)
def test_money_that_makes_no_sense_is_refused(values, said):
    line = BudgetLine(
        **{"convention": make_convention(), "amount": "1", "currency": "EUR"} | values
    )
    assert said in refused(line)


def test_the_database_refuses_amounts_that_are_not_positive():
    convention = make_convention()
    with pytest.raises(IntegrityError), transaction.atomic():
        make_budget_line(convention, amount="-1")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_disbursement(make_budget_line(convention), amount="0")


@pytest.mark.parametrize("kind", ["planned", "actual"])
def test_an_action_ends_after_it_starts(kind):
    dates = {f"{kind}_start": "2020", f"{kind}_end": "2019-12-31"}
    action = Action(convention=make_convention(), number=1, title="x", **dates)
    assert "précède" in refused(action)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_action(make_convention(), **dates)


@pytest.mark.parametrize("progress", [-1, 101, 10**12])
def test_progress_is_a_percentage(progress):
    action = Action(convention=make_convention(), number=1, title="x", progress=progress)
    assert refused(action, "progress")


def test_totals_keep_currencies_and_natures_apart():
    convention = make_convention()
    make_budget_line(convention, amount="10.10", nature="numeraire")
    make_budget_line(convention, amount="0.20", nature="numeraire")
    make_budget_line(convention, amount="5", nature="valorisation")
    make_budget_line(convention, amount="655957", currency="XOF")
    francs, euros = BudgetLine.objects.all().totals()
    assert (francs.currency, francs.amount) == ("XOF", Decimal("655957"))
    assert euros.amount == Decimal("15.30")
    assert euros.parts == {"numeraire": Decimal("10.30"), "valorisation": Decimal("5")}


def test_totals_are_exact_at_any_size():
    """On SQLite, a sum of decimals would be a floating-point number."""
    convention = make_convention()
    for amount in ("9999999999999.99", "9999999999999.98", "0.01"):
        make_budget_line(convention, amount=amount)
    (total,) = BudgetLine.objects.all().totals()
    assert total.amount == Decimal("19999999999999.98")


def test_payments_are_summed_by_the_nature_of_their_line():
    line = make_budget_line(make_convention(), nature="numeraire")
    make_disbursement(line, paid_on="2020-03", amount="40")
    make_disbursement(line, paid_on="2021", amount="60", currency="XOF")
    (total,) = Disbursement.objects.in_year(2020).totals()
    assert (total.currency, total.parts) == ("EUR", {"numeraire": Decimal("40")})


def test_a_budget_line_of_an_action_is_one_of_its_convention():
    action = make_action(make_convention())
    line = BudgetLine(action=action, amount="1", currency="EUR")
    line.save()
    assert line.convention == action.convention


def test_actions_of_a_year_follow_their_own_dates_before_their_conventions():
    convention = make_convention(starts_on="2019", ends_on="2021")
    undated = make_action(convention)
    done = make_action(convention, planned_start="2019", actual_start="2020-02", actual_end="2020")
    late = make_action(convention, planned_start="2021-06")
    by_year = {y: set(Action.objects.under_way(y)) for y in (2018, 2019, 2020, 2021, 2022)}
    undated_convention = make_convention(starts_on=None, ends_on=None)
    week = make_action(undated_convention, actual_start="2019-09-23", actual_end="2019-09-28")
    begun = make_action(undated_convention, actual_start="2017")
    make_action(undated_convention)
    own = {y: set(Action.objects.under_way(y)) for y in (2016, 2017, 2018, 2019, 2020)}
    assert own[2016] == own[2018] == set()
    assert own[2017] == {begun}
    assert week in own[2019]
    assert week not in own[2020]
    assert by_year == {
        2018: set(),
        2019: {undated},
        2020: {undated, done},
        2021: {undated, late},
        2022: set(),
    }


def test_search_finds_an_action_by_its_place():
    here = make_partner(name="Adja-Ouèrè")
    make_action(make_convention(), title="Forêt", places=[here])
    make_action(make_convention(), title="Forêt")
    assert actions_found("foret adja ouere").count() == 1


def test_actions_are_seen_with_their_convention(client):
    hidden = make_action(make_convention(), title="Secrète")
    shown = make_action(make_convention(**published()), title="Publique")
    assert list(Action.objects.published()) == [shown]
    assert client.get(hidden.get_absolute_url()).status_code == 404
    assert client.get(shown.get_absolute_url()).status_code == 200
