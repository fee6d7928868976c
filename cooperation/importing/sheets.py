"""A CSV, XLSX or ODS file as rows of text, or a refusal that says what to mend."""

import csv
import datetime
import io
import re
import zipfile
from decimal import Decimal
from unicodedata import normalize

from django.core.exceptions import ValidationError
from python_calamine import CalamineError, CalamineWorkbook
from xlsxwriter.utility import xl_col_to_name

from cooperation import uploads
from cooperation.text import clean_text

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
# A formula, with the cell that holds it.
XLSX_FORMULA = re.compile(
    rb'<c [^>]*?\br="([A-Z]+[0-9]+)"[^>]*>(?:(?!</c>).){0,300}?<f[ />]', re.DOTALL
)


def read_sheet(file) -> list[tuple[int, list[str]]]:
    """[(line number, cells as text), …] without empty lines; the first one holds the headings.

    Reads the first sheet. ValidationError, in French, where the file is not a plain table of at
    most MAX_ROWS lines and MAX_COLUMNS columns: nothing is guessed or half read.
    """
    if file.size > MAX_BYTES:
        raise ValidationError(f"Le fichier dépasse {MAX_BYTES // 2**20} Mo. Découpez-le.")
    file.seek(0)
    content = file.read()
    if not content.strip():
        raise ValidationError(EMPTY)
    if content.startswith(b"PK\x03\x04"):
        rows = workbook_rows(content)
    elif content.startswith((b"\xd0\xcf\x11\xe0", b"%PDF", b"{", b"<")):
        raise ValidationError(UNKNOWN)
    else:
        rows = csv_rows(decoded(content))
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


def workbook_rows(content):
    if uploads.content_type(content) not in SHEETS:
        raise ValidationError(UNKNOWN)
    uploads.check_office(content)
    refuse_formulas(content)
    try:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
        merged = sheet.merged_cell_ranges
    except (CalamineError, IndexError) as error:
        raise ValidationError(DAMAGED) from error
    if merged:
        (row, column), _ = merged[0]
        raise ValidationError(
            f"La cellule {xl_col_to_name(column)}{row + 1} est fusionnée avec d’autres. Annulez la "
            "fusion : chaque ligne porte ses propres valeurs."
        )
    if sheet.end and (sheet.end[0] > MAX_ROWS * 2 or sheet.end[1] >= MAX_COLUMNS):
        raise ValidationError(
            f"Ce tableau va jusqu’à la cellule {xl_col_to_name(sheet.end[1])}{sheet.end[0] + 1} : "
            f"{MAX_ROWS} lignes et {MAX_COLUMNS} colonnes au plus. Supprimez ce qui dépasse."
        )
    rows = sheet.to_python(skip_empty_area=False)
    return [(number, [cell_text(value) for value in row]) for number, row in enumerate(rows, 1)]


def refuse_formulas(content):
    """What a formula shows depends on the program that opens it: only values are taken."""
    with uploads.unreadable(DAMAGED), zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/") and (
                found := XLSX_FORMULA.search(archive.read(name))
            ):
                where = f"La cellule {found[1].decode()}"
            elif name == "content.xml" and b"table:formula=" in archive.read(name):
                where = "Une cellule"
            else:
                continue
            raise ValidationError(
                f"{where} contient une formule. Copiez la feuille et collez-la en valeurs."
            )


def cell_text(value):
    """As a person would type it: dates in ISO 8601, numbers with a point and no useless zero."""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, float):
        return f"{Decimal(f'{value:.15g}'):f}"
    if isinstance(value, datetime.datetime):
        value = value.date()
    return tidy(str(value))


def tidy(text):
    lines = normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return lines.strip(" \n\u00a0")


def decoded(content):
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


def csv_rows(text):
    """(line of the file, cells); the delimiter is the one that the headings use."""
    first = text.lstrip("\n\r").split("\n", 1)[0]
    delimiter = max(";,\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows, number = [], 1
    try:
        for row in reader:
            rows.append((number, [tidy(cell) for cell in row]))
            number = reader.line_num + 1
    except csv.Error as error:
        raise ValidationError(
            f"Ligne {number} : un guillemet n’est pas refermé, ou la ligne est abîmée."
        ) from error
    return rows


def unsafe(text):
    """Why a cell is refused, or "": what a spreadsheet would run, what is longer than any text."""
    if text.startswith(RUNNABLE):
        return f"commence par « {text[0]} », comme une formule : retapez ce texte."
    if len(text) > MAX_CELL:
        return f"ce texte a {len(text)} caractères, {MAX_CELL} au plus."
    return ""
