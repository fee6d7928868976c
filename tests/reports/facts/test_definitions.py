from dataclasses import fields, replace
from datetime import date
from decimal import Decimal

from cooperation.values.money import Rate
from reports.facts.bilan import Named, Practice, build_bilan, from_json, to_json
from reports.facts.definitions import DEFINITIONS
from reports.facts.figures import Figure
from reports.facts.ponadec import Told
from reports.publishing import differences


def test_words_of_an_edition_stay_those_of_its_day(registry, monkeypatch):
    frozen = to_json(build_bilan(2021, 2021))
    for name in list(DEFINITIONS):
        monkeypatch.delitem(DEFINITIONS, name)
    facts = from_json(frozen)
    assert facts.figures[0].label == facts.heading_of("conventions") == "Conventions"
    assert facts.figures[0].definition.startswith("Conventions publiées")


CHANGES = {
    "day": date(2021, 6, 1),
    "scope": ["Thème : Eau"],
    "by_year": [(2021, 99)],
    "states": [("achevée", 99)],
    "legal": [("délibération du conseil", 99)],
    "provenances": [("à vérifier", 99)],
    "in_kind": 1,
    "rates": [],
    "moves": [],
    "tables": [],
    "without": [("Borgou", ["Parakou"])],
    "actions": [],
    "silent": [Named("CONV-9", "x", "")],
    "targets": [],
    "practices": [Practice("BP-9", "x", "y", "z")],
    "ponadec": [Told("x", "y", "z", "f", "", [])],
    "paid_before": [],
    "planned": [],
    "paid": [],
    "entries": [],
    "figures": [Figure("conventions", 99)],
    "narrative": {"summary": "Autre"},
}


def test_no_chapter_changes_unsaid(registry):
    facts = build_bilan(2021, 2021)
    facts = replace(facts, rates=[Rate("USD", Decimal("1.1"), date(2021, 1, 1), "BCE")])
    facts = replace(facts, paid_before=facts.paid)
    told = {field.name for field in fields(facts)} - {"first", "last", "made_on", "query"}
    told.remove("counts")  # of a page alone
    assert set(CHANGES) == told
    for name, value in CHANGES.items():
        assert differences(facts, replace(facts, **{name: value})), name
