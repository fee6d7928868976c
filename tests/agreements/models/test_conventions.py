from datetime import date
from importlib import import_module

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from pytest_django.asserts import assertContains

from agreements.completeness import assess
from agreements.models import Avenant, Convention, LegalStep, State
from cooperation.records.gates import Status
from cooperation.roles import Role
from tests.factories import (
    make_avenant,
    make_convention,
    make_document,
    make_partner,
    make_user,
    published,
)
from tests.refusals import refused
from tests.search import conventions_found


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


def test_undated_conventions_come_last_and_a_signature_counts():
    undated = make_convention(starts_on=None, ends_on=None)
    signed = make_convention(starts_on=None, ends_on=None, signed_on="2011")
    old, new = make_convention(starts_on="1995"), make_convention(starts_on="2019-07-26")
    assert list(Convention.objects.all()) == [new, signed, old, undated]


def test_a_line_without_number_takes_the_next(parakou):
    convention = make_convention()
    make_avenant(convention, number=4)
    avenant = Avenant(convention=convention, purpose="x")
    avenant.full_clean()
    avenant.save()
    assert avenant.number == 5


def test_an_end_before_the_start_is_refused_by_form_and_database():
    convention = Convention(title="x", starts_on="2019-05", ends_on="2019-04")
    assert "La fin précède le début" in refused(convention)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_convention(starts_on="2019-05", ends_on="2019-04")
    make_convention(starts_on="2019-05", ends_on="2019")
    make_convention(starts_on="2019", ends_on="2019-05")


def test_conventions_do_not_follow_one_another_in_a_circle():
    first = make_convention()
    second = make_convention(predecessor=first)
    first.predecessor = second
    assert "en rond" in refused(first, "predecessor")
    first.predecessor = first
    assert refused(first)


def test_a_partnership_is_one_chain_whatever_the_convention_asked():
    first = make_convention(starts_on="2006", ends_on="2009")
    second = make_convention(starts_on="2011", ends_on="2013", predecessor=first)
    third = make_convention(starts_on="2014", ends_on="2016", predecessor=second)
    make_convention()
    everything = Convention.objects.with_term()
    for convention in (first, second, third):
        assert list(convention.partnership(everything)) == [first, second, third]


def test_references_follow_one_another_and_stay():
    year = date.today().year
    first, second = make_convention(), make_convention()
    assert first.reference == f"CONV-{year}-0001"
    assert second.reference == f"CONV-{year}-0002"
    first.title = "Autre"
    first.save()
    assert first.reference == f"CONV-{year}-0001"


def test_publishing_takes_everything_named_along(parakou):
    newcomer = make_partner(name="Nouveau", status=Status.DRAFT)
    document, paper = make_document(), make_document()
    convention = make_convention([parakou, newcomer])
    convention.documents.add(document)
    avenant = make_avenant(convention)
    LegalStep.objects.create(convention=convention, kind="deliberation", document=paper)
    convention.publish(make_user(Role.SECRETARIAT))
    for record in (newcomer, document, paper, avenant):
        record.refresh_from_db()
        assert record.is_published, record


def test_a_convention_with_one_party_is_not_published(parakou):
    convention = make_convention([parakou])
    with pytest.raises(ValidationError, match="deux parties"):
        convention.publish(make_user(Role.SECRETARIAT))
    convention.refresh_from_db()
    assert not convention.is_published


def test_search_finds_words_in_any_order_without_accents(parakou, orleans):
    make_convention([orleans, parakou], title="Coopération et forêt communale")
    make_convention(title="Autre chose")
    for text in ("orleans", "parakou orleans", "ORLÉANS foret", "cooperation parakou", "Forêt"):
        assert conventions_found(text).count() == 1, text
    assert not conventions_found("orleans cergy").exists()
    assert conventions_found("").count() == 2


def test_search_finds_a_party_by_another_of_its_names():
    partner = make_partner(name="Le Grand Chalon", aliases="Chalon Val de Bourgogne")
    make_convention([partner])
    assert conventions_found("val de bourgogne").count() == 1


def test_what_the_legal_dossier_lacks():
    convention = make_convention()
    LegalStep.objects.create(convention=convention, kind=LegalStep.Kind.DELIBERATION)
    assert convention.legal_gaps == [
        ("transmission à la tutelle", "non renseignée"),
        ("approbation de la tutelle", "non renseignée"),
    ]
