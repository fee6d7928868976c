"""Uploaded files: checked by content, stored durably under a random name.

Nothing that runs is accepted; images are decoded and written anew, which drops what hides in
them (place, camera, other files glued behind). Photographs of several pages become one PDF.
"""

import os
import secrets
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import img2pdf
import puremagic
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage
from PIL import Image, ImageOps
from pillow_heif import register_heif_opener
from pypdf import PdfReader
from pypdf.generic import IndirectObject

from cooperation.processes import read_apart

MAX_BYTES = 20 * 2**20
MAX_PIXELS = 50_000_000
MAX_PAGES = 2_000
MAX_UNPACKED_BYTES = 200 * 2**20
MAX_MEMBERS = 5_000

# Photographs that become one document.
MAX_PHOTOS = 40

PDF, PNG, JPEG = "application/pdf", "image/png", "image/jpeg"
# What telephones make: converted on arrival, since few programs open it.
WEBP, HEIC = "image/webp", "image/heic"
IMAGES = (PNG, JPEG, WEBP, HEIC)
# The marks of HEIC and of its kin, after « ftyp ».
HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1")
OFFICE = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odt": "application/vnd.oasis.opendocument.text",
}
EXTENSIONS = {PDF: "pdf", PNG: "png", JPEG: "jpg"} | {kind: name for name, kind in OFFICE.items()}
ACCEPTED = "PDF, photographies (JPEG, PNG, HEIC, WEBP), DOCX, XLSX, ODS ou ODT"
DAMAGED = "Ce fichier est abîmé. Enregistrez-le à nouveau."
# Parts of an office file that run: macros, scripts, old macro sheets, embedded objects.
RUNNABLE = ("vbaproject", "basic/", "scripts/", "macrosheets/", "oleobject", "activex", ".exe")
MEMBERS = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml"}


