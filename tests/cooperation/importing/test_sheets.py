"""Files that people bring: read as they are, or refused with what to mend."""

import datetime
import io
import re
import zipfile

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from hypothesis import given
from hypothesis import strategies as st

from cooperation.importing.sheets import MAX_COLUMNS, MAX_ROWS, read_sheets
from tests.sheets import csv_file, ods_file, xlsx_file


def read_sheet(file):
    """The lines of the first sheet."""
    return read_sheets(file)[0][1]


def refusal(file):
    with pytest.raises(ValidationError) as refused:
        read_sheet(file)
    return " ".join(refused.value.messages)


def test_values_come_as_people_would_type_them():
    day = datetime.date(2019, 11, 14)

    def finish(workbook, sheet):
        sheet.write_datetime(
            1, 4, datetime.datetime(2019, 11, 14), workbook.add_format({"num_format": "dd/mm/yyyy"})
        )

    file = xlsx_file(
        ["a", "b", "c", "d", "e"], [2019, 1123884.5, True, " Pobè ", None], finish=finish
    )
    assert read_sheet(file) == [
        (1, ["a", "b", "c", "d", "e"]),
        (2, ["2019", "1123884.5", "oui", "Pobè", day.isoformat()]),
    ]


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_a_csv_says_itself_how_it_is_cut(delimiter):
    file = csv_file(
        delimiter.join(["Intitulé", "Début"]) + "\n\n" + delimiter.join(["Eau", "2019"])
    )
    assert read_sheet(file) == [(1, ["Intitulé", "Début"]), (3, ["Eau", "2019"])]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_accents_are_read_in_the_encodings_of_french_tables(encoding):
    assert read_sheet(csv_file("Nom\nAdja-Ouèrè, « cœur »\n", encoding=encoding))[1][1][
        0
    ].startswith("Adja-Ouèrè")


def test_a_date_is_as_precise_as_its_cell_shows_it():
    def finish(workbook, sheet):
        for column, shown in enumerate(
            ["mmm-yy", "yyyy", "dd/mm/yyyy", '"le" d mmmm yyyy', "mm/yyyy"]
        ):
            style = workbook.add_format({"num_format": shown})
            sheet.write_datetime(1, column, datetime.datetime(2019, 11, 14), style)

    rows = read_sheet(xlsx_file(["a", "b", "c", "d", "e"], [], finish=finish))
    assert rows[1][1] == ["2019-11", "2019", "2019-11-14", "2019-11-14", "2019-11"]


def test_a_date_of_an_ods_is_as_precise_as_its_cell_shows_it():
    """« novembre 2019 » became the first of November."""
    rows = read_sheet(
        ods_file(
            styles='<number:date-style style:name="N1"><number:month/><number:year/></number:date-style>'
            '<number:date-style style:name="N2"><number:year/></number:date-style>'
            '<number:date-style style:name="N3"><number:day/><number:month/><number:year/></number:date-style>'
            + "".join(
                f'<style:style style:name="c{n}" style:family="table-cell" style:data-style-name="N{n}"/>'
                for n in (1, 2, 3)
            ),
            rows="<table:table-row>"
            + "".join(
                f'<table:table-cell office:value-type="string"><text:p>{h}</text:p></table:table-cell>'
                for h in "abcd"
            )
            + "</table:table-row><table:table-row>"
            + "".join(
                f'<table:table-cell table:style-name="c{n}" table:number-columns-repeated="{times}" '
                'office:value-type="date" office:date-value="2019-11-01"><text:p>x</text:p></table:table-cell>'
                for n, times in ((1, 2), (2, 1), (3, 1))
            )
            + "</table:table-row>",
        )
    )
    assert rows[1][1] == ["2019-11", "2019-11", "2019", "2019-11-01"]


@pytest.mark.parametrize("mark", ["sep=;\r\n", '"sep=;"\n', "\ufeffsep=|\n"])
def test_the_line_by_which_excel_is_told_the_delimiter_is_no_heading(mark):
    cut = "|" if "|" in mark else ";"
    rows = read_sheet(ContentFile(f"{mark}a, b{cut}c\n1{cut}2\n".encode(), "liste.csv"))
    assert rows == [(2, ["a, b", "c"]), (3, ["1", "2"])]


def test_a_hidden_sheet_is_not_read():
    """A draft that nobody sees any more would be imported in place of the sheet on the screen."""
    file = xlsx_file(["a"], [1], finish=hide)
    assert "est masquée" in refusal(file)


def hide(workbook, sheet):
    workbook.add_worksheet("Visible").activate()
    sheet.hide()


