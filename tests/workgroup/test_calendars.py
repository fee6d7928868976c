"""Calendars as programs read them: a change replaces, a cancellation removes."""

from datetime import UTC, datetime

import icalendar
import ics
import pytest
import vobject
from django.utils import timezone

from tests.workgroup.factories import make_convened
from workgroup.calendars import invitation_of, personal_calendar, public_calendar
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


def by_icalendar(content):
    calendar = icalendar.Calendar.from_ical(content)
    for event in calendar.walk("VEVENT"):
        facts = (str(event["uid"]), int(event["sequence"]), str(event["status"]))
        yield *facts, event.decoded("dtstart"), event.decoded("dtend"), str(event["summary"])


def by_vobject(content):
    calendar = vobject.readOne(content.decode())
    calendar.validate(raiseException=True)
    for event in calendar.contents.get("vevent", ()):
        facts = (event.uid.value, int(event.sequence.value), event.status.value)
        yield *facts, event.dtstart.value, event.dtend.value, event.summary.value


def by_grammar(content):
    """Refuses a line that the grammar of RFC 5545 does not know."""
    for event in ics.Calendar(content.decode()).events:
        known = {line.name: line.value for line in event.extra}
        facts = (event.uid, int(known["SEQUENCE"]), event.status)
        yield *facts, event.begin.datetime, event.end.datetime, event.name


READERS = [by_icalendar, by_vobject, by_grammar]


@pytest.mark.parametrize("read", READERS)
def test_every_program_reads_the_same(group, member, read):
    """Words with every mark that a calendar writes in its own way."""
    meeting = make_convened(
        group,
        title="Point d’étape ; « suite », et fin \\ de l’année :" + " très longue" * 9,
        place="Salle 3, Cotonou",
        note="Deux lignes :\nla seconde; avec, des marques",
        joining_link="https://exemple.bj/reunion?a=1&b=2,3;4",
    )
    make_convened(group, in_days=-3)
    for content, size in (
        (public_calendar(), 2),
        (personal_calendar(member), 2),
        (invitation_of(meeting), 1),
    ):
        found = {one[0]: one[1:] for one in read(content)}
        assert len(found) == size
        told = next(one for one in found.values() if one[4].startswith("Point"))
        starts, ends = meeting.starts_at.astimezone(UTC), meeting.ends_at.astimezone(UTC)
        assert told == (0, "CONFIRMED", starts, ends, meeting.title)


@pytest.mark.parametrize("read", READERS)
def test_a_program_that_follows_moves_a_meeting_and_removes_it(group, member, read):
    """A subscriber's own copy, kept as RFC 5546 says: the highest SEQUENCE of each UID stands."""
    copy = {}

    def follow():
        for uid, sequence, status, starts, *_ in read(public_calendar()):
            if sequence >= copy.get(uid, (-1,))[0]:
                copy[uid] = (sequence, status, starts)
        return [starts for _, status, starts in copy.values() if status != "CANCELLED"]

    meeting = make_convened(group)
    assert follow() == [meeting.starts_at.astimezone(UTC)]
    meeting.starts_at += timezone.timedelta(hours=1)
    meeting.ends_at += timezone.timedelta(hours=1)
    meeting.save()
    assert follow() == [meeting.starts_at.astimezone(UTC)]
    meeting.move_to(MeetingStatus.CANCELLED, by=member, reason="Grève")
    assert follow() == []
    meeting.move_to(MeetingStatus.CONVENED, by=member)
    assert follow() == [meeting.starts_at.astimezone(UTC)]
    assert len(copy) == 1
