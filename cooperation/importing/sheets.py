"""A CSV, XLSX or ODS file as rows of text, or a refusal that says what to mend."""

import csv
import datetime
import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from unicodedata import normalize
from xml.etree import ElementTree

from django.core.exceptions import ValidationError
from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum
from xlsxwriter.utility import xl_cell_to_rowcol, xl_col_to_name, xl_rowcol_to_cell

from cooperation import uploads
from cooperation.lists.tables import RUNNABLE_STARTS
from cooperation.processes import read_apart
from cooperation.values.text import clean_text, fold

MAX_BYTES = uploads.MAX_BYTES
MAX_ROWS = 20_000
MAX_COLUMNS = 100
MAX_CELL = 20_000

SHEETS = {uploads.OFFICE["xlsx"], uploads.OFFICE["ods"]}
EMPTY = "Ce fichier est vide : il n’y a aucune ligne à importer."
DAMAGED = "Ce fichier ne se lit pas. Ouvrez-le dans votre tableur et enregistrez-le à nouveau."
UNKNOWN = "Ce fichier n’est ni un XLSX, ni un ODS, ni un CSV. Enregistrez-le en XLSX."
# Letters and marks of French texts beyond ASCII: what an old CSV without Unicode may hold.
FRENCH = set("àâäçéèêëîïôöùûüÿœæÀÂÄÇÉÈÊËÎÏÔÖÙÛÜŸŒÆ’‘“”«»–—…€°²³º·\u00a0ñóíáúãõ")
# How a spreadsheet would recognise something to run.
RUNNABLE = ("=", "@", "\t", "\r")
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
ODS = {
    name: f"{{urn:oasis:names:tc:opendocument:xmlns:{space}:1.0}}"
    for name, space in (
        ("office", "office"),
        ("table", "table"),
        ("style", "style"),
        ("number", "datastyle"),
    )
}
FORMULA = "{} contient une formule. Copiez la feuille et collez-la en valeurs."
BUILT_IN_MONTH = 17  # the format « mmm-yy » that every workbook has


def read_sheets(file, first=(), others=()) -> list[tuple[str, list | None]]:
    """[(name of a sheet, [(line number, cells as text), …]), …] without empty lines.

    The first line holds the headings.

    The first sheet is read, or the one whose folded name is in `first`; then those whose names are
    in `others`. Another one that is shown stands there with None. ValidationError, in French, where
    what is read is not a plain table of at most MAX_ROWS lines and MAX_COLUMNS columns: nothing is
    guessed or half read.
    """
    if file.size > MAX_BYTES:
        raise ValidationError(f"Le fichier dépasse {MAX_BYTES // 2**20} Mo. Découpez-le.")
    file.seek(0)
    content = file.read()
    if not content.strip():
        raise ValidationError(EMPTY)
    if content.startswith(b"PK\x03\x04"):
        sheets = read_apart(workbook_sheets, content, tuple(first), tuple(others))
    elif content.startswith((b"\xd0\xcf\x11\xe0", b"%PDF", b"{", b"<")):
        raise ValidationError(UNKNOWN)
    else:
        sheets = [("", csv_rows(decoded(content)))]
    (name, rows), *rest = sheets
    return [
        (name, plain_table(rows)),
        *(
            (name, rows and plain_table(rows))
            for name, rows in rest
            if rows is None or is_told(rows)
        ),
    ]


@contextmanager
def about_sheet(name) -> Iterator:
    """What is wrong of another sheet than the first is told with its name."""
    try:
        yield
    except ValidationError as error:
        messages = [f"Feuille « {name} » : {message}" for message in error.messages]
        raise ValidationError(messages) from error


def is_told(rows) -> bool:
    """Whether a sheet beside the first holds more than its headings."""
    return sum(any(cells) for _, cells in rows) > 1


def plain_table(rows) -> list[tuple[int, list[str]]]:
    """The lines that hold something; ValidationError where there are none, or too many."""
    lines = [(number, cells) for number, cells in rows if any(cells)]
    if not lines:
        raise ValidationError(EMPTY)
    if len(lines) - 1 > MAX_ROWS:
        raise ValidationError(
            f"Ce fichier a {len(lines) - 1} lignes. Découpez-le : {MAX_ROWS} au plus à la fois."
        )
    width = max(len(cells) for _, cells in lines)
    if width > MAX_COLUMNS:
        raise ValidationError(
            f"Ce fichier a {width} colonnes, {MAX_COLUMNS} au plus. Partez du modèle à télécharger."
        )
    if len(lines) == 1:
        raise ValidationError(f"Ce fichier n’a qu’une ligne, celle des titres. {EMPTY}")
    return lines


