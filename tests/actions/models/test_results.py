"""Indicators: baseline, target, measured values, and the progress they tell."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from pytest_django.asserts import assertContains

from actions.models import Indicator, Measurement
from cooperation.records.gates import Status
from cooperation.roles import Role
from cooperation.typography import spaced
from tests.entry import add_line, page_data
from tests.factories import (
    make_action,
    make_convention,
    make_indicator,
    make_measurement,
    make_partner,
    make_user,
    published,
)


@pytest.mark.parametrize(
    ("baseline", "target", "values", "progress"),
    [
        (None, "200", ["50"], 25),
        ("100", "200", ["150"], 50),
        ("100", "200", ["150", "175"], 75),
        ("40", "10", ["25"], 50),
        ("100", "200", ["250"], 150),
        ("100", "200", ["50"], -50),
        ("0", "3", ["1"], 33),
        ("0", "200", ["1"], 1),
        ("100", None, ["150"], None),
        ("100", "200", [], None),
        (None, "0", ["5"], None),
    ],
)
def test_progress_is_the_way_made_from_the_baseline_to_the_target(
    baseline, target, values, progress
):
    indicator = make_indicator(make_convention(), baseline=baseline, target=target)
    for number, value in enumerate(values):
        make_measurement(indicator, value, measured_on=f"202{number}")
    assert Indicator.objects.with_measurements().get().progress == progress


def test_the_latest_date_counts_not_the_latest_entry():
    indicator = make_indicator(make_convention(), target="100")
    make_measurement(indicator, "80", measured_on="2021-06")
    make_measurement(indicator, "20", measured_on="2020")
    assert Indicator.objects.with_measurements().get().progress == 80


def test_splits_by_sex_or_place_are_not_added_up(parakou):
    indicator = make_indicator(make_convention(), target="100")
    make_measurement(indicator, "40", sex="femmes")
    make_measurement(indicator, "30", place=parakou)
    assert Indicator.objects.with_measurements().get().progress is None
    make_measurement(indicator, "75")
    assert Indicator.objects.with_measurements().get().progress == 75


@pytest.mark.parametrize("missing", ["measured_on", "source"])
def test_a_value_has_its_date_and_source(missing):
    indicator = make_indicator(make_convention())
    facts = {"value": "5", "measured_on": "2020", "source": "x"} | {missing: None}
    facts = {key: value or "" if key == "source" else value for key, value in facts.items()}
    with pytest.raises(ValidationError):
        Measurement(indicator=indicator, **facts).full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        Measurement.objects.create(indicator=indicator, **facts)


def test_the_pages_draw_progress_and_list_values(client, parakou):
    convention = make_convention(**published())
    action = make_action(convention)
    indicator = make_indicator(
        convention, action=action, name="Ménages raccordés", baseline="1000", target="2500.5"
    )
    make_measurement(indicator, "1750.25", measured_on="2021-03", sex="femmes", place=parakou)
    make_measurement(indicator, "1750.25", measured_on="2021-03")
    make_indicator(convention, name="Villages couverts")
    response = client.get(action.get_absolute_url())
    for text in (
        "Ménages raccordés",
        spaced("50 % de la cible"),
        "2\u00a0500,5 ménages",
        "mars 2021",
    ):
        assertContains(response, text)
    assertContains(response, "femmes, Parakou")
    assertContains(client.get(convention.get_absolute_url()), "Villages couverts")
    row = client.get(f"/api/v1/actions/{action.reference}/").json()["indicators"][0]
    assert (row["progress"], row["measurements"][0]["value"]) == (50, "1750.2500")
    rows = client.get(f"/api/v1/conventions/{convention.reference}/").json()["indicators"]
    assert {row["name"] for row in rows} == {"Ménages raccordés", "Villages couverts"}


def test_a_draft_place_stays_hidden(client):
    indicator = make_indicator(make_convention(**published()))
    make_measurement(indicator, "5", place=make_partner(name="Secrète", status=Status.DRAFT))
    page = client.get(indicator.convention.get_absolute_url()).content.decode()
    assert "Secrète" not in page


def test_a_value_is_entered_in_a_few_fields_even_after_publication(client, parakou):
    convention = make_convention([parakou, make_partner()], **published())
    action = make_action(convention)
    indicator = make_indicator(convention, action=action)
    other = make_indicator(make_convention())
    page = reverse("measurement_add", args=[action.reference])
    data = {"indicator": indicator.pk, "value": "1 250,5", "measured_on": "6/2021", "source": "x"}
    for user, status in (
        (make_user(Role.MEMBER), 403),
        (make_user(Role.COMMUNE), 404),
        (make_user(Role.COMMUNE, partner=parakou), 302),
    ):
        client.force_login(user)
        assert client.post(page, data).status_code == status
    measured = Measurement.objects.get()
    assert (str(measured.value), measured.measured_on) == ("1250.5000", "2021-06")
    assert measured.history.get().history_user == user
    for wrong in (
        {"value": "beaucoup"},
        {"value": "9" * 30},
        {"measured_on": "demain"},
        {"measured_on": ""},
        {"source": ""},
        {"indicator": other.pk},
        {"indicator": "abc"},
    ):
        response = client.post(page, data | wrong)
        assert response.status_code == 200, wrong
        assertContains(response, "message error")
    assertContains(client.post(page, data | {"source": ""}), "1 250,5")
    assert Measurement.objects.count() == 1


def test_a_page_without_indicator_says_what_to_do(client, parakou):
    action = make_action(make_convention([parakou]))
    client.force_login(make_user(Role.COMMUNE, partner=parakou))
    response = client.get(reverse("measurement_add", args=[action.reference]))
    assertContains(response, "pas encore d’indicateur")


def test_indicators_and_values_are_entered_in_the_admin(agent, parakou):
    convention = make_convention([parakou, make_partner()])
    action = make_action(convention)
    page = reverse("admin:actions_action_change", args=[action.pk])
    data = page_data(agent.get(page))
    add_line(data, "indicators", name="Puits", unit="puits", target="12")
    assert agent.post(page, data).status_code == 302
    indicator = Indicator.objects.get()
    assert indicator.convention == convention
    page = reverse("admin:actions_indicator_change", args=[indicator.pk])
    data = page_data(agent.get(page))
    add_line(data, "measurements", value="3", measured_on="2020", source="Visite")
    assert agent.post(page, data).status_code == 302
    assert indicator.measurements.get().value == 3


def test_a_published_target_does_not_move_to_meet_the_value(agent, parakou):
    convention = make_convention([parakou, make_partner()], **published())
    indicator = make_indicator(convention, target="100")
    page = reverse("admin:actions_indicator_change", args=[indicator.pk])
    data = page_data(agent.get(page)) | {"target": "10"}
    agent.post(page, data)
    indicator.refresh_from_db()
    assert indicator.target == 100


def test_an_indicator_of_an_action_is_one_of_its_convention():
    action = make_action(make_convention())
    indicator = Indicator(convention=make_convention(), action=action, name="x", unit="y")
    with pytest.raises(ValidationError, match="autre convention"):
        indicator.full_clean()


def test_a_target_that_is_the_baseline_is_refused():
    indicator = Indicator(convention=make_convention(), name="x", unit="y", baseline=5, target=5)
    with pytest.raises(ValidationError, match="rien à atteindre"):
        indicator.full_clean()
