"""What an upload may be, by its content."""

import hashlib
import zipfile
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from unittest.mock import Mock

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pillow_heif import register_heif_opener
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from cooperation import uploads
from cooperation.models import Document
from tests.factories import PDF, make_document

register_heif_opener()


def image(kind="PNG", size=(20, 10), **options):
    buffer = BytesIO()
    Image.new("RGB", size, "green").save(buffer, kind, **options)
    return buffer.getvalue()


def office(members):
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def encrypted_pdf():
    writer, buffer = PdfWriter(), BytesIO()
    writer.add_blank_page(10, 10)
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(buffer)
    return buffer.getvalue()


DOCX = office({"[Content_Types].xml": "x", "word/document.xml": "x"})


ODT = office({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "x"})


@pytest.mark.parametrize(
    ("content", "content_type", "pages"),
    [
        (PDF, uploads.PDF, 1),
        (image("PNG"), uploads.PNG, 1),
        (image("JPEG"), uploads.JPEG, 1),
        # Few programs open these: they become JPEG.
        (image("WEBP"), uploads.JPEG, 1),
        (image("HEIF"), uploads.JPEG, 1),
        (DOCX, uploads.OFFICE["docx"], None),
        (office({"xl/workbook.xml": "x"}), uploads.OFFICE["xlsx"], None),
        (ODT, uploads.OFFICE["odt"], None),
    ],
)
def test_accepts_the_kinds_it_names(content, content_type, pages):
    found = uploads.inspect(ContentFile(content, "fichier"))
    assert found[:2] == (content_type, pages)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "vide"),
        (b"MZ\x90\x00" + b"\x00" * 200, "type accepté"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "type accepté"),
        (b"<html><script>alert(1)</script></html>", "type accepté"),
        (b"#!/bin/sh\nrm -rf /\n", "type accepté"),
        (b"\x7fELF" + b"\x00" * 200, "type accepté"),
        (office({"evil.exe": "x"}), "type accepté"),
        (b"PK\x03\x04 not a zip", "abîmé"),
        (b"%PDF-1.7 and nothing more", "abîmé"),
        (image("JPEG", (900, 900))[:2000], "abîmée"),
        (image("GIF"), "type accepté"),
        (office({"word/document.xml": "x", "word/vbaProject.bin": "x"}), "macros"),
        (office({"xl/workbook.xml": "x", "xl/vbaProject.bin": "x"}), "macros"),
        (office({"word/document.xml": "0" * (201 * 2**20)}), "trop grand"),
        (office({f"word/{n}.xml": "x" for n in range(5001)} | {"word/document.xml": "x"}), "trop grand"),
        (b"%PDF-" + b"0" * uploads.MAX_BYTES, "20 Mo"),
    ],
    ids=range(16),
)  # fmt: skip
def test_refuses_everything_else_in_french(content, said):
    with pytest.raises(ValidationError, match=said):
        uploads.inspect(ContentFile(content, "budget.pdf"))


def pdf_with(**entries):
    writer, buffer = PdfWriter(), BytesIO()
    writer.add_blank_page(10, 10)
    if "script" in entries:
        script = {"/S": NameObject("/JavaScript"), "/JS": TextStringObject(entries["script"])}
        action = DictionaryObject({NameObject(key): value for key, value in script.items()})
        writer.root_object[NameObject("/OpenAction")] = action
    if "attachment" in entries:
        writer.add_attachment("evil.exe", entries["attachment"])
    if "nested" in entries:
        script = DictionaryObject({NameObject("/S"): NameObject("/JavaScript")})
        for _ in range(entries["nested"]):
            going = {"/S": NameObject("/GoTo"), "/Next": script}
            script = DictionaryObject({NameObject(key): value for key, value in going.items()})
        writer.root_object[NameObject("/OpenAction")] = script
    if "action" in entries:
        action = DictionaryObject({NameObject("/S"): NameObject(f"/{entries['action']}")})
        writer.root_object[NameObject("/OpenAction")] = action
    writer.write(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "entries",
    [
        {"script": "app.alert(1)"},
        {"attachment": b"MZ"},
        {"action": "Launch"},
        {"action": "SubmitForm"},
        {"action": "GoToR"},
        {"nested": 5},
        {"nested": 24},
        {"nested": 240},
    ],
    ids=str,
)
def test_refuses_a_pdf_that_runs_or_carries_something(entries):
    with pytest.raises(ValidationError, match="script ou un fichier joint"):
        uploads.inspect(ContentFile(pdf_with(**entries), "a.pdf"))


@pytest.mark.parametrize(
    "members",
    [
        {"mimetype": "application/vnd.oasis.opendocument.text", "Scripts/python/evil.py": "x"},
        {"mimetype": "application/vnd.oasis.opendocument.text", "Basic/Standard/m.xml": "x"},
        {"word/document.xml": "x", "word/embeddings/oleObject1.bin": "x"},
        {"word/document.xml": "x", "word/activeX/activeX1.xml": "x"},
        {"xl/workbook.xml": "x", "xl/macrosheets/sheet1.xml": "x"},
        {"word/document.xml": "x", "[Content_Types].xml": "application/vnd.ms-office.vbaProject"},
        {
            "word/document.xml": "x",
            "word/_rels/settings.xml.rels": 'attachedTemplate" Target="http://x" TargetMode="External"',
        },
    ],
    ids=range(7),
)
def test_refuses_an_office_file_that_runs_or_fetches(members):
    with pytest.raises(ValidationError, match=r"macros|modèle extérieur"):
        uploads.inspect(ContentFile(office(members), "a.docx"))


