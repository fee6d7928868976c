"""Lists of actions, alone or beside the conventions of a workbook of three sheets."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from pytest_django.asserts import assertContains

from actions.importing.actions import ActionImporter
from actions.models import Action, BudgetLine
from agreements.importing.layouts import ACCORDS, ACTIONS, EXCHANGES
from agreements.models import Convention, Exchange
from cooperation.models import Partner
from cooperation.records.gates import Status
from cooperation.roles import Role
from cooperation.typography import spaced
from tests.factories import make_convention, make_user
from tests.sheets import read, rows, table, undone, verdicts, written, xlsx_file

HEADINGS = "Convention;Intitulé;État;Communes;Montant 1;Monnaie 1;Financeur 1"


@pytest.fixture
def convention(parakou, orleans):
    return make_convention([parakou, orleans], title="Eau")


def bring(lines, user):
    return read(table(*lines, headings=HEADINGS), user, "actions")


def test_actions_come_in_numbered_with_their_places_and_money(secretary, convention, orleans):
    lines = ["Eau;Forer;en cours;Parakou;5 000;EUR;Orléans", "Eau;Former;;;;;"]
    job = written(bring(lines, secretary))
    first, second = Action.objects.all()
    reference = convention.reference
    assert [first.reference, second.reference] == [f"{reference}-A1", f"{reference}-A2"]
    assert [str(place) for place in first.places.all()] == ["Parakou"]
    line = BudgetLine.objects.get()
    assert (line.convention, line.action, line.funder) == (convention, first, orleans)
    assert verdicts(bring(lines, secretary)) == ["inchangee", "inchangee"]
    undone(job)
    assert not Action.objects.exists()
    assert not BudgetLine.objects.exists()


def test_an_action_is_not_added_to_what_is_published_but_by_a_correction(
    secretary, parakou, convention
):
    Partner.objects.update(status=Status.PUBLISHED, published_at="2020-01-01T00:00Z")
    Convention.objects.update(status=Status.PUBLISHED, published_at="2020-01-01T00:00Z")
    agent = make_user(Role.COMMUNE, partner=parakou)
    job = bring(["Eau;Forer;;;;;"], agent)
    assert "correction à demander au secrétariat" in rows(job)[2].trouble
    assert verdicts(bring(["Eau;Forer;;;;;"], secretary)) == ["ajout"]


def workbook(accords, actions, exchanges):
    """A workbook of the three sheets, each row with some of the columns."""

    def filled(headings, row):
        return [row.get(heading, "") for heading in headings]

    def finish(book, sheet):
        sheet.name = "ACCORDS"
        for name, headings, lines in (
            ("ACTIONS_PROJETS", ACTIONS, actions),
            ("ECHANGES_VISITES", EXCHANGES, exchanges),
            ("Notes", ["x"], [{"x": "à part"}]),
        ):
            other = book.add_worksheet(name)
            for number, row in enumerate([list(headings), *(filled(headings, r) for r in lines)]):
                other.write_row(number, 0, row)

    accord_rows = [filled(ACCORDS, row) for row in accords]
    return xlsx_file(list(ACCORDS), *accord_rows, finish=finish)


ACCORD = {
    "Ref_Accord": "ACC-1",
    "Commune_Benin": "Parakou",
    "Departement_Benin": "Borgou",
    "Collectivite_Partenaire": "Orléans",
    "Pays_Partenaire": "France",
    "Type_Cooperation": "Jumelage",
    "Date_Signature": "14/11/2019",
    "Duree_Annees": "3",
    "Montant_Total": "90 000",
    "Devise": "EUR",
    "Statut": "actif",
    "Point_Focal_Benin": "la directrice",
    "Derniere_Reunion": "2020",
    "Prochaine_Reunion": "2021",
    "Observations": "à suivre",
}
ACTION = {
    "Ref_Action": "A-1",
    "Ref_Accord": "ACC-1",
    "Commune_Benin": "Parakou",
    "Titre_Action": "Forer",
    "Budget": "30 000",
    "Financeur_Principal": "Orléans",
    "Statut": "achevée",
}
VISIT = {"Ref_Accord": "ACC-1", "Type_Echange": "visite", "Date": "2020", "Lieu": "Orléans"}


def test_a_workbook_of_three_sheets_comes_in_whole(secretary, parakou, orleans):
    file = workbook([ACCORD], [ACTION], [VISIT])
    job = read(file, secretary)
    assert verdicts(job) == ["ajout"] * 3
    assert job.unread_sheets == ["Notes"]
    job = written(job)
    convention = Convention.objects.get()
    assert convention.title == "Jumelage Parakou – Orléans, depuis le 14 novembre 2019"
    assert (convention.kind, convention.duration_months) == ("jumelage", 36)
    assert convention.meetings.count() == 2
    action = convention.actions.get()
    assert (action.title, action.state) == ("Forer", "achevee")
    # The one currency of its accord is that of its budget.
    assert {(str(one.amount), one.currency) for one in convention.budget_lines.all()} == {
        ("90000.00", "EUR"),
        ("30000.00", "EUR"),
    }
    assert convention.exchanges.get().place == "Orléans"
    assert (convention.focal_points.get().name, "Point_Focal_Benin" in job.rows.first().aside) == (
        "la directrice",
        False,
    )
    aside = job.rows.first().aside
    assert aside["Statut"] == "actif"
    assert verdicts(read(file, secretary)) == ["inchangee"] * 3
    undone(job)
    assert not (Convention.objects.exists() or Action.objects.exists() or Exchange.objects.exists())


def test_an_action_of_an_accord_that_does_not_come_in_is_told(secretary, parakou, orleans):
    job = read(workbook([ACCORD | {"Date_Signature": "demain"}], [ACTION], []), secretary)
    assert verdicts(job) == ["refusee", "refusee"]
    assert "La ligne 2, que celle-ci nomme, n’entre pas" in job.rows.last().trouble


def test_what_stands_in_which_sheet_is_told(client, parakou, orleans):
    client.force_login(make_user(Role.COMMUNE, partner=parakou))
    page = client.post(
        reverse("import_start", args=["conventions"]),
        {"file": workbook([ACCORD], [ACTION], [VISIT])},
        follow=True,
    )
    assertContains(page, "ACTIONS_PROJETS, ligne 2")
    assertContains(page, spaced("Feuille non lue : Notes"))


def test_rows_of_several_sheets_are_given_back_in_their_sheets(secretariat, parakou, orleans):
    bad = workbook([ACCORD | {"Date_Signature": "demain"}], [ACTION], [])
    job = read(bad, secretariat.user)
    page = secretariat.get(reverse("import_refused", args=[job.reference, "xlsx"]))
    content = b"".join(page.streaming_content)
    assert content.startswith(b"PK")


def test_a_sheet_that_one_may_not_bring_in_refuses_the_file(
    monkeypatch, secretary, parakou, orleans
):
    monkeypatch.setattr(ActionImporter, "permissions", ("actions.nobody_may",))
    secretary.is_superuser = False
    with pytest.raises(ValidationError, match="retirez la feuille « ACTIONS_PROJETS »"):
        read(workbook([ACCORD], [ACTION], []), secretary)
