"""Inventories asked for and read back."""

import csv
import io
from decimal import Decimal
from io import BytesIO

from django.urls import reverse
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from reports.facts.inventory import build_inventory
from reports.pdf import printing
from tests.reports.readers import body


def rows_of(content, extension):
    """{sheet: rows} of a spreadsheet, read back."""
    if extension == "csv":
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))
        empty = [number for number, row in enumerate(rows) if not row]
        return {"Inventaire": rows[: empty[0]], "Totaux": rows[empty[0] + 1 : empty[1]]}
    book = CalamineWorkbook.from_filelike(BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def spreadsheet(client, extension, query=""):
    response = client.get(f"{reverse('inventory_file', args=[extension])}?{query}")
    assert response.status_code == 200
    return rows_of(body(response).read(), extension)


def whole(sheet):
    """{heading: amount} of the last row of the totals."""
    return {
        heading: Decimal(str(value).replace(",", "."))
        for heading, value in zip(sheet[0], sheet[-1], strict=False)
        if heading.startswith(("Prévu", "Payé")) and value not in ("", None)
    }


def inventory_pdf(**options):
    file = io.BytesIO()
    count = printing.write_inventory(build_inventory(**options), file)
    reader = PdfReader(file)
    assert len(reader.pages) == count
    return reader
