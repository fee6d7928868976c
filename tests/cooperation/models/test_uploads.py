"""Files that arrive piece by piece."""

from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils import timezone

from cooperation import uploads
from cooperation.models import Upload
from cooperation.models.uploads import MOST_WAITING
from tests.factories import PDF, make_user


@pytest.fixture
def person():
    return make_user()


def test_pieces_make_the_file_and_what_comes_twice_is_written_once(person):
    """The answer to a piece was lost with the line: it came again, and doubled."""
    upload = Upload.begin(person, "scan.pdf", len(PDF))
    upload.append(0, PDF[:100])
    again = Upload.objects.get(pk=upload.pk)
    again.append(0, PDF[:100])
    again.append(50, PDF[50:200])
    assert (again.received, again.content_type) == (200, "")
    again.append(200, PDF[200:])
    assert again.is_complete and again.content_type == uploads.PDF
    assert again.opened().read() == PDF
    assert list(person.uploads.complete()) == [again]


@pytest.mark.parametrize(("offset", "piece"), [(10, b"x"), (0, b"x" * 21)])
def test_what_does_not_follow_is_refused_and_changes_nothing(person, offset, piece):
    upload = Upload.begin(person, "scan.pdf", 20)
    with pytest.raises(ValidationError, match="ne suit pas"):
        upload.append(offset, piece)
    upload.refresh_from_db()
    assert upload.received == 0


def test_what_is_no_document_goes_as_its_last_byte_arrives(
    person, django_capture_on_commit_callbacks
):
    program = b"MZ" + bytes(100)
    upload = Upload.begin(person, "budget.pdf", len(program))
    path = Path(upload.file.path)
    with (
        django_capture_on_commit_callbacks(execute=True),
        pytest.raises(ValidationError, match="type accepté"),
    ):
        upload.append(0, program)
    assert not Upload.objects.exists() and not path.exists()


@pytest.mark.parametrize(("size", "said"), [(0, "vide"), (uploads.MAX_BYTES + 1, "20 Mo")])
def test_a_size_that_cannot_be_is_told_before_a_byte_is_sent(person, size, said):
    with pytest.raises(ValidationError, match=said):
        Upload.begin(person, "scan.pdf", size)
    assert not Upload.objects.exists()


def test_one_person_keeps_so_many_waiting(person):
    for number in range(MOST_WAITING):
        Upload.objects.create(user=person, name=str(number), size=1)
    with pytest.raises(ValidationError, match="attendent déjà"):
        Upload.begin(person, "scan.pdf", 1)
    assert Upload.begin(make_user(), "scan.pdf", 1)


def test_what_no_form_took_is_forgotten_after_a_week(person, django_capture_on_commit_callbacks):
    path = Path(Upload.keep(person, ContentFile(PDF, "scan.pdf")).file.path)
    assert path.exists()
    with (
        time_machine.travel(timezone.now() + timedelta(days=8)),
        django_capture_on_commit_callbacks(execute=True),
    ):
        Upload.begin(person, "autre.pdf", 10)
    assert not path.exists() and Upload.objects.count() == 1


def test_a_name_is_no_path(person):
    upload = Upload.begin(person, "../../etc/passwd\n\x07", 10)
    assert upload.name == "passwd"
    assert "passwd" not in upload.file.name
