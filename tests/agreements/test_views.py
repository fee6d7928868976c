import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from cooperation.models import Odd, Theme
from cooperation.records.gates import Status
from cooperation.roles import Role
from cooperation.typography import spaced
from tests.factories import (
    make_action,
    make_avenant,
    make_axis,
    make_budget_line,
    make_convention,
    make_disbursement,
    make_document,
    make_partner,
    make_user,
    published,
)

LIST = "convention_list"


def found(client, **filters):
    response = client.get(reverse(LIST), filters)
    assert response.status_code == 200
    return sorted(c.title for c in response.context["page"])


def test_list_hides_drafts_from_visitors(client):
    make_convention(title="Publique", **published())
    make_convention(title="En préparation")
    assert found(client) == ["Publique"]


def test_each_filter_narrows_the_list(client, parakou, orleans):
    water = Theme.objects.create(name="Eau", slug="eau")
    goal = Odd.objects.create(number=6, name="Eau propre")
    ours = make_convention(
        [orleans, parakou], title="Orléans", kind="jumelage", starts_on="2019", **published()
    )
    ours.themes.add(water)
    ours.odds.add(goal)
    oueme = make_partner(name="Porto-Novo", departement="oueme")
    other = make_convention(
        [make_partner(country="HT", name="CMRP"), make_partner(departement="zou")],
        title="Autre", starts_on="2030", ends_on="2031", **published(),
    )  # fmt: skip
    make_action(other, places=[oueme])
    for filters in (
        {"q": "orleans"},
        {"country": "FR"},
        {"departement": "borgou"},
        {"commune": parakou.slug},
        {"partner": orleans.slug},
        {"theme": "eau"},
        {"odd": "6"},
        {"kind": "jumelage"},
        {"state": "expiree"},
        {"state": "en-vigueur", "on": "2020-06-01"},
        {"year": "2020"},
        {"q": "orleans", "country": "FR", "theme": "eau", "year": "2020"},
    ):
        assert found(client, **filters) == ["Orléans"], filters
    for filters in (
        {"departement": "oueme"},
        {"commune": oueme.slug},
        {"state": "a-venir"},
        {"country": "HT"},
    ):
        assert found(client, **filters) == ["Autre"], filters


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        ({"year": "0"}, "1900"),
        ({"year": "99999999999"}, "2100"),
        ({"year": "abc"}, "« abc » n’est pas un choix"),
        ({"year": "2019.5"}, "1900"),
        ({"odd": "99999999999999999999"}, "choix"),
        ({"odd": "abc"}, "choix"),
        ({"country": "ZZ"}, "choix"),
        ({"commune": "' OR 1=1"}, "choix"),
        ({"theme": "\x00"}, "n’est pas un choix"),
        ({"q": "\x00"}, "nul"),
        ({"q": "x" * 201}, "200"),
        ({"state": "x"}, "choix"),
        ({"on": "31/02/2019"}, "date"),
        ({"on": "0001-01-01"}, "depuis 1900"),
        ({"on": "9999-12-31", "state": "expiree"}, "avant 2101"),
    ],
)
@pytest.mark.parametrize("address", ["/conventions/", "/api/v1/conventions/"])
def test_a_filter_without_sense_is_named_and_finds_nothing(client, filters, said, address):
    make_convention(**published())
    response = client.get(address, filters)
    assert response.status_code == (400 if "api" in address else 200)
    text = response.content.decode()
    assert (said if "api" in address else spaced(said)) in text
    if "api" not in address:
        assert "Un filtre n’a pas de sens" in text
        assertNotContains(response, 'class="card"')


@pytest.mark.parametrize("page", ["0", "-1", "abc", "99999999999999999999", "\x00"])
def test_a_page_that_does_not_exist_is_the_nearest_one(client, page):
    make_convention(title="Publique", **published())
    assert found(client, page=page) == ["Publique"]


def test_the_status_is_a_filter_for_people_with_an_account(client):
    make_convention(title="Publique", **published())
    make_convention(title="En préparation")
    assert found(client, status="brouillon") == ["Publique"]
    client.force_login(make_user(Role.MEMBER))
    assert found(client, status="brouillon") == ["En préparation"]
    assertContains(client.get("/"), spaced("1 convention</a> : brouillon"))


