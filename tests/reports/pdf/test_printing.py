from django.urls import reverse
from django.utils.html import escape
from pytest_django.asserts import assertContains

from agreements.models import Convention
from tests.reports.readers import pdf_of, text_of
from tests.search import conventions_found


def test_page_and_pdf_of_the_bilan_hold_the_nine_actions(client, content, pango):
    actions = conventions_found("parakou orleans").get().actions.all()
    page = client.get(reverse("bilan", args=[2020]))
    text = text_of(pdf_of(client.get(reverse("bilan_file", args=[2020, "pdf"]))))
    assert len(actions) == 9
    for action in actions:
        assertContains(page, escape(action.title))
        assert action.title in text
    assert "1\u00a0123\u00a0884\u00a0€" in page.content.decode()
    assert "1 123 884 €" in text.replace("\u00a0", " ")


def test_the_inventory_pdf_is_tagged_titled_and_french(client, content, pango):
    response = client.get(reverse("inventory_file", args=["pdf"]))
    reader = pdf_of(response)
    assert "Inventaire" in reader.metadata.title
    assert reader.trailer["/Root"]["/Lang"] == "fr"
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert reader.outline
    text = text_of(reader)
    for convention in Convention.objects.all():
        assert convention.reference in text
