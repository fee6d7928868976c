"""Rows that name other rows of their file."""

import pytest

from agreements.models import Convention
from tests.factories import make_convention, make_partner
from tests.sheets import csv_file, read, rows, table, undone, verdicts, written

HEADINGS = "Intitulé;Partie 1;Début;Fait suite à"
ALBI = """Intitulé,Nature,Partie 1,Partie 2,Signée le,Début,Fin,Fait suite à,Source
Programme d’actions 2006-2008,programme,Albi,Abomey,,2006,2008,Convention-cadre Albi-Abomey,ville d’Albi
Convention-cadre Albi-Abomey,convention-cadre,Albi,Abomey,04/06/2005,,,,ville d’Albi
Programme d’actions 2010-2012,programme,Albi,Abomey,,2010,2012,Convention-cadre Albi-Abomey,ville d’Albi
"""


@pytest.fixture
def albi():
    make_partner(name="Abomey")
    return make_partner(name="Albi", country="FR")


def test_programmes_follow_the_framework_of_the_same_file(secretary, albi):
    job = read(csv_file(ALBI), secretary)
    assert verdicts(job) == ["ajout"] * 3
    assert ["fait suite à", "", "Convention-cadre Albi-Abomey (ligne 3)"] in rows(job)[2].changes
    job = written(job)
    framework = Convention.objects.get(kind="convention-cadre")
    assert framework.successors.count() == 2
    # Sent again, the same file changes nothing.
    assert verdicts(read(csv_file(ALBI), secretary)) == ["inchangee"] * 3
    undone(job)
    assert not Convention.objects.exists()


def test_a_chain_is_written_from_its_beginning(secretary, parakou):
    lines = ["C;Parakou;2012;B", "B;Parakou;2009;A", "A;Parakou;2006;"]
    job = written(read(table(*lines, headings=HEADINGS), secretary))
    last = Convention.objects.get(title="C")
    assert last.predecessor.predecessor.title == "A"
    assert [row.turn for row in job.rows.all()] == [2, 1, 0]


@pytest.mark.parametrize(
    ("lines", "line", "words"),
    [
        (["A;Parakou;2006;B", "B;Parakou;2009;A"], 3, "en rond"),
        (["A;Parakou;2006;B", "B;Parakou;2009;A"], 2, "La ligne 3, que celle-ci nomme"),
        (["A;Parakou;2006;A"], 2, "elle-même"),
        (["A;Parakou;2006;", "A;Parakou;2009;", "B;Parakou;2012;A"], 4, "plusieurs lignes : 2, 3"),
        (["A;Parakou;x;", "B;Parakou;2009;A"], 3, "La ligne 2, que celle-ci nomme, n’entre pas"),
        (["B;Parakou;2009;Nulle part"], 2, "ni la référence ni l’intitulé"),
    ],
)
def test_a_row_that_names_no_row_which_comes_in_is_told(secretary, parakou, lines, line, words):
    job = read(table(*lines, headings=HEADINGS), secretary)
    assert words in rows(job)[line].trouble


def test_what_waits_for_an_answer_keeps_waiting_what_names_it(secretary, parakou):
    lines = ["A;Parakouu;2006;", "B;Parakou;2009;A"]
    job = read(table(*lines, headings=HEADINGS), secretary)
    assert verdicts(job) == ["question", "question"]
    assert next(iter(job.questions.values()))["rows"] == 2


def test_a_convention_of_the_registry_is_named_by_its_title(secretary, parakou, orleans):
    held = make_convention([orleans], title="Accord de 1993")
    job = written(read(table("B;Parakou;2009;accord de 1993", headings=HEADINGS), secretary))
    assert job.state == "importe"
    assert Convention.objects.get(title="B").predecessor == held


def test_a_circle_through_the_registry_is_told(secretary, parakou):
    first = make_convention([parakou], title="Un", starts_on="1990")
    second = make_convention([parakou], title="Deux", starts_on="1995", predecessor=first)
    headings = "Référence;Intitulé;Partie 1;Début;Fait suite à"
    lines = [f"{first.reference};Un;Parakou;1990;Neuf", f";Neuf;Parakou;2001;{second.reference}"]
    job = read(table(*lines, headings=headings), secretary)
    assert verdicts(job).count("refusee") == 1
    assert any("en rond" in row.trouble for row in job.rows.all())
