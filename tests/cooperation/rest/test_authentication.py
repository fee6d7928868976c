import json
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from cooperation.models import ApiToken
from cooperation.roles import Role
from tests.cooperation.rest.programs import BATCH, CONVENTIONS, Program, address, refused
from tests.factories import (
    make_user,
)


def test_a_token_is_shown_once_and_kept_as_a_digest(sign_in):
    person = sign_in(Role.COMMUNE)
    page = person.post("/compte/jetons/", {"name": "Suivi eau", "scope": "saisie"})
    token = ApiToken.objects.get()
    (secret,) = {
        word
        for word in page.content.decode().replace("<", " ").replace(">", " ").split()
        if word.startswith("rcd_")
    }
    assert secret not in str(vars(token))
    assert page["Cache-Control"] == "no-store"
    later = person.get("/compte/jetons/")
    assertContains(later, "Suivi eau")
    assertNotContains(later, "rcd_")
    headers = {"authorization": f"Bearer {secret}"}
    assert Client().get(CONVENTIONS, headers=headers).status_code == 200
    person.post(f"/compte/jetons/{token.reference}/revoquer/")
    assertContains(person.get("/compte/jetons/"), "révoqué le")
    refused(Client().get(CONVENTIONS, headers=headers), 401)


def test_a_token_is_its_person_s_alone_to_revoke(sign_in, program):
    other = sign_in(Role.SECRETARIAT)
    assert other.post(f"/compte/jetons/{program.token.reference}/revoquer/").status_code == 404
    assert program.get(CONVENTIONS).status_code == 200


def test_who_enters_nothing_is_offered_to_read_only(sign_in):
    member = sign_in(Role.MEMBER)
    assertNotContains(member.get("/compte/jetons/"), "saisir ce que je peux")
    member.post("/compte/jetons/", {"name": "Lecture", "scope": "saisie"})
    assert ApiToken.objects.get().scope == ApiToken.Scope.READ


@pytest.mark.parametrize("day", ["2020-01-01", "9999-12-31", "demain"])
def test_a_day_that_makes_no_sense_is_refused(sign_in, day):
    page = sign_in(Role.MEMBER).post("/compte/jetons/", {"name": "X", "expires_on": day})
    assertContains(page, 'role="alert"')
    assert not ApiToken.objects.exists()


def test_a_token_that_is_over_or_whose_person_has_left_opens_nothing(program):
    over = Program(program.user, expires_on=timezone.localdate() - timedelta(days=1))
    refused(over.get(CONVENTIONS), 401)
    today = Program(program.user, expires_on=timezone.localdate())
    assert today.get(CONVENTIONS).status_code == 200
    program.user.is_active = False
    program.user.save()
    response = today.get(CONVENTIONS)
    refused(response, 401)
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_a_token_waits_for_the_second_factor_of_its_person(client, settings):
    """It went on publishing in the name of a secretariat that pages asked for two proofs."""
    person = make_user(Role.SECRETARIAT)
    said = {"authorization": f"Bearer {ApiToken(user=person, name='Suivi').give()}"}
    assert client.get(CONVENTIONS, headers=said).status_code == 200
    settings.SECOND_FACTOR_ROLES = [Role.SECRETARIAT]
    assert client.get(CONVENTIONS, headers=said).status_code == 401
    Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={})
    assert client.get(CONVENTIONS, headers=said).status_code == 200


@pytest.mark.parametrize("said", ["Bearer x", "Basic YTpi", "Bearer", "Bearer \xe9", "rcd_x"])
def test_what_is_no_token_is_refused_and_not_taken_for_a_visitor(client, said):
    refused(client.get(CONVENTIONS, headers={"authorization": said}), 401)


def test_a_token_reads_what_its_person_sees_and_nobody_else_is_served_it(program, client, draft):
    response = program.get(address(draft))
    assert response.json()["title"] == "Avant"
    etag = response["ETag"]
    assert etag.startswith(f'W/"{draft.version}.')
    again = program.send("get", address(draft), etag=etag)
    assert (again.status_code, again["ETag"]) == (304, etag)
    assert "RateLimit-Remaining" in again
    assert program.send("get", address(draft), version=99).status_code == 200
    assert "private" in response["Cache-Control"]
    assert client.get(address(draft)).status_code == 404
    listed = program.get(CONVENTIONS)
    assert [row["reference"] for row in listed.json()["results"]] == [draft.reference]
    assert client.get(CONVENTIONS).json()["results"] == []
    other = Program(make_user(Role.COMMUNE))
    assert other.get(address(draft)).status_code == 404


def test_a_token_to_read_writes_nothing(program, draft):
    reader = Program(program.user, ApiToken.Scope.READ)
    assert reader.get(address(draft)).status_code == 200
    refused(reader.patch(address(draft), {"note": "x"}, draft.version), 403)
    refused(reader.post(CONVENTIONS, {"title": "x"}), 403)
    refused(reader.post(BATCH, {"operations": []}), 403)


def test_a_cookie_does_not_write(sign_in, parakou, draft):
    commune_agent = sign_in(Role.COMMUNE, partner=parakou)
    body = json.dumps({"note": "x"})
    response = commune_agent.patch(
        address(draft), body, "application/json", headers={"if-match": "1"}
    )
    refused(response, 403)


def test_a_token_that_is_over_leaves_room_for_another(sign_in):
    person = sign_in(Role.MEMBER)
    for number in range(20):
        token = ApiToken(user=person.user, name=str(number), expires_on="2020-01-01")
        token.give()
    assertContains(person.get("/compte/jetons/"), "expiré le")
    person.post("/compte/jetons/", {"name": "Neuf"})
    assert ApiToken.objects.filter(name="Neuf").exists()
