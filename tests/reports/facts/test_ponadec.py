from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from actions.models import Action, Disbursement
from agreements.models import LegalStep
from cooperation.models import ExchangeRate
from cooperation.records.gates import Status
from cooperation.roles import Role
from cooperation.values.money import Nature, Total, combine
from cooperation.values.states import ActionState
from reports.facts.bilan import build_bilan
from reports.facts.ponadec import (
    MEASURES,
    judged,
    measured,
    records_of,
    size_of,
    told_of,
    values_of,
)
from reports.publishing import differences
from tests.contents import load_content
from tests.factories import (
    make_action,
    make_budget_line,
    make_convention,
    make_disbursement,
    make_partner,
    make_practice,
    make_user,
    published,
)
from tests.workgroup.factories import make_convened, make_group, make_meeting, make_minutes
from workgroup.models import Computed, PonadecIndicator, PonadecYear

YEARS = (2019, 2020, 2021, 2022, 2023)


@pytest.fixture
def registry():
    """Conventions of several lives, with money that is shared, late, mixed, or of no known nature."""
    ExchangeRate.objects.create(
        currency="USD", per_euro="1.25", day=date(2020, 6, 1), source="Cours du jour"
    )
    here, town = make_partner(name="Parakou"), make_partner(name="Orléans", country="FR")
    long = make_convention([here, town], starts_on="2019", ends_on="2023-06", **published())
    short = make_convention([here], starts_on="2019", ends_on="2020", **published())
    make_convention([make_partner(), town], starts_on="2020-03", ends_on="2030", **published())
    make_convention([make_partner()], starts_on="2020", ends_on="2030")
    make_convention([make_partner()], starts_on="2020-02", ends_on=None, **published())
    LegalStep.objects.create(convention=long, kind="approbation", done_on="2021-02")
    LegalStep.objects.create(convention=short, kind="approbation", result="refusee")
    for state in (*ActionState.values, ActionState.DONE, ""):
        make_action(long, state=state, planned_start="2020", planned_end="2021")
    make_action(short, state=ActionState.DONE, places=[make_partner(name="Nikki")])
    for nature in (*Nature.values, ""):
        for convention, currency in ((long, "EUR"), (short, "XOF"), (long, "USD"), (long, "GBP")):
            line = make_budget_line(convention, nature=nature, currency=currency)
            make_disbursement(line, paid_on="2020-05-01", amount="100.37")
            make_disbursement(line, paid_on="2022", amount="33.33")
            make_disbursement(line, amount="5")
    shared = make_budget_line(short, nature=Nature.CASH)
    shared.also_for.add(long)
    # The convention that holds it is over, the one that shares it is not.
    make_disbursement(shared, paid_on="2021-11-02", amount="7.77")
    make_disbursement(shared, paid_on="2020", amount="8.88")
    late = make_budget_line(short, nature=Nature.CASH)
    make_disbursement(late, paid_on="2023-02-02", amount="900")


def test_what_the_bilan_tells_too_is_the_same(registry):
    """A ministry that holds both papers must not find two figures for one thing."""
    for year in YEARS:
        facts = build_bilan(year, year)
        figures = {figure.name: figure.count for figure in facts.figures}
        assert measured(Computed.IN_FORCE, year)[0] == figures["en-vigueur"]
        assert measured(Computed.NEW, year)[0] == figures["nouvelles"]
        done = dict(facts.states)[ActionState.DONE.label]
        every = sum(dict(facts.states).values())
        assert measured(Computed.FINISHED, year)[1] == (done, every)
        rates = ExchangeRate.objects.known_on(facts.day)
        for computed, nature in ((Computed.CASH, Nature.CASH), (Computed.IN_KIND, Nature.IN_KIND)):
            parts = [
                Total(total.currency, {nature: total.parts[nature]})
                for total in facts.paid
                if nature in total.parts
            ]
            expected = combine(parts, rates).francs if facts.paid else None
            assert measured(computed, year)[0] == expected, (computed, year)
    assert [measured(Computed.IN_FORCE, year)[0] for year in YEARS] == [2, 3, 2, 2, 1]
    assert measured(Computed.CASH, 2021)[0] == round(Decimal("7.77") * Decimal("655.957"))
    assert measured(Computed.CASH, 2023)[0] is None


