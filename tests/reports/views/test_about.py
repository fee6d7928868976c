"""Pages about the site itself."""

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from agreements.models import State
from cooperation.values.states import ActionState

PAGES = ["help", "contact", "accessibility", "privacy", "legal_notice"]


@pytest.mark.parametrize("name", PAGES)
def test_every_page_leads_to_them(client, name):
    address = reverse(name)
    assertContains(client.get("/"), f'href="{address}"')
    assertContains(client.get(address), "<h1>")


def test_the_guides_are_read_in_the_site(client):
    for name, words in (("commune", "Entrer une convention"), ("secretariat", "Corriger, retirer")):
        assertContains(client.get(reverse("help")), reverse("guide", args=[name]))
        page = client.get(reverse("guide", args=[name]))
        assertContains(page, f"<h2>{words}</h2>", html=True)
        assertContains(page, "<h1>", 1)
    assert client.get(reverse("guide", args=["rien"])).status_code == 404


def test_they_say_that_nobody_told_who_publishes(client):
    """A made-up address would be worse than none."""
    assertContains(client.get(reverse("contact")), "n’est pas encore renseignée")
    assertContains(client.get(reverse("legal_notice")), "non renseigné")


def test_they_say_who_publishes(client, settings):
    settings.PUBLISHER = {"name": "CNCD", "address": "", "email": "a@exemple.bj", "host": "X"}
    assertContains(client.get(reverse("contact")), "mailto:a@exemple.bj")
    assertNotContains(client.get(reverse("legal_notice")), "non renseigné")


def test_every_part_is_shown_in_every_state_to_people_signed_in_alone(client, agent):
    client.logout()
    address = reverse("parts")
    assert client.get(address).status_code == 302
    client.force_login(agent.user)
    page = client.get(address)
    for state in (*State, *ActionState):
        assertContains(page, f'class="tag {state.tone}">{state.label}</span>')
