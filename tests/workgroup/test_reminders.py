"""What is recalled on which day, once each, whenever the command runs."""

from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone

from tests.workgroup.factories import make_convened, make_mandate, make_minutes
from workgroup.letters import send_due
from workgroup.models import Commitment, CommitmentStatus, GroupMeeting, Letter, MinutesStatus, Seat
from workgroup.reminders import latest_milestone, recall

START = timezone.make_aware(timezone.datetime(2027, 3, 1, 9))


def on(day):
    return time_machine.travel(f"{day.isoformat()}T08:00:00Z", tick=False)


@pytest.mark.parametrize(
    "days, milestone",
    [
        (0, None),
        (6, None),
        (7, 7),
        (11, 7),
        (12, 12),
        (14, 12),
        (15, 15),
        (21, 15),
        (22, 22),
        (30, 29),
    ],
)
def test_the_days_on_which_minutes_are_recalled(days, milestone):
    assert latest_milestone(days) == milestone


def test_minutes_are_recalled_once_a_milestone_until_they_leave(group, secretary_of_group, member):
    meeting = make_convened(group, starts_at=START)
    for days in range(30):
        with on(date(2027, 3, 1) + timedelta(days=days)):
            recall()
            send_due()
            recall()
    keys = Letter.objects.filter(name="minutes_late").values_list("key", flat=True)
    assert sorted(keys) == sorted(f"{meeting.reference}:{n}" for n in (7, 12, 15, 22, 29))
    # Whoever conducts, and nobody else.
    assert set(Letter.objects.filter(name="minutes_late").values_list("user", flat=True)) == {
        secretary_of_group.pk
    }


def test_sent_minutes_are_recalled_no_more(group, secretary_of_group):
    minutes = make_minutes(make_convened(group, starts_at=START))
    with on(date(2027, 3, 3)):
        minutes.move_to(MinutesStatus.CORRECTED, by=secretary_of_group)
    with on(date(2027, 3, 20)):
        recall()
    assert not Letter.objects.filter(name="minutes_late").exists()


def test_the_end_of_a_cochair_is_told_sixty_and_fourteen_days_ahead(group, secretary_of_group):
    mandate = make_mandate(group, Seat.COCHAIR, ends_on=date(2027, 12, 31))
    expected = {
        date(2027, 10, 31): 0,
        date(2027, 11, 1): 1,
        date(2027, 12, 16): 1,
        date(2027, 12, 17): 2,
    }
    for day, count in expected.items():
        with on(day):
            recall()
            send_due()
            recall()
            told = Letter.objects.filter(name="mandate_ends", user=mandate.user)
            assert told.count() == count, day
    assert Letter.objects.filter(name="mandate_ends", user=secretary_of_group).count() == 2


def test_a_commitment_is_recalled_before_and_after_its_day(group, member):
    commitment = Commitment.objects.create(
        group=group, what="Envoyer la liste", who="ANCB", user=member, due_on=date(2027, 3, 12)
    )
    for day in range(1, 27):
        with on(date(2027, 3, day)):
            recall()
            send_due()
    assert Letter.objects.filter(name="commitment_due").count() == 3
    commitment.move_to(CommitmentStatus.KEPT, by=member)
    with on(date(2027, 4, 30)):
        recall()
    assert Letter.objects.filter(name="commitment_due").count() == 3


def test_a_commitment_of_who_left_is_recalled_to_nobody(group, member):
    Commitment.objects.create(
        group=group, what="Envoyer", who="ANCB", user=member, due_on=date(2027, 3, 12)
    )
    member.mandates.update(ends_on=date(2027, 3, 11))
    with on(date(2027, 3, 12)):
        recall()
    assert not Letter.objects.exists()


def test_a_meeting_is_recalled_once_two_days_before(group, member):
    meeting = make_convened(group, starts_at=START + timedelta(days=10))
    GroupMeeting.objects.update(announced_at=START)
    for day, count in {8: 0, 9: 1, 10: 1}.items():
        with on(date(2027, 3, day)):
            recall()
            assert Letter.objects.filter(name="meeting_soon", user=member).count() == count
    # Another edit is told by a letter of its own, and not by another reminder.
    GroupMeeting.objects.filter(pk=meeting.pk).update(sequence=5)
    with on(date(2027, 3, 11)):
        send_due()
        recall()
        assert Letter.objects.filter(name="meeting_soon", user=member).count() == 1


def test_a_meeting_convened_for_tomorrow_is_not_recalled_at_once(group, member):
    make_convened(group, starts_at=START)
    GroupMeeting.objects.update(announced_at=START - timedelta(days=1))
    with on(date(2027, 2, 28)):
        recall()
    assert not Letter.objects.exists()