def test_what_cannot_be_summed_is_told_apart(registry):
    _, _, apart = measured(Computed.CASH, 2020)
    assert "sans taux de change : 100,37\u00a0£" in apart
    assert "sans nature distincte : 200,74\u00a0€" not in apart
    assert apart.count("sans nature distincte : 100,37\u00a0€") == 2


@pytest.mark.parametrize("computed", Computed.values)
def test_each_figure_opens_the_records_that_it_counts(registry, computed):
    practice = make_practice(Action.objects.first())
    practice.__class__.objects.update(**published())
    for year in (*YEARS, timezone.localdate().year):
        number, parts, _ = measured(computed, year)
        found = records_of(computed, year)
        assert len(list(found)) == size_of(found)
        if parts:
            among = records_of(computed, year, among=True)
            assert parts == (size_of(found), size_of(among))
            assert {str(one) for one in found} <= {str(one) for one in among}
        elif MEASURES[computed].nature:
            assert bool(number) == bool(size_of(found))
        else:
            assert number == size_of(found)
        assert all(one.get_absolute_url() for one in found)


def test_communes_countries_and_approvals_are_those_of_what_is_in_force(registry):
    assert [str(one) for one in records_of(Computed.COMMUNES, 2019)] == ["Nikki", "Parakou"]
    assert measured(Computed.COMMUNES, 2021)[0] == 2
    assert [str(one) for one in records_of(Computed.COUNTRIES, 2021)] == ["France"]
    # Approved in February 2021; refused is no approval.
    assert measured(Computed.APPROVED, 2020)[:2] == (Decimal("0.0"), (0, 3))
    assert measured(Computed.APPROVED, 2021)[:2] == (Decimal("50.0"), (1, 2))
    assert measured(Computed.APPROVED, 2001)[:2] == (None, (0, 0))


def test_minutes_are_in_time_until_the_last_second_of_their_last_day(registry):
    group = make_group()
    with time_machine.travel(date(2026, 11, 30)):
        for days, sent in ((-40, 14), (-39, 15), (-38, None), (-3, None), (-4, 1), (-400, 3)):
            meeting = make_convened(group, in_days=days)
            if sent is not None:
                due = meeting.ends_at + timedelta(days=sent)
                make_minutes(meeting, sent_at=due.replace(hour=22, minute=59, second=59))
        make_meeting(group, in_days=-50)
        assert judged(2026).count() == 4
        assert records_of(Computed.MINUTES, 2026).count() == 2
        assert measured(Computed.MINUTES, 2026)[:2] == (Decimal("50.0"), (2, 4))
        assert measured(Computed.MINUTES, 2025)[:2] == (Decimal("100.0"), (1, 1))


def test_a_year_tells_what_was_entered_with_its_source():
    one = PonadecIndicator.objects.create(name="Indice", definition="d", formula="f", unit="points")
    PonadecYear.objects.create(
        indicator=one, year=2024, value="61.5", value_source="Rapport 2025", target=None
    )
    PonadecYear.objects.create(indicator=one, year=2025, target="70", target_source="Document")
    first, second, third = values_of([one], [2023, 2024, 2025])[one.pk]
    assert (first.label, first.source) == ("", "")
    assert (second.label, second.source) == ("61,5\u00a0points", "Rapport 2025")
    assert (third.label, third.target_label) == ("", "70\u00a0points")
    (told,) = told_of([2024, 2025])
    assert told.aim == third
    assert told.notes == ["2024 : Rapport 2025"]
    # A paper on a year before names what is aimed at next.
    (earlier,) = told_of([2022, 2023])
    assert (earlier.aim.year, earlier.aim.target) == (2025, 70)
    assert told_of([2026]) == []


