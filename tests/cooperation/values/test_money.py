from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cooperation.values.money import (
    Nature,
    Rate,
    combine,
    convert,
    currency_choices,
    format_money,
    parse_amount,
    totals,
)

AMOUNTS = st.decimals("0.01", "9999999999999.99", places=2)


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("1123884.00", "EUR", "1 123 884 €"),
        ("20854.50", "EUR", "20 854,50 €"),
        ("462382800", "XOF", "462 382 800 F CFA"),
        ("-1500", "EUR", "-1 500 €"),
    ],
)
def test_money_reads_as_in_french(amount, currency, text):
    assert format_money(Decimal(amount), currency).replace("\u00a0", " ") == text


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("1123884", "1123884"),
        ("1 123 884,50", "1123884.50"),
        ("1\u202f123\u00a0884,5", "1123884.5"),
        ("1123884.50", "1123884.50"),
        ("1.123.884", "1123884"),
        ("1.123.884,50", "1123884.50"),
        ("20.854,00", "20854.00"),
        ("20,854.00", "20854.00"),
        ("1,123,884", "1123884"),
        ("5 000 F", "5000"),
        ("5 000 F CFA", "5000"),
        ("5 000 FCFA", "5000"),
        ("12,50 €", "12.50"),
        ("1 500 dollars", "1500"),
        ("5 000 francs CFA ", "5000"),
        ("20 usd", "20"),
        ("−5", "-5"),
    ],
)
def test_amounts_are_read_as_people_write_them(typed, amount):
    assert parse_amount(typed) == Decimal(amount)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "mille",
        "5 k€",
        "3 millions",
        "12 %",
        "€",
        "1.123",
        "20,854",
        "1,2,3",
        "1e5",
        "NaN",
        "Infinity",
        "1_000",
        "--5",
        "٣",
    ],
)
def test_an_amount_that_may_be_two_is_not_guessed(typed):
    with pytest.raises(ValueError):
        parse_amount(typed)


def test_money_uses_no_narrow_space():
    assert "\u202f" not in format_money(Decimal("1123884"), "EUR")


def test_euro_and_franc_convert_at_the_parity_and_nothing_else_does():
    assert convert(Decimal("1"), "EUR", "XOF") == Decimal("655.96")
    assert convert(Decimal("655957"), "XOF", "EUR") == Decimal("1000.00")
    assert convert(Decimal("5"), "USD", "USD") == Decimal("5")
    assert convert(Decimal("5"), "USD", "EUR") is None
    assert convert(Decimal("5"), "EUR", "USD") is None


@given(AMOUNTS)
def test_a_euro_amount_survives_the_way_there_and_back(amount):
    assert convert(convert(amount, "EUR", "XOF"), "XOF", "EUR") == amount


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["EUR", "XOF", "USD"]),
            st.sampled_from([*Nature.values, ""]),
            AMOUNTS,
        ),
        max_size=40,
    )
)
def test_totals_keep_currencies_and_natures_apart_to_the_cent(rows):
    found = {total.currency: total for total in totals(rows)}
    assert set(found) == {currency for currency, _, _ in rows}
    for currency, total in found.items():
        assert total.amount == sum(a for c, _, a in rows if c == currency)
        for nature, part in total.parts.items():
            assert part == sum(a for c, n, a in rows if (c, n) == (currency, nature))


def test_the_registrys_own_currencies_come_first_and_dead_ones_not_at_all():
    codes = [code for code, _ in currency_choices()]
    assert codes[:2] == ["XOF", "EUR"]
    assert "CHF" in codes
    assert "FRF" not in codes


def test_a_sum_in_a_third_currency_is_rounded_to_the_franc_once():
    # 1 USD at 1.1 a euro is 0.909090… € = 596.32 F; the cents of 0.91 € would make it 597 F.
    rates = {"USD": Rate("USD", Decimal("1.1"), date(2024, 1, 2), "BCE")}
    combined = combine(totals([("USD", Nature.CASH, Decimal(1))]), rates)
    assert (combined.euros, combined.francs) == (Decimal("0.91"), Decimal(596))
