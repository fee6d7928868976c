"""Papers photographed with a telephone: small, in one document, sent however the line breaks."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw
from playwright.sync_api import expect
from pypdf import PdfReader

from agreements.models import Convention
from cooperation.models import Document, Upload
from tests.entry import ADD


def photograph(page_corners=((300, 400), (2500, 250), (2800, 3700), (150, 3500))):
    """A sheet on a dark table, in 12 megapixels, with the grain that makes photographs heavy."""
    grain = Image.effect_noise((3000, 4000), 40).convert("RGB")
    table = Image.blend(Image.new("RGB", (3000, 4000), "#3a2c22"), grain, 0.12)
    sheet = ImageDraw.Draw(table)
    sheet.polygon(page_corners, fill="#f4f1ea")
    for line in range(30):
        sheet.line([(500, 700 + 90 * line), (2300, 680 + 92 * line)], fill="#222", width=9)
    buffer = BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "le lieu de la photographie"
    table.save(buffer, "JPEG", quality=92, exif=exif)
    return buffer.getvalue()


@pytest.fixture
def shots(tmp_path):
    found = []
    for number in (1, 2):
        path = tmp_path / f"page {number}.jpg"
        path.write_bytes(photograph())
        found.append(path)
    return found


def fill(page, title="Eau"):
    page.goto(ADD)
    page.locator("#id_title").fill(title)


def save(page):
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.get_by_text("C’est enregistré")).to_be_visible(timeout=20_000)


def test_several_photographs_are_one_light_document(open_as, shots):
    page = open_as("agent-parakou")
    fill(page)
    page.locator("#id_signed_text").set_input_files(shots)
    # The form waits for them by itself.
    save(page)
    document = Document.objects.get(kind="convention", title__endswith="Eau")
    assert (document.pages, len(document.originals)) == (2, 2)
    print(
        f"\n{shots[0].stat().st_size // 1024} KB photographed, {document.size // 1024} KB of two pages"
    )
    assert document.size < 800 * 1024 < shots[0].stat().st_size
    with document.file.open() as file:
        assert b"le lieu" not in file.read()
    assert not Upload.objects.exists()


def test_an_upload_that_is_cut_goes_on(open_as, shots):
    page = open_as("agent-parakou")
    fill(page)
    sent = []

    def cut(route):
        sent.append(route.request.url)
        if len(sent) == 2:
            return route.abort("connectionreset")
        return route.continue_()

    page.route("**/documents/envois/*/?de=*", cut)
    page.locator("#id_signed_text").set_input_files(shots[:1])
    expect(page.get_by_text("l’envoi reprendra")).to_be_visible()
    expect(page.get_by_text("envoyée.")).to_be_visible(timeout=20_000)
    # What had arrived was not sent twice.
    assert sum("de=0" in one for one in sent) == 1
    save(page)
    assert Document.objects.get(title__endswith="Eau").pages == 1


def test_a_form_that_comes_back_keeps_what_was_sent(open_as, shots):
    page = open_as("agent-parakou")
    fill(page, title="")
    page.locator("#id_signed_text").set_input_files(shots[:1])
    expect(page.get_by_text("envoyée.")).to_be_visible(timeout=20_000)
    page.locator("#convention_form").evaluate("form => (form.noValidate = true)")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator("[name=signed_text-arrive]")).to_be_checked()
    page.locator("#id_title").fill("Eau")
    save(page)
    assert Document.objects.filter(title__endswith="Eau").count() == 1


def test_a_page_is_straightened_by_its_corners(open_as, shots):
    page = open_as("agent-parakou")
    fill(page)
    page.locator("#id_signed_text").set_input_files(shots[:1])
    expect(page.get_by_text("envoyée.")).to_be_visible(timeout=20_000)
    page.get_by_role("button", name="Redresser").click()
    corners = page.locator(".scanic-handle")
    expect(corners).to_have_count(4, timeout=20_000)
    # Each is moved by keys as well.
    corners.first.focus()
    page.keyboard.press("ArrowRight")
    page.get_by_role("button", name="Garder ainsi").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_text("envoyée.")).to_be_visible(timeout=20_000)
    save(page)
    document = Document.objects.get(title__endswith="Eau")
    with document.file.open() as file:
        page_alone = Image.open(file).convert("L")
    # The table is gone: the edges are as light as the sheet.
    width, height = page_alone.size
    edges = [
        (width // 2, 30),
        (width // 2, height - 30),
        (30, height // 2),
        (width - 30, height // 2),
    ]
    assert all(page_alone.getpixel(edge) > 180 for edge in edges), page_alone.size


def test_a_file_is_taken_away_again(open_as, shots):
    page = open_as("agent-parakou")
    fill(page)
    page.locator("#id_signed_text").set_input_files(shots[:1])
    expect(page.get_by_text("envoyée.")).to_be_visible(timeout=20_000)
    page.get_by_role("button", name="Enlever page 1.jpg").click()
    save(page)
    assert not Document.objects.filter(title__endswith="Eau").exists()


def test_without_scripts_the_form_sends_them_itself(open_as, shots):
    page = open_as("agent-parakou", scripts=False)
    fill(page)
    page.locator("#id_signed_text").set_input_files(shots)
    save(page)
    document = Document.objects.get(title__endswith="Eau")
    with document.file.open() as file:
        assert len(PdfReader(file).pages) == 2


def test_what_cannot_be_sent_says_so_at_once(open_as, tmp_path):
    page = open_as("agent-parakou")
    fill(page)
    program = SimpleUploadedFile("budget.pdf", b"MZ" + bytes(300))
    path = tmp_path / program.name
    path.write_bytes(program.read())
    page.locator("#id_signed_text").set_input_files(path)
    expect(page.get_by_text("n’est pas d’un type accepté")).to_be_visible()


def test_a_file_that_is_refused_meanwhile_stops_the_form(open_as, tmp_path):
    """One pressed « Enregistrer » as it was sent: the record was saved without it, as if all were well."""
    page = open_as("agent-parakou")
    fill(page, title="Sans son texte")
    path = tmp_path / "budget.pdf"
    path.write_bytes(b"MZ" + bytes(400_000))
    page.route(
        "**/documents/envois/*/?de=*", lambda route: (page.wait_for_timeout(300), route.continue_())
    )
    page.locator("#id_signed_text").set_input_files(path)
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.get_by_text("n’est pas d’un type accepté")).to_be_visible(timeout=20_000)
    page.wait_for_timeout(600)
    assert not Convention.objects.filter(title="Sans son texte").exists()
    expect(page.get_by_role("button", name="Enlever budget.pdf")).to_be_focused()
    # Pressed again, it is a choice.
    page.get_by_role("button", name="Enlever budget.pdf").click()
    save(page)
    assert Convention.objects.filter(title="Sans son texte").exists()
