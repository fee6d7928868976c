"""The journal of changes: one counter moves in the transaction of each, and says which records moved."""

import secrets
from collections import defaultdict
from collections.abc import Iterator

from django.db import connection, models
from django.db.models import F
from django.dispatch import receiver
from django.utils import timezone
from simple_history.signals import post_create_historical_record

from cooperation.models import JournalEntry, Revision
from cooperation.records.base import FollowedMixin
from cooperation.records.gates import NEVER_PUBLISHED, Status
from cooperation.records.recording import BATCH

# Run ANALYZE every N revisions (SQLite).
STATISTICS = 500


# Revisions that the journal keeps: a copy that follows may pause as long.
JOURNAL = 100_000


@receiver(post_create_historical_record)
def advance(history_instance, history_instances=(), **kwargs) -> None:
    """Every change writes history (records.py), and so passes here."""
    if history_instance.instance_type.is_private:
        return
    number, token = move_on()
    rows = history_instances or [history_instance]
    touched, at = {entry for row in rows for entry in touched_by(row)}, timezone.now()
    spread_news(rows, at)
    JournalEntry.objects.bulk_create(
        (JournalEntry(revision=number, token=token, at=at, kind=k, key=key) for k, key in touched),
        batch_size=BATCH,
    )
    if number % STATISTICS == 0:
        refresh_statistics()
    if number % JOURNAL == 0:
        JournalEntry.objects.filter(revision__lt=number - JOURNAL).delete()


def move_on() -> tuple[int, str]:
    """The next revision and its token: pages that were kept are made anew."""
    token = secrets.token_hex(8)
    if not Revision.objects.filter(pk=1).update(number=F("number") + 1, token=token):
        Revision.objects.get_or_create(pk=1, defaults={"number": 1, "token": token})
    return Revision.current(), token


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
    for owner, name in owners_of(model):
        key = getattr(row, f"{name}_id")
        if key is not None:
            yield owner._meta.model_name, key


def owners_of(model) -> Iterator:
    """(model, name of the link) of what a row of the model may be a line of."""
    for field in model._meta.concrete_fields:
        if field.name in {model.part_of, "convention", "action"}:
            yield field.related_model, field.name


def spread_news(rows, at) -> None:
    """Tell the records that people follow, and those whose lines they are, that something is new."""
    heard, above = defaultdict(set), defaultdict(set)
    for row in rows:
        heard[row.instance_type].add(row.id)
        # What nobody outside may read yet is no news.
        if (
            not row.instance_type.is_news
            or getattr(row, "status", Status.PUBLISHED) in NEVER_PUBLISHED
        ):
            continue
        # From the history row: the line itself may be gone.
        for owner, name in owners_of(row.instance_type):
            above[owner].add(getattr(row, f"{name}_id"))
    while above:
        level, above = above, defaultdict(set)
        for model, keys in level.items():
            new = keys - heard[model] - {None}
            heard[model] |= new
            links = list(owners_of(model))
            if new and links:
                lines = model._base_manager.filter(pk__in=new).order_by()
                for owners in lines.values_list(*(name for _, name in links)):
                    for (owner, _), key in zip(links, owners, strict=True):
                        above[owner].add(key)
    for model, keys in heard.items():
        if keys and issubclass(model, FollowedMixin):
            # No change of the record: neither its version nor its history moves.
            models.QuerySet(model).filter(pk__in=keys).update(news_at=at)


def hold_revision() -> int:
    """Lock the counter until the transaction ends: nobody else changes the registry; its number.

    Every door by which people and programs write takes it first: what they then read is what they
    change, and two who wait for each other's records cannot be.
    """
    Revision.objects.get_or_create(pk=1)
    return Revision.objects.select_for_update().get(pk=1).number
