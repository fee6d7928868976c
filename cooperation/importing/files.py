"""The files that an import gives back: a template to fill in, and refused rows to mend."""

import io
from collections.abc import Iterator
from typing import IO

from django.db.models import QuerySet
from xlsxwriter.utility import xl_col_to_name

from cooperation.importing.columns import LINE, TROUBLE
from cooperation.lists.tables import csv_lines, new_workbook, workbook_file, write_cell
from cooperation.models import ImportRow

# Sheets of the template beside the list.
GUIDE, CHOICES = "Mode d’emploi", "Listes"
# Lines of the template that offer the drop-down lists.
OFFERED = 2000


def template_columns(importer) -> list[tuple]:
    """[(heading, Column), …] in the order of the template: a group's columns stand together."""
    found, done = [], set()
    for column in (column for column in importer.columns if not column.is_rare):
        if not column.is_numbered:
            found.append((column.heading, column))
        elif column.group not in done:
            done.add(column.group)
            group = [c for c in importer.columns if c.group == column.group and not c.is_rare]
            kind = next(lines for lines in importer.lines if lines.group == column.group)
            numbers = range(1, kind.shown + 1)
            found += [(f"{c.heading} {number}", c) for number in numbers for c in group]
    return found


def template_xlsx(importer) -> bytes:
    """A workbook to fill in: the headings, drop-down lists, and a sheet that explains them."""
    buffer = io.BytesIO()
    with new_workbook(buffer) as workbook:
        head = workbook.add_format(
            {"bold": True, "bg_color": "#e2f1ea", "border": 1, "text_wrap": True}
        )
        text = workbook.add_format({"num_format": "@"})
        sheet = workbook.add_worksheet(importer.label.capitalize())
        guide = workbook.add_worksheet(GUIDE)
        lists = workbook.add_worksheet(CHOICES)
        lists.hide()
        columns = template_columns(importer)
        offered = {}
        for number, column in enumerate(dict.fromkeys(c for _, c in columns if c.choices)):
            offered[column] = (number, column.choices())
        for row in range(max((len(values) for _, values in offered.values()), default=0)):
            for number, values in offered.values():
                if row < len(values):
                    write_cell(lists, row, number, values[row])
        sheet.freeze_panes(1, 0)
        for number, (heading, column) in enumerate(columns):
            # Text, so that a spreadsheet leaves dates and codes as they are typed.
            sheet.set_column(number, number, max(14, min(len(heading) + 4, 40)), text)
            write_cell(sheet, 0, number, heading, head)
            if column in offered and offered[column][1]:
                place, values = offered[column]
                letter = xl_col_to_name(place)
                sheet.data_validation(
                    1,
                    number,
                    OFFERED,
                    number,
                    {
                        "validate": "list",
                        "source": f"={CHOICES}!${letter}$1:${letter}${len(values)}",
                        "error_type": "information",
                        "error_title": "Hors de la liste",
                        "error_message": "Une autre valeur sera vérifiée à l’import.",
                    },
                )
        guide.set_column(0, 0, 34)
        guide.set_column(1, 1, 90)
        write_cell(guide, 0, 0, "Colonne", head)
        write_cell(guide, 0, 1, "Ce qu’elle contient", head)
        for number, (heading, column) in enumerate(columns, 1):
            write_cell(guide, number, 0, heading)
            required = "Obligatoire. " if column.required else ""
            write_cell(guide, number, 1, required + column.help)
    return buffer.getvalue()


def template_csv(importer) -> str:
    return "".join(csv_lines([[heading for heading, _ in template_columns(importer)]]))


def left_out(job) -> QuerySet:
    return job.rows.filter(verdict__in=ImportRow.LEFT_OUT)


def refused_rows(job, sheet=0) -> Iterator:
    """The headings and cells of refused rows, as they came, with what is wrong of each."""
    headings = job.sheets[sheet]["headings"]
    yield [*headings, LINE, TROUBLE]
    width = len(headings)
    for row in left_out(job).filter(sheet=sheet).iterator():
        cells = [*row.cells, *[""] * width][:width]
        yield [*cells, row.line, row.trouble]


def refused_xlsx(job) -> IO[bytes]:
    """A workbook with the sheets that have such rows, each under its own name."""
    places = left_out(job).order_by("sheet").values_list("sheet", flat=True).distinct()
    return workbook_file(
        (
            job.sheets[place]["name"] or "À corriger",
            refused_rows(job, place),
            [18] * len(job.sheets[place]["headings"]) + [10, 80],
        )
        for place in list(places)
    )
