import html
import re

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django.asserts import assertContains

from cooperation.roles import Role
from tests.factories import (
    make_action,
    make_avenant,
    make_convention,
    make_partner,
    make_user,
    published,
)


def refused_by_the_database(*args):
    raise OperationalError("the server is away")


def test_health_answers(client):
    assert client.get("/healthz").json() == {"status": "ok"}


def test_health_says_when_the_database_does_not_answer(client):
    with connection.execute_wrapper(refused_by_the_database):
        assert client.get("/healthz").status_code == 503


@pytest.mark.parametrize("address", ["/conventions/", "/api/v1/conventions/", "/admin/", "/suivi/"])
def test_a_database_that_is_away_is_said_as_such(client, address):
    client.raise_request_exception = False
    client.force_login(make_user(Role.SECRETARIAT))
    with connection.execute_wrapper(refused_by_the_database):
        response = client.get(address)
    assert (response.status_code, response["Retry-After"]) == (503, "30")
    kind = "application/problem+json" if address.startswith("/api/") else "text/html"
    assert response["Content-Type"].startswith(kind)
    assert "Réessayez dans une minute" in html.unescape(
        response.content.decode() if kind == "text/html" else response.json()["detail"]
    )


def test_an_error_that_nobody_foresaw_is_said_as_such(client, monkeypatch):
    client.raise_request_exception = False
    monkeypatch.setattr("cooperation.views.partner_listing", lambda *args: 1 / 0)
    response = client.get("/partenaires/")
    assert response.status_code == 500
    assertContains(response, "Une erreur s’est produite", status_code=500)


@pytest.mark.parametrize("name", ["partner_list", "convention_list", "action_list"])
def test_a_list_takes_the_same_queries_whatever_its_length(client, name):
    def grow():
        commune = make_partner()
        convention = make_convention([commune, make_partner(country="FR")], **published())
        make_avenant(convention)
        make_action(convention, places=[commune])

    def queries():
        client.get(reverse(name), {"ordering": "-updated"})  # the index follows
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse(name)).status_code == 200
        return len(captured)

    grow()
    few = queries()
    for _ in range(50):
        grow()
    assert queries() == few
    assert few <= 6


def test_the_icon_has_an_address_without_spaces(client, db):
    (icon,) = re.findall(
        r'<link rel="icon" href="([^"]+)"', client.get("/connexion/").content.decode()
    )
    assert " " not in icon


def test_a_partner_of_many_conventions_shows_the_first_and_leads_to_all(client, parakou, orleans):
    """The page of a commune with 2,325 conventions took 7 s and 970 KB: a phone gave up."""
    others = [make_convention([parakou, orleans], **published()) for _ in range(26)]
    make_action(others[0], places=[parakou])
    page = client.get(parakou.get_absolute_url())
    assert len(page.context["conventions"]) == 25
    assertContains(page, f'<a href="/conventions/?partner={parakou.slug}">Les 26 conventions</a>')
    assert (
        len(client.get(f"/conventions/?partner={parakou.slug}&vue=impression").context["page"])
        == 26
    )


def test_neighbouring_communes_are_those_in_an_agreement_or_an_action(client, parakou, orleans):
    ndali, kalale, idle = (
        make_partner(name=name, kind="commune", country="BJ", departement="borgou")
        for name in ("N’Dali", "Kalalé", "Oisive")
    )
    convention = make_convention([ndali, orleans], **published())
    make_action(convention, places=[kalale])
    make_convention([idle, orleans])
    found = client.get(parakou.get_absolute_url()).context["nearby"]
    assert set(found) == {ndali, kalale}
