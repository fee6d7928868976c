"""When a convention is in force: its states, its durations, and what has no term."""

from datetime import date
from importlib import import_module

import pytest
from django.apps import apps
from django.db import models
from pytest_django.asserts import assertContains

from agreements.completeness import assess
from agreements.models import Convention, State
from tests.factories import (
    make_avenant,
    make_convention,
    published,
)
from tests.refusals import refused


@pytest.mark.parametrize(
    ("dates", "state"),
    [
        ({"starts_on": "2019", "ends_on": "2021"}, State.IN_FORCE),
        ({"starts_on": "2019-06-16", "ends_on": "2021"}, State.IN_FORCE),
        ({"starts_on": "2020-06-15", "ends_on": "2020-06-15"}, State.IN_FORCE),
        ({"starts_on": "2019", "ends_on": "2020"}, State.IN_FORCE),
        ({"starts_on": "2019", "ends_on": "2020-06"}, State.IN_FORCE),
        ({"starts_on": "2019", "ends_on": "2020-05"}, State.ENDED),
        ({"starts_on": "2020-06-16", "ends_on": None}, State.UPCOMING),
        ({"starts_on": "2021", "ends_on": "2022"}, State.UPCOMING),
        ({"starts_on": "1995", "ends_on": None}, State.UNKNOWN),
        ({"starts_on": None, "ends_on": "2022"}, State.UNKNOWN),
        ({"starts_on": None, "ends_on": "2011"}, State.ENDED),
        ({"starts_on": None, "ends_on": None}, State.UNKNOWN),
        ({"starts_on": None, "ends_on": None, "signed_on": "2021"}, State.UPCOMING),
        ({"starts_on": None, "ends_on": "2021", "signed_on": "2019"}, State.IN_FORCE),
    ],
)
def test_the_state_on_a_day_is_the_same_in_python_and_in_the_database(dates, state):
    day = date(2020, 6, 15)
    convention = make_convention(**dates)
    found = [s for s in State if Convention.objects.in_state(s, day).exists()]
    assert found == [state]
    assert Convention.objects.with_term(day).get(pk=convention.pk).state_on(day) == state


def test_overlapping_a_year_follows_the_avenants_signed_by_its_end():
    convention = make_convention(starts_on="2006", ends_on="2009")
    years = [y for y in range(2004, 2013) if Convention.objects.overlapping(y).exists()]
    assert years == [2006, 2007, 2008, 2009]
    make_avenant(convention, ends_on="2010")
    years = [y for y in range(2004, 2013) if Convention.objects.overlapping(y).exists()]
    assert years == [2006, 2007, 2008, 2009, 2010]


DURATIONS = {
    "Évreux–Djougou: three years from signature": (
        {"signed_on": "2009", "starts_on": None},
        "2012",
    ),
    "26 months from November": ({"starts_on": "2019-11", "duration_months": 26}, "2021-12"),
    "to the day": ({"starts_on": "2019-11-14", "duration_months": 12}, "2020-11-13"),
}


@pytest.mark.parametrize("name", DURATIONS)
def test_a_duration_gives_the_term_and_says_so(client, name):
    """« Trois ans à compter de la signature » was no end, no state, no alert."""
    facts, term = DURATIONS[name]
    facts = {"duration_months": 36, "ends_on": None} | facts
    convention = make_convention(**facts, **published())
    found = Convention.objects.with_term().get()
    assert (found.ends_on, found.deduced_end, found.term) == (None, term, term)
    assertContains(client.get(convention.get_absolute_url()), "fin déduite de la durée")
    row = client.get(f"/api/v1/conventions/{convention.reference}/").json()
    assert (row["ends_on"], row["deduced_end"], row["term"]) == (None, term, term)
    assert f";{term};" in b"".join(client.get("/conventions/export.csv")).decode()


def test_a_deduced_end_follows_the_dates_and_gives_way_to_a_written_one():
    convention = make_convention(starts_on="2019", ends_on=None, duration_months=12)
    convention.starts_on = "2020-06"
    convention.save()
    assert Convention.objects.with_term().get().term == "2021-05"
    make_avenant(convention, ends_on="2025")
    assert Convention.objects.with_term().get().term == "2025"
    convention.ends_on = "2022"
    convention.save()
    assert convention.deduced_end is None


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ({"starts_on": "1988"}, State.IN_FORCE),
        ({"starts_on": None, "signed_on": "1988"}, State.IN_FORCE),
        ({"starts_on": "2090"}, State.UPCOMING),
        ({"starts_on": None}, State.UNKNOWN),
    ],
)
def test_what_has_no_term_is_in_force_since_it_began(client, facts, state):
    """31 twinnings were « terme non renseigné », and asked for an end for ever."""
    convention = make_convention(**{"ends_on": None, "has_no_term": True} | facts, **published())
    found = Convention.objects.with_term().get()
    assert found.state == state
    assert [s for s in State if Convention.objects.in_state(s).exists()] == [state]
    page = client.get(convention.get_absolute_url())
    assertContains(page, "sans terme")
    assert client.get(f"/conventions/?state={state}").context["listing"].count == 1
    assert client.get(f"/api/v1/conventions/{convention.reference}/").json()["state"] == state
    assert "Donnez la fin" not in str(assess(convention).missing)


def test_an_avenant_gives_a_term_to_what_had_none():
    convention = make_convention(starts_on="1988", ends_on=None, has_no_term=True)
    make_avenant(convention, ends_on="2001", **published())
    found = Convention.objects.with_term().get()
    assert (found.state, found.is_endless) == (State.ENDED, False)
    assert Convention.objects.in_state(State.ENDED).exists()


@pytest.mark.parametrize("end", [{"ends_on": "2020"}, {"duration_months": 12}])
def test_what_has_no_term_has_neither_end_nor_duration(end):
    facts = {"title": "x", "starts_on": "2019", "ends_on": None, "has_no_term": True}
    assert "ni fin ni durée" in str(refused(Convention(**facts | end), "__all__"))


def test_ends_that_an_older_registry_had_deduced_are_the_texts_no_more():
    deduced, written = (make_convention(title=title) for title in ("A", "B"))
    rows = models.QuerySet(Convention)
    old = {"starts_on": "2019-01-15", "duration_months": 12}
    rows.filter(pk=deduced.pk).update(ends_on="2019-12", **old)
    rows.filter(pk=written.pk).update(ends_on="2020-03", **old)
    import_module("agreements.migrations.0006_terms").forwards(apps, None)
    found = (
        dict(rows.values_list("title", "ends_on")),
        dict(rows.values_list("title", "deduced_end")),
    )
    assert found == ({"A": None, "B": "2020-03"}, {"A": "2020-01-14", "B": None})
