"""Totals on a page: each currency apart, their sum converted, and the rows behind each."""

from urllib.parse import urlencode

from django import template

from cooperation.models import ExchangeRate
from cooperation.values.money import PARITY_TEXT, combine

register = template.Library()


@register.simple_tag
def parity() -> str:
    """« 1 EUR = 655,957 XOF »"""
    return PARITY_TEXT


@register.inclusion_tag("_totals.html")
def totals(sums, rows=None, rates=None, **scope) -> dict:
    """Show money.Total sums. `rows` and `scope` are the address of the rows behind them.

    `rates` by currency are those of a report of some day; without them, those known today.
    """
    known = {"EUR", "XOF"}
    if rates is None and any(total.currency not in known for total in sums):
        rates = ExchangeRate.objects.known_on()
    return {
        "totals": sums,
        "combined": combine(sums, rates or {}) if len(sums) > 1 else None,
        "rows": rows and f"{rows}?{urlencode(scope)}{'&' if scope else ''}",
    }
