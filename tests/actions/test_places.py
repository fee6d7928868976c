"""Where an action is: its communes, their arrondissements, and a village or a school in words."""

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains

from actions.models import Action
from cooperation.roles import Role
from tests.cooperation.rest.programs import Program, address
from tests.entry import page_data
from tests.factories import make_action, make_arrondissement, make_convention, make_user, published
from tests.reports.readers import pdf_of, text_of
from tests.search import actions_found
from tests.sheets import read, rows, table, written


@pytest.fixture
def takon(parakou):
    return make_arrondissement(parakou, name="Takon", code="BJ-BO-PAR-09")


@pytest.fixture
def action(parakou, orleans, takon):
    convention = make_convention([parakou, orleans], title="Eau", **published())
    action = make_action(convention, title="Forer", place_words="école de Podji", places=[parakou])
    action.arrondissements.add(takon)
    return action


def test_it_is_told_wherever_the_commune_is(client, pango, action):
    told = "Takon (Parakou), école de Podji"
    assertContains(client.get(action.get_absolute_url()), told)
    assertContains(client.get("/inventaire/"), told)
    assert told in text_of(pdf_of(client.get(f"/fiches/action/{action.reference}.pdf")))
    row = client.get(f"/api/v1/actions/{action.reference}/").json()
    assert (row["arrondissements"], row["place_words"]) == (["BJ-BO-PAR-09"], "école de Podji")
    export = client.get(reverse("action_export", args=["csv"])).getvalue().decode()
    assert "BJ-BO-PAR-09" in export
    assert "école de Podji" in export
    activity = client.get(f"/iati/activities/{action.convention.reference}.xml").content.decode()
    for name in ("Takon (Parakou)", "école de Podji"):
        assert f"<narrative>{name}</narrative>" in activity


def test_it_is_found_by_name_and_by_its_facet(client, action):
    assert list(actions_found("takon")) == list(actions_found("podji")) == [action]
    found = client.get("/api/v1/actions/", {"arrondissement": "BJ-BO-PAR-09"}).json()
    assert [row["reference"] for row in found["results"]] == [action.reference]
    assertContains(client.get("/actions/"), "Takon (Parakou)")


def test_the_commune_of_an_arrondissement_joins_those_of_the_action(agent, orleans, takon):
    """A map goes by communes: an action of Takon alone was nowhere on it."""
    convention = make_convention([takon.commune, orleans])
    page = agent.get(reverse("admin:actions_action_add"))
    data = page_data(page) | {
        "convention": convention.pk,
        "title": "Forer",
        "arrondissements": [takon.pk],
    }
    assert agent.post(reverse("admin:actions_action_add"), data).status_code == 302
    assert list(Action.objects.get().places.all()) == [takon.commune]


def test_a_program_writes_it(parakou, takon, orleans):
    action = make_action(make_convention([parakou, orleans]))
    program = Program(make_user(Role.COMMUNE, partner=parakou))
    body = {"arrondissements": [takon.code], "place_words": "école"}
    assert program.patch(address(action), body, action.version).status_code == 200
    action.refresh_from_db()
    assert (list(action.places.all()), action.exact_place) == ([parakou], "Takon (Parakou), école")


def test_a_list_brings_it_in(secretary, parakou, orleans, takon):
    other = make_arrondissement(orleans, name="Takon")
    make_convention([parakou, orleans], title="Eau")
    headings = "Convention;Intitulé;Arrondissements;Lieu précis"
    lines = ["Eau;Forer;Takon (Parakou);école", "Eau;Former;Takon;", "Eau;Bâtir;Nulle part;"]
    job = read(table(*lines, headings=headings), secretary, "actions")
    assert f"Plusieurs arrondissements s’appellent « {other.name} »" in rows(job)[3].trouble
    assert "n’est pas un arrondissement du Bénin" in rows(job)[4].trouble
    written(job)
    action = Action.objects.get()
    assert (action.exact_place, action.places.get()) == ("Takon (Parakou), école", parakou)
