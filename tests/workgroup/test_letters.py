"""Each letter leaves once, is tried again, and says why it stays; who may refuse it refuses it by one click."""

from datetime import timedelta
from smtplib import SMTPServerDisconnected

import pytest
import time_machine
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError, call_command
from django.template.loader import get_template
from django.test import Client
from django.utils import timezone

from cooperation.models import Notice, User
from tests.factories import make_user
from tests.workgroup.factories import make_convened, make_mandate, make_member
from workgroup.letters import KINDS, refusal_address, send_due, write
from workgroup.models import Letter, LetterStatus, MeetingStatus


@pytest.fixture
def meeting(group):
    return make_convened(group)


def soon(meeting, person, name="meeting_soon"):
    people = User.objects.filter(pk=person.pk)
    return write(name, meeting, people, group=meeting.group, key="une fois", at_once=True)


@pytest.fixture
def away(monkeypatch):
    """A mail server that is not there."""

    def gone(self, messages):
        raise SMTPServerDisconnected("parti")

    monkeypatch.setattr(EmailBackend, "send_messages", gone)


def test_one_occasion_is_one_letter(meeting, member, mailoutbox):
    for _ in range(3):
        soon(meeting, member)
        send_due()
    assert len(mailoutbox) == 1
    assert Notice.objects.filter(user=member).count() == 1


def test_what_another_program_took_is_not_sent_again(meeting, member, mailoutbox):
    soon(meeting, member)
    letter = Letter.objects.get()
    assert letter.take()
    assert not letter.take()
    assert send_due() == (0, 0)
    # One that died on the way leaves it to others after a while.
    with time_machine.travel(timezone.now() + timedelta(minutes=16), tick=False):
        assert send_due() == (1, 0)
    assert mailoutbox[0].extra_headers["Message-ID"] == f"<courriel-{letter.pk}@registre>"


def test_a_server_that_is_away_is_tried_again_and_then_told(meeting, member, away):
    meeting.starts_at += timedelta(days=30)
    meeting.ends_at += timedelta(days=30)
    meeting.save()
    soon(meeting, member)
    assert send_due() == (0, 1)
    letter = Letter.objects.get()
    assert letter.status == LetterStatus.WAITING
    assert "n’a pas répondu" in letter.because
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(6):
            clock.shift(timedelta(days=2))
            send_due()
    letter.refresh_from_db()
    assert letter.status == LetterStatus.REFUSED
    assert "parti" in letter.because
    # In the site it was told once.
    assert Notice.objects.filter(user=member).count() == 1


def test_the_command_says_what_did_not_leave(meeting, member, away):
    soon(meeting, member)
    with pytest.raises(CommandError, match="1 courriel"):
        call_command("send_letters")


def test_an_account_without_address_is_told_to_the_secretariat(group, meeting, mailoutbox):
    person = make_member(group, user=make_user(username="sans-adresse"))
    assert not soon(meeting, person)
    send_due()
    assert Letter.objects.get().status == LetterStatus.UNREACHED
    assert Notice.objects.filter(user=person).exists()
    secretariat = Client()
    secretariat.force_login(make_user("secretariat"))
    page = secretariat.get("/gtd/courriels/?perdus=1").content.decode()
    assert "sans-adresse" in page
    other = Client()
    other.force_login(make_user())
    assert "sans-adresse" not in other.get("/gtd/courriels/").content.decode()


def test_one_click_refuses_what_is_no_duty(meeting, member, mailoutbox):
    soon(meeting, member)
    send_due()
    headers = mailoutbox[0].extra_headers
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = refusal_address(member, "meeting_soon")
    assert headers["List-Unsubscribe"].endswith(f"{address}>")
    program = Client(enforce_csrf_checks=True)
    assert program.get(address).status_code == 200
    assert not member.refused_letters.exists()
    program.post(address, {"List-Unsubscribe": "One-Click"})
    assert member.refused_letters.get().name == "meeting_soon"
    Letter.objects.all().delete()
    soon(meeting, member)
    assert send_due() == (0, 0)
    letter = Letter.objects.get()
    assert (letter.status, letter.because) == (
        LetterStatus.HELD,
        "La personne ne veut pas de ces courriels.",
    )


def test_a_duty_is_not_refused(member):
    assert Client().post(refusal_address(member, "convocation")).status_code == 404
    assert Client().post("/gtd/courriels/refus/abc:def/").status_code == 404


def test_a_choice_is_taken_back_on_the_page(client, member):
    client.force_login(member)
    client.post("/gtd/courriels/", {"nom": "meeting_soon"})
    assert member.refused_letters.exists()
    client.post("/gtd/courriels/", {"nom": "meeting_soon", "reprendre": "1"})
    assert not member.refused_letters.exists()
    assert client.post("/gtd/courriels/", {"nom": "convocation"}).status_code == 404


@pytest.mark.parametrize(
    "change, reason",
    [
        ({"status": MeetingStatus.CANCELLED}, "annulée entre-temps"),
        ({"status": MeetingStatus.PREPARED}, "n’est plus convoquée"),
        ({"starts_at": "2020-01-01T09:00Z", "ends_at": "2020-01-01T10:00Z"}, "est passée"),
    ],
)
def test_what_no_longer_holds_stays_and_says_why(meeting, member, mailoutbox, change, reason):
    soon(meeting, member, "convocation")
    type(meeting).objects.filter(pk=meeting.pk).update(**change)
    assert send_due() == (0, 0)
    assert reason in Letter.objects.get().because
    assert not mailoutbox


def test_a_closed_account_gets_nothing(meeting, member, mailoutbox):
    soon(meeting, member)
    User.objects.filter(pk=member.pk).update(is_active=False)
    send_due()
    assert Letter.objects.get().because == "Le compte est fermé."
    assert not mailoutbox


def test_every_kind_has_its_text_and_says_why(group):
    for name, kind in KINDS.items():
        text = get_template(f"emails/workgroup/{name}.txt").template.source
        assert "{{ why }}" in text, name
        assert ("{{ refusal }}" in text) != kind.is_duty, name


def test_the_page_tells_the_rule_of_each_letter(client, meeting, member):
    soon(meeting, member)
    client.force_login(member)
    assert KINDS["meeting_soon"].why in client.get("/gtd/courriels/").content.decode()


def test_a_calendar_address_is_revoked_by_another(client, group, member, meeting):
    make_mandate(group)
    type(meeting).objects.update(joining_link="https://reunion.example/secret-42")
    client.force_login(member)
    client.post("/gtd/courriels/", {"calendrier": "1"})
    first = member.calendar_key.get_absolute_url()
    visitor = Client()
    content = visitor.get(first).content.replace(b"\r\n ", b"")
    assert b"secret-42" in content
    client.post("/gtd/courriels/", {"calendrier": "1"})
    assert visitor.get(first).status_code == 404
    member.refresh_from_db()
    again = type(member).objects.get(pk=member.pk).calendar_key.get_absolute_url()
    assert visitor.get(again).status_code == 200
    # The seat lost, the calendar is empty.
    member.mandates.update(ends_on=timezone.localdate() - timedelta(days=1))
    assert b"VEVENT" not in visitor.get(again).content
