"""What the forms of actions refuse, and what they begin with."""

from datetime import date

import pytest
import time_machine

from actions.forms import GoodPracticeForm, MeasurementForm, PaymentForm
from tests.factories import (
    make_action,
    make_budget_line,
    make_convention,
    make_disbursement,
    make_indicator,
    make_practice,
    make_user,
    published,
)


@time_machine.travel(date(2026, 6, 15), tick=False)
def test_a_payment_begins_with_the_rest_of_its_line_today():
    line = make_budget_line(make_convention(), amount="1000")
    make_disbursement(line, amount="400")
    initial = PaymentForm(line=line).initial
    assert (initial["amount"], initial["paid_on"], initial["currency"]) == (
        "600",
        "2026-06-15",
        "EUR",
    )


def test_a_measure_says_when_and_from_where():
    indicator = make_indicator(make_convention())
    form = MeasurementForm(
        {"indicator": indicator.pk, "value": "3"}, indicators=type(indicator).objects
    )
    assert {"measured_on", "source"} <= form.errors.keys()


@pytest.mark.parametrize("role, asks", [("secretariat", True), ("commune", False)])
def test_a_published_practice_asks_the_secretariat_for_a_reason(role, asks):
    practice = make_practice(make_action(make_convention(**published())), **published())
    form = GoodPracticeForm(instance=practice, user=make_user(role))
    assert ("reason" in form.fields) == asks
    assert form.fields["title"].disabled != asks
