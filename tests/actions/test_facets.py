"""What actions are filtered by."""

import pytest

from tests.factories import (
    make_action,
    make_convention,
    make_indicator,
    make_measurement,
    published,
)


@pytest.fixture
def actions():
    """One that says nothing of results, one in words, one in numbers."""
    convention = make_convention(**published())
    silent, described, measured = (make_action(convention) for _ in range(3))
    described.results = "Dix forages."
    described.save()
    make_measurement(make_indicator(convention, action=measured), "12")
    return silent, described, measured


@pytest.mark.parametrize(("asked", "places"), [("oui", {1, 2}), ("non", {0})])
def test_results_are_words_or_measures(client, actions, asked, places):
    """An action that measured 12 households and wrote no sentence has results."""
    rows = client.get("/api/v1/actions/", {"results": asked}).json()["results"]
    assert {row["reference"] for row in rows} == {actions[place].reference for place in places}
