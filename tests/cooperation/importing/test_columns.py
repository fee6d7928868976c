import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains

from cooperation.models import Import
from cooperation.roles import Role
from tests.factories import (
    make_user,
)
from tests.sheets import (
    answer,
    read,
    rows,
    table,
    verdicts,
)


@pytest.mark.parametrize(
    ("line", "column", "words"),
    [
        ("A;Parakou;;;2021;2019;;;", "", "La fin précède le début"),
        ("A;Parakou;;;bientôt;;;;", "Début", "n’est pas une date"),
        ("A;Parakou;;;;;1,234;EUR;", "Montant 1", "n’est pas un montant"),
        ("A;Parakou;;;;;5;ZZZ;", "Monnaie 1", "n’est pas dans la liste"),
        ("A;Parakou;;;;;beaucoup;;", "Montant 1", "n’est pas un montant"),
        ("A;Parakou;;;;;12,50 FCFA;;", "", "n’a pas de centimes"),
        ("A;Parakou;;;;;5;;", "Monnaie 1", "Remplissez cette cellule"),
        ("A;Parakou;;;;;-5;EUR;", "", "supérieur à zéro"),
        (";;;;2019;;;;", "Intitulé", "Remplissez cette cellule, ou nommez une partie"),
        ("=HYPERLINK(1);Parakou;;;;;;;", "Intitulé", "comme une formule"),
        ("A\u200b\ue000;Parakou;;;;;;;", "Intitulé", "U+E000"),
        ("Total;;;;;;1 123 884,50;EUR;", "", "ressemble à un total"),
        ("SOUS-TOTAUX;;;;;;;", "", "ressemble à un total"),
        ("x" * 300 + ";Parakou;;;;;;;", "Intitulé", "250"),
    ],
)
def test_a_bad_cell_is_refused_with_its_column_and_mend(secretary, parakou, line, column, words):
    job = read(table(line), secretary)
    row = rows(job)[2]
    assert row.verdict == "refusee"
    assert row.errors[0][0] == column
    assert words in row.errors[0][1]


def test_unknown_columns_are_named_and_known_ones_have_many_names(secretary, parakou):
    job = read(
        table("A;Parakou;2019;x", headings="Titre;Partenaire;Date de début;Couleur"), secretary
    )
    assert rows(job)[2].aside == {"Couleur": "x"}
    assert verdicts(job) == ["ajout"]


def test_a_table_that_has_a_column_twice_is_refused(client):
    user = make_user(Role.SECRETARIAT)
    client.force_login(user)
    response = client.post(
        reverse("import_start", args=["conventions"]),
        {"file": table("a;b", headings="Intitulé;Titre"), "reason": "Essai"},
    )
    assertContains(response, "deux fois")
    assertContains(response, "Rien n’est importé")
    assert not Import.objects.exists()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("T;Parakou;;x" + "y" * 300 + ";;;;;", "ne peut pas être le nom"),
        ("T;Parakou;;???;;;;;", "ne peut pas être le nom"),
        ("T;Parakou;;;;;;;;;;de trop", "plus de cellules"),
    ],
)
def test_what_cannot_be_a_partner_or_has_no_heading_is_refused(secretary, parakou, line, words):
    job = read(table(line), secretary)
    job = answer(job, dict.fromkeys(job.questions, "+")) if job.questions else job
    assert words in rows(job)[2].trouble


def test_odd_and_huge_numbers_are_refused_where_they_stand(secretary, parakou):
    job = read(table(f"A;{'6' * 5000}", "B;١", headings="Intitulé;ODD"), secretary)
    assert verdicts(job) == ["refusee", "refusee"]
