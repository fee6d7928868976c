"""A group and its work for tests: valid by default. People and organisations are made up."""

from datetime import date, datetime, time, timedelta
from itertools import count

from django.utils import timezone

from cooperation.models import Document
from tests.factories import make_document, make_partner, make_user, published
from workgroup.models import (
    AgendaPoint,
    Attendance,
    Draft,
    DraftComment,
    DraftStatus,
    GroupMeeting,
    Mandate,
    MeetingStatus,
    Minutes,
    MinutesStatus,
    PointNotes,
    PonadecIndicator,
    Presence,
    Seat,
    SharedDocument,
    WorkingGroup,
)

numbers = count(1)


def make_group(**kwargs):
    kwargs.setdefault("name", f"Groupe {next(numbers)}")
    return WorkingGroup.objects.create(**kwargs)


def make_mandate(group, seat=Seat.MEMBER, **kwargs):
    if "user" not in kwargs:
        kwargs["user"] = make_user(email=f"membre{next(numbers)}@exemple.bj")
    kwargs.setdefault("starts_on", date(2020, 1, 1))
    if seat == Seat.COCHAIR:
        kwargs.setdefault("ends_on", timezone.localdate() + timedelta(days=200))
    return Mandate.objects.create(group=group, seat=seat, **kwargs)


def make_member(group, seat=Seat.MEMBER, **kwargs):
    """The person of a mandate that runs."""
    return make_mandate(group, seat, **kwargs).user


def make_meeting(group, *, in_days=10, points=1, **kwargs):
    """Of two hours, at ten, so many days from today: the hour of the tests is nothing to it."""
    kwargs.setdefault("title", f"Réunion {next(numbers)}")
    kwargs.setdefault("place", "Cotonou")
    day = timezone.localdate() + timedelta(days=in_days)
    kwargs.setdefault("starts_at", timezone.make_aware(datetime.combine(day, time(10))))
    kwargs.setdefault("ends_at", kwargs["starts_at"] + timedelta(hours=2))
    meeting = GroupMeeting.objects.create(group=group, **kwargs)
    for number in range(points):
        make_point(meeting, title=f"Point {number + 1}")
    return meeting


def make_convened(group, **kwargs):
    return make_meeting(group, status=MeetingStatus.CONVENED, announced_at=timezone.now(), **kwargs)


def make_point(meeting, **kwargs):
    kwargs.setdefault("title", f"Point {next(numbers)}")
    return AgendaPoint.objects.create(group=meeting.group, meeting=meeting, **kwargs)


def make_minutes(meeting, **kwargs):
    """With notes of each point, all treated."""
    for point in meeting.points.all():
        PointNotes.objects.create(
            point=point, outcome=f"On en parle, de {point}.", treatment=PointNotes.Treatment.TREATED
        )
    return Minutes.objects.create(meeting=meeting, **kwargs)


def make_organisation(**kwargs):
    return make_partner(kind="association", **kwargs)


TEXT = "Le groupe établit la liste des accords.\n\nIl en dresse le bilan."


def make_draft(group, sections=("Objet", "Fonctionnement"), **kwargs):
    """In preparation, each section of two paragraphs."""
    kwargs.setdefault("title", f"Projet {next(numbers)}")
    draft = Draft.objects.create(group=group, **kwargs)
    version = draft.version_to_write()
    for position, heading in enumerate(sections, 1):
        version.sections.create(position=position, heading=heading, text=TEXT)
    return draft


def make_shared(group, by, *, days=10, **kwargs):
    """Open to remarks for so many days after today."""
    draft = make_draft(group, **kwargs)
    draft.closes_on = timezone.localdate() + timedelta(days=days)
    draft.move_to(DraftStatus.OPEN, by=by)
    return draft


def make_comment(draft, author, **kwargs):
    """On the first paragraph of its first section."""
    section = draft.shared.sections.first()
    paragraph = section.paragraphs[0]
    facts = {
        "text": f"Remarque {next(numbers)}",
        "anchor": section.anchor,
        "quoted": paragraph.text,
        "clause": paragraph.number,
    }
    return DraftComment.objects.create(
        draft=draft, draft_version=draft.shared, author=author, **facts | kwargs
    )


def make_library(group, by, **kwargs):
    """A study that everybody reads."""
    kwargs.setdefault("title", f"Étude {next(numbers)}")
    access = kwargs.pop("access", Document.Access.PUBLIC)
    document = make_document(title=kwargs["title"], access=access, **published())
    return SharedDocument.objects.create(
        group=group, document=document, shared_by=by, kind=SharedDocument.Kind.STUDY, **kwargs
    )


def tell_of_group(group=None, **kwargs):
    """One of each thing that a group makes public, with all that it may hold."""
    group = group or make_group()
    by = make_member(group, Seat.SECRETARY, partner=make_partner())
    meeting = make_convened(group, in_days=-30, joining_link="https://exemple.bj/secret", **kwargs)
    meeting.documents.add(make_document(**published()))
    point = meeting.points.first()
    point.duration, point.brought_by = 20, make_partner()
    point.save()
    minutes = make_minutes(meeting, opening="Bienvenue.")
    Attendance.objects.create(
        meeting=meeting, user=by, partner=by.mandates.get().partner, presence=Presence.PRESENT
    )
    point.commitments.create(group=group, what="Écrire", who="Le secrétariat", due_on="2026-01-31")
    minutes.move_to(MinutesStatus.CORRECTED, by=by)
    minutes.corrected_until = timezone.localdate() - timedelta(days=1)
    minutes.save()
    minutes.move_to(MinutesStatus.ADOPTED, by=by)
    draft = make_shared(group, by, outcome="Adopté.", partner=make_partner())
    draft.closes_on = timezone.localdate() - timedelta(days=1)
    draft.save()
    draft.move_to(DraftStatus.OFFICIAL, by=by)
    make_library(group, by)
    indicator = PonadecIndicator.objects.create(
        name=f"Indice {next(numbers)}", definition="d", formula="f", unit="points"
    )
    indicator.years.create(
        year=timezone.localdate().year, value="61.5", value_source="Rapport", target=None
    )
    return group
