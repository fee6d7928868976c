"""Lists as they are kept elsewhere: several parties in a cell, durations in years, states in words."""

import csv
from pathlib import Path

import pytest

from agreements.models import Convention
from tests.contents import load_content
from tests.factories import make_partner
from tests.sheets import answer, csv_file, read, rows, table, verdicts, written

LIST = Path(__file__).parents[2] / "data/public_agreements.csv"


@pytest.fixture
def communes(db):
    load_content("reference")


@pytest.fixture
def imported(secretary, parakou, orleans):
    """imported("heading;…", "cell;…") -> (row, the convention of it or None)."""

    def imported(headings, line):
        job = read(table(line, headings=headings), secretary)
        if verdicts(job) == ["ajout"]:
            written(job)
        return rows(job)[2], Convention.objects.last()

    return imported


def test_several_parties_stand_in_one_cell_with_their_roles(imported):
    make_partner(name="Gourma", country="BF")
    line = 'Eau;"Parakou ; Orléans|chef de file ; Gourma|pour les écoles"'
    _, convention = imported("Intitulé;Parties", line)
    parties = {str(p.partner): (p.role, p.note) for p in convention.parties.all()}
    assert parties == {
        "Parakou": ("", ""),
        "Orléans": ("chef-de-file", ""),
        "Gourma": ("", "pour les écoles"),
    }


@pytest.mark.parametrize(
    ("headings", "line", "title"),
    [
        ("Partie 1;Partie 2;Nature", "Orléans;Parakou;jumelage", "Jumelage Orléans – Parakou"),
        ("Partie 1;Début", "Orléans;2009", "Partenariat Orléans, depuis 2009"),
        (
            "Partie 1;Partie 2;Début;Fin",
            "Orléans;Parakou;2006;2008",
            "Partenariat Orléans – Parakou, 2006 – 2008",
        ),
    ],
)
def test_a_convention_without_a_title_is_called_by_its_parties(imported, headings, line, title):
    assert imported(headings, line)[1].title == title


def test_nobody_and_no_title_is_no_convention(imported):
    row, _ = imported("Partie 1;Remarques", ";x")
    assert "nommez une partie" in row.trouble


@pytest.mark.parametrize(("text", "months"), [("3", 36), ("1,5", 18), ("2 ans", 24)])
def test_a_duration_in_years_is_kept_in_months(imported, text, months):
    _, convention = imported("Intitulé;Partie 1;Durée en années", f"Eau;Parakou;{text}")
    assert convention.duration_months == months


@pytest.mark.parametrize("text", ["trois", "0", "1,23", "1/2"])
def test_what_is_no_duration_is_told(imported, text):
    row, _ = imported("Intitulé;Partie 1;Durée en années", f"Eau;Parakou;{text}")
    assert "n’est pas une durée en années" in row.trouble


def test_two_durations_that_disagree_are_told(imported):
    line = "Eau;Parakou;3;24"
    row, _ = imported("Intitulé;Partie 1;Durée en années;Durée en mois", line)
    assert "à la fois" in row.trouble


@pytest.mark.parametrize(
    ("text", "kinds", "aside"),
    [("suspendu", ["suspendue"], {}), ("En négociation", ["en-negociation"], {})]
    + [(text, [], {"Situation": text}) for text in ("Actif", "expiré")],
)
def test_a_state_that_dates_tell_is_not_entered(imported, text, kinds, aside):
    row, convention = imported("Intitulé;Partie 1;Situation", f"Eau;Parakou;{text}")
    assert list(convention.situations.values_list("kind", flat=True)) == kinds
    assert row.aside == aside


def test_a_new_partner_is_made_with_the_country_and_kind_that_the_list_tells(secretary, parakou):
    headings = "Intitulé;Partie 1;Partie 2;Pays de la partie 2;Nature de la partie 2"
    job = read(table("Eau;Parakou;Xyzzy;France;commune", headings=headings), secretary)
    job = written(answer(job, dict.fromkeys(job.questions, "+")))
    partner = Convention.objects.get().distinct_partners[1]
    assert (partner.name, partner.country, partner.kind) == ("Xyzzy", "FR", "commune")


def test_a_78th_commune_is_not_made_by_a_list(secretary, communes):
    headings = "Intitulé;Partie 1;Pays de la partie 1;Nature de la partie 1"
    job = read(table("Eau;Xyzzy;Bénin;commune", headings=headings), secretary)
    job = answer(job, dict.fromkeys(job.questions, "+"))
    assert "77 communes" in rows(job)[2].trouble


def test_the_list_of_public_agreements_comes_in_as_it_is(secretary, communes):
    """Its 21 columns, with nothing to designate: each row is one agreement, and no word is lost."""
    content = csv_file(LIST.read_text(encoding="utf-8"))
    job = read(content, secretary)
    refused = {row.line: row.trouble for row in job.rows.all() if row.verdict == "refusee"}
    assert not refused
    replies = {
        key: "+" if key.startswith(("partenaire:", "ligne:")) else "~" for key in job.questions
    }
    job = answer(job, replies)
    left = {row.line: row.trouble for row in job.rows.all() if row.verdict != "ajout"}
    assert not left
    job = written(job)
    assert Convention.objects.count() == 131
    told = csv.DictReader(LIST.read_text(encoding="utf-8").splitlines(keepends=True))
    titles = [part.strip() for row in told for part in row["actions"].split(";") if part.strip()]
    written_titles = Convention.objects.values_list("actions__title", flat=True)
    assert sorted(filter(None, written_titles)) == sorted(titles)
    again = read(content, secretary)
    assert not [q["text"] for key, q in again.questions.items() if not key.startswith("valeur:")]
    again = answer(again, dict.fromkeys(again.questions, "~"))
    changed = {
        row.line: row.changes or row.trouble
        for row in again.rows.all()
        if row.verdict != "inchangee"
    }
    assert not changed
    row = job.rows.get(cells__0="irigny-banikoara")
    convention = Convention.objects.get(reference=row.target)
    assert convention.title == "Convention de coopération Banikoara – Irigny"
    assert "laissée vide" in convention.note
    assert convention.cited_sources.get().address == "https://daabaaru.bj/3724-2/"
    assert row.aside["key"] == "irigny-banikoara"
    assert row.aside["status_if_said"].startswith("première convention")


def test_a_nature_that_the_list_names_otherwise_keeps_its_words(imported, secretary):
    headings = "Intitulé;Partie 1;Nature"
    _, convention = imported(headings, "Eau;Parakou;programme d’actions")
    assert (convention.kind, convention.kind_words) == ("programme", "programme d’actions")
    job = read(table("Riz;Parakou;Entente cordiale", headings=headings), secretary)
    written(answer(job, {"valeur:conventions::kind:entente cordiale": "accord"}))
    convention = Convention.objects.get(title="Riz")
    assert (convention.kind, convention.kind_words) == ("accord", "Entente cordiale")
