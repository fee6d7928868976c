"""The bilan that the secretariat writes and signs: written together, frozen, checked."""

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import time_machine
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains

from agreements.models import Convention, LegalStep
from cooperation.models import Partner, Theme
from cooperation.roles import Role
from cooperation.typography import spaced
from reports.facts.bilan import build_bilan, build_brief, from_json, ground_of, to_json
from reports.models import Bilan
from reports.publishing import differences, facts_of
from tests.factories import (
    make_avenant,
    make_budget_line,
    make_convention,
    make_disbursement,
    make_partner,
    published,
)
from tests.reports.bilans import edition_of
from tests.reports.readers import pdf_of, text_of


def counts(facts):
    return {figure.name: (figure.count, figure.before) for figure in facts.figures}


def test_what_began_ended_was_prolonged_and_the_period_before(registry):
    facts = build_bilan(2021, 2021)
    assert counts(facts) == {
        "conventions": (3, 2),
        "en-vigueur": (3, 2),
        "nouvelles": (1, 0),
        "renouvelees": (2, 0),
        "achevees": (1, 1),
        "terme-inconnu": (0, 0),
        "actions": (1, 1),
        "communes": (1, 1),
        "pays": (1, 1),
    }
    moves = {move.name: [one.title for one in move.conventions] for move in facts.moves}
    assert sorted(moves["renouvelees"]) == ["Nouvelle", "Prolongée"]
    assert facts.late[0].difficulties == "Saison des pluies."
    assert facts.actions_with_text[0].results == "Dix forages."
    (target,) = facts.targets
    assert (target.latest, target.measured_on, target.progress) == ("40", "2021", 40)
    assert [total.amount for total in facts.paid] == [Decimal("300.03")]
    assert [total.amount for total in facts.paid_before] == []
    assert facts.in_kind == 50
    assert facts.without == []
    make_partner(name="Kandi", departement="alibori")
    assert build_bilan(2021, 2021).without == [("Alibori", ["Kandi"])]


def titles(facts, name):
    (move,) = (move for move in facts.moves if move.name == name)
    return [one.title for one in move.conventions]


def test_an_avenant_prolongs_where_it_gives_a_later_end(registry, parakou):
    def prolonged(title, signed_on, *ends, own="2020"):
        convention = make_convention(
            [parakou], title=title, starts_on="2015", ends_on=own, **published()
        )
        for number, end in enumerate(ends, start=1):
            make_avenant(convention, number=number, signed_on=signed_on, ends_on=end, **published())

    prolonged("Même fin", "2021", "2022", "2022", own="2022")
    prolonged("Plus tôt", "2021", "2021", own="2022")
    prolonged("Fin donnée", "2021", "2022", own=None)
    prolonged("Sans date", None, "2024")
    prolonged("Signé après", "2022", "2024", own="2021")
    facts = build_bilan(2021, 2021)
    assert sorted(titles(facts, "renouvelees")) == ["Fin donnée", "Nouvelle", "Prolongée"]
    assert titles(facts, "avenants-sans-date") == ["Sans date"]
    assert sorted(titles(facts, "a-echoir")) == ["Fin donnée", "Même fin", "Prolongée"]


def test_steps_and_silence_are_told_as_of_the_last_day(registry):
    LegalStep.objects.create(convention=registry[0], kind="deliberation", done_on="2021-05")
    LegalStep.objects.create(convention=registry[1], kind="deliberation", done_on="2022-01")
    LegalStep.objects.create(convention=registry[2], kind="deliberation", done_on=None)
    with time_machine.travel(timezone.now() + timedelta(days=400)):
        facts = build_bilan(2021, 2021)
    assert dict(facts.legal)["délibération du conseil"] == 2
    # What was in force at the end of 2021, though it ended since.
    assert sorted(one.title for one in facts.silent) == sorted(titles(facts, "en-vigueur"))
    assert len(facts.silent) == 3


def test_before_the_first_year_nothing_is_compared(registry):
    assert {figure.before for figure in build_bilan(1900, 1905).figures} == {None}


def test_each_year_counts_as_the_period_does(registry):
    facts = build_bilan(2018, 2021)
    assert dict(facts.by_year) == {
        year: build_bilan(year, year).count for year in (2018, 2019, 2020, 2021)
    }


def test_an_edition_of_before_is_still_read():
    """Facts as they were frozen when figures bore no words of their own."""
    facts = build_bilan(2021, 2021)
    old = json.loads(to_json(facts))
    for figure in old["figures"]:
        del figure["words"]
    read = from_json(json.dumps(old))
    assert [figure.label for figure in read.figures] == [f.label for f in facts.figures]


