from actions.importing.conventions import FullConventionImporter
from agreements.models import Convention
from cooperation.importing import runs
from cooperation.models import Import
from tests.factories import (
    make_convention,
)
from tests.sheets import carry_on, read, rows, table, written


def test_nothing_is_written_before_the_confirmation(secretary, parakou, orleans):
    read(table("Forêts;Parakou;;Orléans;2019;2021;;;"), secretary)
    assert not Convention.objects.exists()


def test_a_preview_that_is_no_longer_true_is_shown_again(secretary, parakou, orleans):
    known = make_convention([parakou, orleans], title="Connue", ends_on="2020")
    job = read(table("Connue;Parakou;;Orléans;;2021;;;"), secretary)
    known.ends_on = "2022"
    known.save()
    job = written(job)
    assert job.state == Import.State.READY
    assert "a changé depuis l’aperçu" in job.notice
    assert rows(job)[2].changes == [["fin", "2022", "2021"]]
    known.refresh_from_db()
    assert known.ends_on == "2022"
    assert written(job).state == Import.State.WRITTEN


def test_a_change_elsewhere_does_not_stop_the_writing(secretary, parakou, orleans):
    job = read(table("Neuve;Parakou;;Orléans;;;;;"), secretary)
    make_convention(title="Ailleurs")
    assert written(job).state == Import.State.WRITTEN


def test_a_failure_writes_nothing_and_says_so(secretary, parakou, orleans, monkeypatch):
    job = read(table("A;Parakou;;Orléans;;;5;EUR;"), secretary)
    monkeypatch.setattr(FullConventionImporter, "write_lines", lambda *args: 1 / 0)
    job = written(job)
    assert job.state == Import.State.FAILED
    assert "rien n’est écrit" in job.failure
    assert not Convention.objects.exists()


def test_writing_twice_writes_once(secretary, parakou, orleans):
    job = written(read(table("A;Parakou;;Orléans;;;;;"), secretary))
    assert not runs.confirm(job, secretary)
    carry_on(job)
    assert Convention.objects.count() == 1


def test_a_file_that_was_imported_is_told(secretary, parakou, orleans):
    lines = "A;Parakou;;Orléans;;;;;"
    written(read(table(lines), secretary))
    assert "déjà été importé le" in read(table(lines), secretary).notice