class DurableStorage(FileSystemStorage):
    """Writes to a temporary name, synced to disk, then renames: a file is whole or not there."""

    def _save(self, name, content):
        path = Path(self.path(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f".{path.name}.part")
        try:
            with unfinished.open("xb") as file:
                for chunk in content.chunks():
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            unfinished.rename(path)
        finally:
            unfinished.unlink(missing_ok=True)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return name


def stored_name(instance, filename) -> str:
    """A random place; the name a person gave is never a path."""
    token = secrets.token_hex(16)
    return f"documents/{token[:2]}/{token}.{EXTENSIONS[instance.content_type]}"


def inspect_ahead(file) -> None:
    """Read an upload now, for `inspect` to tell later: a transaction waits for no file to be read."""
    try:
        file.inspected = looked_into(file)
    except ValidationError as refusal:
        file.inspected = refusal


def inspect(file) -> tuple:
    """What an upload really is: (content type, pages or None, the file to store).

    Raises ValidationError, in French, where it is not one of the accepted kinds. It is read once.
    """
    if not hasattr(file, "inspected"):
        inspect_ahead(file)
    if isinstance(file.inspected, ValidationError):
        raise file.inspected
    return file.inspected


def looked_into(file) -> tuple:
    if file.size > MAX_BYTES:
        raise ValidationError(
            f"Le fichier dépasse {MAX_BYTES // 2**20} Mo. Réduisez-le ou découpez-le."
        )
    if not file.size:
        raise ValidationError("Le fichier est vide. Choisissez-en un autre.")
    file.seek(0)
    kind, pages, clean = read_apart(inspected, file.read())
    if clean is None:
        return kind, pages, file
    return kind, pages, ContentFile(clean, f"image.{EXTENSIONS[kind]}")


def inspected(content: bytes) -> tuple[str, int | None, bytes | None]:
    """(content type, pages or None, an image written anew or None) of an accepted file."""
    kind = content_type(content)
    if kind == PDF:
        return kind, pdf_pages(content), None
    if kind in IMAGES:
        served = PNG if kind == PNG else JPEG
        return served, 1, rewritten_image(content, served)
    if kind in OFFICE.values():
        check_office(content)
        return kind, None, None
    raise ValidationError(f"Ce fichier n’est pas d’un type accepté : {ACCEPTED}.")


def content_type(content) -> str:
    """From the content alone; "" where unknown."""
    if content.startswith(b"%PDF-"):
        return PDF
    if content.startswith(b"PK\x03\x04"):
        return office_type(content)
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return WEBP
    if content[4:8] == b"ftyp" and content[8:12] in HEIC_BRANDS:
        return HEIC
    try:
        return puremagic.from_string(content, mime=True)
    except (puremagic.PureError, ValueError):
        return ""


def office_type(content) -> str:
    with unreadable(DAMAGED), zipfile.ZipFile(BytesIO(content)) as archive:
        names = archive.namelist()
        for extension, member in MEMBERS.items():
            if member in names:
                return OFFICE[extension]
        if names and names[0] == "mimetype" and archive.getinfo("mimetype").file_size < 100:
            return archive.read("mimetype").decode("ascii", "replace")
    return ""


def check_office(content) -> None:
    """Refuse bombs, and whatever an office program would run or fetch."""
    with unreadable(DAMAGED), zipfile.ZipFile(BytesIO(content)) as archive:
        members = archive.infolist()
        size = sum(member.file_size for member in members)
        if len(members) > MAX_MEMBERS or size > MAX_UNPACKED_BYTES:
            raise ValidationError("Ce fichier décompressé est trop grand. Découpez-le.")
        names = [member.filename.lower() for member in members]
        declared = b"".join(
            archive.read(member)
            for member in members
            if member.filename.lower().endswith((".rels", "[content_types].xml"))
        ).lower()
    if any(part in name for name in names for part in RUNNABLE):
        raise ValidationError("Ce fichier contient des macros. Enregistrez-le sans macros.")
    if b"macroenabled" in declared or b"vbaproject" in declared:
        raise ValidationError("Ce fichier contient des macros. Enregistrez-le sans macros.")
    if b"attachedtemplate" in declared and b'targetmode="external"' in declared:
        raise ValidationError("Ce fichier dépend d’un modèle extérieur. Enregistrez-le sans lui.")


def pdf_pages(content) -> int:
    with unreadable("Ce PDF est abîmé. Enregistrez-le à nouveau."):
        reader = PdfReader(BytesIO(content))
        if reader.is_encrypted:
            raise ValidationError("Ce PDF est protégé par un mot de passe. Enregistrez-le sans.")
        pages = len(reader.pages)
        if any(runs(reader.get_object(key)) for key in object_numbers(reader)):
            raise ValidationError(
                "Ce PDF contient un script ou un fichier joint. Imprimez-le en PDF, puis déposez-le."
            )
    if pages > MAX_PAGES:
        raise ValidationError(f"Ce PDF a plus de {MAX_PAGES} pages. Découpez-le.")
    return pages


def object_numbers(reader) -> set[int]:
    stored = {number for numbers in reader.xref.values() for number in numbers}
    return stored | reader.xref_objStm.keys()


# What a PDF may do on being opened or clicked that reaches out of it, besides a link to a page.
REACHING = ("/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToR", "/GoToE")
# No document that people make nests deeper; what does hides something.
DEEPEST = 200


def runs(value, depth=0) -> bool:
    """Whether a PDF object holds a script, a launched program or an attached file."""
    if depth > DEEPEST:
        return True
    if isinstance(value, IndirectObject):
        return False
    if isinstance(value, dict):
        if value.keys() & {"/JS", "/EF", "/EmbeddedFiles"}:
            return True
        if value.get("/S") in REACHING:
            return True
        value = list(value.values())
    return isinstance(value, list) and any(runs(item, depth + 1) for item in value)


def rewritten_image(content, kind) -> bytes:
    with unreadable("Cette image est abîmée. Enregistrez-la à nouveau."):
        register_heif_opener()
        image = Image.open(BytesIO(content), formats=["PNG", "JPEG", "WEBP", "HEIF"])
        if image.width * image.height > MAX_PIXELS:
            raise ValidationError("Cette image est trop grande. Réduisez ses dimensions.")
        # Turned as the camera's tag says, since the tag goes.
        upright = ImageOps.exif_transpose(image).convert("RGBA" if kind == PNG else "RGB")
    clean = Image.new(upright.mode, upright.size)
    clean.paste(upright)
    buffer = BytesIO()
    clean.save(buffer, "PNG" if kind == PNG else "JPEG", quality=85)
    return buffer.getvalue()


def whole(files) -> File:
    """What several files are together: the one that there is, or a PDF with a page for each photograph.

    `originals` are the files as they came, where what is kept is another. ValidationError, in French,
    where they do not go together.
    """
    if len(files) == 1:
        return files[0]
    if len(files) > MAX_PHOTOS:
        raise ValidationError(f"Choisissez au plus {MAX_PHOTOS} photographies à la fois.")
    pages = []
    for file in files:
        kind, _, content = inspect(file)
        if kind not in (PNG, JPEG):
            raise ValidationError(
                "Plusieurs fichiers ne font un document que si tous sont des photographies. Choisissez-en "
                "un seul, ou des photographies seulement."
            )
        content.seek(0)
        pages.append(content.read())
    # Written by ourselves just now: they need no process apart.
    made = ContentFile(one_pdf(pages), "pages.pdf")
    if made.size > MAX_BYTES:
        raise ValidationError(
            f"Ces photographies font ensemble plus de {MAX_BYTES // 2**20} Mo. Envoyez-en moins à la fois."
        )
    made.inspected, made.originals = (PDF, len(pages), made), list(files)
    return made


def one_pdf(pages: list[bytes]) -> bytes:
    """Each photograph on an A4 page, lying where it is wider than high."""
    flat = [opaque(page) for page in pages]
    upright = (img2pdf.mm_to_pt(210), img2pdf.mm_to_pt(297))
    layout = img2pdf.get_layout_fun(upright, auto_orient=True)
    return img2pdf.convert(flat, layout_fun=layout)


def opaque(image: bytes) -> bytes:
    """A PDF of photographs has no see-through ones."""
    if not image.startswith(b"\x89PNG"):
        return image
    buffer = BytesIO()
    with Image.open(BytesIO(image), formats=["PNG"]) as seen_through:
        ground = Image.new("RGB", seen_through.size, "white")
        ground.paste(seen_through, mask=seen_through.getchannel("A"))
    ground.save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


@contextmanager
def unreadable(message) -> Iterator[None]:
    """Hostile files make parsers raise anything at all: each is one clear refusal."""
    try:
        yield
    except ValidationError:
        raise
    except Exception as error:
        raise ValidationError(message) from error