def test_the_registry_computes_ten_for_any_year(django_assert_max_num_queries):
    load_content("reference")
    indicators = list(PonadecIndicator.objects.all())
    assert {one.computed for one in indicators} == set(Computed.values)
    # None is called official until somebody enters it as such.
    assert not any(one.official_source for one in indicators)
    this_year = timezone.localdate().year
    for year in (1975, this_year):
        with django_assert_max_num_queries(60):
            values = values_of(indicators, [year])
        assert all(len(values[one.pk]) == 1 and values[one.pk][0].source for one in indicators)
    ahead = values_of(indicators, [this_year + 1])
    assert not any(one.source or one.label for found in ahead.values() for one in found)


def test_a_payment_is_counted_in_the_year_in_which_it_is_entered_as_paid():
    line = make_budget_line(
        make_convention(starts_on="2019", ends_on="2024", **published()), nature=Nature.CASH
    )
    assert measured(Computed.CASH, 2022)[0] is None
    payment = make_disbursement(line, amount="1", paid_on="2022")
    assert measured(Computed.CASH, 2022)[0] == 656
    Disbursement.objects.filter(pk=payment.pk).update(paid_on="2023-01-01")
    assert measured(Computed.CASH, 2022)[0] is None


def test_a_partner_that_was_withdrawn_is_no_error_anywhere(client):
    """One withdrawn commune, and neither the indicators nor the bilan of any year could be read."""
    load_content("reference")
    partner = make_partner(name="Retirée")
    make_convention([partner, make_partner(country="FR")], ends_on="2099", **published())
    partner.move_to(Status.WITHDRAWN, by=make_user(Role.SECRETARIAT), reason="Doublon")
    for address in (
        "/ponadec/",
        "/ponadec/communes-engagees/",
        "/ponadec/communes-engagees/2024/",
        "/ponadec.csv",
        "/api/v1/ponadec-indicators/",
        "/bilans/2024/",
    ):
        answer = client.get(address)
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert answer.status_code == 200
        # It stays a party of its convention; no list of places names it.
        assert address.startswith("/bilans/") or "Retirée" not in content.decode()
    assert measured(Computed.COMMUNES, 2024)[0] == 0
    assert measured(Computed.COUNTRIES, 2024)[0] == 1


def test_what_no_rate_converts_is_not_zero():
    line = make_budget_line(
        make_convention(**published()), nature=Nature.CASH, currency="USD", amount="100"
    )
    make_disbursement(line, amount="100", paid_on="2020")
    number, _, apart = measured(Computed.CASH, 2020)
    assert (number, apart) == (None, "sans taux de change : 100\u00a0$US")
    assert measured(Computed.IN_KIND, 2020)[0] == 0


def test_a_value_says_of_which_day_it_is_where_it_is_of_one():
    """The state of an action is today's, whatever the year."""
    load_content("reference")
    indicators = list(PonadecIndicator.objects.all())
    told = {one.computed: values_of([one], [2020])[one.pk][0].source for one in indicators}
    assert told[Computed.IN_FORCE] == "calculé par le registre, au 31/12/2020"
    assert told[Computed.FINISHED] == "calculé par le registre, pour 2020"


def test_an_edition_says_which_figures_moved_and_not_that_a_day_has_passed(client):
    load_content("reference")
    one = PonadecIndicator.objects.create(name="Indice", definition="d", formula="f", unit="points")
    one.years.create(year=2026, value=61, value_source="Rapport")
    with time_machine.travel(date(2026, 6, 1)):
        before = build_bilan(2026, 2026)
    one.years.update(value=62)
    with time_machine.travel(date(2026, 6, 2)):
        lines = differences(before, build_bilan(2026, 2026))
    assert "Indice, 2026 : 61\u00a0points → 62\u00a0points" in lines
    assert not any("conventions en vigueur" in line.lower() for line in lines)
    assert differences(replace(before, ponadec=[]), before) == [
        "Chapitre ajouté : indicateurs de la PONADEC"
    ]
