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
