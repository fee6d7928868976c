"""A list of conventions brought in: previewed, asked about, written as a whole, undone as a whole."""

from decimal import Decimal

import pytest

from actions.models import BudgetLine
from agreements.models import Convention
from cooperation.models import Odd, Theme
from cooperation.records.gates import Status
from tests.search import conventions_found
from tests.sheets import (
    HEADINGS,
    read,
    rows,
    table,
    written,
)


def test_a_row_becomes_a_draft_with_its_parties_amounts_and_legal_dossier(
    secretary, parakou, orleans
):
    Theme.objects.create(name="Eau", slug="eau")
    Odd.objects.bulk_create([Odd(number=6, name="Eau"), Odd(number=11, name="Villes")])
    headings = HEADINGS + ";Nature;Signée le;Thèmes;ODD;Délibération : date;Délibération : numéro"
    file = table(
        "Forêts;PARAKOU;chef de file;ville d’Orleans;11/2019;2021;1 123 884;FCFA;Orléans;"
        "Jumelage;14 novembre 2019;EAU;6, 11;2019;12/CC",
        headings=headings,
    )
    job = written(read(file, secretary, reason="Reprise de l’ancien tableau."))
    convention = Convention.objects.get()
    assert convention.status == Status.DRAFT
    assert (convention.signed_on, convention.starts_on, convention.ends_on) == (
        "2019-11-14",
        "2019-11",
        "2021",
    )
    assert [(p.partner, p.role) for p in convention.parties.all()] == [
        (parakou, "chef-de-file"),
        (orleans, ""),
    ]
    line = convention.budget_lines.get()
    assert (line.amount, line.currency, line.funder) == (Decimal("1123884"), "XOF", orleans)
    step = convention.legal_steps.get()
    assert (step.kind, step.done_on, step.number) == ("deliberation", "2019", "12/CC")
    assert [t.slug for t in convention.themes.all()] == ["eau"]
    assert [odd.number for odd in convention.odds.all()] == [6, 11]
    assert conventions_found("forets").get() == convention
    assert job.counts == {"ajout": 1}
    event = convention.history.get()
    assert event.history_user == secretary
    assert event.history_change_reason == "Import de « liste.csv ». Reprise de l’ancien tableau."
    assert [row.theme.slug for row in event.themes.all()] == ["eau"]


@pytest.mark.parametrize(
    ("amount", "currency", "found"),
    [
        ("5 000 000 XOF", "EUR", "à la fois"),
        ("5000 FCFA", "EUR", "à la fois"),
        ("5000 F CFA", "", "XOF"),
        ("5 000 €", "", "EUR"),
        ("5 000,50 euros", "€", "EUR"),
        ("5000 patates", "", "n’est pas dans la liste"),
    ],
)
def test_the_unit_of_an_amount_is_read_and_never_contradicted(
    secretary, parakou, amount, currency, found
):
    job = read(table(f"A;Parakou;;;;;{amount};{currency};"), secretary)
    row = rows(job)[2]
    if row.verdict == "refusee":
        assert found in row.trouble
    else:
        written(job)
        assert BudgetLine.objects.get().currency == found
