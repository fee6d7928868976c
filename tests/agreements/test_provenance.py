"""How well a record is known: from a public source, confirmed by its commune, or on paper."""

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from agreements.models import Convention
from cooperation.roles import Role
from tests.factories import make_convention, make_partner, make_user, published

Provenance = Convention.Provenance


@pytest.fixture
def waiting(parakou, orleans):
    facts = {"title": "Eau", "provenance": Provenance.TO_CHECK}
    return make_convention([parakou, orleans], **facts, **published())


def confirm(client, convention, **data):
    address = reverse("convention_confirm", args=[convention.reference])
    client.post(address, {"version": convention.version} | data)
    convention.refresh_from_db()
    return convention.provenance


def test_it_is_a_badge_a_facet_and_a_field_everywhere(client, waiting):
    make_convention(title="Autre", **published())
    for address in ("/conventions/", waiting.get_absolute_url()):
        assertContains(client.get(address), "à vérifier")
    page = client.get("/conventions/?provenance=a-verifier")
    assert [convention.title for convention in page.context["page"]] == ["Eau"]
    row = client.get(f"/api/v1/conventions/{waiting.reference}/").json()
    assert (row["provenance"], row["provenance_label"]) == ("a-verifier", "à vérifier")
    assert "à vérifier" in b"".join(client.get("/conventions/export.csv")).decode()


def test_its_agent_finds_what_waits_and_confirms_it_in_one_tap(agent, waiting):
    """Half of what is known of agreements comes from web pages that no town hall has ever read."""
    home = agent.get("/")
    assertContains(home, "1 convention de Parakou")
    assertContains(home, "à vérifier, d’une source")
    page = agent.get(waiting.get_absolute_url())
    assertContains(page, "Confirmer")
    assertContains(page, "Corriger")
    assert confirm(agent, waiting) == Provenance.CONFIRMED
    assertNotContains(agent.get("/"), "à vérifier, d’une source")
    assertNotContains(agent.get(waiting.get_absolute_url()), "Confirmer")


def test_a_record_that_has_changed_since_is_read_again(agent, waiting):
    assert confirm(agent, waiting, version=waiting.version + 1) == Provenance.TO_CHECK


@pytest.mark.parametrize("role", [Role.COMMUNE, Role.MEMBER, Role.SECRETARIAT])
def test_nobody_confirms_in_the_place_of_a_commune(client, waiting, role):
    client.force_login(make_user(role, partner=make_partner() if role == Role.COMMUNE else None))
    assertNotContains(client.get(waiting.get_absolute_url()), "Confirmer")
    assert confirm(client, waiting) == Provenance.TO_CHECK


def test_a_visitor_is_asked_to_sign_in(client, waiting):
    assert confirm(client, waiting) == Provenance.TO_CHECK


def test_what_is_confirmed_is_not_confirmed_twice(agent, waiting):
    confirm(agent, waiting)
    version = waiting.version
    confirm(agent, waiting)
    assert waiting.version == version
