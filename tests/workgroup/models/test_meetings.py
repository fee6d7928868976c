"""What holds of a meeting, its points and who comes, whatever door it is changed through."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from cooperation.models import Revision
from tests.workgroup.factories import make_convened, make_meeting, make_point
from workgroup.models import Answer, Attendance, GroupMeeting, PointNotes, answer_for


def test_references_follow_each_other_by_year(group):
    at = timezone.make_aware(timezone.datetime(2027, 3, 1, 9))
    names = [make_meeting(group, starts_at=at).reference for _ in range(2)]
    assert names == ["REUNION-2027-001", "REUNION-2027-002"]


def test_a_meeting_ends_after_it_starts(group):
    now = timezone.now()
    with pytest.raises(IntegrityError), transaction.atomic():
        make_meeting(group, starts_at=now, ends_at=now)


def test_what_calendars_hold_is_counted_once_it_was_announced(group):
    prepared = make_meeting(group)
    prepared.place = "Ailleurs"
    prepared.save()
    assert prepared.sequence == 0
    meeting = make_convened(group)
    meeting.place = "Ailleurs"
    meeting.save()
    meeting.save()
    assert meeting.sequence == 1


def test_an_announced_meeting_is_not_deleted(group):
    meeting = make_convened(group)
    with pytest.raises(ValidationError):
        meeting.delete()
    assert GroupMeeting.objects.filter(pk=meeting.pk).exists()


def test_a_point_with_notes_is_not_deleted(group):
    point = make_point(make_convened(group))
    PointNotes.objects.create(point=point, outcome="Dit")
    with pytest.raises(ValidationError):
        point.delete()


def test_points_move_and_stay_at_the_ends(group):
    meeting = make_meeting(group, points=3)
    first = meeting.points.first()
    first.move(-1)
    assert meeting.points.first() == first
    first.move(1)
    first.move(1)
    first.move(1)
    assert [p.title for p in meeting.points.all()] == ["Point 2", "Point 3", "Point 1"]


def test_somebody_represents_or_the_answer_is_refused(group, member):
    meeting = make_convened(group)
    with pytest.raises(ValidationError, match="par qui"):
        answer_for(meeting, member, Answer.REPRESENTED)
    answer_for(meeting, member, Answer.REPRESENTED, "M. Adjovi")
    answer_for(meeting, member, Answer.NO, "M. Adjovi")
    attendance = Attendance.objects.get()
    assert (attendance.answer, attendance.stand_in) == (Answer.NO, "")


def test_the_agenda_of_another_is_taken_over_without_what_became_of_it(group):
    before, meeting = make_convened(group, points=2, in_days=-3), make_meeting(group, points=0)
    PointNotes.objects.create(point=before.points.first(), outcome="Dit")
    meeting.agenda_from(before)
    assert [p.title for p in meeting.points.all()] == ["Point 1", "Point 2"]
    assert not PointNotes.objects.filter(point__meeting=meeting).exists()


def test_what_is_written_in_a_meeting_leaves_public_pages_as_they_are_kept(group):
    """Minutes are saved as they are typed: each save would have made every kept page anew."""
    point = make_convened(group, starts_at=timezone.now() - timedelta(hours=1)).points.first()
    before = Revision.current()
    notes = PointNotes.objects.create(point=point, outcome="Dit")
    notes.outcome = "Dit autrement"
    notes.save()
    assert Revision.current() == before
    assert notes.history.count() == 2
