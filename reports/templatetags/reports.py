"""What reports show beside their figures."""

from collections.abc import Iterable

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from reports import prose
from reports.facts.definitions import DEFINITIONS, METHODS, NUMBERS
from reports.formats import FORMATS

register = template.Library()

# Bars of one chart.
MOST_BARS = 12


@register.simple_tag
def note(name) -> SafeString:
    """The number of a figure's definition, that leads to the annex of a PDF."""
    return format_html('<a class="note" href="registre:note-{}">({})</a>', name, NUMBERS[name])


@register.simple_tag
def definitions() -> list[tuple]:
    """[(name, number, label, text), …] of every figure."""
    return [(name, NUMBERS[name], *words) for name, words in DEFINITIONS.items()]


@register.simple_tag
def report_formats() -> Iterable:
    """The formats of reports (formats.Format), PDF first."""
    return FORMATS.values()


@register.simple_tag
def method(report) -> str:
    """What a report is about: "bilan", "inventaire"."""
    return METHODS[report]


@register.filter
def prose_html(text) -> SafeString:
    """What the secretariat wrote, as safe HTML."""
    return prose.as_html(text)


@register.inclusion_tag("reports/_bars.html")
def bars(title, pairs) -> dict:
    """A chart of (label, count) pairs, and in words what it shows: its table stands beside it."""
    pairs = list(pairs)
    shown = pairs[:MOST_BARS]
    most = max((count for _, count in shown), default=0) or 1
    said = ", ".join(f"{label} {count}" for label, count in shown)
    return {
        "title": f"{title} : {said}" if shown else title,
        "caption": title,
        "bars": [
            {
                "label": label,
                "count": count,
                "top": 15 * place + 2,
                "middle": 15 * place + 10,
                "width": (width := 190 * count // most),
                "end": width + 134,
            }
            for place, (label, count) in enumerate(shown)
        ],
        "height": 15 * len(shown),
        "others": len(pairs) - len(shown),
    }


@register.filter
def pairs(rows) -> list[tuple]:
    """(label, how many conventions) of the rows of a bilan's table, the largest first."""
    counted = [(row.label, len(row.references)) for row in rows]
    return sorted(counted, key=lambda pair: -pair[1])


@register.filter
def column(number) -> str:
    """A number that ends where the others do: digits and figure spaces have one width."""
    return f"{number:\u2007>4}\u2002"
