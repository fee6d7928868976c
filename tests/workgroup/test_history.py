"""What became of a group's records, for those who may change them."""

from datetime import timedelta

import pytest
from django.urls import NoReverseMatch, reverse
from pytest_django.asserts import assertContains, assertNotContains

from cooperation.roles import Role
from tests.factories import make_user
from tests.workgroup.factories import make_convened, make_group, make_library, make_member
from tests.workgroup.factories import make_shared as make_shared_draft
from workgroup.models import MeetingStatus, Seat


@pytest.fixture
def records(group, secretary_of_group):
    """A meeting moved and cancelled, a draft, a study: each with the address of its history."""
    meeting = make_convened(group, title="Réunion de mars", joining_link="https://exemple.bj/lien")
    meeting.starts_at += timedelta(days=1)
    meeting.ends_at += timedelta(days=1)
    meeting.save()
    meeting.move_to(MeetingStatus.CANCELLED, by=secretary_of_group, reason="Salle prise.")
    draft = make_shared_draft(group, secretary_of_group)
    shared = make_library(group, secretary_of_group, title="Étude")
    shared.title = "Étude sur l’eau"
    shared.save()
    return [
        reverse("groupmeeting_history", args=[meeting.reference]),
        reverse("draft_history", args=[draft.reference]),
        reverse("shareddocument_history", args=[shared.uid]),
    ]


def test_whoever_conducts_the_group_reads_what_changed(client, records, secretary_of_group):
    client.force_login(secretary_of_group)
    meeting, draft, shared = (client.get(address) for address in records)
    assertContains(meeting, "Début")
    assertContains(meeting, "Salle prise.")
    assertContains(draft, "partagé")
    assertContains(shared, "Étude sur l’eau")
    for page in (meeting, draft, shared):
        assertNotContains(page, "retablir")
    page = client.get(records[0].removesuffix("historique/"))
    assertContains(page, records[0])


def test_nobody_else_does(client, records, group):
    """The link by which members join stands there, and what was written before it was shared."""
    others = [
        make_member(group),
        make_member(make_group(), Seat.CHAIR),
        make_user(Role.MEMBER),
        make_user(Role.STATE),
        make_user(Role.COMMUNE),
    ]
    for user in others:
        client.force_login(user)
        for address in records:
            assert client.get(address).status_code in (403, 404), (user, address)
    client.logout()
    for address in records:
        assert client.get(address).status_code == 302


def test_nothing_is_restored_from_it(client, records, secretary_of_group):
    """Those who were told of a meeting would not hear that its day is another again."""
    client.force_login(secretary_of_group)
    with pytest.raises(NoReverseMatch):
        reverse("groupmeeting_restore", args=["x"])
    for address in records:
        assert client.post(f"{address}retablir/", {}).status_code == 404
