import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains

from cooperation.models import Odd, Theme
from cooperation.records.gates import Status
from cooperation.roles import Role
from cooperation.typography import spaced
from tests.factories import (
    make_action,
    make_budget_line,
    make_convention,
    make_disbursement,
    make_partner,
    make_user,
    published,
)


def test_each_filter_narrows_the_list(client, parakou):
    convention = make_convention(**published())
    convention.themes.add(Theme.objects.create(name="Eau", slug="eau"))
    convention.odds.add(Odd.objects.create(number=6, name="Eau propre"))
    make_action(convention, title="Puits", state="en-cours", places=[parakou])
    other = make_convention(starts_on="2030", ends_on="2031", **published())
    make_action(other, title="Autre", places=[make_partner(departement="zou")])
    for filters in (
        {"q": "puits"},
        {"convention": convention.reference},
        {"commune": parakou.slug},
        {"departement": "borgou"},
        {"theme": "eau"},
        {"odd": "6"},
        {"state": "en-cours"},
        {"year": "2020"},
    ):
        response = client.get(reverse("action_list"), filters)
        assert [a.title for a in response.context["page"]] == ["Puits"], filters


@pytest.mark.parametrize("filters", [{"year": "0"}, {"year": "9" * 20}, {"odd": "9" * 30}])
def test_a_filter_without_sense_is_named(client, filters):
    assertContains(client.get(reverse("action_list"), filters), "Un filtre n’a pas de sens")


def test_detail_shows_what_was_paid(client):
    convention = make_convention(**published())
    action = make_action(convention, results="Trois puits", progress=60)
    line = make_budget_line(convention, action=action, amount="500", label="Forage")
    make_disbursement(line, paid_on="2020-03", amount="250.5", reference="Virement 7")
    response = client.get(action.get_absolute_url())
    for text in (
        "Trois puits",
        spaced("60 %"),
        "500\u00a0€",
        "mars 2020",
        "250,50\u00a0€",
        "Virement 7",
    ):
        assertContains(response, text)


def test_the_address_of_an_action_says_what_became_of_its_convention(client):
    """A kept link to an action of a withdrawn convention led nowhere, without a word."""
    by = make_user(Role.SECRETARIAT)
    action = make_action(make_convention(**published()))
    draft = make_action(make_convention())
    action.convention.move_to(Status.WITHDRAWN, by=by, reason="Signée par erreur")
    assertContains(client.get(action.get_absolute_url()), "Signée par erreur", status_code=410)
    assert client.get(draft.get_absolute_url()).status_code == 404
