"""What a row and the head of a page tell at a glance: when, how much, who gives it, what is left."""

import time_machine
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from agreements.glances import (
    add_glances,
    bar_of,
    end_of_bar,
    money_of,
    own_bar,
    time_left,
    years_between,
)
from agreements.models import Convention, Situation
from cooperation.values.money import totals
from tests.factories import (
    make_action,
    make_avenant,
    make_budget_line,
    make_convention,
    make_disbursement,
    make_partner,
    published,
)

JUNE = time_machine.travel("2026-06-15T12:00:00Z", tick=False)


def with_term(**facts):
    convention = make_convention(**facts, **published())
    return Convention.objects.with_term().get(pk=convention.pk)


@JUNE
def test_a_bar_is_as_long_as_the_term_and_today_is_on_it():
    bar = bar_of(with_term(starts_on="2000", ends_on="2009"), *years_between(2000, 2019))
    assert (bar.start, bar.is_open, bar.today) == (0, False, 100)
    assert 49 < bar.length < 51


@JUNE
def test_what_an_avenant_adds_is_told_apart():
    convention = make_convention(starts_on="2020", ends_on="2024", **published())
    make_avenant(convention, ends_on="2029", **published())
    found = Convention.objects.with_term().get(pk=convention.pk)
    bar = own_bar(found)
    assert (bar.start, round(bar.length), round(bar.added)) == (0, 50, 50)


@JUNE
def test_the_bar_of_a_convention_begins_where_its_first_date_is_written():
    """« 8 décembre » stood at January, a third of the bar before."""
    assert own_bar(with_term(starts_on="2024-12-08", ends_on=None)).start == 0


@JUNE
def test_an_end_that_is_not_known_is_drawn_as_far_as_today_and_no_further():
    open_ended, endless = (
        bar_of(
            with_term(starts_on="2006", ends_on=None, has_no_term=has_no_term),
            *years_between(2006, 2046),
        )
        for has_no_term in (False, True)
    )
    assert open_ended.is_open
    assert 49 < open_ended.start + open_ended.length < 52
    assert (endless.is_open, endless.length) == (False, 100)
    assert own_bar(with_term(starts_on=None, ends_on="2009")) is None


@JUNE
def test_the_time_left_is_as_precise_as_the_term():
    """« finit dans 199 jours » of a term known as a year would be made up."""
    told = {
        "2026-07-19": "finit dans 34 jours",
        "2026-06-16": "finit dans 1 jour",
        "2027-06-15": "finit dans 12 mois",
        "2035": "finit dans 9 ans",
        "2026": "finit en 2026",
        "2022-06": "finie depuis 3 ans",
    }
    for end, words in told.items():
        assert time_left(with_term(starts_on="2020", ends_on=end)) == words
    assert time_left(with_term(starts_on="2020", ends_on=None)) == ""
    assert time_left(with_term(starts_on="2020", ends_on=None, has_no_term=True)) == "sans terme"


@JUNE
def test_the_end_of_a_bar_is_what_stands_there():
    """« 2021 » stood where today is."""
    told = {"2021": "aujourd’hui", "2030": "2030", None: "aujourd’hui"}
    for end, words in told.items():
        assert end_of_bar(with_term(starts_on="2020", ends_on=end)) == words
    assert end_of_bar(with_term(starts_on="2020", ends_on=None, has_no_term=True)) == "sans terme"


@JUNE
def test_what_was_refused_or_stopped_has_no_time_left():
    for kind, since in ((Situation.Kind.REFUSED, "2019"), (Situation.Kind.STOPPED, "2022")):
        convention = make_convention(starts_on="2020", ends_on="2030", **published())
        convention.situations.create(kind=kind, since=since)
        assert time_left(Convention.objects.with_term().get(pk=convention.pk)) == ""


def test_money_is_by_giver_and_nature_and_what_is_paid_in_per_cent():
    convention = make_convention()
    lyon = make_partner(name="Lyon", country="FR")
    line = make_budget_line(convention, amount="75", funder=lyon, nature="numeraire")
    make_budget_line(convention, amount="25", nature="valorisation")
    make_budget_line(convention, amount="655", currency="XOF")
    make_disbursement(line, amount="50", paid_on="2020")
    make_disbursement(line, amount="9", paid_on="2020", kind="depense")
    lines = list(convention.budget_lines.all())
    sums = totals((one.currency, one.nature, one.counted_amount) for one in lines)
    money = money_of(lines, sums)
    assert [(one.label, one.percent) for one in money.shares] == [
        ("Lyon, numéraire", 75),
        ("financeur non renseigné, valorisation (temps d’agents, biens)", 25),
    ]
    assert (money.paid, money.shares[1].start) == (50, 75)
    assert money_of([], []) is None


def test_rows_hold_own_and_shared_amounts_and_count_actions(django_assert_num_queries):
    first, second = make_convention(**published()), make_convention(**published())
    make_budget_line(first, amount="10").also_for.add(second)
    for _ in range(3):
        make_action(second)
    shown = list(Convention.objects.with_term().order_by("pk"))
    with django_assert_num_queries(1):
        add_glances(shown)
    assert [[total.amount for total in one.amounts] for one in shown] == [[10], [10]]
    assert [one.action_count for one in shown] == [0, 3]


def test_what_a_draft_shares_is_in_no_row(client):
    """As everywhere: an amount of a draft is not told before it is published."""
    public = make_convention(title="Publique", **published())
    make_budget_line(make_convention(), amount="777777").also_for.add(public)
    page = client.get(reverse("convention_list"))
    assertContains(page, "Publique")
    assertNotContains(page, "777\u00a0777")
