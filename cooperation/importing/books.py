"""A file as an import keeps it: the sheets that are lists, and their rows."""

import hashlib
import re
from contextlib import nullcontext
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.module_loading import import_string
from xlsxwriter.utility import xl_col_to_name

from cooperation.importing.files import CHOICES, GUIDE
from cooperation.importing.sheets import MAX_ROWS, about_sheet
from cooperation.lists.tables import ABOUT
from cooperation.values.text import fold

# What a column without a title is called, with its letter.
UNNAMED = "Colonne"
UNTITLED = re.compile(f"{UNNAMED} [A-Z]+")
# Sheets of our own template that hold no list, folded.
OUR_SHEETS = {fold(GUIDE), fold(CHOICES), fold(ABOUT)}


def importer_class(kind) -> type:
    return import_string(settings.IMPORTERS[kind])


@dataclass(frozen=True)
class Table:
    """A file that is a list of a kind, with the lists of other kinds that its other sheets are."""

    kind: str
    filename: str
    sha256: str
    # As an import keeps them.
    sheets: list[dict]
    # [(sheet, line, cells), …]
    rows: list[tuple[int, int, list[str]]]


def read_table(file, kind, user) -> Table:
    """ValidationError where the file is no list of this kind, or holds one that is not for the person."""
    importer = importer_class(kind)
    beside = {name: one for one in importer.beside for name in importer_class(one).sheet_names}
    sheets, rows = [], []
    # In the order of `beside`, whatever that of the file: payments stand on amounts.
    order = {name: place for place, name in enumerate(beside)}
    first, *others = importer.read_file(file, tuple(beside))
    others.sort(key=lambda one: order.get(fold(one[0]), len(order)))
    for name, lines in (first, *others):
        of = beside.get(fold(name), "") if sheets or fold(name) in beside else kind
        with about_sheet(name) if sheets else nullcontext():
            sheet, told = read_lines(of, name, lines)
        is_unread = sheets and (
            of in {one["kind"] for one in sheets} or not sheet or lacking(sheet)
        )
        if lines is None or is_unread:
            if fold(name) not in OUR_SHEETS:
                sheets.append({"kind": "", "name": name, "headings": [], "filled": []})
            continue
        rows += [(len(sheets), line, cells) for line, cells in told]
        sheets.append(sheet)
    for sheet in sheets:
        of = sheet["kind"] and importer_class(sheet["kind"])
        if of and not user.has_perms(of.permissions):
            raise ValidationError(
                f"Vous ne pouvez pas importer de {of.label} : retirez la feuille « {sheet['name']} »."
            )
    if len(rows) > MAX_ROWS:
        raise ValidationError(
            f"Ce classeur a {len(rows)} lignes. Découpez-le : {MAX_ROWS} au plus à la fois."
        )
    file.seek(0)
    sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return Table(kind=kind, filename=file.name[-200:], sha256=sha256, sheets=sheets, rows=rows)


def read_lines(kind, name, lines) -> tuple[dict, list]:
    """(facts of a sheet as an import keeps them, its rows); nothing of one that is not read."""
    if not lines or not kind:
        return {}, []
    (_, headings), *rows = lines
    filled = {n for _, cells in rows for n, cell in enumerate(cells[: len(headings)]) if cell}
    headings = with_names(headings, filled)
    importer_class(kind).recognise(headings)
    return {"kind": kind, "name": name, "headings": headings, "filled": sorted(filled)}, rows


def lacking(sheet, mapping=None) -> list[str]:
    """Headings of the columns without which a sheet cannot be read, and that no column of it is."""
    importer = importer_class(sheet["kind"])
    return importer.missing(importer.recognise(sheet["headings"], mapping))


def with_names(headings, filled) -> list[str]:
    """Headings, where a column that has none and holds something is called by its letter."""
    return [
        f"{UNNAMED} {xl_col_to_name(number)}" if number in filled and not heading else heading
        for number, heading in enumerate(headings)
    ]
