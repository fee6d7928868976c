"""What conventions plan and pay, year by year: each line and each payment once."""

from decimal import Decimal

from reports.facts.spending import TOGETHER, UNKNOWN, spending
from tests.factories import (
    make_budget_line,
    make_convention,
    make_disbursement,
    make_partner,
    published,
)


def test_a_yearly_amount_counts_in_each_of_its_years(parakou, orleans):
    convention = make_convention([parakou, orleans])
    make_budget_line(
        convention,
        amount="100.05",
        currency="EUR",
        funder=orleans,
        span="par-an",
        year=2001,
        last_year=2003,
    )
    money = spending([convention.pk])
    assert money.planned == {year: Decimal("100.05") for year in (2001, 2002, 2003)}
    assert money.given == {orleans.slug: Decimal("300.15")}
    assert money.whole.euros == Decimal("300.15")


def test_a_line_that_two_conventions_share_counts_once(parakou, orleans):
    one, other = (make_convention([parakou, orleans], **published()) for _ in range(2))
    line = make_budget_line(one, amount="10", currency="EUR", funder=orleans, year=2001)
    line.also_for.add(other)
    assert spending([one.pk, other.pk]).whole.euros == 10
    assert spending([other.pk]).planned == {2001: Decimal(10)}


def test_what_is_asked_or_spent_is_not_added(parakou, orleans):
    convention = make_convention([parakou, orleans])
    asked = make_budget_line(convention, amount="10", currency="EUR", standing="demande", year=2001)
    make_disbursement(asked, amount="4", currency="EUR", paid_on="2001")
    make_disbursement(asked, amount="4", currency="EUR", paid_on="2001", kind="depense")
    make_disbursement(asked, amount="1", currency="EUR", paid_on=None)
    money = spending([convention.pk])
    assert (money.planned, money.given) == ({}, {})
    assert money.paid == {2001: Decimal(4), UNKNOWN: Decimal(1)}


def test_what_several_give_together_is_nobodys_alone(parakou, orleans):
    convention = make_convention([parakou, orleans])
    line = make_budget_line(convention, amount="10", currency="EUR", funder=orleans)
    line.joint_funders.set([make_partner(name="Gien"), make_partner(name="Sully")])
    money = spending([convention.pk])
    # Two who join in do not make the line count twice.
    assert (money.planned, money.given) == ({UNKNOWN: Decimal(10)}, {TOGETHER: Decimal(10)})


def test_each_sum_is_rounded_once(parakou, orleans):
    convention = make_convention([parakou, orleans])
    for year in (2001, 2002, 2003):
        make_budget_line(convention, amount="100", currency="XOF", year=year)
    money = spending([convention.pk])
    assert money.planned[2001] == Decimal("0.15")
    assert money.whole.euros == Decimal("0.46")
