"""Partners and French local authorities with their codes, by the same importer."""

import pytest
from django.core.files.base import ContentFile

from cooperation.models import Partner, PartnerCode
from cooperation.roles import Role
from tests.factories import make_partner, make_user
from tests.sheets import answer, csv_file, read, undone, written

HEADINGS = "Nom;Nature;Pays;Département;SIREN;Code COG;Autres noms"


def partners(*lines):
    return csv_file("\n".join([HEADINGS, *lines]), "partenaires.csv")


def bring(file, user):
    return read(file, user, kind="partenaires")


def verdicts(job):
    return [row.verdict for row in job.rows.all()]


def test_french_authorities_come_in_with_their_codes(secretary):
    file = partners(
        "Orléans;autre collectivité territoriale;France;;214502346;45234;Ville d’Orléans",
        "Saint-Denis;autre collectivité territoriale;France;;219300662;93066;",
        "Saint-Denis;autre collectivité territoriale;France;;218900389;89342;",
    )
    job = written(bring(file, secretary))
    orleans = Partner.objects.get(slug="orleans")
    assert (orleans.country, orleans.kind, orleans.status) == ("FR", "collectivite", "brouillon")
    assert {code.scheme: code.code for code in orleans.codes.all()} == {
        "FR-SIREN": "214502346",
        "FR-COG": "45234",
    }
    assert {p.slug for p in Partner.objects.filter(name="Saint-Denis")} == {
        "saint-denis",
        "saint-denis-2",
    }
    assert verdicts(bring(file, secretary)) == ["inchangee"] * 3
    undone(job)
    assert not Partner.objects.exists()
    assert not PartnerCode.objects.exists()


def test_zeros_that_a_spreadsheet_dropped_come_back_and_a_bad_code_is_refused(secretary):
    job = bring(
        partners("A;;France;;14502348;;", "B;;France;;12345678901;;", "C;;France;;abc;;"), secretary
    )
    assert verdicts(job) == ["ajout", "refusee", "refusee"]
    written(job)
    assert PartnerCode.objects.get().code == "014502348"


def test_a_known_name_with_a_new_code_is_asked(secretary):
    known = make_partner(name="Orléans", country="FR")
    job = bring(partners("ORLEANS;;France;;214502346;;"), secretary)
    ((key, question),) = job.questions.items()
    assert question["choices"][0][0] == "orleans"
    job = written(answer(job, {key: "orleans"}))
    assert known.codes.get().code == "214502346"


def test_a_known_code_decides_whatever_the_name(secretary):
    known = make_partner(name="Chalon Val de Bourgogne", country="FR", kind="groupement")
    known.codes.create(scheme="FR-SIREN", code="244500468")
    written(bring(partners("Le Grand Chalon;;France;;244 500 468;;"), secretary))
    known.refresh_from_db()
    assert known.name == "Le Grand Chalon"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("Pobè;commune;Bénin;;;;", "département de cette commune"),
        ("Metz;;France;Borgou;;;", "Seul un partenaire du Bénin"),
        ("Metz;;Francie;;;;", "« Pays : Francie » : que veut dire ce mot ?"),
    ],
)
def test_rules_of_partners_are_told(secretary, line, words):
    job = bring(partners(line), secretary)
    assert words in job.rows.get().trouble


def test_the_same_partner_twice_is_refused(secretary):
    job = bring(partners("Metz;;France;;;;", "metz;;France;;;;"), secretary)
    assert verdicts(job) == ["ajout", "refusee"]


def test_a_code_of_two_authorities_is_asked_for_with_its_level(secretary):
    """The « 01 » of Guadeloupe, a région, turned it into Ain, a département, and the other way round."""
    job = bring(partners("Guadeloupe;;France;;239710015;01;"), secretary)
    assert "DEP-01" in job.rows.get().trouble
    file = partners("Guadeloupe;;France;;239710015;REG-01;", "Ain;;France;;220100010;dép. 01;")
    written(bring(file, secretary))
    assert Partner.objects.get(name="Ain").codes.filter(code="DEP-01").exists()
    assert verdicts(bring(file, secretary)) == ["inchangee", "inchangee"]


def test_an_agent_adds_drafts_and_changes_nothing_published(parakou):
    make_partner(name="Orléans", country="FR")
    agent = make_user(Role.COMMUNE, partner=parakou)
    job = bring(partners("Orléans;;France;;;;Ville", "Metz;;France;;;;"), agent)
    assert verdicts(job) == ["refusee", "ajout"]
    assert "n’est pas à vous" in job.rows.first().trouble
    written(job)
    assert Partner.objects.get(slug="metz").entered_by == parakou


def test_an_agent_who_imports_a_partner_is_told_of_no_convention(parakou):
    """« Cette convention est publiée : ses termes changent par un avenant », of their own commune."""
    agent = make_user(Role.COMMUNE, partner=parakou)
    job = bring(partners("Parakou;ONG;Bénin;;;;"), agent)
    troubles = " ".join(row.trouble for row in job.rows.all())
    assert "convention" not in troubles
    assert "demandez sa correction au secrétariat" in troubles


def test_codes_of_two_partners_or_of_a_hidden_one_are_refused(secretary, parakou):
    first, second = make_partner(name="Un", country="FR"), make_partner(name="Deux", country="FR")
    first.codes.create(scheme="FR-SIREN", code="111111118")
    second.codes.create(scheme="FR-COG", code="22222")
    job = bring(partners("Trois;;France;;111111118;22222;"), secretary)
    assert "autre partenaire" in job.rows.get().trouble
    Partner.objects.filter(pk=first.pk).update(status="brouillon", published_at=None)
    job = bring(partners("Trois;;France;;111111118;;"), make_user(Role.COMMUNE, partner=parakou))
    assert "autre partenaire" in job.rows.get().trouble


def test_numbers_are_whole_and_never_cut(secretary):
    file = csv_file(
        "Nom;Pays;Population;SIREN\nA;France;117.000;\nB;France;117 000;\nC;France;;12345\nD;France;;١٢٣\n"
    )
    job = bring(file, secretary)
    assert verdicts(job) == ["refusee", "ajout", "refusee", "refusee"]
    written(job)
    assert Partner.objects.get(name="B").population == 117_000


def test_codes_that_changed_hands_come_back_in_order(secretary):
    first = make_partner(name="X1", country="FR")
    second = make_partner(name="Y1", country="FR")
    first.codes.create(scheme="FR-COG", code="11111")
    second.codes.create(scheme="FR-COG", code="22222")
    first.codes.create(scheme="BJ-IFU", code="1")
    second.codes.create(scheme="BJ-IFU", code="2")
    file = csv_file("Nom;Pays;IFU;Code COG\nX1;France;1;33333\n", "p.csv")
    job = written(bring(file, secretary))
    assert {str(c) for c in first.codes.all()} == {"FR-COG 33333", "BJ-IFU 1"}
    undone(job)
    assert {str(c) for c in first.codes.all()} == {"FR-COG 11111", "BJ-IFU 1"}


@pytest.mark.parametrize("extension", ["csv", "xlsx"])
def test_what_the_registry_exports_comes_back_without_a_change(sign_in, content, extension):
    """« Code » was read as the SIREN, and each row of the registry's own file refused."""
    client = sign_in(Role.SECRETARIAT)
    file = b"".join(client.get(f"/partenaires/export.{extension}").streaming_content)
    job = bring(ContentFile(file, f"partenaires.{extension}"), make_user(Role.SECRETARIAT))
    changed = [(row.title, row.changes) for row in job.rows.exclude(verdict="inchangee")]
    assert job.counts == {"inchangee": Partner.objects.count()}, changed
