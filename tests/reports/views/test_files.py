from decimal import Decimal

import pytest
from django.urls import reverse
from pypdf import PdfReader
from pytest_django.asserts import assertContains, assertNotContains

from tests.reports.readers import body


def test_page_and_pdf_tell_the_same(client, themed, pango):
    page = client.get(reverse("inventory"), {"par": "theme"})
    response = client.get(reverse("inventory_file", args=["pdf"]), {"par": "theme"})
    text = " ".join(p.extract_text() for p in PdfReader(body(response)).pages)
    for amount in ("1\u00a0000,30\u00a0€", "655\u00a0957\u00a0F\u202fCFA", "2\u00a0000,30\u00a0€"):
        assert amount.replace("\u202f", "\u00a0") in page.content.decode()
        assert amount.replace("\u202f", " ").replace("\u00a0", " ") in " ".join(
            text.split()
        ).replace("\u00a0", " ")
    assertNotContains(page, "Brouillon")
    assertContains(page, "Non renseigné")


def test_each_total_opens_its_rows(client, themed):
    page = client.get(reverse("inventory"), {"theme": "eau", "de": "2002", "a": "2003"})
    address = (
        f"{reverse('budget_line_list')}?liste=theme%3Deau%26year%3D2002%26year%3D2003&status=publie"
    )
    assertContains(page, address.replace("&", "&amp;"))
    rows = client.get(f"{address}&currency=EUR")
    assert [line.amount for line in rows.context["page"]] == [Decimal("1000.10")]
    paid = client.get(reverse("disbursement_list"), {"liste": "theme=eau", "currency": "EUR"})
    assert [row.amount for row in paid.context["page"]] == [Decimal("300.03")]
    none = client.get(reverse("budget_line_list"), {"liste": "theme=zzz"})
    assert not none.context["page"].paginator.count


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("de=2010&a=2001", "finit avant de commencer"),
        ("de=0", "1900"),
        ("a=99999999999", "2100"),
        ("par=bidule", "bidule"),
        ("theme=zzz", "n’est pas un choix"),
    ],
)
def test_what_makes_no_sense_is_told_and_makes_no_file(client, query, words):
    assertContains(client.get(f"{reverse('inventory')}?{query}"), words)
    for extension in ("pdf", "csv", "xlsx", "ods"):
        assert (
            client.get(f"{reverse('inventory_file', args=[extension])}?{query}").status_code == 404
        )
    assert client.get("/inventaire.exe").status_code == 404
