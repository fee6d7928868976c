import hashlib
from io import BytesIO

import pytest
from django.core.management import call_command
from django.urls import reverse
from pypdf import PdfReader
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from agreements.models import Convention
from cooperation.models import Theme
from cooperation.typography import spaced
from reports import making
from reports.facts.bilan import build_bilan, from_json
from reports.models import Bilan, Edition, Report
from reports.publishing import PublicationError, differences, facts_of, publish
from tests.factories import (
    make_budget_line,
    make_convention,
    published,
)
from tests.limits import limit_reports
from tests.reports.bilans import content_of, edition_of, to_publish
from tests.reports.readers import body, outline, pdf_of, tags, text_of


def test_an_edition_does_not_change_with_the_registry(client, bilan, secretary, registry, pango):
    edition = edition_of(bilan, secretary)
    page = reverse("edition_detail", args=[bilan.reference, 1])
    files = {
        extension: reverse("edition_download", args=[bilan.reference, 1, extension])
        for extension in ("json", "csv")
    }
    before = [client.get(page).content, *(client.get(f).content for f in files.values())]
    pdf = body(client.get(reverse("edition_download", args=[bilan.reference, 1, "pdf"]))).read()
    Convention.objects.filter(pk=registry[0].pk).update(title="Rebaptisée")
    make_budget_line(registry[0], amount="5")
    bilan.refresh_from_db()
    bilan.summary = "Autre chose"
    bilan.save()
    after = [client.get(page).content, *(client.get(f).content for f in files.values())]
    assert after == before
    assert b"Rebaptis" not in before[0]
    edition.refresh_from_db()
    assert edition.is_intact
    assert hashlib.sha256(pdf).hexdigest() == edition.pdf_sha256
    assert hashlib.sha256(before[1]).hexdigest() == edition.facts_sha256
    assert hashlib.sha256(before[2]).hexdigest() == edition.rows_sha256


def test_the_title_of_an_edition_is_that_of_its_publication(client, bilan, secretary, pango):
    edition = edition_of(bilan, secretary)
    bilan.refresh_from_db()
    bilan.title = "Titre encore secret"
    bilan.save()
    for address in (
        edition.get_absolute_url(),
        reverse("bilan_list"),
        f"{reverse('edition_check')}?numero={edition.mark}",
        "/bilans/2021/",
    ):
        page = client.get(address)
        assertContains(page, "Bilan 2021 pour la commission")
        assertNotContains(page, "secret")
    assert "Bilan 2021 pour la commission" in edition.facts
    assert "Texte récrit : titre" in edition_of(bilan, secretary).changes


def test_a_scope_that_is_gone_publishes_nothing(client, bilan, secretary, pango):
    Theme.objects.create(name="Eau", slug="eau")
    Bilan.objects.filter(pk=bilan.pk).update(filters="theme=eau")
    Theme.objects.filter(slug="eau").delete()
    with pytest.raises(PublicationError, match="périmètre"):
        edition_of(bilan, secretary)
    client.force_login(secretary)
    bilan.refresh_from_db()
    for address in (bilan.get_absolute_url(), reverse("bilan_preview", args=[bilan.reference])):
        response = client.get(address)
        assert response.status_code == 409
        assertContains(response, "n’existe plus", status_code=409)
    data = {"read": "x"}
    publishing = reverse("bilan_publish", args=[bilan.reference])
    assert client.post(publishing, data).status_code == 409
    assert not Edition.objects.exists()


def test_a_new_edition_says_what_it_changes(client, bilan, secretary, registry, pango):
    edition_of(bilan, secretary)
    make_convention(
        [registry[0].partners.first()], title="Tardive", starts_on="2021", **published()
    )
    make_budget_line(registry[1], amount="5")
    bilan.refresh_from_db()
    bilan.lessons = "Une leçon"
    bilan.save()
    second = edition_of(bilan, secretary)
    assert second.number == 2
    text = " | ".join(second.changes)
    assert "Conventions : 3 → 4" in text
    assert "Montants prévus" in text
    assert "Conventions ajoutées : CONV-" in text
    assert f"Conventions corrigées : {registry[1].reference}" in text
    assert "Texte récrit : Leçons et bonnes pratiques" in text
    old = client.get(reverse("edition_detail", args=[bilan.reference, 1]))
    assertContains(old, "Une édition plus récente la remplace")
    assert differences(from_json(second.facts), from_json(second.facts)) == []
    assertRedirects(client.get(bilan.get_absolute_url()), second.get_absolute_url())
    pdf = text_of(pdf_of(client.get("/bilans/2021.pdf")))
    live = client.get("/bilans/2021.csv")
    assert f"-au-{build_bilan(2021, 2021).made_on}.csv" in live["Content-Disposition"]
    body(live)
    assert second.mark in pdf
    assert "Ce que change cette édition" in pdf


