from datetime import UTC, date, datetime, time

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.factories import PDF
from tests.workgroup.factories import make_group, make_member
from workgroup.models import Seat


@pytest.fixture(autouse=True)
def _noon():
    """Today at noon, whatever the hour of the run: five minutes later is still today."""
    noon = datetime.combine(date.today(), time(11), tzinfo=UTC)
    with time_machine.travel(noon, tick=True):
        yield


@pytest.fixture
def group():
    return make_group(name="Coopération décentralisée")


@pytest.fixture
def secretary_of_group(group):
    return make_member(group, Seat.SECRETARY)


@pytest.fixture
def member(group):
    return make_member(group)


@pytest.fixture
def one_pdf():
    """one_pdf() -> a file to send, another each time."""

    def one_pdf():
        return SimpleUploadedFile("note.pdf", PDF, "application/pdf")

    return one_pdf
