import io
import re

import pikepdf

from reports.facts.inventory import build_inventory
from reports.pdf import printing
from tests.reports.inventories import inventory_pdf
from tests.reports.readers import outline, tags


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
