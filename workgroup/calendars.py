"""Calendars: each meeting under one identity for ever, its changes counted, its cancellation told."""

from collections.abc import Iterable
from datetime import UTC

from django.conf import settings
from icalendar import Calendar, Event

from workgroup.models import GroupMeeting, MeetingStatus


def calendar_of(name, events: Iterable[Event], method="PUBLISH") -> bytes:
    found = Calendar()
    found.add("prodid", "-//Registre de la coopération décentralisée du Bénin//FR")
    found.add("version", "2.0")
    found.add("method", method)
    found.add("x-wr-calname", name)
    for event in events:
        found.add_component(event)
    return found.to_ical()


def event_of(meeting, *, for_members=False) -> Event:
    """A meeting. Its private link goes to members alone."""
    event = Event()
    event.add("uid", f"{meeting.reference}@registre")
    event.add("sequence", meeting.sequence)
    event.add("dtstamp", meeting.updated_at)
    event.add("last-modified", meeting.updated_at)
    # In universal time: no program has to know our time zone.
    event.add("dtstart", meeting.starts_at.astimezone(UTC))
    event.add("dtend", meeting.ends_at.astimezone(UTC))
    cancelled = meeting.status == MeetingStatus.CANCELLED
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("summary", f"Annulée : {meeting.title}" if cancelled else meeting.title)
    if meeting.place:
        event.add("location", meeting.place)
    address = f"{settings.SITE_URL}{meeting.get_absolute_url()}"
    event.add("url", address)
    told = [meeting.note, address]
    if for_members and meeting.joining_link:
        told.insert(0, f"Pour y assister : {meeting.joining_link}")
    event.add("description", "\n\n".join(text for text in told if text))
    return event


def invitation_of(meeting) -> bytes:
    """What goes along with a letter to a member: the change replaces, the cancellation removes."""
    cancelled = meeting.status == MeetingStatus.CANCELLED
    event = event_of(meeting, for_members=True)
    return calendar_of(meeting.title, [event], "CANCEL" if cancelled else "PUBLISH")


def public_calendar() -> bytes:
    """Every meeting that was announced, cancelled ones too: a copy that follows removes them."""
    meetings = GroupMeeting.objects.public().order_by("starts_at", "pk")
    return calendar_of("Réunions : coopération décentralisée", map(event_of, meetings))


def personal_calendar(user) -> bytes:
    """The meetings of a person's groups, with their links; nothing of a group where they sit no more."""
    meetings = GroupMeeting.objects.of_groups_where(user).public().order_by("starts_at", "pk")
    events = (event_of(meeting, for_members=True) for meeting in meetings)
    return calendar_of("Mes réunions : coopération décentralisée", events)
