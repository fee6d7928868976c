"""Lists of avenants and of visits: which convention they belong to, and which of its own they are."""

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains

from agreements.models import Avenant, Convention, Exchange
from cooperation.roles import Role
from tests.factories import make_convention, make_user
from tests.sheets import read, rows, table, undone, verdicts, written

AVENANTS = "Convention;Numéro;Objet;Signé;Nouvelle fin"


@pytest.fixture
def convention(parakou, orleans):
    return make_convention([parakou, orleans], title="Eau", starts_on="2019", ends_on="2021")


def bring(lines, user, headings=AVENANTS, kind="avenants"):
    return read(table(*lines, headings=headings), user, kind)


def test_avenants_come_in_by_reference_or_title_and_again_change_nothing(secretary, convention):
    lines = [f"{convention.reference};;Prolonger;2020;2022", "eau;;Ajouter un axe;2021;"]
    job = written(bring(lines, secretary))
    numbers = list(Avenant.objects.values_list("number", "purpose", "ends_on"))
    assert numbers == [(1, "Prolonger", "2022"), (2, "Ajouter un axe", None)]
    assert verdicts(bring(lines, secretary)) == ["inchangee", "inchangee"]
    undone(job)
    assert not Avenant.objects.exists()


def test_an_avenant_of_a_number_is_brought_up_to_date(secretary, convention):
    written(bring([f"{convention.reference};1;Prolonger;;"], secretary))
    job = bring([f"{convention.reference};1;Prolonger d’un an;2020;"], secretary)
    assert verdicts(job) == ["mise-a-jour"]
    written(job)
    assert Avenant.objects.get().purpose == "Prolonger d’un an"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (";;Prolonger;;", "Remplissez cette cellule"),
        ("CONV-1999-0001;;Prolonger;;", "ni la référence ni l’intitulé"),
        ("eau;;Prolonger;;2015", "précède le début de la convention"),
    ],
)
def test_what_is_wrong_of_an_avenant_is_told(secretary, convention, line, words):
    assert words in rows(bring([line], secretary))[2].trouble


def test_the_same_avenant_twice_in_a_file_is_told(secretary, convention):
    job = bring(["eau;;Prolonger;;", "eau;;Prolonger;;"], secretary)
    assert "à la ligne 2" in rows(job)[3].trouble


def test_an_agent_adds_to_the_conventions_of_their_commune_alone(parakou, pobe, convention):
    other = make_convention([pobe], title="Ailleurs")
    agent = make_user(Role.COMMUNE, partner=parakou)
    lines = ["eau;;Prolonger;;", f"{other.reference};;Prolonger;;"]
    assert verdicts(bring(lines, agent)) == ["ajout", "refusee"]


def test_visits_come_in_with_their_usual_headings(secretary, convention):
    headings = "Ref_Echange;Ref_Accord;Type_Echange;Date;Lieu;Participants_Benin;Objectifs"
    line = f"E1;{convention.reference};Visite;05/2019;Orléans;le maire;échanger sur l’eau"
    job = written(bring([line], secretary, headings, "echanges"))
    visit = Exchange.objects.get()
    assert (visit.kind, visit.happened_on, visit.place) == ("visite", "2019-05", "Orléans")
    assert rows(job)[2].aside == {"Ref_Echange": "E1"}


def test_each_list_has_its_page_and_template(secretariat):
    page = secretariat.get(reverse("import_list"))
    for kind in ("actions", "avenants", "montants", "versements", "echanges"):
        assertContains(page, reverse("import_start", args=[kind]))
        assertContains(secretariat.get(reverse("import_start", args=[kind])), "Convention")
        template = secretariat.get(reverse("import_template", args=[kind, "csv"]))
        assert "Convention" in template.content.decode("utf-8-sig")


def test_what_joins_a_convention_of_the_same_import_goes_with_it(secretary, convention):
    job = written(bring(["eau;;Prolonger;;"], secretary))
    page_of = {row.target for row in job.rows.all()}
    assert page_of == {Convention.objects.get().reference}
