"""A report laid out in sections: one document with its numbers, contents, outline and tags."""

import errno
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import caches
from django.utils import timezone

from agreements.models import Convention
from reports.pdf import book
from tests.factories import make_convention, published
from tests.reports.inventories import inventory_pdf
from tests.reports.readers import text_of


@pytest.fixture
def laid_out(monkeypatch):
    """How many sections the processes were given."""
    begun = []
    begin = book.Layout.begin

    def counted(press, section):
        waiting = begin(press, section)
        *_, future = waiting
        if future:
            begun.append(section)
        return waiting

    monkeypatch.setattr(book.Layout, "begin", counted)
    return begun


def test_what_has_not_changed_is_not_laid_out_again(many, laid_out):
    caches["pages"].clear()
    first = text_of(inventory_pdf())
    total = len(laid_out)
    assert total > 8
    laid_out.clear()
    assert text_of(inventory_pdf()) == first
    assert laid_out == []
    convention = Convention.objects.get(title="Coopération numéro 12")
    convention.title = "Coopération rebaptisée"
    convention.save()
    assert "Coopération rebaptisée" in text_of(inventory_pdf())
    # Its section, the contents, and the index of no name that changed.
    assert 1 <= len(laid_out) <= 4
    laid_out.clear()
    with time_machine.travel(timezone.now() + timedelta(days=1), tick=False):
        inventory_pdf()
    # The cover, what stands around the pages, and the summary: the conventions are as they were.
    assert len(laid_out) == 3


def test_french_marks_stay_with_their_word(db, pango):
    make_convention(title="« Eau » : où ?", **published())
    html = book.laid_out_html("reports/pdf_index.html", {"heading": "« Eau » : où ?"})
    assert "«\u00a0Eau\u00a0»\u00a0: où\u00a0?" in html
    assert "« Eau » : où ?" in text_of(inventory_pdf())


def test_a_full_disk_keeps_nobody_from_a_report(many, monkeypatch):
    def full(*args, **kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(caches["pages"], "set", full)
    assert len(inventory_pdf().pages) > 4
