"""What minutes and commitments hold of themselves."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from tests.workgroup.factories import make_convened, make_meeting, make_minutes, make_organisation
from workgroup.models import (
    Attendance,
    Commitment,
    CommitmentStatus,
    GroupMeeting,
    MeetingStatus,
    MinutesStatus,
    Presence,
    awaited_minutes,
    missing_minutes,
)


def test_a_version_holds_what_was_written_then(group, member):
    minutes = make_minutes(make_convened(group, in_days=-1))
    point = minutes.meeting.points.first()
    Commitment.objects.create(
        group=group, point=point, what="Envoyer", who="ANCB", due_on=date(2027, 3, 12)
    )
    Attendance.objects.create(
        meeting=minutes.meeting,
        user=member,
        partner=make_organisation(name="Maison des communes"),
        presence=Presence.PRESENT,
    )
    minutes.move_to(MinutesStatus.CORRECTED, by=member)
    point.notes.outcome = "Autre chose"
    point.notes.save()
    content = minutes.versions.get().content
    assert content["points"][0]["outcome"] == "On en parle, de Point 1."
    assert content["points"][0]["commitments"] == [
        {"what": "Envoyer", "who": "ANCB", "due_on": "2027-03-12"}
    ]
    assert content["organisations"] == ["Maison des communes"]


def test_the_clock_runs_to_the_first_sending(group, member):
    """Minutes that are taken up again were on time all the same."""
    minutes = make_minutes(make_convened(group, in_days=-1))
    minutes.move_to(MinutesStatus.CORRECTED, by=member)
    first = minutes.sent_at
    minutes.move_to(MinutesStatus.WRITTEN, by=member, reason="Erreur")
    minutes.move_to(MinutesStatus.CORRECTED, by=member)
    assert minutes.sent_at == first
    assert minutes.versions.count() == 2


def test_cancelled_prepared_and_coming_meetings_owe_no_minutes(group):
    make_convened(group, in_days=3)
    make_meeting(group, in_days=-40)
    cancelled = make_convened(group, in_days=-40)
    GroupMeeting.objects.filter(pk=cancelled.pk).update(status=MeetingStatus.CANCELLED)
    silent = make_convened(group, in_days=-40)
    assert list(awaited_minutes(GroupMeeting.objects.all())) == [silent]
    assert missing_minutes(GroupMeeting.objects.all()) == [(silent, 26)]


def test_minutes_are_never_deleted(group):
    minutes = make_minutes(make_convened(group, in_days=-1))
    with pytest.raises(ValidationError):
        minutes.delete()


def test_a_commitment_without_a_day_is_never_late(group):
    commitment = Commitment.objects.create(group=group, what="Envoyer", who="ANCB")
    assert not commitment.is_late
    commitment.due_on = timezone.localdate().replace(year=2020)
    assert commitment.is_late
    commitment.status = CommitmentStatus.KEPT
    assert not commitment.is_late
