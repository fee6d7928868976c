from django.db import connection
from django.test.utils import CaptureQueriesContext

from actions.importing.conventions import FullConventionImporter
from actions.models import BudgetLine
from cooperation.importing import runs
from cooperation.importing.books import read_table
from cooperation.models import Import, Partner
from cooperation.records.gates import Status
from cooperation.roles import Role
from tests.factories import (
    make_convention,
    make_partner,
    make_user,
    published,
)
from tests.sheets import (
    answer,
    carry_on,
    read,
    rows,
    table,
    undone,
    verdicts,
    written,
)


def test_a_new_partner_is_made_once_as_a_draft_and_goes_with_the_import(secretary, parakou):
    file = table("A;Parakou;;Ville de Metz;;;;;", "B;Parakou;;ville de metz;;;5;EUR;Ville de Metz")
    job = read(file, secretary)
    (key,) = job.questions
    job = written(answer(job, {key: "+"}))
    metz = Partner.objects.get(name="Ville de Metz")
    assert (metz.status, metz.conventions.count()) == (Status.DRAFT, 2)
    assert BudgetLine.objects.get().funder == metz
    undone(job)
    assert not Partner.objects.filter(name="Ville de Metz").exists()


def test_a_convention_that_looks_like_another_is_asked(secretary, parakou, orleans):
    known = make_convention([parakou, orleans], title="Partenariat Orléans-Parakou")
    file = table("Partenariat de Parakou et Orléans;Parakou;;Orléans;2019;2021;;;")
    job = read(file, secretary)
    ((key, question),) = job.questions.items()
    assert question["choices"][0][0] == known.reference
    assert verdicts(answer(job, {key: known.reference})) == ["mise-a-jour"]
    assert verdicts(answer(job, {key: "+"})) == ["ajout"]


def test_the_same_convention_twice_in_a_file_is_refused_the_second_time(
    secretary, parakou, orleans
):
    job = read(table("A;Parakou;;Orléans;;;;;", "a;orleans;;Parakou;;;;;"), secretary)
    assert verdicts(job) == ["ajout", "refusee"]
    assert "ligne 2" in rows(job)[3].trouble


def test_an_agent_brings_in_what_is_theirs_and_nothing_else(parakou, orleans, pobe):
    agent = make_user(Role.COMMUNE, partner=parakou)
    theirs = make_convention([pobe, orleans], title="Secrète")
    ours = make_convention([parakou, orleans], title="Nôtre", **published())
    job = read(
        table(
            "Neuve;Parakou;;Orléans;;;;;",
            "Sans nous;Pobè;;Orléans;;;;;",
            f"{theirs.title};Pobè;;Orléans;2001;;;;",
            "Nôtre;Parakou;;Orléans;2001;;;;",
            "Nôtre ;Parakou;;Orléans;;;5;EUR;",
        ),
        agent,
    )
    assert verdicts(job) == ["ajout", "refusee", "refusee", "refusee", "refusee"]
    assert "n’est pas parmi les parties" in rows(job)[3].trouble
    assert "n’est pas parmi les parties" in rows(job)[4].trouble
    assert "avenant" in rows(job)[5].trouble
    assert theirs.reference not in str([row.__dict__ for row in job.rows.all()])
    by_reference = read(table(f"{theirs.reference};Prise", headings="Référence;Intitulé"), agent)
    assert "n’est la référence d’aucune" in rows(by_reference)[2].trouble
    ours.refresh_from_db()
    assert ours.starts_on == "2019"


def test_the_secretariat_corrects_what_is_published_with_its_reason(secretary, parakou, orleans):
    convention = make_convention([parakou, orleans], title="Nôtre", **published())
    job = written(
        read(table("Nôtre;Parakou;;Orléans;2001;;5;EUR;"), secretary, reason="Texte relu.")
    )
    convention.refresh_from_db()
    assert convention.starts_on == "2001"
    assert convention.history.first().history_change_reason.endswith("Texte relu.")
    undone(job)
    convention.refresh_from_db()
    assert convention.starts_on == "2019"
    assert not convention.budget_lines.exists()


def test_rights_that_are_lost_write_nothing(parakou, orleans, pobe):
    agent = make_user(Role.COMMUNE, partner=parakou)
    convention = make_convention([parakou, orleans], title="Nôtre")
    job = read(table("Nôtre;Parakou;;Orléans;2001;;;;"), agent)
    assert verdicts(job) == ["mise-a-jour"]
    agent.partner = pobe
    agent.save()
    job.refresh_from_db()
    job = written(job)
    assert job.state == Import.State.READY
    convention.refresh_from_db()
    assert convention.starts_on == "2019"
    job = read(table("Autre;Pobè;;Orléans;2001;;;;"), agent)
    agent.partner = parakou
    agent.save()
    assert not Import.objects.visible_to(agent).filter(pk=job.pk).exists()


def test_a_row_is_the_convention_of_its_own_time_and_others_are_asked(secretary, parakou, orleans):
    make_convention([parakou, orleans], title="T", starts_on="2015", ends_on="2018")
    job = read(table("T;Parakou;;Orléans;2019;2022;;;"), secretary)
    assert verdicts(job) == ["question"]
    job = written(answer(job, {next(iter(job.questions)): "+"}))
    both = read(
        table("T;Parakou;;Orléans;2015;2018;;;", "T;Parakou;;Orléans;2019;2022;;;"), secretary
    )
    assert verdicts(both) == ["inchangee", "inchangee"]
    assert verdicts(read(table("T;;;;;;;;"), secretary)) == ["question"]


def test_rows_of_one_title_stay_apart_at_the_second_reading(secretary, parakou, orleans):
    lines = ("T;Parakou;;Orléans;;;;;", "T;;;;2020;;;;")
    job = written(read(table(*lines), secretary))
    assert verdicts(job) == ["ajout", "ajout"]
    assert "mise-a-jour" not in verdicts(read(table(*lines), secretary))


def test_a_refused_row_does_not_stand_in_the_way_of_the_next(secretary, parakou, orleans):
    job = read(
        table("T;Parakou;;Orléans;2020;2019;;;", "T;Parakou;;Orléans;2019;2020;;;"), secretary
    )
    assert verdicts(job) == ["refusee", "ajout"]


def test_a_row_that_breaks_the_reading_is_refused_alone(secretary, parakou, monkeypatch):
    plan = FullConventionImporter.plan
    monkeypatch.setattr(
        FullConventionImporter,
        "plan",
        lambda self, meanings, cells, line: (
            1 / 0 if line == 2 else plan(self, meanings, cells, line)
        ),
    )
    assert verdicts(read(table("A;Parakou;;;;;;;", "B;Parakou;;;;;;;"), secretary)) == [
        "refusee",
        "ajout",
    ]


def test_many_rows_of_one_title_are_read_in_linear_time(secretary, parakou):
    """Queries, not seconds: a noisy machine proves nothing."""
    for number in range(30):
        make_partner(name=f"Ville {number}", country="FR")
    lines = [f"T;Parakou;;Ville {number};;;;;" for number in range(30)]
    written(read(table(*lines), secretary))

    def queries(count):
        job = runs.receive(
            read_table(table(*lines[:count]), "conventions", secretary), user=secretary
        )
        with CaptureQueriesContext(connection) as captured:
            carry_on(job)
        assert set(verdicts(job)) == {"inchangee"}
        return len(captured)

    few = queries(5)
    assert queries(30) < 7 * few
