"""Files to import, made in memory."""

import io
import zipfile

import xlsxwriter
from django.core.files.base import ContentFile

from cooperation.importing import runs
from cooperation.importing.books import read_table


def csv_file(text, name="liste.csv", encoding="utf-8"):
    return ContentFile(text.encode(encoding), name)


def xlsx_file(*rows, name="liste.xlsx", finish=lambda workbook, sheet: None):
    buffer = io.BytesIO()
    workbook = xlsxwriter.Workbook(buffer)
    sheet = workbook.add_worksheet()
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    finish(workbook, sheet)
    workbook.close()
    return ContentFile(buffer.getvalue(), name)


ODS = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"
 xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0" office:version="1.2">
<office:automatic-styles>{styles}</office:automatic-styles>
<office:body><office:spreadsheet><table:table table:name="Feuille1">{rows}</table:table>
</office:spreadsheet></office:body></office:document-content>"""


MANIFEST = """<?xml version="1.0" encoding="UTF-8"?>
<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.2">
<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>
</manifest:manifest>"""


def ods_file(*, styles, rows):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", MANIFEST)
        archive.writestr("content.xml", ODS.format(styles=styles, rows=rows))
    return ContentFile(buffer.getvalue(), "liste.ods")


def read(file, user, kind="conventions", reason=""):
    """The import of a file, read and waiting for its confirmation."""
    return carry_on(runs.receive(read_table(file, kind, user), user=user, reason=reason))


def carry_on(job):
    runs.carry_on.call(job.reference)
    job.refresh_from_db()
    return job


def answer(job, answers):
    assert runs.answer(job, answers)
    return carry_on(job)


def written(job):
    """The same import, confirmed and written."""
    assert runs.confirm(job, job.user)
    return carry_on(job)


def undone(job):
    assert runs.ask_undo(job, job.user)
    return carry_on(job)


HEADINGS = "Intitulé;Partie 1;Rôle 1;Partie 2;Début;Fin;Montant 1;Monnaie 1;Financeur 1"


def table(*lines, headings=HEADINGS):
    return csv_file("\n".join([headings, *lines]))


def rows(job):
    return {row.line: row for row in job.rows.all()}


def verdicts(job):
    return [row.verdict for row in job.rows.all()]
