from decimal import Decimal

import pytest

from agreements.cofunding import Line, foreign_share, in_kind_share

ORLEANS, PARAKOU = (1, "FR"), (2, "BJ")
CASH, IN_KIND = "numeraire", "valorisation"


def lines(*facts):
    return [
        Line(Decimal(amount), currency, *(who or (None, "")), nature)
        for amount, currency, who, nature in facts
    ]


@pytest.mark.parametrize(
    ("budget", "held", "words"),
    [
        # A convention in two currencies was always said to break the rule.
        ([("90", "EUR", ORLEANS, CASH), ("6559.57", "XOF", PARAKOU, CASH)], True, ""),
        ([("1", "EUR", ORLEANS, CASH), ("5904", "XOF", PARAKOU, CASH)], False, "9,9 %"),
        ([("10", "EUR", ORLEANS, CASH), ("90", "EUR", PARAKOU, CASH)], True, ""),
        ([("9.999", "EUR", ORLEANS, CASH), ("90.001", "EUR", PARAKOU, CASH)], False, "9,9 %"),
        ([("90", "USD", ORLEANS, CASH), ("10", "USD", PARAKOU, CASH)], True, ""),
        ([("90", "USD", ORLEANS, CASH), ("10", "EUR", PARAKOU, CASH)], None, "EUR, USD"),
        ([("50", "EUR", None, CASH), ("50", "EUR", PARAKOU, CASH)], None, "une ligne"),
        ([("50", "EUR", None, CASH), ("50", "EUR", ORLEANS, CASH)], True, ""),
        ([("5", "EUR", None, CASH), ("95", "EUR", PARAKOU, CASH)], False, "5 %"),
        ([], None, "aucun montant"),
    ],
)
def test_the_foreign_side_brings_a_tenth(budget, held, words):
    answer = foreign_share(lines(*budget))
    assert answer.held is held
    assert words in answer.why


@pytest.mark.parametrize(
    ("budget", "held", "words"),
    [
        ([("50", "EUR", PARAKOU, CASH), ("32797.85", "XOF", PARAKOU, IN_KIND)], True, ""),
        ([("50", "EUR", PARAKOU, CASH), ("50.01", "EUR", PARAKOU, IN_KIND)], False, "50,1 %"),
        ([("50", "EUR", PARAKOU, CASH), ("50.01", "EUR", PARAKOU, "")], None, "nature d"),
        ([("50", "EUR", PARAKOU, CASH), ("50", "EUR", PARAKOU, "")], True, ""),
        # The rest of what this party brings may be the line that names nobody.
        ([("50", "EUR", None, CASH), ("40", "EUR", PARAKOU, IN_KIND)], None, "financeur"),
        ([("10", "EUR", None, CASH), ("40", "EUR", PARAKOU, IN_KIND)], False, "80 %"),
        ([("10", "EUR", None, IN_KIND), ("40", "EUR", PARAKOU, CASH)], None, "financeur"),
        ([("10", "EUR", None, CASH), ("40", "EUR", PARAKOU, CASH)], True, ""),
        ([("1", "USD", PARAKOU, CASH), ("1", "XOF", PARAKOU, CASH)], None, "sans taux"),
    ],
)
def test_nobody_values_more_than_half_of_what_they_bring(budget, held, words):
    answer = in_kind_share(lines(*budget))
    assert answer.held is held
    assert words in answer.why
