import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains

from reports.prose import as_html
from tests.reports.bilans import written


@pytest.mark.parametrize(
    ("text", "forbidden"),
    [
        ("<script>alert(1)</script>", "<script"),
        ("[x](javascript:alert(1))", "href"),
        ("![x](file:///etc/passwd)", "<img"),
        ("<img src=x onerror=alert(1)>", "<img"),
        ("<style>@import url(http://x)</style>", "<style"),
        ("[x](data:text/html,<script>)", "href"),
    ],
)
def test_what_is_written_runs_and_fetches_nothing(text, forbidden):
    assert forbidden not in as_html(text)


def test_a_small_text_makes_no_large_page(client, bilan, secretary):
    assert len(as_html("[a]: /" + "x" * 2000 + "\n\n" + "[a]" * 600)) < 10_000
    client.force_login(secretary)
    address = reverse("bilan_write", args=[bilan.reference])
    assertContains(client.post(address, written(bilan, lessons="x" * 50_001)), "50000")


def test_what_is_written_keeps_its_form():
    html = as_html("# Titre\n\n**gras** *italique*\n\n- un\n- deux\n\n[lien](https://exemple.bj)")
    for part in ("<h4>Titre</h4>", "<strong>gras</strong>", "<li>un</li>", 'href="https://'):
        assert part in html
    assert as_html("> " * 500 + "x")
