import pytest
from django.db import IntegrityError, transaction

from actions.models import Action, Axis, BudgetLine
from tests.factories import (
    make_action,
    make_avenant,
    make_axis,
    make_convention,
    make_partner,
    published,
)
from tests.refusals import refused
from tests.search import actions_found


def test_the_parts_of_a_convention_belong_to_one_convention():
    convention, other = make_convention(), make_convention()
    action = Action(convention=convention, number=1, title="x", axis=make_axis(other))
    assert "autre convention" in refused(action, "axis")
    line = BudgetLine(convention=convention, action=make_action(other), amount="1", currency="EUR")
    assert "autre convention" in refused(line, "action")
    axis = Axis(convention=convention, number=1, title="x", added_by=make_avenant(other))
    assert "autre convention" in refused(axis, "added_by")


@pytest.mark.parametrize("kind", ["planned", "actual"])
def test_an_action_ends_after_it_starts(kind):
    dates = {f"{kind}_start": "2020", f"{kind}_end": "2019-12-31"}
    action = Action(convention=make_convention(), number=1, title="x", **dates)
    assert "précède" in refused(action)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_action(make_convention(), **dates)


@pytest.mark.parametrize("progress", [-1, 101, 10**12])
def test_progress_is_a_percentage(progress):
    action = Action(convention=make_convention(), number=1, title="x", progress=progress)
    assert refused(action, "progress")


def test_actions_of_a_year_follow_their_own_dates_before_their_conventions():
    convention = make_convention(starts_on="2019", ends_on="2021")
    undated = make_action(convention)
    done = make_action(convention, planned_start="2019", actual_start="2020-02", actual_end="2020")
    late = make_action(convention, planned_start="2021-06")
    by_year = {y: set(Action.objects.under_way(y)) for y in (2018, 2019, 2020, 2021, 2022)}
    undated_convention = make_convention(starts_on=None, ends_on=None)
    week = make_action(undated_convention, actual_start="2019-09-23", actual_end="2019-09-28")
    begun = make_action(undated_convention, actual_start="2017")
    make_action(undated_convention)
    own = {y: set(Action.objects.under_way(y)) for y in (2016, 2017, 2018, 2019, 2020)}
    assert own[2016] == own[2018] == set()
    for year in (2019, 2020):
        within = set(Action.objects.under_way(year, within=[undated_convention.pk]))
        assert within == {one for one in own[year] if one.convention == undated_convention}
    assert own[2017] == {begun}
    assert week in own[2019]
    assert week not in own[2020]
    assert by_year == {
        2018: set(),
        2019: {undated},
        2020: {undated, done},
        2021: {undated, late},
        2022: set(),
    }


def test_search_finds_an_action_by_its_place():
    here = make_partner(name="Adja-Ouèrè")
    make_action(make_convention(), title="Forêt", places=[here])
    make_action(make_convention(), title="Forêt")
    assert actions_found("foret adja ouere").count() == 1


def test_actions_are_seen_with_their_convention(client):
    hidden = make_action(make_convention(), title="Secrète")
    shown = make_action(make_convention(**published()), title="Publique")
    assert list(Action.objects.published()) == [shown]
    assert client.get(hidden.get_absolute_url()).status_code == 404
    assert client.get(shown.get_absolute_url()).status_code == 200
