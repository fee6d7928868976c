"""The description of the API: complete, true of what the API answers, and readable."""

from datetime import timedelta

import jsonschema
import pytest
from django.utils import timezone
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.validation import validate_schema

from agreements.models import LegalStep
from cooperation.models import Odd, Theme
from tests.cooperation.rest.programs import KEYS, LISTS
from tests.factories import (
    make_action,
    make_arrondissement,
    make_avenant,
    make_axis,
    make_budget_line,
    make_convention,
    make_disbursement,
    make_document,
    make_indicator,
    make_measurement,
    make_partner,
    make_practice,
    published,
    tell_life,
)
from tests.workgroup.factories import make_convened, make_group, tell_of_group
from workgroup.models import Computed, GroupMeeting, MeetingStatus, PonadecIndicator


@pytest.fixture
def records(parakou, orleans):
    """A record of each kind with all it may hold, and one with nothing but what it must."""
    convention = make_convention(
        [parakou, orleans],
        starts_on="2019-11",
        ends_on="2021",
        kind="jumelage",
        predecessor=make_convention(**published()),
        **published(),
    )
    make_avenant(convention, ends_on="2022", budget_change="-5.50", currency="USD", **published())
    action = make_action(convention, axis=make_axis(convention), places=[parakou], progress=40)
    action.implementers.add(orleans)
    action.arrondissements.add(make_arrondissement(parakou))
    line = make_budget_line(convention, action=action, funder=orleans, amount="1500.50", year=2020)
    instalment = line.instalments.create(amount="3", expected_on="2020", condition="Rapport")
    make_disbursement(line, amount="3", paid_on="2020-02-01", payee=parakou, instalment=instalment)
    make_budget_line(convention, amount="655957", currency="XOF", nature="valorisation")
    make_measurement(make_indicator(convention, action=action, target="100"), "40", place=parakou)
    make_indicator(convention)
    make_action(make_convention(**published()))
    convention.themes.add(Theme.objects.create(name="Eau", slug="eau", dac_code="14030"))
    make_practice(action, **published()).odds.add(
        Odd.objects.get_or_create(number=6, name="Eau")[0]
    )
    make_practice(action, **published())
    convention.documents.add(make_document(dated="2019-11", **published()))
    LegalStep.objects.create(convention=convention, kind="deliberation", partner=parakou)
    tell_life(convention)
    grouping = make_partner(name="Groupement", kind="groupement")
    grouping.memberships.create(member=parakou, since="2003", cause="délibération")
    make_partner(name="Ancienne", successor=orleans, website="https://exemple.bj/")
    tell_of_group()
    PonadecIndicator.objects.create(
        name="Actes", definition="d", formula="f", computed=Computed.FINISHED
    )
    group = make_group()
    make_convened(group)
    GroupMeeting.objects.create(
        group=group,
        title="Sans rien",
        starts_at=timezone.now(),
        ends_at=timezone.now() + timedelta(hours=1),
        status=MeetingStatus.CANCELLED,
        announced_at=timezone.now(),
    )
    return convention


def test_it_is_sound_and_nothing_had_to_be_guessed(description):
    validate_schema(description)
    assert description["openapi"] == "3.1.0"
    assert not GENERATOR_STATS._warn_cache
    assert not GENERATOR_STATS._error_cache


def test_every_operation_parameter_and_field_says_what_it_means(description):
    for path, methods in description["paths"].items():
        for method, told in methods.items():
            assert len(told["description"]) > 8, (path, method)
            for one in told["parameters"]:
                assert one.get("description") or one["in"] == "path", (path, one["name"])
    for name, schema in description["components"]["schemas"].items():
        for field, told in schema.get("properties", {}).items():
            assert len(told.get("description", "")) > 8, (name, field)


@pytest.mark.parametrize("address", LISTS)
def test_its_parameters_are_those_that_a_list_takes(client, description, address):
    named = {one["name"] for one in description["paths"][address]["get"]["parameters"]}
    (error,) = client.get(address, {"inconnu": "x"}).json()["errors"]
    assert named == set(error["allowed"])


def test_the_address_of_the_api_leads_to_all_of_it(client, description):
    index = client.get("/api/v1/").json()
    assert {f"/api/v1/{name}/" for name in index["resources"]} == set(LISTS)
    for address in [*index["resources"].values(), index["schema"], index["docs"]]:
        assert client.get(address.removeprefix("http://testserver")).status_code == 200
    assert description["info"]["license"]["url"] == index["licence"]["url"]


def test_every_resource_is_described(description):
    assert {path for path, told in description["paths"].items() if "get" in told} == {
        *LISTS,
        *(f"{address}{{{KEYS.get(address.split('/')[3], 'uid')}}}/" for address in LISTS),
    }


def test_what_the_api_answers_is_as_described(client, description, records):
    def check(address, path, status=200):
        response = client.get(address)
        assert response.status_code == status
        told = description["paths"][path]["get"]["responses"][str(status)]["content"]
        (content,) = told.values()
        checker = jsonschema.Draft202012Validator(description | content["schema"])
        checker.validate(response.json())
        return response.json()

    for address in LISTS:
        rows = check(address, address)["results"]
        assert rows, address
        key = KEYS.get(address.split("/")[3], "uid")
        for row in rows:
            check(f"{address}{row[key]}/", f"{address}{{{key}}}/")
        parameters = description["paths"][address]["get"]["parameters"]
        for links in [
            one["schema"]["items"]["enum"] for one in parameters if one["name"] == "expand"
        ]:
            check(f"{address}?expand={','.join(links)}", address)
        check(f"{address}?couleur=bleu", address, 400)
        check(f"{address}inconnu/", f"{address}{{{key}}}/", 404)
