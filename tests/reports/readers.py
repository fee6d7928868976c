"""Reading PDFs back: their text, their tags, their outline."""

from io import BytesIO

from pypdf import PdfReader

from reports.pdf.rendering import PdfUnavailableError


def body(response):
    """What a response sends, as a file."""
    assert response.status_code == 200
    return BytesIO(b"".join(response.streaming_content))


def text_of(reader):
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def holds(reader, text):
    """Whether a page says it; the pages after that are not read, which takes long."""
    return any(text in " ".join(page.extract_text().split()) for page in reader.pages)


def pdf_of(response):
    assert response["Content-Type"] == "application/pdf"
    return PdfReader(body(response))


def tags(reader):
    """Every element of the structure tree, from the top down."""

    def below(element):
        element = element.get_object()
        if isinstance(element, dict) and "/S" in element:
            yield element
        children = element.get("/K", []) if isinstance(element, dict) else []
        for child in children if isinstance(children, list) else [children]:
            child = child.get_object() if hasattr(child, "get_object") else child
            if isinstance(child, dict):
                yield from below(child)

    yield from below(reader.trailer["/Root"]["/StructTreeRoot"])


def outline(reader):
    """[(level, title, page from 1), …]"""

    def flat(items, level):
        for item in items:
            if isinstance(item, list):
                yield from flat(item, level + 1)
            else:
                yield level, item.title, reader.get_destination_page_number(item) + 1

    return list(flat(reader.outline, 1))


def without_libraries(html):
    """Stands for rendering.render, in its process, on a machine that lacks Pango."""
    raise PdfUnavailableError("À installer : apt-get install libpango-1.0-0")
