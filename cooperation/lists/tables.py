"""Tables for spreadsheets: CSV and XLSX, written row by row in flat memory.

No cell runs anything: XLSX cells are written as what they are, and a CSV cell that a spreadsheet
would take for a formula begins with an apostrophe.
"""

import csv
import re
import tempfile
from collections.abc import Iterator
from decimal import Decimal
from typing import IO

import xlsxwriter

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
# How a text begins that a spreadsheet would run; in full width too, which Excel reads as the same.
RUNNABLE_STARTS = tuple("=@+-＝＠＋－")
# Excel cuts longer texts, without a word.
MOST_CHARACTERS = 32_767
CUT = "… (texte coupé ici par le tableur)"


class Echo:
    """A file that gives back what is written."""

    def write(self, line) -> str:
        return line


def csv_lines(rows) -> Iterator:
    """The lines of a CSV file that Excel in French opens as it is: semicolons, UTF-8 with a mark."""
    writer = csv.writer(Echo(), delimiter=";")
    mark = "\ufeff"
    for row in rows:
        yield mark + writer.writerow([csv_cell(value) for value in row])
        mark = ""


def csv_cell(value) -> object:
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if value.lstrip()[:1] in RUNNABLE_STARTS else value
    # A point would make text of an amount where commas are decimal.
    return f"{value:f}".replace(".", ",") if isinstance(value, Decimal) else str(value)


def new_workbook(path) -> xlsxwriter.Workbook:
    return xlsxwriter.Workbook(
        path,
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False},
    )


def xlsx_file(rows, *, title, widths=(), about=()) -> IO[bytes]:
    """A temporary file, open at its start, with the rows; the first one holds the headings.

    `about`: rows of a second sheet, that say what the file is.
    """
    return workbook_file([(title, rows, widths)], about)


# The sheet of a workbook that says what it is.
ABOUT = "À propos"


def workbook_file(sheets, about=()) -> IO[bytes]:
    """The same of several sheets: (title, rows, widths of their columns)."""
    file = tempfile.TemporaryFile(suffix=".xlsx")  # noqa: SIM115  whoever reads it closes it
    with new_workbook(file) as workbook:
        head = workbook.add_format({"bold": True, "bg_color": "#e2f1ea", "border": 1})
        for title, rows, widths in sheets:
            # What spreadsheets allow in the name of a sheet.
            sheet = workbook.add_worksheet(re.sub(r"[\[\]:*?/\\]", " ", title)[:31])
            for column, width in enumerate(widths):
                sheet.set_column(column, column, width)
            sheet.freeze_panes(1, 0)
            for number, row in enumerate(rows):
                for column, value in enumerate(row):
                    write_cell(sheet, number, column, value, head if number == 0 else None)
        if about:
            second = workbook.add_worksheet(ABOUT)
            second.set_column(0, 1, 30)
            for number, row in enumerate(about):
                for column, value in enumerate(row):
                    write_cell(second, number, column, value)
    file.seek(0)
    return file


def write_cell(sheet, row, column, value, style=None) -> None:
    """Numbers as numbers, all else as text."""
    if value is None or value == "":
        return
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        sheet.write_number(row, column, value, style)
        return
    text = str(value)
    if len(text) > MOST_CHARACTERS:
        text = text[: MOST_CHARACTERS - len(CUT)] + CUT
    sheet.write_string(row, column, text, style)
