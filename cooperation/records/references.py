"""Numbers of lines, and how a convention is called: stable, readable, in the order of entry."""

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

# How a convention is called: CONV-<year of entry>-<number>, four digits or more.
CONVENTION_REFERENCE = r"CONV-\d{4}-\d{4,9}"
CONVENTION_EXAMPLE = "CONV-2026-0001"


def convention_prefix() -> str:
    """Of the references given this year: "CONV-2026-"."""
    return f"CONV-{timezone.localdate().year}-"


def next_number(record, lines) -> int:
    """The number after the last of a record's lines.

    The record is locked until the transaction ends: two people who add a line get two numbers.
    """
    with transaction.atomic():
        locked = type(record)._base_manager.select_for_update().filter(pk=record.pk)
        locked.values_list("pk").first()
        return (lines.aggregate(last=Max("number"))["last"] or 0) + 1
