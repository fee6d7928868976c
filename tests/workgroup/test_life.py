"""Each step of a meeting, of minutes, of a correction and of a commitment: who may take it, from where."""

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from cooperation.entry.workflow import carry_out
from cooperation.roles import Role
from tests.factories import make_user
from tests.workgroup.factories import (
    make_comment,
    make_convened,
    make_group,
    make_member,
    make_minutes,
    make_shared,
)
from workgroup.life import (
    COMMENT_STEPS,
    COMMITMENT_STEPS,
    CORRECTION_STEPS,
    DRAFT_STEPS,
    MEETING_STEPS,
    MINUTES_STEPS,
)
from workgroup.models import (
    Commitment,
    CommitmentStatus,
    Correction,
    Disposition,
    Draft,
    DraftComment,
    DraftStatus,
    GroupMeeting,
    MeetingStatus,
    Minutes,
    MinutesStatus,
    Seat,
)

TABLE = Path(__file__).parents[1] / "permissions.csv"
TABLES = {
    "réunion": MEETING_STEPS,
    "compte rendu": MINUTES_STEPS,
    "correction": CORRECTION_STEPS,
    "engagement": COMMITMENT_STEPS,
    "projet": DRAFT_STEPS,
    "remarque": COMMENT_STEPS,
}
ROWS = [
    row
    for row in csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines())
    if row["door"] in TABLES
]


@pytest.fixture
def people(group):
    ended = make_member(group, Seat.SECRETARY, ends_on=timezone.localdate() - timedelta(days=1))
    return {
        "visiteur": None,
        "sans mandat": make_user(),
        "mandat fini": ended,
        "autre groupe": make_member(make_group(), Seat.CHAIR),
        "observateur": make_member(group, Seat.OBSERVER),
        "membre": make_member(group),
        "auteur": make_member(group),
        "secrétaire": make_member(group, Seat.SECRETARY),
        "coprésidence": make_member(group, Seat.COCHAIR),
        "présidence": make_member(group, Seat.CHAIR),
        "agent siégeant": make_member(group, user=make_user(Role.COMMUNE)),
        "tutelle": make_user(Role.STATE),
        "secrétariat": make_user(Role.SECRETARIAT),
    }


def meeting_in(group, people, status):
    """Between its beginning and its end: every step is then a question of who asks."""
    meeting = make_convened(group, starts_at=timezone.now() - timedelta(hours=1))
    GroupMeeting.objects.filter(pk=meeting.pk).update(status=status)
    return GroupMeeting.objects.get(pk=meeting.pk)


def minutes_in(group, people, status):
    minutes = make_minutes(make_convened(group, in_days=-1))
    Minutes.objects.filter(pk=minutes.pk).update(status=status, corrected_until=date(2020, 1, 1))
    return Minutes.objects.get(pk=minutes.pk)


def correction_in(group, people, status):
    minutes = minutes_in(group, people, MinutesStatus.CORRECTED)
    return Correction.objects.create(
        minutes=minutes, author=people["auteur"], text="À revoir", status=status
    )


def draft_in(group, people, status):
    """Its remarks are closed and answered, and another version waits."""
    draft = make_shared(group, people["secrétaire"])
    # Shared again it has another last day; official it is closed.
    day = timezone.localdate() - timedelta(days=1)
    Draft.objects.filter(pk=draft.pk).update(status=status, closes_on=day, outcome="Transmis.")
    return Draft.objects.get(pk=draft.pk)


def comment_in(group, people, status):
    draft = make_shared(group, people["secrétaire"])
    return make_comment(draft, people["auteur"], status=status)


def commitment_in(group, people, status):
    return Commitment.objects.create(
        group=group, what="Envoyer", who="ANCB", user=people["auteur"], status=status
    )


MAKE = {
    "réunion": (meeting_in, MeetingStatus),
    "compte rendu": (minutes_in, MinutesStatus),
    "correction": (correction_in, Disposition),
    "engagement": (commitment_in, CommitmentStatus),
    "projet": (draft_in, DraftStatus),
    "remarque": (comment_in, Disposition),
}


def taken_by(step, record, person):
    """Whether the step goes through; the refusal of a state is told, that of a person forbidden."""
    if person is None:
        return False
    if step.slug == "partager":
        record.closes_on = timezone.localdate()
    if isinstance(record, Correction) and step.target == Disposition.WITHDRAWN:
        record.minutes.corrected_until = timezone.localdate()
    if isinstance(record, DraftComment) and step.target != Disposition.WITHDRAWN:
        Draft.objects.filter(pk=record.draft_id).update(closes_on=date(2020, 1, 1))
        record.draft.refresh_from_db()
    try:
        carry_out(step, record, by=person, reason="Vu", version=record.version)
    except (PermissionDenied, ValidationError):
        return False
    return True


def test_the_table_names_every_step_and_person(people):
    for door, steps in TABLES.items():
        named = {(r["verb"], r["role"]) for r in ROWS if r["door"] == door}
        assert named == {(slug, role) for slug in steps for role in people}, door


@pytest.mark.parametrize("door", TABLES)
def test_who_may_take_which_step_in_which_state(group, people, door):
    make, states = MAKE[door]
    wrong = []
    for row in ROWS:
        if row["door"] != door:
            continue
        step, found = TABLES[door][row["verb"]], []
        for state in states:
            record = make(group, people, state)
            if taken_by(step, record, people[row["role"]]):
                found.append(state.value)
        if found != row["states"].split():
            wrong.append((row["verb"], row["role"], found))
    assert not wrong


def test_a_state_that_has_moved_on_is_told(group, people):
    meeting = meeting_in(group, people, MeetingStatus.CONVENED)
    with pytest.raises(ValidationError, match="a changé depuis"):
        carry_out(
            MEETING_STEPS["clore"], meeting, by=people["secrétaire"], version=meeting.version + 1
        )


@pytest.mark.parametrize(
    "door, slug", [(d, s) for d, t in TABLES.items() for s in t if t[s].needs_reason]
)
def test_a_step_that_needs_a_reason_is_refused_without(group, people, door, slug):
    make, states = MAKE[door]
    step = TABLES[door][slug]
    state = next(s for s in states if s in step.sources)
    record = make(group, people, state)
    if door == "remarque":
        Draft.objects.update(closes_on=date(2020, 1, 1))
        record.draft.refresh_from_db()
    with pytest.raises(ValidationError, match="motif"):
        carry_out(step, record, by=people["secrétariat"], version=record.version)
