import pytest
from django.core.cache import caches
from django.urls import reverse

from reports.pdf import rendering
from tests.factories import (
    make_convention,
    published,
)
from tests.reports import readers
from tests.reports.inventories import inventory_pdf
from tests.reports.readers import outline, pdf_of, text_of


def test_nothing_in_a_report_is_fetched_or_run(client, tmp_path, pango):
    secret = tmp_path / "secret.txt"
    secret.write_text("MARQUEUR")
    make_convention(
        title=f"<img src='file://{secret}'><link rel=attachment href='file://{secret}'>",
        note="x",
        **published(),
    )
    response = client.get(reverse("inventory_file", args=["pdf"]))
    reader = pdf_of(response)
    assert not reader.attachments
    assert "MARQUEUR" not in text_of(reader)
    assert "file://" in text_of(reader)


def test_the_fetcher_of_reports_fetches_nothing(pango):
    weasyprint = rendering.load_weasyprint()
    fetcher = weasyprint.urls.URLFetcher(allowed_protocols=())
    for address in ("file:///etc/passwd", "http://127.0.0.1/", "data:text/plain,x"):
        with pytest.raises(ValueError):
            fetcher.fetch(address)


def test_odd_text_does_not_break_a_report(client, pango):
    for text in ("\u200b\u200f", "مرحبا", "🙂" * 50, "x" * 250, "<div>" * 50):
        make_convention(title=text, objectives=text * 400, **published())
    assert pdf_of(client.get(reverse("inventory_file", args=["pdf"]))).pages


def test_without_its_libraries_a_pdf_says_what_to_install(client, monkeypatch):
    caches["pages"].clear()
    monkeypatch.setattr(rendering, "render", readers.without_libraries)
    make_convention(**published())
    response = client.get(reverse("bilan_file", args=[2020, "pdf"]))
    assert response.status_code == 503
    assert "apt-get install" in response.content.decode()
    assert 'href="/bilans/2020/"' in response.content.decode()


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


def test_a_little_work_begins_one_process(client, pango):
    """A fiche: fewer sections than wait before another process is worth its beginning."""
    processes = rendering.PROCESSES
    processes.end()
    convention = make_convention(**published())
    assert pdf_of(client.get(f"/fiches/convention/{convention.reference}.pdf")).pages
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


def test_a_word_without_end_stays_on_the_paper(client, pango, parakou, orleans):
    """Long addresses and titles ran off the page, over the code that leads to it."""
    word = "Xylophone" * 25
    convention = make_convention(
        [parakou, orleans], title=word, source=f"https://{word}.bj", **published()
    )
    for address in (f"/fiches/convention/{convention.reference}.pdf", "/inventaire.pdf"):
        lines = "\n".join(page.extract_text() for page in pdf_of(client.get(address)).pages).split(
            "\n"
        )
        assert max(map(len, lines)) < 150, address
