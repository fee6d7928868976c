"""Numbers and public references: stable, readable, in the order of entry."""

from django.db.models import Max
from django.db.models.functions import Length
from django.utils import timezone


def next_number(lines) -> int:
    """The number after the last of a record's lines."""
    return (lines.aggregate(last=Max("number"))["last"] or 0) + 1


# How a convention is called: CONV-<year of entry>-<number>, four digits or more.
CONVENTION_REFERENCE = r"CONV-\d{4}-\d{4,9}"
CONVENTION_EXAMPLE = "CONV-2026-0001"


def convention_prefix() -> str:
    """Of the references given this year: "CONV-2026-"."""
    return f"CONV-{timezone.localdate().year}-"


def next_reference(queryset, prefix, width=4) -> str:
    """The prefix and the next free number: "CONV-2026-" -> "CONV-2026-0013".

    Two people at once may be given the same one: the unique constraint then refuses the second.
    """
    return next_references(queryset, prefix, 1, width)[0]


def next_references(queryset, prefix, count, width=4) -> list[str]:
    """As many references in a row."""
    taken = queryset.filter(reference__startswith=prefix)
    # The longest is the largest: numbers outgrow their width.
    last = taken.order_by(Length("reference").desc(), "-reference").values_list(
        "reference", flat=True
    )
    first = int((last.first() or f"{prefix}0").removeprefix(prefix)) + 1
    return [f"{prefix}{number:0{width}}" for number in range(first, first + count)]