@given(st.binary(max_size=400), st.sampled_from([PDF, DOCX, ODT, image(), image("JPEG")]))
@settings(max_examples=150, deadline=None)
def test_damaged_files_are_refused_or_read_but_never_an_error(noise, whole):
    """A whole file with some of its bytes replaced."""
    start = sum(noise) % max(1, len(whole))
    content = whole[:start] + noise + whole[start + len(noise) :]
    with suppress(ValidationError):
        uploads.inspect(ContentFile(content, "a"))


def test_refuses_a_locked_pdf():
    with pytest.raises(ValidationError, match="mot de passe"):
        uploads.inspect(ContentFile(encrypted_pdf(), "a.pdf"))


def test_refuses_an_image_of_too_many_pixels():
    buffer = BytesIO()
    Image.new("1", (30_000, 30_000)).save(buffer, "PNG")
    with pytest.raises(ValidationError, match=r"trop grande|abîmée"):
        uploads.inspect(ContentFile(buffer.getvalue(), "a.png"))


def test_images_are_written_anew_without_what_hides_in_them():
    exif = Image.Exif()
    exif[0x010E] = "place of the photograph"
    exif[0x0112] = 6  # turned by a quarter
    document = make_document(
        kind=Document.Kind.PHOTO,
        file=ContentFile(image("JPEG", exif=exif) + b"<script>glued</script>", "a.jpg"),
    )
    with document.file.open() as file:
        stored = file.read()
    assert b"place of the photograph" not in stored
    assert b"glued" not in stored
    assert Image.open(BytesIO(stored)).size == (10, 20)


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "HEIF"])
def test_a_photograph_is_kept_for_staff_as_it_came_and_served_without_what_hides_in_it(kind):
    exif = Image.Exif()
    exif[0x010E] = "place of the photograph"
    sent = image(kind, (64, 48), exif=exif.tobytes())
    assert b"place of the photograph" in sent
    document = make_document(kind=Document.Kind.PHOTO, file=ContentFile(sent, "a.bin"))
    with document.file.open() as file:
        served = file.read()
    assert b"place of the photograph" not in served and served.startswith(b"\xff\xd8")
    (original,) = document.originals
    with document.file.storage.open(original["stored"]) as file:
        assert file.read() == sent
    assert original["sha256"] == hashlib.sha256(sent).hexdigest()
    assert (original["name"], original["size"]) == ("a.bin", len(sent))
    # What is not rewritten is its own original.
    assert make_document().originals == []


def test_photographs_of_pages_become_one_pdf():
    files = [
        ContentFile(image("JPEG", (300, 400)), "1.jpg"),
        ContentFile(image("PNG", (400, 300)), "2.png"),
        ContentFile(image("WEBP", (300, 400)), "3.webp"),
    ]
    document = make_document(file=uploads.whole(files))
    assert (document.content_type, document.pages) == (uploads.PDF, 3)
    assert document.file.name.endswith(".pdf")
    with document.file.open() as file:
        sizes = [page.mediabox[2:] for page in PdfReader(file).pages]
    upright, lying = (595, 842), (842, 595)
    assert [tuple(round(float(n)) for n in size) for size in sizes] == [upright, lying, upright]
    assert [one["name"] for one in document.originals] == ["1.jpg", "2.png", "3.webp"]


@pytest.mark.parametrize(
    ("second", "said"),
    [(PDF, "Choisissez-en un seul"), (b"MZ" + bytes(200), "type accepté"), (b"", "vide")],
)
def test_files_that_make_no_document_together_are_refused(second, said):
    files = [ContentFile(image("JPEG"), "1.jpg"), ContentFile(second, "2.bin")]
    with pytest.raises(ValidationError, match=said):
        uploads.whole(files)


def test_a_form_takes_so_many_photographs():
    files = [ContentFile(image("JPEG"), f"{n}.jpg") for n in range(uploads.MAX_PHOTOS + 1)]
    with pytest.raises(ValidationError, match="au plus 40"):
        uploads.whole(files)


def test_a_bomb_in_a_telephone_s_format_is_refused():
    for kind in ("WEBP", "HEIF"):
        with pytest.raises(ValidationError, match="abîmée"):
            uploads.inspect(ContentFile(image(kind, (640, 480))[:200], "a"))


def test_originals_of_a_row_that_fails_go_with_it(monkeypatch):
    def kept():
        folder = Path(default_storage.path("originaux"))
        return {path for path in folder.rglob("*") if path.is_file()}

    before = kept()
    monkeypatch.setattr("cooperation.records.base.PublishedRecord.save", Mock(side_effect=OSError))
    with pytest.raises(OSError):
        make_document(file=ContentFile(image("JPEG"), "a.jpg"))
    assert kept() == before