def workbook_sheets(content, first, others) -> list[tuple]:
    if uploads.content_type(content) not in SHEETS:
        raise ValidationError(UNKNOWN)
    uploads.check_office(content)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = list(enumerate(workbook.sheets_metadata))
        # The sheet that is so called, or else the first one.
        sheets.sort(key=lambda one: fold(one[1].name) not in first)
        (index, main), *rest = sheets
        read = [(main.name, workbook_rows(content, workbook, index))]
        for index, sheet in rest:
            is_shown = sheet.visible == SheetVisibleEnum.Visible
            if fold(sheet.name) in others and is_shown:
                with about_sheet(sheet.name):
                    read.append((sheet.name, workbook_rows(content, workbook, index)))
            elif is_shown:
                read.append((sheet.name, None))
    except (CalamineError, IndexError, ValueError) as error:
        raise ValidationError(DAMAGED) from error
    return read


def workbook_rows(content, workbook, index) -> list[tuple]:
    """The lines of one sheet, once it is known to hold nothing but a table."""
    with uploads.unreadable(DAMAGED), zipfile.ZipFile(io.BytesIO(content)) as archive:
        if "xl/workbook.xml" in archive.namelist():
            precisions = check_cells(archive, index)
        else:
            precisions = check_ods(archive, index)
    refuse_hidden(workbook.sheets_metadata[index])
    sheet = workbook.get_sheet_by_index(index)
    if merged := sheet.merged_cell_ranges:
        (row, column), _ = merged[0]
        raise ValidationError(
            f"La cellule {xl_col_to_name(column)}{row + 1} est fusionnée avec d’autres. Annulez la "
            "fusion : chaque ligne porte ses propres valeurs."
        )
    if sheet.end:
        refuse_far(*sheet.end)
    rows = sheet.to_python(skip_empty_area=False)
    return [
        (
            number + 1,
            [cell_text(v, precisions.get((number, column), 10)) for column, v in enumerate(row)],
        )
        for number, row in enumerate(rows)
    ]


def refuse_hidden(sheet) -> None:
    """Nobody knows what a sheet holds that the spreadsheet does not show."""
    if sheet.visible != SheetVisibleEnum.Visible:
        raise ValidationError(
            f"La feuille « {sheet.name} » est masquée, et c’est elle qui serait lue. "
            "Affichez-la, supprimez-la ou placez la vôtre devant."
        )


def check_cells(archive, index) -> dict:
    """Refuse what a sheet of an XLSX must not hold, before it is read as a whole.

    Returns {(row, column): length} of dates that are shown as a month (7) or a year (4) only: in
    such a cell the day is the spreadsheet’s own invention.
    """
    precise = date_precisions(archive)
    found, row, column = {}, -1, -1
    with archive.open(sheet_part(archive, index)) as file:
        for event, element in ElementTree.iterparse(file, events=("start", "end")):  # noqa: S314
            tag = element.tag.removeprefix(MAIN)
            if event == "end":
                if tag == "row":
                    element.clear()
                continue
            if tag == "row":
                row, column = int(element.get("r", row + 2)) - 1, -1
            elif tag == "c":
                place = element.get("r")
                row, column = xl_cell_to_rowcol(place) if place else (row, column + 1)
                refuse_far(row, column)
                if element.get("t") == "e":
                    name = xl_rowcol_to_cell(row, column)
                    raise ValidationError(
                        f"La cellule {name} contient une erreur (#N/A, #REF…). Corrigez-la."
                    )
                if length := precise.get(element.get("s")):
                    found[row, column] = length
            elif tag == "f":
                name = xl_rowcol_to_cell(row, column)
                raise ValidationError(FORMULA.format(f"La cellule {name}"))
    return found


def check_ods(archive, index) -> dict:
    """The same of a sheet of an ODS."""
    content = archive.read("content.xml")
    if b"table:formula=" in content:
        raise ValidationError(FORMULA.format("Une cellule"))
    root = ElementTree.fromstring(content)  # noqa: S314
    roots = [root]
    if "styles.xml" in archive.namelist():
        roots.append(ElementTree.fromstring(archive.read("styles.xml")))  # noqa: S314
    precise = ods_date_styles(roots)
    tables = root.findall(f".//{ODS['table']}table")[index : index + 1]
    found, row = {}, -1
    for line in tables[0].iter(f"{ODS['table']}table-row") if tables else ():
        rows = repeated(line, "number-rows-repeated")
        column = 0
        for cell in line:
            columns = repeated(cell, "number-columns-repeated")
            length = precise.get(cell.get(f"{ODS['table']}style-name"))
            # Styles run on over empty cells, to the end of the sheet.
            if length and cell.get(f"{ODS['office']}date-value"):
                for across in range(column, min(column + columns, MAX_COLUMNS)):
                    for down in range(row + 1, min(row + 1 + rows, MAX_ROWS * 2)):
                        found[down, across] = length
            column += columns
        row += rows
    return found


def repeated(element, name) -> int:
    return int(element.get(f"{ODS['table']}{name}", 1))