def test_detail_shows_what_an_avenant_brought_and_what_was_paid(client):
    convention = make_convention(**published())
    avenant = make_avenant(convention, **published())
    avenant.documents.add(make_document(title="Avenant signé", **published()))
    make_axis(convention, title="Eau", added_by=avenant)
    make_disbursement(make_budget_line(convention, label="Forage"), amount="250.5")
    response = client.get(convention.get_absolute_url())
    for text in (
        "Avenant signé",
        spaced("ajouté par l’avenant n° 1"),
        spaced("Payé sur « Forage »"),
        "250,50",
    ):
        assertContains(response, text)


def test_an_empty_result_says_what_to_loosen(client):
    make_convention(**published())
    Theme.objects.create(name="Eau", slug="eau")
    response = client.get(reverse(LIST), {"q": "introuvable", "theme": "eau", "page": "3"})
    assertContains(response, "Retirez-en un")
    assertContains(response, 'href="?theme=eau"')
    assertContains(response, 'href="?q=introuvable"')
    assertContains(client.get(reverse(LIST), {"q": "introuvable"}), 'href="?"')


def test_the_state_shown_is_that_of_the_day_asked(client):
    make_convention(starts_on="2019", ends_on="2021", **published())
    assertContains(client.get(reverse(LIST)), "tag over")
    response = client.get(reverse(LIST), {"on": "2020-01-01"})
    assertContains(response, "tag go")
    assertContains(response, "état au 1 janvier 2020")


def test_a_draft_is_not_found_by_those_who_may_not_see_it(client, parakou):
    draft = make_convention([parakou, make_partner()], title="En préparation")
    page = draft.get_absolute_url()
    assert client.get(page).status_code == 404
    for user, status in (
        (make_user(Role.COMMUNE), 404),
        (make_user(Role.COMMUNE, partner=parakou), 200),
        (make_user(Role.MEMBER), 200),
        (make_user(Role.SECRETARIAT), 200),
    ):
        client.force_login(user)
        assert client.get(page).status_code == status, user.role


def test_a_draft_avenant_and_a_draft_successor_stay_hidden(client):
    convention = make_convention(title="Première", **published())
    make_convention(title="Suite secrète", predecessor=convention)
    make_avenant(convention, purpose="Objet secret", ends_on="2030-11")
    page = convention.get_absolute_url()
    assertNotContains(client.get(page), "secr")
    assertNotContains(client.get(reverse("inventory")), "novembre 2030")
    api = client.get(f"/api/v1/conventions/{convention.reference}/").json()
    assert (api["avenants"], api["term"]) == ([], "2021")
    client.force_login(make_user(Role.MEMBER))
    assertContains(client.get(page), "Objet secret")
    assertContains(client.get(page), "Suite secrète")


def test_a_draft_funder_stays_hidden(client):
    convention = make_convention(**published())
    funder = make_partner(name="Bailleur secret", status=Status.DRAFT)
    action = make_action(convention)
    action.implementers.add(funder)
    make_budget_line(convention, funder=funder, action=action)
    for address in (
        convention.get_absolute_url(),
        action.get_absolute_url(),
        "/api/v1/actions/",
        reverse("inventory"),
        reverse("action_list"),
    ):
        assertNotContains(client.get(address), "Bailleur secret")


def test_detail_shows_axes_actions_money_and_dossier(client):
    convention = make_convention(objectives="Un objectif <b>clair</b>", **published())
    make_action(convention, axis=make_axis(convention, title="Eau"), title="Puits", progress=40)
    make_budget_line(convention, amount="1500.50", currency="EUR", nature="numeraire", year=2020)
    make_budget_line(convention, amount="300", currency="EUR", nature="valorisation")
    make_budget_line(convention, amount="655957", currency="XOF")
    response = client.get(convention.get_absolute_url())
    for text in (
        "Un objectif &lt;b&gt;clair&lt;/b&gt;",
        "Puits",
        spaced("40 %"),
        "1\u00a0800,50\u00a0€",
        spaced("1\u00a0500,50\u00a0€</a> : numéraire"),
        spaced("300\u00a0€</a> : valorisation"),
        "soit 1\u00a0000\u00a0€",
        "Délibération du conseil",
    ):
        assertContains(response, text)


def test_a_budget_that_an_avenant_changes_is_told_beside_the_total(client):
    """The total of the lines would else pass for what the parties agreed in the end."""
    convention = make_convention(**published())
    make_budget_line(convention, amount="1000", currency="EUR")
    make_avenant(convention, budget_change="500", currency="EUR", signed_on="2020", **published())
    page = client.get(reverse("convention_detail", args=[convention.reference]))
    assertContains(
        page, spaced("Un avenant change le budget : n° 1, +500\u00a0€, sans que le texte donne")
    )
    assertContains(page, spaced("signé : 2020 ; budget : +500\u00a0€"))
