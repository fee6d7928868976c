"""What the forms of a group refuse, in words that say what to do."""

from datetime import date

import pytest
from django.urls import reverse

from tests.factories import make_user
from tests.workgroup.factories import make_convened
from tests.workgroup.views.test_meetings import client_of


@pytest.fixture
def own(secretary_of_group):
    return client_of(secretary_of_group)


@pytest.mark.parametrize(
    "starts_at, ends_at, message",
    [
        ("demain", "2027-03-12T12:30", "Écrivez le jour et l’heure"),
        ("2027-03-12T10:00", "2027-03-12T10:00", "finit avant de commencer"),
        ("2027-03-12T10:00", "", "obligatoire"),
    ],
)
def test_hours_that_make_no_meeting(own, group, starts_at, ends_at, message):
    answer = own.post(
        reverse("meeting_add", args=[group.slug]),
        {"title": "Réunion", "starts_at": starts_at, "ends_at": ends_at},
    )
    assert message in answer.content.decode()
    assert not group.meetings.exists()


@pytest.mark.parametrize("typed", ["2027-03-12T10:00", "12/03/2027 10:00", "12/03/2027 10h00"])
def test_hours_are_read_as_people_type_them(own, group, typed):
    own.post(
        reverse("meeting_add", args=[group.slug]),
        {"title": "Réunion", "starts_at": typed, "ends_at": "2027-03-12T12:30"},
    )
    assert group.meetings.get().when.startswith("vendredi 12 mars 2027 de 10 h 00")


def test_an_announced_meeting_is_not_moved_into_the_past(own, group):
    meeting = make_convened(group)
    answer = own.post(
        reverse("meeting_edit", args=[meeting.reference]),
        {
            "title": meeting.title,
            "starts_at": "2020-03-12T10:00",
            "ends_at": "2020-03-12T12:30",
            "place": "Cotonou",
            "opened_version": meeting.version,
        },
    )
    assert "Cette date est passée" in answer.content.decode()


def test_two_who_edit_a_meeting_are_told_of_each_other(own, group):
    meeting = make_convened(group)
    data = {
        "title": "À moi",
        "starts_at": "2027-03-12T10:00",
        "ends_at": "2027-03-12T12:30",
        "place": "Cotonou",
        "opened_version": meeting.version,
    }
    meeting.place = "Parakou"
    meeting.save()
    answer = own.post(reverse("meeting_edit", args=[meeting.reference]), data)
    assert "a modifié cette fiche" in answer.content.decode()
    assert "À moi" in answer.content.decode()


def test_a_mandate_is_not_ended_before_it_began(client, group, member):
    client.force_login(make_user("secretariat"))
    mandate = member.mandates.get()
    answer = client.post(
        reverse("mandate_edit", args=[group.slug, mandate.uid]),
        {"starts_on": "2027-01-02", "ends_on": "2027-01-01", "opened_version": mandate.version},
    )
    assert "finit avant de commencer" in answer.content.decode()
    mandate.refresh_from_db()
    assert mandate.starts_on == date(2020, 1, 1)
