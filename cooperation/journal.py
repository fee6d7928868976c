"""The journal of changes: one counter moves in the transaction of each, and says which records moved."""

import secrets
from collections.abc import Iterator

from django.db import connection
from django.db.models import F
from django.dispatch import receiver
from django.utils import timezone
from simple_history.signals import post_create_historical_record

from cooperation.models import JournalEntry, Revision
from cooperation.records.recording import BATCH

# Run ANALYZE every N revisions (SQLite).
STATISTICS = 500


# Revisions that the journal keeps: a copy that follows may pause as long.
JOURNAL = 100_000


@receiver(post_create_historical_record)
def advance(history_instance, history_instances=(), **kwargs) -> None:
    """Every change writes history (records.py), and so passes here."""
    token = secrets.token_hex(8)
    if not Revision.objects.filter(pk=1).update(number=F("number") + 1, token=token):
        Revision.objects.get_or_create(pk=1, defaults={"number": 1, "token": token})
    number = Revision.current()
    rows = history_instances or [history_instance]
    touched, at = {entry for row in rows for entry in touched_by(row)}, timezone.now()
    JournalEntry.objects.bulk_create(
        (JournalEntry(revision=number, token=token, at=at, kind=k, key=key) for k, key in touched),
        batch_size=BATCH,
    )
    if number % STATISTICS == 0:
        refresh_statistics()
    if number % JOURNAL == 0:
        JournalEntry.objects.filter(revision__lt=number - JOURNAL).delete()


def refresh_statistics() -> None:
    """Without them SQLite reads all published records to find twenty-five by their keys.

    A sample of an index, a quarter of a second for a million conventions: of a smaller one it believed
    that few records are published. PostgreSQL does it by itself.
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA analysis_limit=100000")
            cursor.execute("ANALYZE")


def touched_by(row) -> Iterator:
    """(model, key) of the record, and of what it is a line of."""
    model = row.instance_type
    yield model._meta.model_name, row.id
    for name in {model.part_of, "convention"}:
        key = name and getattr(row, f"{name}_id", None)
        if key is not None:
            yield model._meta.get_field(name).related_model._meta.model_name, key


def hold_revision() -> int:
    """Lock the counter until the transaction ends: nobody else changes the registry; its number."""
    Revision.objects.get_or_create(pk=1)
    return Revision.objects.select_for_update().get(pk=1).number
