from agreements.models import Convention
from cooperation.models import Import
from tests.factories import (
    make_budget_line,
    make_convention,
)
from tests.sheets import (
    answer,
    read,
    rows,
    table,
    verdicts,
    written,
)


def test_the_same_file_twice_changes_nothing(secretary, parakou, orleans):
    lines = [
        "Forêts;Parakou;signataire;Orléans;2019;2021;5 000;EUR;Orléans",
        "Eaux;Parakou;;Orléans;;;20,854.00;USD;",
    ]
    written(read(table(*lines), secretary))
    before = Convention.history.count()
    again = read(table(*lines), secretary)
    assert verdicts(again) == ["inchangee", "inchangee"]
    assert not again.to_write
    assert Convention.history.count() == before


def test_an_empty_cell_erases_nothing_and_a_full_one_updates(secretary, parakou, orleans):
    convention = make_convention(
        [parakou, orleans], title="Forêts", ends_on="2020", objectives="Planter"
    )
    line = make_budget_line(convention, amount="10", currency="EUR", funder=orleans)
    job = read(table("FORETS;Parakou;signataire;orleans;;2021;20;EUR;Orléans"), secretary)
    row = rows(job)[2]
    assert (row.verdict, row.target) == ("mise-a-jour", convention.reference)
    assert ["fin", "2020", "2021"] in row.changes
    assert ["intitulé", "Forêts", "FORETS"] in row.changes
    assert ["ligne budgétaire", "10, EUR, Orléans", "20, EUR, Orléans"] in row.changes
    written(job)
    convention.refresh_from_db()
    line.refresh_from_db()
    assert (convention.ends_on, convention.objectives, line.amount) == ("2021", "Planter", 20)
    assert convention.parties.count() == 2
    assert convention.parties.get(partner=parakou).role == "signataire"


def test_what_is_left_out_stays_out_and_says_so(secretary, parakou):
    job = read(table("A;Parakou;;Inconnue;;;;;", "B;Parakou;;;;;;;"), secretary)
    job = answer(job, {next(iter(job.questions)): "-"})
    assert verdicts(job) == ["refusee", "ajout"]
    assert "laissé de côté" in rows(job)[2].trouble


def test_the_preview_is_of_the_record_that_is_written(secretary, parakou, orleans):
    first = make_convention([parakou, orleans], title="T", starts_on=None, ends_on=None)
    job = read(table("T;Parakou;;Orléans;2019;;;;"), secretary)
    first.title = "Autre chose, tout autre"
    first.save()
    second = make_convention([parakou, orleans], title="T", starts_on=None, ends_on=None)
    job = written(job)
    assert job.state == Import.State.READY
    second.refresh_from_db()
    assert second.starts_on is None
