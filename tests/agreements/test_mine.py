"""« Mes conventions »: what waits for an agent comes first, each with its one button."""

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from agreements.models import Convention
from cooperation.entry.workflow import STEPS, carry_out
from cooperation.lists.pages import PER_PAGE
from cooperation.roles import Role
from tests.factories import make_convention, make_partner, make_user, published

MINE = reverse("own_conventions")


def heaps(page):
    return {
        heap.title: [(own.convention.title, own.button[0]) for own in heap.owns]
        for heap in page.context["heaps"]
        if heap.owns
    }


def test_each_convention_stands_where_it_is_on_its_way(agent, parakou, orleans):
    secretary = make_user(Role.SECRETARIAT)
    both = [parakou, orleans]
    make_convention(both, title="Commencée")
    returned = make_convention(both, title="Renvoyée")
    make_convention(both, title="Publiée", **published())
    make_convention(both, title="D’une source", provenance="a-verifier", **published())
    make_convention([orleans, make_partner()], title="La leur")
    for step, by, reason in (
        ("soumettre", agent.user, ""),
        ("renvoyer", secretary, "Il manque la délibération."),
    ):
        returned.refresh_from_db()
        carry_out(STEPS[step], returned, by=by, reason=reason, version=returned.version)
    sent = make_convention(both, title="Soumise")
    carry_out(STEPS["soumettre"], sent, by=agent.user, version=sent.version)
    page = agent.get(MINE)
    assert heaps(page) == {
        "À faire": [("Renvoyée", "Corriger"), ("Commencée", "Compléter")],
        "Chez le secrétariat": [("Soumise", "Reprendre")],
        "À confirmer": [("D’une source", "Vérifier")],
        "Publiées": [("Publiée", "Mettre à jour")],
    }
    assertContains(page, "Il manque la délibération.")
    assertNotContains(page, "La leur")


def test_every_button_leads_somewhere(agent, parakou, orleans):
    make_convention([parakou, orleans], title="Commencée")
    make_convention([parakou, orleans], title="Publiée", **published())
    for heap in agent.get(MINE).context["heaps"]:
        for own in heap.owns:
            assert agent.get(own.button[1].partition("#")[0]).status_code == 200


@pytest.mark.parametrize("role", [Role.MEMBER, Role.SECRETARIAT])
def test_who_enters_for_no_office_has_no_such_page(sign_in, role):
    assert sign_in(role).get(MINE).status_code == 403


def test_a_visitor_signs_in_first(client):
    assert client.get(MINE).status_code == 302


def test_the_page_costs_what_it_shows(agent, parakou, django_assert_max_num_queries):
    for _ in range(PER_PAGE + 3):
        make_convention([parakou, make_partner()], **published())
    with django_assert_max_num_queries(60):
        page = agent.get(MINE)
    assertContains(page, f"Les {PER_PAGE + 3} conventions")
    assert Convention.objects.count() > PER_PAGE
