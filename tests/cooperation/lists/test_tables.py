"""Tables for spreadsheets: no cell runs anything, whatever was typed into a title."""

from decimal import Decimal

import pytest

from cooperation.lists.tables import csv_cell, csv_lines


@pytest.mark.parametrize(
    "start", ["=", "@", "+", "-", " =", "\n+", "\t-", "＝", "＋", "－", "＠", "\r＝"]
)
def test_a_text_that_a_spreadsheet_would_run_is_text_in_a_csv(start):
    """« +33… » typed as a title would else be computed, and « =cmd|… » run."""
    assert csv_cell(f"{start}1+1") == f"'{start}1+1"


@pytest.mark.parametrize(
    ("value", "cell"),
    [(Decimal("-12.50"), "-12,50"), (-3, "-3"), (None, ""), ("Eau + sol", "Eau + sol")],
)
def test_a_number_is_one_in_a_french_spreadsheet_and_a_plain_text_stays(value, cell):
    """With a point, « 12.50 » is a text there: no sum is right, and nothing says so."""
    assert csv_cell(value) == cell


def test_the_lines_open_as_they_are_in_a_french_spreadsheet():
    assert list(csv_lines([["a", "b"], [1, None]])) == ["\ufeffa;b\r\n", "1;\r\n"]


def test_a_line_end_before_a_formula_hides_it_from_nobody():
    assert csv_cell("\n=1+1") == "'\n=1+1"
    assert csv_cell("a=1") == "a=1"
    assert csv_cell("") == ""
