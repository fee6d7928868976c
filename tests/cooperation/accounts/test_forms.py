import pytest

from cooperation.accounts.forms import (
    AccessRequestForm,
    FactsForm,
    InvitationForm,
    local_authorities,
    proposed_name,
)
from cooperation.models import AccessRequest, Invitation
from cooperation.models.access import MOST_REQUESTS_A_DAY
from cooperation.records.gates import Status
from cooperation.roles import Role
from tests.factories import make_partner, make_user

ASKED = {"name": "Afi Dossou", "function": "Point focal", "email": "afi@exemple.bj"}


@pytest.fixture
def public_parakou(parakou):
    parakou.status = Status.PUBLISHED
    parakou.save()
    return parakou


def test_agents_enter_for_authorities_of_benin_alone(public_parakou):
    make_partner(name="Orléans", country="FR", status=Status.PUBLISHED)
    make_partner(name="Une ONG", country="BJ", kind="ong", status=Status.PUBLISHED)
    assert list(local_authorities()) == [public_parakou]


def test_a_network_sends_a_few_requests_a_day(public_parakou):
    for number in range(MOST_REQUESTS_A_DAY):
        data = ASKED | {"partner": public_parakou.pk, "email": f"a{number}@exemple.bj"}
        assert AccessRequestForm(data, network="ici").save()
    data = ASKED | {"partner": public_parakou.pk}
    assert "Revenez demain" in str(AccessRequestForm(data, network="ici").errors)
    assert AccessRequestForm(data, network="ailleurs").is_valid()


def test_a_request_is_taken_once(public_parakou):
    """Two taps, or impatience, made the secretariat answer twice."""
    data = ASKED | {"partner": public_parakou.pk}
    AccessRequestForm(data, network="ici").save()
    again = AccessRequestForm(data | {"email": "AFI@exemple.bj"}, network="ici")
    assert "attend déjà" in str(again.errors)
    assert AccessRequest.objects.count() == 1


def test_a_program_that_fills_every_field_is_told_so(public_parakou):
    data = ASKED | {"partner": public_parakou.pk, "website": "https://exemple.bj"}
    assert "programme" in str(AccessRequestForm(data, network="ici").errors)


@pytest.mark.parametrize("character", ["\u0007", "\ufffe"])
def test_what_no_page_can_hold_is_refused(character):
    form = FactsForm({"first_name": f"Afi{character}", "last_name": "Dossou"}, instance=make_user())
    assert "Caractères interdits" in str(form.errors["first_name"])


def test_one_address_is_one_account(public_parakou):
    make_user(username="afi", email="Afi@exemple.bj", is_active=False)
    data = {"email": "afi@EXEMPLE.bj", "role": Role.COMMUNE, "partner": public_parakou.pk}
    assert "« afi », fermé" in str(InvitationForm(data).errors["email"])


def test_an_agent_is_invited_for_a_commune_and_nobody_else_is(public_parakou):
    data = {"email": "afi@exemple.bj", "role": Role.COMMUNE}
    assert "Choisissez la commune" in str(InvitationForm(data).errors)
    data = {"email": "afi@exemple.bj", "role": Role.MEMBER, "partner": public_parakou.pk}
    assert "Seul un agent communal" in str(InvitationForm(data).errors)


def test_a_free_user_name_is_proposed():
    make_user(username="Afi.Dossou")
    make_user(username="afi.dossou2")
    assert proposed_name(Invitation(name="Afi Dossou", email="x@exemple.bj")) == "afi.dossou3"
    assert proposed_name(Invitation(email="maïmouna@exemple.bj")) == "maimouna"
    assert proposed_name(Invitation(name="–")) == "compte"
