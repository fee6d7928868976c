"""A report laid out in sections: one document with its numbers, contents, outline and tags."""

import io
import re
from datetime import timedelta

import pikepdf
import pytest
import time_machine
from django.core.cache import caches
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from agreements.models import Convention
from reports.facts.inventory import build_inventory
from reports.pdf import book, printing, rendering
from tests.factories import make_action, make_budget_line, make_convention, make_partner, published
from tests.reports.readers import outline, tags, text_of


@pytest.fixture
def many(db, pango, monkeypatch):
    """Thirty conventions with actions, and reports cut as if they were thousands."""
    monkeypatch.setattr(printing, "SHORT", 0)
    parties = [make_partner(), make_partner(name="Ville d’ailleurs", country="FR")]
    for number in range(30):
        convention = make_convention(
            parties, title=f"Coopération numéro {number:02}", **published()
        )
        for _ in range(3):
            make_action(convention, places=parties[:1], state="en-cours")
        make_budget_line(convention, amount="1000.10", nature="numeraire")


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


def inventory_pdf(**options):
    file = io.BytesIO()
    count = printing.write_inventory(build_inventory(**options), file)
    reader = PdfReader(file)
    assert len(reader.pages) == count
    return reader


def test_numbers_contents_and_outline_are_those_of_the_whole(many):
    reader = inventory_pdf()
    texts = [" ".join(page.extract_text().split()) for page in reader.pages]
    # Each page but the cover bears its number.
    assert [re.search(r"(\d+)$", text)[1] for text in texts[1:]] == [
        str(number) for number in range(2, len(texts) + 1)
    ]
    contents = " ".join(text for text in texts[1:3])
    for number in range(30):
        title = f"Coopération numéro {number:02}"
        (page,) = [place for place, text in enumerate(texts, start=1) if f"{title} CONV-" in text]
        assert f"{page} {title}" in contents
        assert (2, title, page) in outline(reader)
    assert {level for level, *_ in outline(reader)} == {1, 2}


def test_the_contents_and_the_notes_lead_to_their_pages(many):
    reader = inventory_pdf()
    names = reader.named_destinations
    leading = [
        annotation.get_object()["/Dest"]
        for page in reader.pages
        for annotation in page.get("/Annots", [])
        if "/Dest" in annotation.get_object()
    ]
    assert len(leading) > 40
    assert all(str(name) in names for name in leading)
    heading = next(o for o in outline(reader) if o[1] == "Coopération numéro 07")
    address = next(name for name in leading if name.startswith("titre-"))
    assert reader.get_destination_page_number(names[str(address)]) > 0
    assert heading[2] > 2


def test_every_page_link_and_table_heading_is_in_the_tags(many):
    reader = inventory_pdf(by="country")
    elements = list(tags(reader))
    kinds = {element["/S"] for element in elements}
    assert {"/Document", "/H1", "/H2", "/H3", "/P", "/L", "/LI", "/Link", "/Table", "/TH"} <= kinds
    headings = [element for element in elements if element["/S"] == "/TH"]
    assert len(headings) >= 5 + 2
    numbers = reader.trailer["/Root"]["/StructTreeRoot"]["/ParentTree"]["/Nums"]
    known = {int(key): value for key, value in zip(numbers[::2], numbers[1::2], strict=True)}
    assert sorted(known) == list(known)
    for page in reader.pages:
        assert page["/StructParents"] in known
        for annotation in page.get("/Annots", []):
            element = known[annotation.get_object()["/StructParent"]].get_object()
            assert element["/S"] == "/Link"


def test_the_file_is_sound_and_says_what_it_conforms_to(many):
    file = io.BytesIO()
    printing.write_inventory(build_inventory(), file)
    with pikepdf.open(file) as pdf:
        assert pdf.check_pdf_syntax() == []
        metadata = pdf.open_metadata()
        assert metadata.pdfa_status == "2A"
        assert metadata["pdfuaid:part"] == "1"
        assert "Inventaire" in metadata["dc:title"]
        assert pdf.Root.Lang == "fr"
        assert pdf.Root.ViewerPreferences.DisplayDocTitle


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


def test_a_section_without_end_is_stopped_and_said(client, many, monkeypatch):
    caches["pages"].clear()
    monkeypatch.setattr(rendering, "MOST_SECONDS", 0.01)
    response = client.get(reverse("inventory_file", args=["pdf"]))
    assert response.status_code == 503
    assert "trop longue ou trop complexe" in response.content.decode()


def test_processes_begin_with_the_work_and_end_without(many):
    processes = rendering.PROCESSES
    processes.end()
    caches["pages"].clear()
    inventory_pdf()
    pools = list(processes.waiting)
    assert 1 <= len(pools) <= rendering.WORKERS
    assert set(processes.waiting.values()) == {0}
    processes.end()
    assert processes.waiting == {}
    assert not any(pool.active for pool in pools)
    assert inventory_pdf().pages


def test_french_marks_stay_with_their_word(db, pango):
    make_convention(title="« Eau » : où ?", **published())
    html = book.french_html("reports/pdf_index.html", {"heading": "« Eau » : où ?"})
    assert "«\u00a0Eau\u00a0»\u00a0: où\u00a0?" in html
    assert "« Eau » : où ?" in text_of(inventory_pdf())


def test_a_little_work_begins_one_process(db, pango):
    processes = rendering.PROCESSES
    processes.end()
    make_convention(**published())
    inventory_pdf()
    assert len(processes.waiting) == 1


def test_names_that_look_like_a_file_stay_text(db, pango):
    titles = [
        "(1 0 R) \\ (",
        "a < b > c & d",
        "<</A 12 0 R>> endobj",
        "ɖ ɛ ŋ ɔ – Fɔ̀ngbè",
        "\u202eabc\u202c",
    ]
    for title in titles:
        make_convention(title=title, **published())
    entries = [entry for _, entry, _ in outline(inventory_pdf())]
    for title in titles:
        assert any(title in entry for entry in entries)
