"""What a group shares: by whom, with whom, found again, told once."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from cooperation.models import Theme
from tests.factories import make_action, make_convention, make_user, published
from tests.workgroup.factories import make_group, make_member
from tests.workgroup.reading import opens
from tests.workgroup.views.test_meetings import client_of
from workgroup.letters import send_due
from workgroup.models import Letter, Seat, SharedDocument
from workgroup.reminders import recall


def share(client, group, pdf, title="Étude sur les recettes", **data):
    data = {"kind": "etude-partagee", "title": title, "file": pdf, **data}
    return client.post(reverse("shared_add", args=[group.slug]), data, follow=True)


@pytest.fixture
def mine(member):
    return client_of(member)


def test_a_member_shares_a_study_for_all_at_once(mine, group, one_pdf):
    convention = make_convention(**published())
    action = make_action(convention)
    theme = Theme.objects.create(name="Eau", slug="eau")
    page = share(
        mine,
        group,
        one_pdf(),
        summary="Les recettes des communes.",
        conventions=convention.reference,
        actions=action.reference,
        themes=[theme.pk],
    )
    assertContains(page, "sans validation")
    visitor, shared = Client(), SharedDocument.objects.get()
    for address in (
        shared.get_absolute_url(),
        convention.get_absolute_url(),
        action.get_absolute_url(),
        f"{reverse('shared_list')}?q=recettes",
        f"{reverse('shared_list')}?theme=eau",
        f"{reverse('shared_list')}?kind=etude-partagee",
    ):
        assertContains(visitor.get(address), "Étude sur les recettes")
    assertNotContains(visitor.get(f"{reverse('shared_list')}?q=forages"), "Étude sur les recettes")
    file = visitor.get(shared.document.get_absolute_url())
    assert b"".join(file).startswith(b"%PDF")


def test_what_is_for_members_is_for_nobody_else(mine, group, one_pdf):
    convention = make_convention(**published())
    share(
        mine,
        group,
        one_pdf(),
        title="Note interne",
        for_members="on",
        conventions=convention.reference,
    )
    shared = SharedDocument.objects.get()
    for client in (Client(), client_of(make_user()), client_of(make_member(make_group()))):
        assert client.get(shared.get_absolute_url()).status_code == 404
        for address in (reverse("shared_list"), convention.get_absolute_url()):
            assertNotContains(client.get(address), "Note interne")
        assert not opens(client, shared.document)
    other = client_of(make_member(group, Seat.OBSERVER))
    assertContains(other.get(reverse("shared_list")), "Note interne")


def test_observers_and_others_share_nothing(group, one_pdf):
    for person in (make_member(group, Seat.OBSERVER), make_user(), make_user("tutelle")):
        assert share(client_of(person), group, one_pdf()).status_code == 404
    assert not SharedDocument.objects.exists()


def test_a_reference_that_names_nothing_is_told(mine, group, one_pdf):
    page = share(mine, group, one_pdf(), conventions="CONV-1999-0001")
    assertContains(page, "CONV-1999-0001")
    assertContains(page, "ne sont pas dans le registre")
    assert not SharedDocument.objects.exists()


def test_its_links_are_corrected_by_who_shared_it(mine, group, one_pdf):
    convention = make_convention(**published())
    share(mine, group, one_pdf(), conventions=convention.reference)
    shared = SharedDocument.objects.get()
    data = {"kind": "evaluation", "title": "Évaluation", "opened_version": shared.version}
    address = reverse("shared_edit", args=[shared.uid])
    assert client_of(make_member(group)).post(address, data).status_code == 404
    assertContains(mine.get(address), convention.reference)
    mine.post(address, data)
    shared.refresh_from_db()
    assert (shared.title, shared.conventions.count()) == ("Évaluation", 0)


def test_it_is_told_once_in_the_digest_of_the_next_morning(mine, group, one_pdf, mailoutbox):
    share(mine, group, one_pdf(), title="Première étude")
    share(mine, group, one_pdf(), title="Seconde étude")
    other = make_member(group)
    for _ in range(2):
        recall()
        send_due()
    (digest,) = [m for m in mailoutbox if m.to == [other.email]]
    assert "Première étude" in digest.body
    assert "Seconde étude" in digest.body
    assert digest.extra_headers["List-Unsubscribe-Post"]
    with time_machine.travel(timezone.now() + timedelta(days=1), tick=False):
        recall()
        send_due()
    assert Letter.objects.filter(name="documents_shared", user=other).count() == 1