def test_the_pdf_holds_the_figures_the_texts_and_how_to_check_it(bilan, secretary, pango):
    edition = edition_of(bilan, secretary)
    reader = PdfReader(BytesIO(content_of(edition)))
    text = text_of(reader).replace("\u202f", " ").replace("\u00a0", " ")
    for words in (
        "1 000,10 €",
        "655 957 F CFA",
        "2 000,10 €",
        "300,03 €",
        "Cinq constats",
        "Dix forages.",
        "Saison des pluies.",
        "Ménages servis",
        "Finie",
        "Nouvelle",
        edition.mark,
        edition.facts_sha256,
        "/bilans/verifier/",
        "Ce que compte chaque chiffre",
    ):
        assert words in text
    assert "Secrète" not in text
    assert "Ancienne" not in text
    assert {"Synthèse", "Financement", "Dossier légal"} <= {o[1] for o in outline(reader)}
    figures = [element for element in tags(reader) if element["/S"] == "/Figure"]
    assert len(figures) > 5
    assert all(element.get("/Alt") for element in figures)
    assert any("vérifier l’édition" in element["/Alt"] for element in figures)


@pytest.mark.django_db(transaction=True)
def test_a_publication_that_is_stopped_too_late_is_told(
    client, secretary, bilan, pango, monkeypatch
):
    client.force_login(secretary)
    limit_reports(monkeypatch, 0, "pdf")
    Bilan.objects.filter(pk=bilan.pk).update(title="x" * 200)
    bilan.refresh_from_db()
    client.post(reverse("bilan_publish", args=[bilan.reference]), to_publish(bilan))
    once = making.publish_once

    def late(report, tell):
        edition = once(report, tell)
        assert making.cancel(report, secretary)
        return edition

    monkeypatch.setattr(making, "publish_once", late)
    call_command("db_worker", batch=True, startup_delay=False, verbosity=0, reload=False)
    assert Edition.objects.count() == 1
    report = Report.objects.get()
    assert report.state == Report.State.READY
    assert len(report.filename) <= 100


@pytest.mark.django_db(transaction=True)
def test_publication_is_work_for_a_worker_and_happens_once(
    client, bilan, secretary, pango, monkeypatch
):
    client.force_login(secretary)
    limit_reports(monkeypatch, 0, "pdf")
    bilan.refresh_from_db()
    address = reverse("bilan_publish", args=[bilan.reference])
    first = client.post(address, to_publish(bilan))
    assert client.post(address, to_publish(bilan)).url == first.url
    call_command("db_worker", batch=True, startup_delay=False, verbosity=0, reload=False)
    assert Edition.objects.get().published_by == secretary
    assertRedirects(client.get(first.url), bilan.get_absolute_url())
    assertContains(client.get(bilan.get_absolute_url()), spaced("Édition n° 1"))


def test_a_small_bilan_is_published_without_a_worker(client, bilan, secretary, pango):
    client.force_login(secretary)
    address = reverse("bilan_publish", args=[bilan.reference])
    page = client.post(address, to_publish(bilan), follow=True)
    assertContains(page, spaced("Édition n° 1"))
    assert page.redirect_chain[-1][0] == bilan.get_absolute_url()
    assert Edition.objects.get().published_by == secretary


def test_an_edition_like_the_last_one_is_not_published(client, bilan, secretary, pango):
    """Two taps made two editions, the second one identical, without a word."""
    edition_of(bilan, secretary)
    with pytest.raises(PublicationError, match="Rien n’a changé"):
        edition_of(bilan, secretary)
    client.force_login(secretary)
    assert (
        b"Publier l\xe2\x80\x99\xc3\xa9dition" not in client.get(bilan.get_absolute_url()).content
    )
    again = client.post(
        reverse("bilan_publish", args=[bilan.reference]), to_publish(bilan), follow=True
    )
    assertContains(again, "il n’y a rien à publier")
    assert Edition.objects.count() == 1


def test_an_edition_is_not_published_in_one_tap(client, bilan, secretary, pango):
    client.force_login(secretary)
    data = to_publish(bilan)
    del data["sure"]
    page = client.post(reverse("bilan_publish", args=[bilan.reference]), data, follow=True)
    assertContains(page, "rien n’est publié")
    assert not Edition.objects.exists()


def test_what_would_be_published_is_told_before(client, bilan, secretary):
    """The button stood alone: its period, its figures and what nobody had written were elsewhere."""
    client.force_login(secretary)
    page = client.get(bilan.get_absolute_url())
    facts = facts_of(bilan)
    told = ", ".join(f"{figure.label.lower()} {figure.count}" for figure in facts.figures)
    assertContains(page, f"porterait sur <strong>{bilan.period}</strong>")
    assertContains(page, told)
    assertContains(page, "L’édition paraîtrait sans")


def test_two_publications_at_once_make_one_edition(bilan, secretary, pango, monkeypatch):
    same = Bilan.objects.get(pk=bilan.pk)
    edition_of(bilan, secretary)
    # The second one has looked before the first was there.
    monkeypatch.setattr(Bilan, "latest", None)
    with pytest.raises(PublicationError, match="par ailleurs"):
        publish(same, by=secretary, read=facts_of(same).fingerprint)
    assert Edition.objects.count() == 1
