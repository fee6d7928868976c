"""Bounds of the registry, set low so that few records pass them."""

from dataclasses import replace

from reports.formats import FORMATS


def limit_reports(monkeypatch, most, *extensions):
    """Reports of these formats (all of them) with more entries than `most` go to a worker."""
    for extension in extensions or list(FORMATS):
        limited = replace(FORMATS[extension], small=most)
        monkeypatch.setitem(FORMATS, extension, limited)