def test_the_mark_of_our_own_csv_comes_off():
    assert read_sheet(csv_file("Nom\n'-20 % prévu\n'Ouvert'\n"))[1:] == [
        (2, ["-20 % prévu"]),
        (3, ["'Ouvert'"]),
    ]


def test_line_numbers_are_those_of_the_file():
    file = csv_file('Intitulé;Note\nA;"deux\nlignes"\nB;x\n')
    assert [number for number, _ in read_sheet(file)] == [1, 2, 4]


def macro_workbook():
    buffer = io.BytesIO(xlsx_file(["a"], ["b"]).read())
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")
    return ContentFile(buffer.getvalue(), "macro.xlsm")


def bomb():
    buffer = io.BytesIO(xlsx_file(["a"], ["b"]).read())
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet2.xml", b"0" * (300 * 2**20))
    return ContentFile(buffer.getvalue(), "bombe.xlsx")


def changed(file, pattern, replacement):
    """A workbook with something replaced in each of its parts."""
    source, buffer = zipfile.ZipFile(file), io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as copy:
        for name in source.namelist():
            copy.writestr(name, re.sub(pattern, replacement, source.read(name)))
    return ContentFile(buffer.getvalue(), "sans.xlsx")


def without_references(file):
    """A workbook whose cells do not say where they are, as some programs write them."""
    return changed(file, rb' r="[A-Z]+[0-9]+"', b"")


def with_error(workbook, sheet):
    sheet.write_formula(2, 1, "=NA()", value="#N/A")


HOSTILE = {
    "a cell at the end of the sheet": (
        lambda: xlsx_file(["a"], ["b"], finish=lambda w, s: s.write(1_048_575, 16_383, "x")),
        "XFD1048576",
    ),
    "formula without a place": (
        lambda: without_references(
            xlsx_file(["a"], ["b"], finish=lambda w, s: s.write_formula(2, 0, "=1+1"))
        ),
        "contient une formule",
    ),
    "error": (lambda: xlsx_file(["a"], ["b"], finish=with_error), "contient"),
    "nul in a workbook": (
        lambda: changed(xlsx_file(["a"], ["AnulB"]), b"AnulB", b"A_x0000_B"),
        "caractère nul",
    ),
    "empty": (lambda: ContentFile(b"", "vide.csv"), "vide"),
    "blank": (lambda: csv_file("\n \n"), "vide"),
    "headings alone": (lambda: csv_file("Intitulé;Début\n"), "aucune ligne à importer"),
    "blank workbook": (xlsx_file, "vide"),
    "formula": (
        lambda: xlsx_file(["a"], ["b"], finish=lambda w, s: s.write_formula(2, 1, "=1+1")),
        "La cellule B3 contient une formule",
    ),
    "merged": (
        lambda: xlsx_file(["a"], ["b"], finish=lambda w, s: s.merge_range(2, 0, 3, 2, "x")),
        "La cellule A3 est fusionnée",
    ),
    "200 columns": (lambda: xlsx_file(["x"] * 200, ["y"] * 200), "100 colonnes au plus"),
    "200 columns of text": (lambda: csv_file(";".join(["x"] * 200) + "\ny\n"), "200 colonnes"),
    "far cell": (
        lambda: xlsx_file(["a"], ["b"], finish=lambda w, s: s.write(900_000, 3, "x")),
        "D900001",
    ),
    "macros": (macro_workbook, "macros"),
    "bomb": (bomb, "trop grand"),
    "truncated": (lambda: ContentFile(xlsx_file(["a"], ["b"]).read()[:900], "a.xlsx"), "abîmé"),
    "mac encoding": (lambda: csv_file("Nom\nPobè\n", encoding="mac_roman"), "encodage"),
    "nul": (lambda: ContentFile(b"Nom\nPob\x00\n", "a.csv"), "ne se lit pas"),
    "quote": (lambda: csv_file('Nom\n"Pobè\n'), "guillemet"),
    "pdf": (lambda: ContentFile(b"%PDF-1.7", "a.xlsx"), "XLSX"),
    "old excel": (lambda: ContentFile(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.xls"), "XLSX"),
    "html": (lambda: csv_file("<table><tr><td>x"), "XLSX"),
    "too many rows": (lambda: csv_file("Nom\n" + "x\n" * (MAX_ROWS + 1)), "Découpez-le"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_in_clear_words(name):
    make, words = HOSTILE[name]
    assert words in refusal(make())


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reading(content):
    try:
        rows = read_sheet(ContentFile(content, "x"))
    except ValidationError as error:
        assert error.messages[0]
    else:
        assert all(len(cells) <= MAX_COLUMNS for _, cells in rows)
