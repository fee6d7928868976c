"""The chapters of a bilan, one rule at a time."""

from decimal import Decimal

import pytest

from cooperation.values.money import Total
from reports.facts.chapters import in_kind_share

CASH, IN_KIND, MIXED = "numeraire", "valorisation", "mixte"


@pytest.mark.parametrize(
    ("parts", "share"),
    [
        ({CASH: Decimal(75), IN_KIND: Decimal(25)}, 25),
        # What does not say how much is in kind is in neither side of the share.
        ({CASH: Decimal(50), IN_KIND: Decimal(50), MIXED: Decimal(900)}, 50),
        ({CASH: Decimal(50), IN_KIND: Decimal(50), "": Decimal(900)}, 50),
        ({MIXED: Decimal(900)}, None),
        ({IN_KIND: Decimal(1)}, 100),
    ],
)
def test_the_share_in_kind_is_that_of_the_amounts_that_say_their_nature(parts, share):
    assert in_kind_share([Total("EUR", parts)], {}) == share


def test_the_share_is_counted_across_currencies():
    sums = [
        Total("EUR", {CASH: Decimal(1000)}),
        Total("XOF", {IN_KIND: Decimal("655957")}),
    ]
    assert in_kind_share(sums, {}) == 50
