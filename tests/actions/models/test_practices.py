"""Good practices: drawn from what an action tells, published whole, public while their convention is."""

import pytest
from django.core.exceptions import ValidationError

from actions.models import Action, GoodPractice, candidates, reasons_for
from agreements.models import Convention
from cooperation.models import Odd, Theme
from cooperation.records.gates import Status
from tests.factories import (
    make_action,
    make_convention,
    make_document,
    make_indicator,
    make_measurement,
    make_practice,
    published,
)


@pytest.fixture
def action(parakou, orleans):
    convention = make_convention([parakou, orleans], **published())
    convention.themes.add(Theme.objects.create(name="Eau", slug="eau"))
    convention.odds.add(Odd.objects.get_or_create(number=6, name="Eau propre")[0])
    return make_action(
        convention,
        places=[parakou],
        title="Forages",
        state="achevee",
        actual_start="2019",
        actual_end="2020",
        description="Dix forages.",
        beneficiaries="Trois villages.",
        results="Dix forages en service.",
        difficulties="Pièces rares.",
        source="Rapport 2020",
    )


def test_what_the_action_tells_is_carried_over_and_nothing_is_invented(action):
    practice = GoodPractice.drawn_from(action)
    assert practice.context == "Où : Parakou.\nQuand : 2019 – 2020.\nPour qui : Trois villages."
    assert practice.approach == "Dix forages."
    assert practice.results == "Dix forages en service."
    assert practice.conditions == "Difficultés rencontrées : Pièces rares."
    assert [theme.slug for theme in practice.themes.all()] == ["eau"]
    assert [odd.number for odd in practice.odds.all()] == [6]
    assert (practice.source, practice.status) == ("Rapport 2020", Status.DRAFT)
    silent = GoodPractice.drawn_from(make_action(action.convention, title="Muette"))
    assert (silent.context, silent.approach, silent.results, silent.conditions) == ("", "", "", "")


def test_it_is_published_whole(action, secretary):
    practice = make_practice(action, conditions="")
    with pytest.raises(ValidationError, match="conditions pour la reprendre"):
        practice.publish(secretary)
    practice.conditions = "Un artisan réparateur sur place."
    practice.save()
    practice.publish(secretary)
    assert practice in GoodPractice.objects.published()


def test_it_leaves_the_public_with_its_convention(action, secretary):
    practice = make_practice(action, **published())
    assert practice in GoodPractice.objects.published()
    action.convention.move_to(Status.WITHDRAWN, by=secretary, reason="Erreur")
    assert practice not in GoodPractice.objects.published()
    with pytest.raises(ValidationError, match="n’est pas publiée"):
        GoodPractice.objects.get().require_ready()


def test_what_was_published_is_not_deleted(action):
    make_practice(action).delete()
    practice = make_practice(action, **published())
    with pytest.raises(ValidationError):
        practice.delete()


def test_candidates_are_finished_with_results_and_say_why(action):
    convention = action.convention
    make_action(convention, title="En cours", state="en-cours", results="Déjà")
    make_action(convention, title="Sans résultat", state="achevee")
    measured = make_action(convention, title="Mesurée", state="achevee")
    make_measurement(make_indicator(convention, action=measured), "12")
    found = list(candidates(Action.objects.all()))
    assert [one.title for one in found] == ["Mesurée", "Forages"]
    assert [reasons_for(one) for one in found] == [
        "achevée, avec résultats mesurés",
        "achevée, avec résultats",
    ]
    convention.documents.add(make_document(kind="etude"))
    assert "évaluation" in reasons_for(candidates(Action.objects.all()).first())
    make_practice(action)
    assert action not in candidates(Action.objects.all())


def test_an_agent_sees_and_edits_those_of_their_actions(action, agent):
    practice = make_practice(action)
    elsewhere = make_practice(make_action(make_convention()))
    assert list(GoodPractice.objects.visible_to(agent.user)) == [practice]
    assert list(GoodPractice.objects.editable_by(agent.user)) == [practice]
    assert elsewhere in GoodPractice.objects.all()
    assert Convention.objects.count() == 2
