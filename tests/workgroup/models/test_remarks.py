"""A remark, its disposition, and its author's word on it."""

import pytest
from django.core.exceptions import ValidationError

from tests.workgroup.factories import make_convened, make_minutes
from workgroup.models import Correction, Disposition, MinutesStatus, Satisfaction


@pytest.fixture
def remark(group, member):
    minutes = make_minutes(make_convened(group, in_days=-1))
    minutes.move_to(MinutesStatus.CORRECTED, by=member)
    return Correction.objects.create(minutes=minutes, author=member, text="À revoir")


def test_nobody_is_satisfied_before_there_is_an_answer(remark, member):
    with pytest.raises(ValidationError, match="pas encore de suite"):
        remark.say_satisfied(Satisfaction.YES, by=member)


def test_who_is_not_satisfied_says_why(remark, member):
    remark.move_to(Disposition.NOTED, by=member)
    with pytest.raises(ValidationError, match="ne convient pas"):
        remark.say_satisfied(Satisfaction.NO, by=member)
    remark.say_satisfied(Satisfaction.NO, by=member, because="Relisez")
    assert remark.unsatisfied_because == "Relisez"


def test_another_answer_asks_the_author_anew(remark, member):
    remark.move_to(Disposition.NOTED, by=member)
    remark.say_satisfied(Satisfaction.NO, by=member, because="Relisez")
    remark.move_to(Disposition.RETAINED, by=member)
    assert (remark.satisfied, remark.unsatisfied_because) == ("", "")


def test_what_was_answered_is_not_deleted(remark, member):
    remark.move_to(Disposition.NOTED, by=member)
    with pytest.raises(ValidationError):
        remark.delete()
    assert Correction.objects.get() == remark
