"""What the communes have sent and the secretariat has not answered yet, the oldest first."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone

from agreements.models import Avenant, Convention
from cooperation.entry.workflow import Passage, passages
from cooperation.models import Partner
from cooperation.records.gates import Status
from cooperation.records.history import changes_since, events

# Days after which an answer is late.
LATE = 14


@dataclass(frozen=True)
class Waiting:
    """One record that waits; `sent` and `returned` are the passages that say when, by whom and why."""

    record: Convention | Avenant | Partner
    since: datetime
    sent: Passage
    returned: Passage | None
    # What its author changed in it since the last return; and what was added, changed, removed in its lines.
    changes: list
    lines: list
    documents: list

    @property
    def key(self) -> str:
        return key_of(self.record)

    @property
    def convention(self) -> Convention | None:
        return None if isinstance(self.record, Partner) else convention_of(self.record)

    @property
    def examined_at(self) -> str:
        """Where one reads it before deciding."""
        record = self.record
        if isinstance(record, Partner):
            return reverse("admin:cooperation_partner_change", args=[record.pk])
        if isinstance(record, Avenant):
            return reverse("avenant_step", args=[*key_of(record).split(":")[1:], "publier"])
        return reverse("convention_step", args=[record.reference, "publier"])

    @property
    def days(self) -> int:
        return (timezone.now() - self.since).days

    @property
    def is_late(self) -> bool:
        return self.days >= LATE


def convention_of(record) -> Convention:
    return getattr(record, "convention", record)


def documents_of(record) -> list:
    """What goes with it."""
    if isinstance(record, Partner):
        return []
    if isinstance(record, Avenant):
        return list(record.documents.all())
    return list(record.attached_documents().distinct())


def key_of(record) -> str:
    """What a form names a record by: « convention:CONV-2026-0010 », « avenant:CONV-2026-0010:1 »."""
    if isinstance(record, Partner):
        return f"partenaire:{record.slug}"
    if isinstance(record, Avenant):
        return f"avenant:{record.convention.reference}:{record.number}"
    return f"convention:{record.reference}"


def waiting_in(user) -> list[QuerySet]:
    """What waits, model by model: what is submitted, and partners that communes added."""
    submitted_ones = Q(status=Status.SUBMITTED)
    return [
        Convention.objects.visible_to(user).filter(submitted_ones),
        # The avenants of a draft go with it.
        Avenant.objects.visible_to(user).filter(
            submitted_ones, convention__status=Status.PUBLISHED
        ),
        Partner.objects.visible_to(user).filter(status=Status.DRAFT),
    ]


def count_of(user) -> int:
    return sum(records.count() for records in waiting_in(user))


class Queue:
    """As a sequence: a paginator counts it and reads the records of one page alone."""

    ordered = True

    def __init__(self, user):
        self.user = user
        found = [
            (since, records.model, key)
            for records in waiting_in(user)
            for key, since in since_when(records).values_list("pk", "since")
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
        changes, lines = [], []
        if returned:
            row = record.history.get(status=Status.RETURNED, history_date=returned.at)
            changes, _ = changes_since(record, row.version, self.user)
            lines = [
                event
                for event in events(record, self.user)
                if event.at > returned.at and event.model is not model
            ]
        documents = documents_of(record)
        return Waiting(
            record,
            since or steps[0].at,
            steps[0],
            returned,
            [change for change in changes if change.name != "status"],
            lines,
            documents,
        )


def since_when(records) -> QuerySet:
    """Those that wait, each `since` the moment at which it came to the status that it has."""
    history = records.model.history.model.objects
    own = history.filter(id=OuterRef("pk"), status=OuterRef("status"))
    others = history.filter(id=OuterRef("id")).exclude(status=OuterRef("status"))
    before = Subquery(others.order_by("-history_date").values("history_date")[:1])
    reached = own.annotate(before=before)
    reached = reached.filter(Q(before=None) | Q(history_date__gt=F("before")))
    since = Subquery(reached.order_by("history_date").values("history_date")[:1])
    return records.order_by().annotate(since=since)
