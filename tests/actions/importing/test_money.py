"""A list of conventions brought in: previewed, asked about, written as a whole, undone as a whole."""

from decimal import Decimal

import pytest

from actions.models import Action, BudgetLine, Disbursement
from agreements.models import Convention
from cooperation.models import Odd, Theme
from cooperation.records.gates import Status
from tests.factories import make_convention
from tests.search import conventions_found
from tests.sheets import (
    HEADINGS,
    read,
    rows,
    table,
    undone,
    verdicts,
    written,
    xlsx_file,
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


PAYMENTS = "Convention;Ligne : libellé;Montant;Monnaie;Date;Référence"


@pytest.fixture
def budgeted(parakou, orleans):
    """A convention with two budget lines."""
    convention = make_convention([parakou, orleans], title="Eau")
    for label in ("puits", "école"):
        BudgetLine.objects.create(
            convention=convention, label=label, amount=1000, currency="EUR", funder=orleans
        )
    return convention


def test_payments_come_in_on_the_line_that_they_tell(secretary, budgeted):
    lines = ["Eau;Puits;500;EUR;2020;V1", f"{budgeted.reference};école;300 EUR;;2021;V2"]
    job = written(read(table(*lines, headings=PAYMENTS), secretary, "versements"))
    paid = Disbursement.objects.order_by("amount").values_list("budget_line__label", "amount")
    assert [(label, int(amount)) for label, amount in paid] == [("école", 300), ("puits", 500)]
    again = read(table(*lines, headings=PAYMENTS), secretary, "versements")
    assert verdicts(again) == ["inchangee", "inchangee"]
    undone(job)
    assert not Disbursement.objects.exists()


def test_payments_come_in_with_the_amounts_that_the_same_file_brings(secretary, parakou, orleans):
    """They had to wait for a second import, once the amounts were there."""

    def finish(book, sheet):
        for name, lines in (
            ("Versements", [PAYMENTS.split(";"), *payments]),
            ("Montants", [["Convention", "Libellé du montant", "Montant", "Monnaie"], amounts]),
        ):
            other = book.add_worksheet(name)
            for number, row in enumerate(lines):
                other.write_row(number, 0, row)

    payments = [
        ["Eau", "Puits", "500", "EUR", "2020", "V1"],
        ["Eau", "école", "300", "EUR", "2021", "V2"],
        ["Eau", "pont", "300", "EUR", "2021", "V3"],
    ]
    amounts = ["Eau", "école", "1000", "EUR"]
    headings = ["Intitulé", "Partie 1", "Partie 2", "Libellé du montant 1", "Montant 1"]
    row = ["Eau", "Parakou", "Orléans", "puits", "1000 EUR"]
    file = xlsx_file(headings, row, finish=finish)
    job = read(file, secretary)
    assert [row.verdict for row in job.rows.order_by("position")] == [*["ajout"] * 4, "refusee"]
    assert "n’a pas de telle ligne" in job.rows.last().trouble
    job = written(job)
    paid = Disbursement.objects.order_by("amount").values_list("budget_line__label", "amount")
    assert [(label, int(amount)) for label, amount in paid] == [("école", 300), ("puits", 500)]
    again = read(file, secretary)
    assert [row.verdict for row in again.rows.order_by("position")][:4] == ["inchangee"] * 4
    undone(job)
    assert not (Convention.objects.exists() or Disbursement.objects.exists())


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("Eau;;500;EUR;2020;", "Dites sur laquelle de ses lignes"),
        ("Eau;pont;500;EUR;2020;", "n’a pas de telle ligne"),
        ("Eau;puits;;EUR;2020;", "Remplissez cette cellule"),
        ("Eau;puits;500;;2020;", "onnaie"),
    ],
)
def test_a_payment_on_no_line_is_told(secretary, budgeted, line, words):
    job = read(table(line, headings=PAYMENTS), secretary, "versements")
    assert words in rows(job)[2].trouble


def test_amounts_of_conventions_and_actions_come_in_as_a_list(secretary, budgeted, orleans):
    action = Action.objects.create(convention=budgeted, title="Forer")
    headings = "Convention;Action;Montant;Monnaie;Financeur;Libellé du montant"
    lines = [f"Eau;{action.reference};70 000 FCFA;;Orléans;pompe", "Eau;;2 000;EUR;;"]
    job = written(read(table(*lines, headings=headings), secretary, "montants"))
    assert action.budget_lines.get().currency == "XOF"
    assert verdicts(read(table(*lines, headings=headings), secretary, "montants")) == [
        "inchangee",
        "inchangee",
    ]
    undone(job)
    assert BudgetLine.objects.count() == 2


def test_several_amounts_stand_in_one_cell(secretary, parakou):
    line = 'Eau;Parakou;"250 EUR don ; 1 500 000 FCFA, puits"'
    job = read(table(line, headings="Intitulé;Partie 1;Montants"), secretary)
    written(job)
    held = {(str(one.amount), one.currency, one.label) for one in BudgetLine.objects.all()}
    assert held == {("250.00", "EUR", "don"), ("1500000.00", "XOF", "puits")}


@pytest.mark.parametrize("text", ["beaucoup", "250", "250 patates"])
def test_words_that_are_no_amount_are_told(secretary, parakou, text):
    job = read(table(f"Eau;Parakou;{text}", headings="Intitulé;Partie 1;Montants"), secretary)
    assert rows(job)[2].verdict == "refusee"
