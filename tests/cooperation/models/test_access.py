from datetime import timedelta

import time_machine
from django.utils import timezone

from cooperation.models import AccessRequest, Invitation
from cooperation.roles import Role
from tests.factories import make_user


def invite(**kwargs):
    kwargs.setdefault("invited_by", make_user(Role.SECRETARIAT))
    return Invitation(email="afi@exemple.bj", role=Role.MEMBER, **kwargs)


def test_a_link_is_good_for_seven_days_and_is_kept_nowhere():
    invitation = invite()
    secret = invitation.give()
    assert Invitation.known_by(secret) == invitation and invitation.is_open
    assert secret not in str(Invitation.objects.values().get())
    with time_machine.travel(timezone.now() + timedelta(days=7, minutes=1)):
        assert not invitation.is_open
        assert Invitation.objects.unanswered().get() == invitation
        assert not Invitation.objects.open()


def test_sent_again_the_former_link_opens_nothing():
    invitation = invite()
    former = invitation.give()
    assert Invitation.known_by(invitation.give()) == invitation
    assert Invitation.known_by(former) is None


def test_what_a_person_wrote_of_themselves_is_forgotten_a_year_after_the_answer(parakou):
    asked = AccessRequest.objects.create(partner=parakou, name="Afi", email="afi@exemple.bj")
    waiting = AccessRequest.objects.create(partner=parakou, name="Bio", email="bio@exemple.bj")
    asked.answer(make_user(Role.SECRETARIAT), "Pas de la commune.")
    with time_machine.travel(timezone.now() + timedelta(days=364)):
        AccessRequest.objects.all().forget_old()
        assert AccessRequest.objects.count() == 2
    with time_machine.travel(timezone.now() + timedelta(days=366)):
        AccessRequest.objects.all().forget_old()
        assert AccessRequest.objects.get() == waiting
