"""The first agreements: what their source texts say, and nothing else."""

from decimal import Decimal
from pathlib import Path

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains

from actions.models import Action, Axis, BudgetLine
from agreements.models import Avenant, Convention, Party
from cooperation.models import Partner
from cooperation.typography import spaced
from tests.search import conventions_found

SEEDS = Path(__file__).resolve().parents[3] / "shared" / "seeds"


@pytest.fixture(autouse=True)
def _content(content):
    pass


def only(text):
    return conventions_found(text).get()


def test_every_record_obeys_the_rules_and_names_its_source():
    for model in (Partner, Convention, Party, Avenant, Axis, Action, BudgetLine):
        for record in model.objects.all():
            record.full_clean()
            assert record.source, record


def test_there_are_the_twelve_agreements():
    assert Convention.objects.filter(predecessor=None).count() == 12
    assert not Convention.objects.filter(parties=None).exists()


def test_orleans_parakou(client):
    convention = only("parakou orleans")
    assert (convention.partnership_since, convention.signed_on) == ("1993", "2019")
    assert (convention.starts_on, convention.ends_on) == ("2019", "2021")
    assert (convention.axes.count(), convention.actions.count()) == (5, 9)
    line = convention.budget_lines.get()
    assert (line.amount, line.currency, line.nature) == (Decimal("1123884"), "EUR", "mixte")
    page = client.get(convention.get_absolute_url())
    assertContains(page, "5 axes, 9 actions")
    assertContains(page, "1\u00a0123\u00a0884\u00a0€")
    assertContains(page, "avec valorisation des agents")
    for action in convention.actions.all():
        assertContains(page, action.title)


def test_grand_chalon_is_one_timeline(client):
    first = conventions_found("grand chalon").with_term().get(starts_on="2006")
    second = first.successors.get()
    assert (first.starts_on, first.ends_on, first.term) == ("2006", "2009", "2010")
    assert (second.starts_on, second.ends_on) == ("2011", "2013")
    for convention in (first, second):
        page = client.get(convention.get_absolute_url()).content.decode()
        timeline = page[page.index("Chronologie") :]
        assert (
            timeline.index("2006") < timeline.index(spaced("Avenant n° 1")) < timeline.index("2011")
        )
        assert spaced("nouvelle fin : 2010") in timeline


def test_dates_stay_as_precise_as_the_texts():
    pamsmrpl = only("pamsmrpl")
    assert (pamsmrpl.starts_on, pamsmrpl.duration_months) == ("2019-11", 26)
    assert pamsmrpl.budget_lines.get().amount == Decimal("462382800")
    assert pamsmrpl.budget_lines.get().currency == "XOF"
    artisans = only("bureau appui artisans")
    assert not any((artisans.signed_on, artisans.starts_on, artisans.ends_on))
    week = Action.objects.get(title__startswith="Semaine")
    assert (week.actual_start, week.actual_end) == ("2019-09-23", "2019-09-28")
    diabetes = only("diabete").actions.get()
    assert (diabetes.actual_start, diabetes.places.get().slug) == ("2012-11-14", "sakete")
    assert only("democratie").starts_on == "2019-07-26"
    assert only("porto novo cergy").starts_on == "1995"
    assert Action.objects.get(title__startswith="Chantiers").actual_start == "2004"


def test_another_country_than_benin(client):
    haiti = client.get(reverse("convention_list"), {"country": "HT"})
    assertContains(haiti, "région des Palmes")
    assertContains(haiti, "<strong>1</strong> convention")


def test_there_are_two_amounts_and_no_other():
    amounts = BudgetLine.objects.values_list("amount", "currency").order_by("currency")
    assert list(amounts) == [(Decimal("1123884"), "EUR"), (Decimal("462382800"), "XOF")]


def test_the_titles_of_the_nine_actions_are_those_of_the_text():
    source = SEEDS / "002_orleans-parakou.txt"
    if not source.exists():
        pytest.skip(f"source text absent: {source.name}")
    text = " ".join(source.read_text().replace("'", "’").split())
    for action in only("parakou orleans").actions.all():
        spoken = action.title.replace("2019-2021", "2019 -2021")
        assert f"Action n°{action.number} : {spoken}" in text
