"""The pages of a group: what a visitor, a member and the secretariat find there, and what they may change."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cooperation.roles import Role
from tests.factories import make_user
from tests.workgroup.factories import (
    make_convened,
    make_group,
    make_mandate,
    make_meeting,
    make_member,
    make_organisation,
    make_point,
)
from tests.workgroup.views.test_meetings import client_of
from workgroup.models import AgendaPoint, Commitment, CommitmentStatus, Mandate, Seat, WorkingGroup


def test_a_visitor_reads_the_group_and_its_next_meeting(client, group):
    make_convened(group, title="Réunion publique")
    make_meeting(group, title="Réunion en préparation")
    make_mandate(group, partner=make_organisation(name="Maison des communes"))
    for address in (reverse("workgroup_home"), group.get_absolute_url()):
        page = client.get(address).content.decode()
        assert "Réunion publique" in page
        assert "Réunion en préparation" not in page
    assert "Maison des communes" in client.get(group.get_absolute_url()).content.decode()


def test_the_box_is_for_members(client, group, member):
    AgendaPoint.objects.create(group=group, title="Point à part", proposed_by=member)
    assert "Point à part" in client_of(member).get(group.get_absolute_url()).content.decode()
    assert "Point à part" not in client.get(group.get_absolute_url()).content.decode()


def test_only_the_secretariat_makes_groups_and_gives_mandates(group, secretary_of_group, member):
    secretariat = client_of(make_user(Role.SECRETARIAT))
    secretariat.post(
        reverse("group_add"),
        {
            "name": "Commission nationale",
            "kind": "commission",
            "minutes_within": 14,
            "corrected_within": 5,
        },
    )
    assert WorkingGroup.objects.filter(slug="commission-nationale").exists()
    person = make_user()
    data = {"user": person.pk, "seat": Seat.COCHAIR, "starts_on": "2027-02-01"}
    for client in (client_of(secretary_of_group), client_of(member)):
        assert client.post(reverse("mandate_add", args=[group.slug]), data).status_code == 403
        assert client.get(reverse("group_add")).status_code == 403
    secretariat.post(reverse("mandate_add", args=[group.slug]), data)
    mandate = Mandate.objects.get(user=person)
    assert (mandate.group, mandate.ends_on) == (group, date(2028, 1, 31))
    again = secretariat.post(
        reverse("mandate_add", args=[group.slug]), {**data, "user": make_user().pk}
    )
    assert "se chevauchent" in again.content.decode()
    assert Mandate.objects.filter(seat=Seat.COCHAIR).count() == 1


def test_a_mandate_is_ended_and_its_rights_with_it(group, member):
    mandate = member.mandates.get()
    yesterday = timezone.localdate() - timedelta(days=1)
    secretariat = client_of(make_user(Role.SECRETARIAT))
    secretariat.post(
        reverse("mandate_edit", args=[group.slug, mandate.uid]),
        {
            "starts_on": "2020-01-01",
            "ends_on": yesterday.isoformat(),
            "opened_version": mandate.version,
        },
    )
    mandate.refresh_from_db()
    assert mandate.ends_on == yesterday
    assert client_of(member).get(reverse("mandate_list", args=[group.slug])).status_code == 403


@pytest.mark.parametrize("role", [Role.MEMBER, Role.COMMUNE])
def test_who_sits_is_read_by_who_sits(client, group, role):
    address = reverse("mandate_list", args=[group.slug])
    assert client.get(address).status_code == 302
    assert client_of(make_user(role)).get(address).status_code == 403
    assert client_of(make_member(group, user=make_user(role))).get(address).status_code == 200
    assert client_of(make_user(Role.STATE)).get(address).status_code == 200


def test_commitments_are_late_from_the_day_after(group, member):
    today = timezone.localdate()
    for days, what in ((0, "Aujourd’hui"), (-1, "Hier")):
        Commitment.objects.create(
            group=group, what=what, who="ANCB", user=member, due_on=today + timedelta(days=days)
        )
    page = client_of(member).get(reverse("commitment_list")).content.decode()
    late, coming = page.split("<h2>En cours</h2>")
    assert "Hier" in late
    assert "Aujourd’hui" in coming


def test_who_took_it_on_says_what_became_of_it(group, member):
    commitment = Commitment.objects.create(group=group, what="Envoyer", who="ANCB", user=member)
    address = reverse("commitment_step", args=[commitment.uid, "tenir-en-partie"])
    other = client_of(make_member(group))
    data = {"version": commitment.version, "reason": "Il manque une commune"}
    assert other.post(address, data).status_code == 403
    client_of(member).post(address, data)
    commitment.refresh_from_db()
    assert (commitment.status, commitment.note) == (
        CommitmentStatus.PARTLY,
        "Il manque une commune",
    )


def test_commitments_of_other_groups_stay_there(group, member):
    Commitment.objects.create(group=make_group(), what="Ailleurs", who="CNCD")
    assert "Ailleurs" not in client_of(member).get(reverse("commitment_list")).content.decode()


def test_every_page_of_a_group_opens_empty_and_full(client, group, member):
    addresses = [reverse(n) for n in ("workgroup_home", "meeting_list", "meeting_calendar")]
    addresses.append(group.get_absolute_url())
    for one in (client, client_of(member), client_of(make_user(Role.SECRETARIAT))):
        for address in addresses:
            assert one.get(address).status_code == 200, address
    meeting = make_convened(group)
    make_point(meeting)
    for one in (client, client_of(member), client_of(make_user(Role.SECRETARIAT))):
        for address in [*addresses, meeting.get_absolute_url()]:
            assert one.get(address).status_code == 200, address
    assert Client().get(reverse("commitment_list")).status_code == 302


def test_two_groups_of_like_names_have_two_addresses():
    first, second = make_group(name="Groupe un"), make_group(name="Groupe-un")
    assert first.slug == "groupe-un"
    assert second.slug == "groupe-un-2"


def test_a_mandate_of_an_impossible_year_is_refused(group):
    secretariat = client_of(make_user(Role.SECRETARIAT))
    page = secretariat.post(
        reverse("mandate_add", args=[group.slug]),
        {"user": make_user().pk, "seat": Seat.COCHAIR, "starts_on": "9999-01-01"},
    )
    assert "Cette année n’est pas possible" in page.content.decode()


def test_a_new_organisation_is_on_the_page_that_visitors_keep(client, group):
    client.get(group.get_absolute_url())
    make_mandate(group, partner=make_organisation(name="Maison des communes"))
    assert "Maison des communes" in client.get(group.get_absolute_url()).content.decode()