def test_a_funder_is_told_its_own_money(registry, parakou, orleans):
    line = make_budget_line(registry[0], amount="10", funder=parakou)
    make_disbursement(line, amount="4", paid_on="2021")
    table = next(t for t in build_bilan(2021, 2021).tables if t.name == "funder")
    given = {
        r.label: ([t.amount for t in r.planned], [t.amount for t in r.paid]) for r in table.rows
    }
    assert given[parakou.name] == ([Decimal(10)], [Decimal(4)])
    assert given[orleans.name] == ([Decimal("1000.10")], [Decimal("300.03")])


def test_a_scope_does_not_tell_which_communes_have_nothing(registry):
    make_partner(name="Kandi", departement="alibori")
    assert build_bilan(2021, 2021, QueryDict("country=FR")).without == []


@time_machine.travel("2021-06-15")
def test_a_year_that_is_not_over_is_told_as_of_today(client, registry):
    facts = build_bilan(2021, 2021)
    assert facts.day == date(2021, 6, 15)
    assert client.get("/bilans/2022/").status_code == 404


def test_facts_come_back_from_json_as_they_were(registry):
    facts = build_bilan(2021, 2021, narrative={"summary": "x"})
    assert from_json(to_json(facts)) == facts
    assert to_json(from_json(to_json(facts))) == to_json(facts)


def test_a_scope_narrows_all_figures(registry, client, sign_in):
    theme = Theme.objects.create(name="Eau", slug="eau")
    registry[0].themes.add(theme)
    client = sign_in(Role.SECRETARIAT)
    inventory = client.get("/inventaire/?theme=eau&de=2021&a=2021")
    assertContains(inventory, "En faire un bilan")
    address = f"{reverse('bilan_start')}?filters=theme%3Deau"
    assertContains(client.get(address), spaced("Thème : Eau"))
    data = {"title": "Eau", "first_year": "2021", "last_year": "2021", "filters": "theme=eau&x=y"}
    client.post(reverse("bilan_start"), data)
    record = Bilan.objects.get()
    assert record.filters == "theme=eau"
    assert facts_of(record).count == 1


def test_an_empty_registry_has_a_bilan(client, db, pango):
    assert "Aucune" in text_of(pdf_of(client.get("/bilans/2021.pdf")))
    assert build_bilan(2021, 2021).day == date(2021, 12, 31)
    assert build_bilan(1900, 1900).count == 0
    make_partner(name="Sans convention", kind=Partner.Kind.COMMUNE)
    assert "Sans convention" in str(build_bilan(2021, 2021).without)


def test_a_text_without_end_is_still_a_report(bilan, secretary, pango):
    bilan.refresh_from_db()
    bilan.summary = "a" * 100_000 + "\n\n" + "* " * 2000 + "x" + "[" * 5000
    bilan.save()
    assert edition_of(bilan, secretary).pages > 3


def test_a_page_tells_the_same_figures_and_leads_to_what_it_does_not_list(
    registry, client, monkeypatch
):
    """At 20,000 conventions a year’s page was 2.9 MB of lists that nobody reads on a screen."""
    monkeypatch.setattr("reports.facts.bilan.MOST_TOLD", 1)
    whole, brief = build_bilan(2021, 2021), build_brief(ground_of(2021, 2021))
    assert brief == replace(whole.brief, narrative={})
    assert brief.sizes == whole.sizes
    assert [move.size for move in brief.moves] == [len(move.conventions) for move in whole.moves]
    assert max(len(move.conventions) for move in brief.moves) == 1
    assert (brief.figures, brief.tables, brief.planned) == (
        whole.figures,
        whole.tables,
        whole.planned,
    )
    assertContains(client.get("/bilans/2021/"), "?de=en-vigueur")
    names = [*(move.name for move in whole.moves), "sans-nouvelles", "conventions", "country-0"]
    for name in names:
        _, entries = ground_of(2021, 2021).behind(name)
        assert entries[0:99] == whole.rows_of(name), name
    assert len(ground_of(2021, 2021).behind("inconnu")[1]) == 0


def test_a_bilan_says_how_well_its_conventions_are_known(client, registry):
    Convention.objects.filter(title="Nouvelle").update(provenance="a-verifier")
    facts = build_bilan(2021, 2021)
    assert dict(facts.provenances)["à vérifier"] == 1
    assert sum(count for _, count in facts.provenances) == facts.count
    assertContains(client.get("/bilans/2021/"), "Provenance des fiches")
    # An edition from before this chapter is told to have changed by nothing.
    assert differences(replace(facts, provenances=[]), facts) == []
