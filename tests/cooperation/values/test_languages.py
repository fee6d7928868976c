"""Texts come in the languages of partners: Dutch, German, Italian, and those of Benin."""

import pytest
from django.urls import reverse
from lxml import etree

from cooperation.values.languages import language_choices
from tests.factories import make_convention, make_document, published


def test_each_language_is_there_once_the_usual_ones_first():
    codes = [code for code, _ in language_choices()]
    assert codes[:5] == ["fr", "en", "nl", "de", "it"]
    assert len(codes) == len(set(codes)) > 180
    assert codes[-1] == "autre"


@pytest.mark.parametrize(
    ("code", "label", "told"),
    [("nl", "néerlandais", ["nl"]), ("fon", "fon", []), ("autre", "autre", [])],
)
def test_a_text_says_its_language_where_the_reader_looks(client, code, label, told):
    """A stedenband of 27 pages in Dutch was « autre »."""
    convention = make_convention(**published())
    convention.documents.add(make_document(language=code, **published()))
    assert f"– {label}" in client.get(convention.get_absolute_url()).content.decode()
    tree = etree.fromstring(b"".join(client.get(reverse("iati_activities"))))
    assert tree.xpath("//document-link[contains(@url, '/documents/')]/language/@code") == told
