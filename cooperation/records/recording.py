"""History on every path: one row or many at once, with author and reason."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import models, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone
from simple_history.models import HistoricalRecords
from simple_history.signals import post_create_historical_record

# Who changes records outside a request, and why: (user, reason).
_author = ContextVar("author", default=(None, ""))


@contextmanager
def recorded_as(user, reason) -> Iterator[None]:
    """All that is written within is in the history as this person's, with this reason."""
    token = _author.set((user, reason))
    try:
        yield
    finally:
        _author.reset(token)


@contextmanager
def recorded_because(reason) -> Iterator[None]:
    """All that is written within is in the history with this reason, as whoever writes it."""
    with recorded_as(_author.get()[0], reason):
        yield


class Recorder(HistoricalRecords):
    """Writes history rows with their author and reason, one by one or many at once."""

    def get_history_user(self, instance) -> models.Model | None:
        return super().get_history_user(instance) or _author.get()[0]

    def get_change_reason_for_object(self, instance, history_type, using) -> str | None:
        own = super().get_change_reason_for_object(instance, history_type, using)
        return own or _author.get()[1] or None

    def record_many(self, records, kind) -> None:
        """One history row for each record, in a few queries; `kind` is "+", "~" or "-"."""
        model = type(records[0])
        history = model.history.model
        rows = history.objects.bulk_create(
            [
                history(
                    history_date=timezone.now(),
                    history_type=kind,
                    history_user=self.get_history_user(record),
                    history_change_reason=self.get_change_reason_for_object(record, kind, None),
                    **{
                        name.attname: getattr(record, name.attname)
                        for name in history.tracked_fields
                    },
                )
                for record in records
            ],
            batch_size=BATCH,
        )
        for field in getattr(history, "_history_m2m_fields", ()):
            self.record_links(model, field, dict(zip([r.pk for r in records], rows, strict=True)))
        post_create_historical_record.send(
            sender=model, history_instance=rows[-1], history_instances=rows
        )

    def record_links(self, model, field, rows) -> None:
        """Copy the many-to-many links of records beside their history rows: {record key: row}."""
        through = getattr(model, field.name).through
        linked = self.m2m_models[field]
        names = [column.attname for column in through._meta.fields]
        source = f"{field.m2m_field_name()}_id"
        found = through.objects.filter(**{f"{source}__in": list(rows)}).values(*names)
        linked.objects.bulk_create(
            [linked(history=rows[values[source]], **values) for values in found],
            batch_size=BATCH,
        )


recorder = Recorder(inherit=True)


# Rows per statement: SQLite limits the number of parameters.
BATCH = 500


class RecordedQuerySet(models.QuerySet):
    """Writes history, version and search text where Django's own bulk methods would skip them."""

    def update(self, **values) -> int:
        with transaction.atomic(using=self.db):
            keys = list(self.order_by().values_list("pk", flat=True))
            values = {"version": F("version") + 1, "updated_at": Now()} | values
            count = super().update(**values)
            records = list(self.model._base_manager.using(self.db).filter(pk__in=keys))
            for record in records:
                if record.prepare():
                    models.QuerySet(self.model, using=self.db).filter(pk=record.pk).update(
                        **{name: getattr(record, name) for name in record.derived_fields}
                    )
            if records:
                recorder.record_many(records, "~")
        return count

    update.alters_data = True

    def bulk_create(self, objs, *args, links=None, **kwargs) -> list:
        """`links`: {name of a many-to-many field: [(record, key of what it links), …]}."""
        if kwargs.get("ignore_conflicts") or kwargs.get("update_conflicts"):
            raise TypeError("Records are never overwritten without their history.")
        objs = list(objs)
        with transaction.atomic(using=self.db):
            for record in objs:
                record.prepare()
            created = super().bulk_create(objs, *args, **kwargs)
            for name, pairs in (links or {}).items():
                self.link_many(name, pairs)
            if created:
                recorder.record_many(created, "+")
        return created

    bulk_create.alters_data = True

    def link_many(self, name, pairs) -> None:
        field = self.model._meta.get_field(name)
        through = getattr(self.model, name).through
        source, target = f"{field.m2m_field_name()}_id", f"{field.m2m_reverse_field_name()}_id"
        through.objects.bulk_create(
            [through(**{source: record.pk, target: key}) for record, key in pairs],
            batch_size=BATCH,
        )

    link_many.alters_data = True

    def delete(self) -> tuple:
        """One by one: each record says in the history which lines went with it."""
        counts = Counter()
        with transaction.atomic(using=self.db):
            for record in self:
                counts.update(record.delete()[1])
        return counts.total(), dict(counts)

    delete.alters_data = True
    delete.queryset_only = True

    def take_back(self) -> tuple:
        """Delete what an import wrote by mistake, lines of published records too.

        They stay in the history, and can be restored from there.
        """
        return super().delete()

    take_back.alters_data = True
