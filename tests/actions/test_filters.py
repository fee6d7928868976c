"""Why this number: each total opens exactly the rows behind it; rates are dated and sourced."""

import re
from datetime import date
from decimal import Decimal
from html import unescape
from random import Random

import pytest
from django.core.cache import caches
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from cooperation.models import ExchangeRate
from cooperation.roles import Role
from cooperation.typography import spaced
from cooperation.values.money import combine, totals
from tests.factories import (
    make_action,
    make_budget_line,
    make_convention,
    make_disbursement,
    make_user,
    published,
)

LINK = re.compile(r'<a href="([^"]*(?:montants|decaissements)/[^"]*)"[^>]*>([^<]*)</a>')


@pytest.fixture
def registry():
    """Some conventions, drafts among them, with money of every kind."""
    random = Random(7)
    for _ in range(12):
        facts = published() if random.random() < 0.7 else {}
        convention = make_convention(starts_on="2019", ends_on="2021", **facts)
        action = make_action(convention)
        for _ in range(4):
            line = make_budget_line(
                convention,
                action=random.choice([None, action]),
                amount=Decimal(random.randrange(1, 10**7)) / 100,
                currency=random.choice(["EUR", "XOF", "USD"]),
                nature=random.choice(["", "numeraire", "valorisation", "mixte"]),
                year=random.choice([None, 2019, 2020]),
            )
            if random.random() < 0.5:
                make_disbursement(line, amount="10.10", paid_on=random.choice(["2020-03", "2021"]))


@pytest.mark.parametrize("role", [None, Role.MEMBER])
def test_every_total_opens_its_rows_to_the_cent(client, registry, role):
    if role:
        client.force_login(make_user(role))
    home = client.get("/")
    convention = home.context["recent"][0]
    pages = [
        "/",
        "/inventaire/",
        "/bilans/2020/",
        convention.get_absolute_url(),
        convention.actions.first().get_absolute_url(),
    ]
    followed = 0
    for page in pages:
        for address, shown in LINK.findall(client.get(page).content.decode()):
            caches["kept"].clear()  # a kept page tells no context
            rows = client.get(unescape(address))
            assert not rows.context["filterset"].form.errors, address
            (total,) = rows.context["totals"]
            assert total.label == unescape(shown), (page, address)
            lines = rows.context["page"].paginator.object_list
            assert sum(line.amount for line in lines) == total.amount
            followed += 1
    assert followed > 20


def test_rows_of_drafts_stay_hidden(client):
    make_budget_line(make_convention(), amount="777", label="Secret")
    line = make_budget_line(make_convention(**published()), amount="5")
    make_disbursement(make_budget_line(make_convention()), amount="888")
    make_disbursement(line, amount="2")
    for name, hidden in (("budget_line_list", "777"), ("disbursement_list", "888")):
        response = client.get(reverse(name), {"status": "brouillon"})
        assertNotContains(response, hidden)
        assert response.context["page"].paginator.count == 1


@pytest.mark.parametrize("name", ["budget_line_list", "disbursement_list"])
@pytest.mark.parametrize(
    "filters",
    [{"year": "0"}, {"year": "9" * 20}, {"currency": "ZZZ"}, {"convention": "x"}, {"nature": "or"}],
)
def test_a_scope_without_sense_is_named(client, name, filters):
    assertContains(client.get(reverse(name), filters), "Un filtre n’a pas de sens")


def make_rate(**kwargs):
    facts = {"currency": "USD", "day": date(2020, 1, 2), "per_euro": "1.25", "source": "BCE"}
    return ExchangeRate.objects.create(**facts | kwargs)


def test_currencies_are_added_only_where_the_page_shows_the_rates(client):
    convention = make_convention(**published())
    make_budget_line(convention, amount="1000", currency="EUR")
    make_budget_line(convention, amount="655957", currency="XOF")
    page = convention.get_absolute_url()
    assertContains(
        client.get(page), spaced("Ensemble, converti : <strong>2\u00a0000\u00a0€</strong>")
    )
    make_budget_line(convention, amount="125", currency="USD")
    response = client.get(page)
    assertContains(response, spaced("Sans taux, donc à part : 125\u00a0$US"))
    assertContains(response, "<strong>2\u00a0000\u00a0€</strong>")
    make_rate()
    response = client.get(page)
    assertContains(response, "<strong>2\u00a0100\u00a0€</strong>")
    assertContains(response, "1 EUR = 1,25 USD le 02/01/2020 (BCE)")
    assertNotContains(response, "Sans taux")


def test_the_latest_rate_known_on_a_day_is_used():
    make_rate(day=date(2020, 1, 2), per_euro="1.25")
    make_rate(day=date(2021, 1, 2), per_euro="1.50")
    known = ExchangeRate.objects.known_on
    assert known(date(2020, 1, 1)) == {}
    assert known(date(2020, 6, 1))["USD"].per_euro == Decimal("1.25")
    assert known()["USD"].per_euro == Decimal("1.50")


def test_the_sum_in_francs_is_that_of_its_parts():
    sums = totals([("XOF", "", Decimal("462382800")), ("EUR", "", Decimal("1123884"))])
    assert combine(sums, {}).francs == Decimal("462382800") + Decimal("737219577")


def test_a_sum_is_rounded_once_at_the_end():
    sums = totals([("XOF", "", Decimal(1)), ("EUR", "", Decimal("0.01"))])
    assert combine(sums, {}).euros == Decimal("0.01")
    sums = totals([("XOF", "", Decimal(3)), ("EUR", "", Decimal("0.01"))])
    assert combine(sums, {}).euros == Decimal("0.01")
    sums = totals([("XOF", "", Decimal(4)), ("EUR", "", Decimal("0.01"))])
    assert combine(sums, {}).euros == Decimal("0.02")


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"currency": "XOF"}, "parité fixe"),
        ({"source": ""}, "d’où vient"),
        ({"per_euro": "0"}, "supérieur à zéro"),
        ({"per_euro": "-1"}, "supérieur à zéro"),
        ({"currency": "ZZZ"}, "choix"),
    ],
)
def test_a_rate_that_makes_no_sense_is_refused(facts, said):
    values = {"currency": "USD", "day": date(2020, 1, 2), "per_euro": "1.25", "source": "BCE"}
    with pytest.raises(ValidationError, match=said):
        ExchangeRate(**values | facts).full_clean()
    if facts != {"currency": "ZZZ"}:
        with pytest.raises(IntegrityError), transaction.atomic():
            make_rate(**facts)
