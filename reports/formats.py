"""The formats that reports are written in: one table, for pages, background work and commands."""

from collections.abc import Callable
from dataclasses import dataclass

from cooperation.lists.tables import CSV, XLSX
from reports.spreadsheets import ODS, write_csv, write_ods, write_xlsx


@dataclass(frozen=True)
class Format:
    """One format, by the extension that its files have in addresses and on disk."""

    extension: str
    label: str
    content_type: str
    # Entries of a report that is made while the person waits; a longer one goes to a worker.
    small: int
    # (tables, file) -> None; None for PDF, which each report lays out in its own way.
    write_tables: Callable | None = None


FORMATS = {
    each.extension: each
    for each in (
        Format("pdf", "PDF", "application/pdf", small=60),
        Format("xlsx", "XLSX", XLSX, small=3_000, write_tables=write_xlsx),
        Format("ods", "ODS", ODS, small=500, write_tables=write_ods),
        Format("csv", "CSV", CSV, small=10_000, write_tables=write_csv),
    )
}


def write_report(
    extension, file, *, pdf: Callable | None = None, sheets: Callable | None = None
) -> int | None:
    """Write a report to a file open for writing; returns its pages, None where it has none.

    `pdf(file)` lays it out and returns its pages; `sheets()` gives its tables (spreadsheets.py).
    """
    chosen = FORMATS[extension]
    if chosen.write_tables is None:
        return pdf(file)
    chosen.write_tables(sheets(), file)
    return None
