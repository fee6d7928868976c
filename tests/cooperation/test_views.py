import re

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories import (
    make_action,
    make_avenant,
    make_convention,
    make_partner,
    published,
)


def test_health_answers(client):
    assert client.get("/healthz").json() == {"status": "ok"}


def test_health_says_when_the_database_does_not_answer(client):
    def refuse(*args):
        raise OperationalError

    with connection.execute_wrapper(refuse):
        assert client.get("/healthz").status_code == 503


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