def ods_date_styles(roots) -> dict:
    """{style of a cell: length of an ISO date} of the styles that show a date without its day."""
    dates = {}
    for root in roots:
        for style in root.iter(f"{ODS['number']}date-style"):
            shown = {part.tag.removeprefix(ODS["number"]) for part in style}
            if "year" in shown and "day" not in shown:
                dates[style.get(f"{ODS['style']}name")] = 7 if "month" in shown else 4
    return {
        style.get(f"{ODS['style']}name"): dates[format_of]
        for root in roots
        for style in root.iter(f"{ODS['style']}style")
        if (format_of := style.get(f"{ODS['style']}data-style-name")) in dates
    }


def refuse_far(row, column) -> None:
    if row > MAX_ROWS * 2 or column >= MAX_COLUMNS:
        raise ValidationError(
            f"Ce tableau va jusqu’à la cellule {xl_rowcol_to_cell(row, column)} : {MAX_ROWS} lignes "
            f"et {MAX_COLUMNS} colonnes au plus. Supprimez ce qui dépasse."
        )


def sheet_part(archive, index) -> str:
    """The part of the archive that holds a sheet, by its place among them."""
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314
    wanted = book.findall(f"{MAIN}sheets/{MAIN}sheet")[index].get(LINK)
    links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    target = next(link.get("Target") for link in links if link.get("Id") == wanted)
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def date_precisions(archive) -> dict:
    """{style: length of an ISO date} of the styles that show a date without its day."""
    if "xl/styles.xml" not in archive.namelist():
        return {}
    styles = ElementTree.fromstring(archive.read("xl/styles.xml"))  # noqa: S314
    codes = {f.get("numFmtId"): f.get("formatCode", "") for f in styles.iter(f"{MAIN}numFmt")}
    codes[str(BUILT_IN_MONTH)] = "mmm-yy"
    formats = styles.find(f"{MAIN}cellXfs")
    found = {}
    for number, style in enumerate(formats if formats is not None else ()):
        code = re.sub(r'"[^"]*"|\[[^]]*\]|\\.', "", codes.get(style.get("numFmtId"), "")).lower()
        if "y" in code and "d" not in code:
            found[str(number)] = 7 if "m" in code else 4
    return found


def cell_text(value, length) -> str:
    """As a person would type it: numbers with a point and no useless zero.

    Dates are ISO 8601, cut to the `length` that their cell shows.
    """
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, float):
        return f"{Decimal(f'{value:.15g}'):f}"
    if isinstance(value, datetime.datetime):
        value = value.date()
    if isinstance(value, datetime.date):
        return value.isoformat()[:length]
    return tidy(str(value))


def tidy(text) -> str:
    if "\x00" in text:
        raise ValidationError(f"« {text.replace(chr(0), '?')[:40]} » contient un caractère nul.")
    lines = normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return lines.strip(" \n\u00a0")


def decoded(content) -> str:
    """The text of a CSV: Unicode, or the older encoding of French tables and nothing else."""
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"", "utf-8-sig")):
        if content.startswith(mark):
            try:
                text = content.decode(encoding)
            except UnicodeDecodeError:
                continue
            if "\x00" in text:
                raise ValidationError(DAMAGED)
            return text
    text = content.decode("cp1252", "replace")
    for number, line in enumerate(text.splitlines(), 1):
        strange = {char for char in line if not char.isascii()} - FRENCH
        if strange or clean_text(line) != normalize("NFC", line):
            raise ValidationError(
                f"Ligne {number} : l’encodage de ce fichier n’est pas reconnu "
                f"(« {''.join(sorted(strange))[:5]} »). Enregistrez-le en « CSV UTF-8 » ou en XLSX."
            )
    return text


def csv_rows(text) -> list[tuple]:
    """(line of the file, cells); the delimiter is the one that the headings use, or « sep=; » says."""
    told = re.match(r'"?sep=([;,\t|])"?\r?\n', text)
    text, before = (text[told.end() :], 1) if told else (text, 0)
    first = text.lstrip("\n\r").split("\n", 1)[0]
    delimiter = told[1] if told else max(";,\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows, number = [], 1 + before
    try:
        for row in reader:
            rows.append((number, [without_apostrophe(tidy(cell)) for cell in row]))
            number = reader.line_num + 1 + before
    except csv.Error as error:
        raise ValidationError(
            f"Ligne {number} : un guillemet n’est pas refermé, ou la ligne est abîmée."
        ) from error
    return rows


def without_apostrophe(text) -> str:
    """A CSV of ours marks what a spreadsheet would run with an apostrophe (tables.csv_cell)."""
    return text[1:] if text.startswith("'") and text[1:2] in RUNNABLE_STARTS else text


def unsafe(text) -> str:
    """Why a cell is refused, or "": what a spreadsheet would run, what is longer than any text."""
    if text.startswith(RUNNABLE):
        return f"commence par « {text[0]} », comme une formule : retapez ce texte."
    if len(text) > MAX_CELL:
        return f"ce texte a {len(text)} caractères, {MAX_CELL} au plus."
    return ""
