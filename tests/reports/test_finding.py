"""One search for everything: what each word may name, and who sees what."""

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from cooperation.models import Theme
from cooperation.roles import Role
from reports.finding import find
from tests.factories import (
    make_action,
    make_convention,
    make_document,
    make_partner,
    make_practice,
    make_user,
    published,
)
from tests.workgroup.factories import (
    make_convened,
    make_draft,
    make_group,
    make_library,
    make_meeting,
    make_member,
)

FIND = reverse("found")


@pytest.fixture
def registry():
    """A twinning in force from 2019 to 2021 between Kandi, in the Alibori, and Lyon, about water."""
    kandi = make_partner(name="Kandi", departement="alibori", **published())
    lyon = make_partner(name="Lyon", country="FR", kind="collectivite", **published())
    convention = make_convention(
        [kandi, lyon],
        title="Puits pour tous",
        kind="jumelage",
        starts_on="2019",
        ends_on="2021",
        **published(),
    )
    convention.themes.add(Theme.objects.create(name="Eau et assainissement", slug="eau"))
    make_action(convention, title="Forer trois puits")
    convention.documents.add(make_document(title="Carte des puits", **published()))
    return convention


def found(text, user=None):
    return {g.name: g.count for g in find(text, user or make_user(Role.MEMBER)) if g.count}


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("puits", {"conventions", "actions", "documents"}),
        ("les puits de Kandi", {"conventions"}),
        ("convention kandi", {"conventions"}),
        ("conventions puits", {"conventions"}),
        ("actions puits", {"actions"}),
        ("documents", {"documents"}),
        ("puits 2020", {"conventions", "actions"}),
        ("puits 2025", set()),
        ("kandi france", {"conventions"}),
        ("jumelages kandi", {"conventions"}),
        ("alibori", {"conventions", "partenaires"}),
        ("assainissement kandi", {"conventions"}),
        ("", set()),
    ],
)
def test_kinds_countries_years_and_themes_are_words(registry, text, kinds):
    assert found(text).keys() == kinds


def test_each_group_leads_to_all_that_it_counts(client, registry):
    for number in range(7):
        make_action(registry, title=f"Puits {number}")
    page = client.get(FIND, {"q": "action puits"})
    (group,) = page.context["groups"]
    assert (group.count, len(group.records)) == (8, 5)
    assertContains(page, "Les 8 actions")
    assert client.get(group.address).context["listing"].count == 8


def test_a_typing_error_has_a_way_on(client, registry):
    page = client.get(FIND, {"q": "puist"})
    assertContains(page, "Vouliez-vous dire")
    assertContains(page, ">puits</a>")
    page = client.get(FIND, {"q": "zzzzzz"})
    assertContains(page, "Rien ne répond")
    assertContains(page, reverse("theme_list"))


def test_nobody_finds_what_they_may_not_see(client, registry):
    make_convention(title="Secrète des puits")
    make_document(title="Secret des puits")
    page = client.get(FIND, {"q": "puits"})
    assertContains(page, "Puits pour tous")
    assertNotContains(page, "Secrète")
    assertNotContains(page, "Secret des puits")
    assert find("secrete", make_user(Role.MEMBER)) != []


def test_the_work_of_groups_and_what_they_share_is_found(client, registry):
    group = make_group()
    by = make_member(group)
    action = registry.actions.get()
    for number in range(7):
        make_practice(action, title=f"Margelle {number}", **published())
        make_library(group, by, title=f"Étude des margelles {number}")
    make_practice(action, title="Margelle secrète")
    make_library(group, by, title="Margelles, entre nous", access="membres")
    make_convened(group, title="Atelier sur les margelles")
    make_meeting(group, title="Margelles en préparation")
    make_draft(group, title="Appui aux margelles")
    page = client.get(FIND, {"q": "margelle"})
    counts = {one.name: one.count for one in page.context["groups"]}
    # A file that is shared is told once.
    assert counts == {"bonnes pratiques": 7, "documents partagés": 7, "réunions": 1}
    for secret in ("secrète", "entre nous", "en préparation", "Appui"):
        assertNotContains(page, secret)
    for one in page.context["groups"][:2]:
        listed = client.get(one.address)
        assert listed.context["page"].paginator.count == one.count
    assert found("margelle", by)["réunions"] == 2
    assert found("margelle", by)["documents partagés"] == 8
    everything = found("margelle", make_user(Role.SECRETARIAT))
    assert (everything["réunions"], everything["termes de référence"]) == (2, 1)
    assert found("pratique margelle").keys() == {"bonnes pratiques"}


def test_a_place_named_as_a_kind_of_record_is_found(registry):
    """« La Réunion » is a partner: the word looks for no other kind."""
    partner = make_partner(name="Département de La Réunion", country="FR", kind="collectivite")
    make_convention([partner], title="Ouidah – La Réunion", **published())
    assert found("La Réunion") == {"conventions": 1, "partenaires": 1}


@pytest.mark.parametrize("text", ["<script>", "%", "a" * 500, "\ufffe", "'--"])
def test_strange_words_find_nothing_and_break_nothing(client, registry, text):
    page = client.get(FIND, {"q": text})
    assert page.status_code == 200
    assert page.context["count"] == 0
