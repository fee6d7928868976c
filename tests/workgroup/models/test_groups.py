"""Who sits where, from when to when: rights begin and end with the mandate."""

from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from agreements.models import Party
from cooperation.roles import Role
from tests.factories import make_convention, make_user
from tests.workgroup.factories import make_group, make_mandate, make_meeting
from workgroup.models import GroupMeeting, Mandate, Seat, WorkingGroup, standing
from workgroup.models.groups import last_day_of_year_from


@time_machine.travel("2027-03-12T22:59:59Z", tick=False)
def test_rights_last_until_the_last_second_of_the_mandate(group):
    """A co-chair whose year ended yesterday convened a meeting."""
    mandate = make_mandate(group, Seat.COCHAIR, ends_on=date(2027, 3, 12))
    meeting = make_meeting(group)
    assert standing(mandate.user, group).conducts
    assert meeting in GroupMeeting.objects.editable_by(mandate.user)
    # 23:59:59 in Porto-Novo is in, 00:00:00 is out.
    with time_machine.travel("2027-03-12T23:00:00Z", tick=False):
        assert not standing(mandate.user, group).sits
        assert meeting not in GroupMeeting.objects.editable_by(mandate.user)
        assert meeting not in GroupMeeting.objects.visible_to(mandate.user)


@time_machine.travel("2027-03-12T22:59:59Z", tick=False)
def test_a_mandate_to_come_opens_nothing_yet(group):
    mandate = make_mandate(group, starts_on=date(2027, 3, 13))
    assert not standing(mandate.user, group).reads
    with time_machine.travel("2027-03-12T23:00:00Z", tick=False):
        assert standing(mandate.user, group).reads


def test_a_seat_in_one_group_opens_no_other(group):
    mandate = make_mandate(group, Seat.SECRETARY)
    elsewhere = make_meeting(make_group())
    assert elsewhere not in GroupMeeting.objects.visible_to(mandate.user)
    assert elsewhere not in GroupMeeting.objects.editable_by(mandate.user)


@pytest.mark.parametrize(
    "seat, speaks, conducts",
    [
        (Seat.CHAIR, True, True),
        (Seat.COCHAIR, True, True),
        (Seat.SECRETARY, True, True),
        (Seat.MEMBER, True, False),
        (Seat.OBSERVER, False, False),
    ],
)
def test_what_each_seat_may_do(group, seat, speaks, conducts):
    person = make_mandate(group, seat).user
    own = standing(person, group)
    assert (own.speaks, own.conducts, own.reads) == (speaks, conducts, True)
    assert WorkingGroup.objects.spoken_in_by(person).exists() == speaks
    assert WorkingGroup.objects.conducted_by(person).exists() == conducts


def test_the_ministry_reads_what_members_read_and_writes_nothing(group):
    person, meeting = make_user("tutelle"), make_meeting(group)
    assert meeting in GroupMeeting.objects.visible_to(person)
    assert standing(person, group).reads
    assert meeting not in GroupMeeting.objects.editable_by(person)


@pytest.mark.parametrize(
    "starts_on, last",
    [
        (date(2027, 1, 1), date(2027, 12, 31)),
        (date(2027, 3, 12), date(2028, 3, 11)),
        (date(2028, 2, 29), date(2029, 2, 28)),
        (date(2027, 3, 1), date(2028, 2, 29)),
    ],
)
def test_the_year_of_a_cochair(group, starts_on, last):
    assert last_day_of_year_from(starts_on) == last
    mandate = Mandate(group=group, user=make_user(), seat=Seat.COCHAIR, starts_on=starts_on)
    mandate.save()
    assert mandate.ends_on == last


@pytest.mark.parametrize("seat", [Seat.CHAIR, Seat.COCHAIR])
def test_one_person_at_a_time_chairs(group, seat):
    make_mandate(group, seat, starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31))
    with pytest.raises(ValidationError, match="se chevauchent"), transaction.atomic():
        make_mandate(group, seat, starts_on=date(2026, 12, 31), ends_on=date(2027, 6, 1))
    make_mandate(group, seat, starts_on=date(2027, 1, 1), ends_on=date(2027, 6, 1))
    # Another group has its own.
    make_mandate(make_group(), seat, starts_on=date(2026, 12, 31), ends_on=date(2027, 6, 1))


def test_a_mandate_without_term_overlaps_all_that_follows(group):
    person = make_mandate(group, starts_on=date(2026, 1, 1)).user
    with pytest.raises(ValidationError, match="sans terme"), transaction.atomic():
        make_mandate(group, Seat.OBSERVER, user=person, starts_on=date(2030, 1, 1))


def test_a_mandate_that_has_begun_is_ended_and_not_deleted(group):
    mandate = make_mandate(group)
    with pytest.raises(ValidationError):
        mandate.delete()
    assert Mandate.objects.filter(pk=mandate.pk).exists()


def test_the_public_reads_organisations_and_no_names(client, group):
    partner = make_mandate(
        group, user=make_user(first_name="Xavierine", last_name="Zannoumbo")
    ).partner
    assert partner is None
    page = client.get(group.get_absolute_url()).content.decode()
    assert "Zannoumbo" not in page


def test_an_ended_mandate_ends_what_a_member_reads_of_conventions_too(client, group):
    """The co-chair of last year still read drafts of conventions, a year after having left."""
    draft = make_convention(title="Pas encore publiée")
    today = timezone.localdate()
    sitting = make_mandate(group, ends_on=today).user
    gone = make_mandate(group, ends_on=today - timedelta(days=1)).user
    called_back = make_mandate(group, ends_on=today - timedelta(days=400)).user
    make_mandate(make_group(), user=called_back)
    never_sat = make_user()
    for user, sees in ((sitting, True), (gone, False), (called_back, True), (never_sat, True)):
        client.force_login(user)
        status = client.get(draft.get_absolute_url()).status_code
        assert (status == 200) == sees, user
    agent = make_mandate(group, user=make_user(Role.COMMUNE), ends_on=today).user
    Party.objects.create(convention=draft, partner=agent.partner)
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        for user, status in ((sitting, 404), (agent, 200)):
            client.force_login(user)
            assert client.get(draft.get_absolute_url()).status_code == status
