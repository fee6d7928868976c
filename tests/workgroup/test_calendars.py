"""Calendars as programs read them: a change replaces, a cancellation removes."""

from datetime import UTC, datetime

import icalendar
from django.utils import timezone

from tests.workgroup.factories import make_convened
from workgroup.calendars import invitation_of, public_calendar
from workgroup.models import MeetingStatus


def event_in(content):
    (event,) = icalendar.Calendar.from_ical(content).walk("VEVENT")
    return event


def test_hours_are_those_of_porto_novo(group):
    make_convened(group, starts_at=timezone.make_aware(timezone.datetime(2027, 3, 12, 10)))
    event = event_in(public_calendar())
    assert event.decoded("dtstart") == datetime(2027, 3, 12, 9, tzinfo=UTC)
    assert event.decoded("dtend") == datetime(2027, 3, 12, 11, tzinfo=UTC)


def test_one_identity_whose_changes_are_counted_and_whose_cancellation_is_told(group, member):
    meeting = make_convened(group)
    first = event_in(invitation_of(meeting))
    meeting.place = "Parakou"
    meeting.save()
    moved = event_in(invitation_of(meeting))
    assert moved["uid"] == first["uid"]
    assert (int(first["sequence"]), int(moved["sequence"])) == (0, 1)
    meeting.move_to(MeetingStatus.CANCELLED, by=member, reason="Grève")
    content = invitation_of(meeting)
    cancelled = event_in(content)
    assert cancelled["uid"] == first["uid"]
    assert (int(cancelled["sequence"]), cancelled["status"]) == (2, "CANCELLED")
    assert icalendar.Calendar.from_ical(content)["method"] == "CANCEL"
    # The public calendar keeps it, so that a copy which follows removes it.
    assert event_in(public_calendar())["status"] == "CANCELLED"
    meeting.move_to(MeetingStatus.CONVENED, by=member)
    assert event_in(public_calendar())["status"] == "CONFIRMED"
    assert int(event_in(public_calendar())["sequence"]) == 3
    assert event_in(public_calendar())["url"].endswith(meeting.get_absolute_url())


def test_a_meeting_of_several_days_is_one_event(group):
    make_convened(
        group,
        starts_at=timezone.make_aware(timezone.datetime(2027, 3, 12, 9)),
        ends_at=timezone.make_aware(timezone.datetime(2027, 3, 14, 17)),
    )
    event = event_in(public_calendar())
    assert event.decoded("dtend") - event.decoded("dtstart") == timezone.timedelta(days=2, hours=8)
