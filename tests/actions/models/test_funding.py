from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from actions.models import BudgetLine, Disbursement
from tests.factories import (
    make_action,
    make_budget_line,
    make_convention,
    make_disbursement,
)
from tests.refusals import refused


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
