"""The workbook of accords: three sheets, and an import of it that changes nothing."""

import io

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.urls import reverse
from python_calamine import CalamineWorkbook

from actions.models import Action, BudgetLine
from agreements.importing.layouts import ACCORDS, ACTIONS, EXCHANGES
from agreements.models import Convention
from cooperation.records.gates import Status
from reports.accords import in_years
from tests.contents import load_content
from tests.sheets import read, rows, xlsx_file


def sheets_of(content):
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker):
    """Once for all, with a visit: the tests of this module only read."""
    with django_db_blocker.unblock():
        load_content("reference", "agreements", "public_agreements")
        convention = Convention.objects.get(reference="CONV-2026-0011")
        convention.exchanges.create(kind="visite", happened_on="2020", place="Cergy")
        yield
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture
def registry(loaded, db):
    return Convention.objects.all()


@pytest.fixture
def workbook(registry, client):
    page = client.get(reverse("inventory_file", args=["xlsx"]), {"disposition": "accords"})
    return b"".join(page.streaming_content)


def told(rows, reference):
    headings = rows[0]
    found = next(row for row in rows if row[0] == reference)
    return dict(zip(headings, found, strict=True))


def test_it_has_the_headings_of_the_workbook_in_use(workbook):
    sheets = sheets_of(workbook)
    for name, layout in (
        ("ACCORDS", ACCORDS),
        ("ACTIONS_PROJETS", ACTIONS),
        ("ECHANGES_VISITES", EXCHANGES),
    ):
        assert sheets[name][0] == list(layout)
    assert len(ACCORDS) == 29
    assert len(sheets["ACCORDS"]) - 1 == len({row[0] for row in sheets["ACCORDS"][1:]})


def test_an_accord_tells_its_parties_its_money_and_its_state(registry, workbook):
    row = told(sheets_of(workbook)["ACCORDS"], "CONV-2025-0011")
    convention = Convention.objects.get(reference="CONV-2025-0011")
    assert "Djougou" in row["Commune_Benin"]
    assert row["Departement_Benin"] == "Donga"
    assert row["Pays_Partenaire"] == "France"
    assert row["Type_Cooperation"] == convention.get_kind_display()


def test_what_left_comes_back_and_changes_nothing(secretary, workbook, registry):
    before = (Convention.objects.count(), Action.objects.count(), BudgetLine.objects.count())
    job = read(ContentFile(workbook, "accords.xlsx"), secretary)
    changed = {
        (row.sheet, row.line): row.changes or row.trouble
        for row in job.rows.all()
        if row.verdict != "inchangee"
    }
    assert not changed
    assert before == (
        Convention.objects.count(),
        Action.objects.count(),
        BudgetLine.objects.count(),
    )


def test_another_total_than_that_of_its_amounts_is_told(secretary):
    convention = Convention.objects.create(title="Eau", status=Status.DRAFT)
    for amount in (100, 200):
        BudgetLine.objects.create(
            convention=convention,
            amount=amount,
            currency="EUR",
            nature="numeraire",
            label=f"{amount}",
        )
    headings = ["Référence", "Intitulé", "Montant 1", "Monnaie 1"]
    for total, verdict in ((300, "inchangee"), (400, "refusee")):
        job = read(xlsx_file(headings, [convention.reference, "Eau", total, "EUR"]), secretary)
        assert rows(job)[2].verdict == verdict
    assert "2 montants (300 € en tout)" in rows(job)[2].trouble.replace("\u202f", " ").replace(
        "\xa0", " "
    )


@pytest.mark.parametrize(("months", "years"), [(36, "3"), (18, "1,5"), (7, None), (None, None)])
def test_a_duration_is_told_in_years_where_years_tell_it(months, years):
    assert in_years(months) == years


def test_the_command_writes_it_too(registry, tmp_path):
    file = tmp_path / "accords.xlsx"
    call_command("export_inventory", file, layout="accords", verbosity=0)
    assert sheets_of(file.read_bytes())["ACCORDS"][0] == list(ACCORDS)
