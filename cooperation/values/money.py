"""Amounts of money: original currencies kept, totals per currency and nature, EUR and XOF at parity.

Source of the parity: 100 XOF = 1 FRF since January 1994, and 1 EUR = 6.55957 FRF, Council
Regulation (EC) No 2866/98; hence 1 EUR = 655.957 XOF since 1 January 1999.
"""

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, lru_cache

from babel import Locale
from babel.numbers import (
    format_compact_currency,
    format_currency,
    format_decimal,
    get_territory_currencies,
)
from django.db import models

from cooperation.values.text import fold

PARITY = Decimal("655.957")
PARITY_TEXT = "1 EUR = 655,957 XOF"
FIRST = ["XOF", "EUR"]
# Without cents. Source: ISO 4217, list one.
WHOLE = {
    *("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW"),
    *("PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"),
}
# How people name currencies.
SPOKEN = {
    "fcfa": "XOF",
    "f cfa": "XOF",
    "f": "XOF",
    "cfa": "XOF",
    "franc cfa": "XOF",
    "francs cfa": "XOF",
    "€": "EUR",
    "euro": "EUR",
    "euros": "EUR",
    "dollar": "USD",
    "dollars": "USD",
}
# The empty nature in an address.
UNSTATED = "non-precisee"


class Nature(models.TextChoices):
    """How money is given. Empty where the source does not say."""

    CASH = "numeraire", "numéraire"
    IN_KIND = "valorisation", "valorisation (temps d’agents, biens)"
    MIXED = "mixte", "numéraire et valorisation, sans le détail"


class Standing(models.TextChoices):
    """What a planned amount is. Empty where the source only gives it."""

    GRANTED = "accorde", "accordé"
    ASKED = "demande", "demandé"
    REFUSED = "refuse", "refusé"
    ESTIMATED = "estime", "estimé"


# What totals may add: what is granted, and what a source gives without saying more.
COUNTED = ("", Standing.GRANTED.value)


class Origin(models.TextChoices):
    """By which law a partner abroad raises what it gives. Empty where the source does not say.

    Source: French code général des collectivités territoriales, articles L1115-1-1 and L1115-2.
    """

    WATER = "eau", "1 % eau et assainissement"
    WASTE = "dechets", "1 % déchets"
    ENERGY = "energie", "1 % énergie"


class Span(models.TextChoices):
    """What time an amount is for. Empty: for the whole, or together for the years it names."""

    EACH_YEAR = "par-an", "par an"
    SO_FAR = "a-ce-jour", "à ce jour"


class Exactness(models.TextChoices):
    """How exactly a source gives an amount. Empty: exactly."""

    ABOUT = "environ", "environ"
    AVERAGE = "moyenne", "en moyenne"


@cache
def currency_choices() -> list[tuple]:
    """Currencies in use today (ISO 4217), the registry's own first: [("XOF", "XOF – franc CFA…")]."""
    locale = Locale("fr")
    codes = {code for country in locale.territories for code in get_territory_currencies(country)}
    ordered = FIRST + sorted(codes - set(FIRST))
    return [(code, f"{code} – {locale.currencies.get(code, code)}") for code in ordered]


@cache
def currency_order() -> dict:
    """{code: rank} in that order."""
    return {code: rank for rank, (code, _) in enumerate(currency_choices())}


def cents(amount: Decimal) -> Decimal:
    """Rounded to two decimals, half up."""
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def convert(amount: Decimal, source: str, target: str) -> Decimal | None:
    """Between EUR and XOF at the fixed parity, to the cent; None for any other currency."""
    if source == target:
        return amount
    if (source, target) == ("EUR", "XOF"):
        return cents(amount * PARITY)
    if (source, target) == ("XOF", "EUR"):
        return cents(amount / PARITY)
    return None


def named_currency(text: str) -> str | None:
    """The ISO 4217 code of « FCFA », « € » or « usd »; None where it names no currency in use."""
    code = text.strip().upper()
    return SPOKEN.get(fold(text) or text.strip()) or (code if code in currency_order() else None)


def split_amount(text: str) -> tuple[str, str]:
    """("1 123 884,50", "€"): the number and what is written behind it, "" where nothing is."""
    return re.fullmatch(r"(.*?)\s*([^\d\s.,]{0,6}\s?[^\d\s.,]*)\s*", text, re.DOTALL).groups()


def parse_amount(text: str) -> Decimal:
    """Read an amount as people write it: "1 123 884,50", "1.123.884", "20,854.00", "5 000 F CFA".

    ValueError where it is no amount, where a mark may be either decimal or of thousands, or where what
    stands behind the number names no currency.
    """
    number, unit = split_amount(text)
    if unit and named_currency(unit) is None:
        raise ValueError(f"not a currency: {unit!r}")
    text = re.sub(r"\s", "", number)
    if re.fullmatch(r"[-−]?\d{1,3}(\.\d{3}){2,}(,\d{1,2})?|[-−]?\d{1,3}\.\d{3},\d{1,2}", text):
        text = text.replace(".", "")
    elif re.fullmatch(r"[-−]?\d{1,3}(,\d{3}){2,}(\.\d{1,2})?|[-−]?\d{1,3},\d{3}\.\d{1,2}", text):
        text = text.replace(",", "")
    text = text.replace(",", ".").replace("−", "-")
    if not re.fullmatch(r"-?\d+(\.\d{1,2})?", text, re.ASCII):
        raise ValueError(f"not an amount: {text!r}")
    return Decimal(text)


