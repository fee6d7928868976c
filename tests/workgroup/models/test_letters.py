"""What becomes of a letter: taken by one program, settled once."""

from datetime import timedelta

import time_machine
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.utils import timezone

from tests.factories import make_user
from tests.workgroup.factories import make_convened
from workgroup.models import Letter, LetterStatus


def make_letter(group, user, **kwargs):
    meeting = make_convened(group)
    facts = {"name": "meeting_soon", "key": meeting.reference, "due_at": timezone.now()}
    return Letter.objects.create(
        group=group,
        user=user,
        about_type=ContentType.objects.get_for_model(meeting),
        about_key=meeting.pk,
        **facts | kwargs,
    )


def test_a_letter_is_due_at_its_hour_and_taken_once(group, member):
    letter = make_letter(group, member, due_at=timezone.now() + timedelta(minutes=5))
    assert not letter.take()
    with time_machine.travel(timezone.now() + timedelta(minutes=5, seconds=1), tick=False):
        assert letter.take()
        assert not letter.take()


def test_what_is_settled_is_not_due(group, member):
    letter = make_letter(group, member)
    letter.settle(LetterStatus.SENT)
    assert letter.sent_at
    assert not Letter.objects.due().exists()


def test_letters_are_forgotten_after_a_year(group, member):
    make_letter(group, member).settle(LetterStatus.SENT)
    for days, count in ((364, 1), (366, 0)):
        with time_machine.travel(timezone.now() + timedelta(days=days), tick=False):
            call_command("send_letters")
        assert Letter.objects.filter(name="meeting_soon").count() == count


def test_each_reads_their_own_and_the_secretariat_all(group, member):
    letter = make_letter(group, member)
    assert letter in Letter.objects.visible_to(member)
    assert letter not in Letter.objects.visible_to(make_user())
    assert letter in Letter.objects.visible_to(make_user("secretariat"))
