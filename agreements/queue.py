"""What the communes have submitted and the secretariat has not answered yet, the oldest first."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from agreements.models import Avenant, Convention
from cooperation.entry.workflow import Passage, passages
from cooperation.records.gates import Status
from cooperation.records.history import changes_since

# Days after which an answer is late.
LATE = 14


@dataclass(frozen=True)
class Waiting:
    """One submitted record; `sent` and `returned` are the passages that say when, by whom and why."""

    record: Convention | Avenant
    convention: Convention
    since: datetime
    sent: Passage
    returned: Passage | None
    # What its author changed since the last return.
    changes: list

    @property
    def days(self) -> int:
        return (timezone.now() - self.since).days

    @property
    def is_late(self) -> bool:
        return self.days >= LATE


class Queue:
    """As a sequence: a paginator counts it and reads the records of one page alone."""

    ordered = True

    def __init__(self, user):
        self.user = user
        found = [
            (since, model, key)
            for model, records in (
                (Convention, Convention.objects.visible_to(user)),
                # The avenants of a draft go with it.
                (
                    Avenant,
                    Avenant.objects.visible_to(user).filter(convention__status=Status.PUBLISHED),
                ),
            )
            for key, since in submitted(records).values_list("pk", "since")
        ]
        self.rows = sorted(found, key=lambda row: (row[0] or timezone.now(), row[2]))

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, part):
        return [self.waiting(*row) for row in self.rows[part]]

    def waiting(self, since, model, key) -> Waiting:
        record = model.objects.get(pk=key)
        steps = passages(record)
        returned = next((step for step in steps if step.status == Status.RETURNED), None)
        changes = []
        if returned:
            row = record.history.get(status=Status.RETURNED, history_date=returned.at)
            changes, _ = changes_since(record, row.version, self.user)
        convention = getattr(record, "convention", record)
        return Waiting(
            record,
            convention,
            since or steps[0].at,
            steps[0],
            returned,
            [change for change in changes if change.name != "status"],
        )


def submitted(records) -> QuerySet:
    """Those that wait, each `since` the moment at which it was submitted last."""
    history = records.model.history.model.objects
    others = history.filter(id=OuterRef("id")).exclude(status=Status.SUBMITTED)
    before = Subquery(others.order_by("-history_date").values("history_date")[:1])
    sent = history.filter(id=OuterRef("pk"), status=Status.SUBMITTED).annotate(before=before)
    sent = sent.filter(Q(before=None) | Q(history_date__gt=F("before")))
    since = Subquery(sent.order_by("history_date").values("history_date")[:1])
    return records.filter(status=Status.SUBMITTED).order_by().annotate(since=since)