def format_number(number: int | Decimal) -> str:
    """French: "255 478", "12,5"."""
    return format_decimal(number, "#,##0.####", locale="fr").replace("\u202f", "\u00a0")


@lru_cache(maxsize=10_000)
def format_money(amount: Decimal, currency: str) -> str:
    """French: "1 123 884 €", "20 854,50 €", "462 382 800 F CFA"; no decimals where they are zero."""
    pattern = "#,##0\u00a0¤" if amount == amount.to_integral_value() else "#,##0.00\u00a0¤"
    text = format_currency(amount, currency, pattern, locale="fr", currency_digits=False)
    # Phones lack the narrow space (U+202F) in old fonts.
    return text.replace("\u202f", "\u00a0")


def short_money(amount: Decimal, currency: str) -> str:
    """As people say it: « 1,2 M € », « 350 k € »; two or three figures, for a title or a scale."""
    digits = 1 if amount >= 1_000_000 else 0
    text = format_compact_currency(amount, currency, locale="fr", fraction_digits=digits)
    return text.replace("\u202f", "\u00a0")


@dataclass(frozen=True)
class Total:
    """One currency's sum, with its parts by nature ("" where the source does not say)."""

    currency: str
    parts: dict[str, Decimal]

    @property
    def amount(self) -> Decimal:
        return sum(self.parts.values(), Decimal(0))

    @property
    def label(self) -> str:
        return format_money(self.amount, self.currency)

    @property
    def equivalent(self) -> str | None:
        """The same in the other currency of the parity, or None."""
        target = "XOF" if self.currency == "EUR" else "EUR"
        converted = convert(self.amount, self.currency, target)
        # Rounded to the franc: the CFA franc has no cents.
        if converted is not None and target == "XOF":
            converted = converted.quantize(Decimal(1), ROUND_HALF_UP)
        return None if converted is None else format_money(converted, target)

    @property
    def details(self) -> list[tuple[str, str, str]]:
        """[("numéraire", "1 000 €", "numeraire"), …]: each nature there is, in Nature's order."""
        return [
            (label, format_money(self.parts[nature], self.currency), nature or UNSTATED)
            for nature, label in [*Nature.choices, ("", "nature non précisée")]
            if nature in self.parts
        ]


def totals(rows) -> list[Total]:
    """Sum (currency, nature, amount) rows. Currencies are never added together."""
    sums = defaultdict(lambda: defaultdict(Decimal))
    for currency, nature, amount in rows:
        sums[currency][nature] += amount
    order = currency_order()
    return [
        Total(currency, dict(sums[currency]))
        for currency in sorted(sums, key=lambda code: order.get(code, len(order)))
    ]


@dataclass(frozen=True)
class Rate:
    """How many units of a currency one euro was worth on a day, and who says so."""

    currency: str
    per_euro: Decimal
    day: date
    source: str

    def __str__(self):
        return f"1 EUR = {format_number(self.per_euro)} {self.currency} le {self.day:%d/%m/%Y} ({self.source})"


def in_euros(amount: Decimal, currency: str, rates: dict[str, Rate]) -> Decimal | None:
    """At the parity or the rate, not rounded; None where there is none."""
    if currency == "EUR":
        return amount
    if currency == "XOF":
        return amount / PARITY
    return amount / rates[currency].per_euro if currency in rates else None


@dataclass(frozen=True)
class Combined:
    """Several currencies as one sum, in EUR to the cent and in XOF to the franc.

    `apart` holds what no rate converts: it is in neither sum.
    """

    euros: Decimal
    francs: Decimal
    rates: list[Rate]
    apart: list[Total]

    @property
    def label(self) -> str:
        return format_money(self.euros, "EUR")

    @property
    def equivalent(self) -> str:
        return format_money(self.francs, "XOF")


def combine(sums: list[Total], rates: dict[str, Rate]) -> Combined:
    """Convert EUR and XOF at the parity and others at their rate; each sum is rounded once."""
    euros, francs, used, apart = Decimal(0), Decimal(0), [], []
    for total in sums:
        if total.currency == "XOF":
            francs += total.amount
        elif total.currency == "EUR":
            euros += total.amount
        elif total.currency in rates:
            used.append(rates[total.currency])
            euros += total.amount / rates[total.currency].per_euro
        else:
            apart.append(total)
    whole = (francs + euros * PARITY).quantize(Decimal(1), ROUND_HALF_UP)
    return Combined(cents(euros + francs / PARITY), whole, used, apart)
