import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from agreements.models import Convention
from cooperation.roles import Role
from cooperation.typography import spaced
from reports.facts.bilan import build_bilan
from reports.models import Edition, Report
from reports.publishing import PublicationError, facts_of, publish
from tests.factories import (
    make_budget_line,
    make_user,
)
from tests.reports.bilans import edition_of, to_publish, written
from tests.reports.readers import body, pdf_of, text_of


def test_each_figure_opens_its_conventions(client, registry):
    page = client.get("/bilans/2021/")
    assertContains(page, "/bilans/2021/lignes/?de=renouvelees")
    rows = client.get("/bilans/2021/lignes/", {"de": "renouvelees"})
    assert sorted(entry.title for entry in rows.context["page"]) == ["Nouvelle", "Prolongée"]
    table = next(t for t in build_bilan(2021, 2021).tables if t.name == "country")
    for number, row in enumerate(table.rows):
        rows = client.get("/bilans/2021/lignes/", {"de": f"country-{number}"})
        assert rows.context["page"].paginator.count == len(row.references)
        assertContains(rows, row.label)
    assert client.get("/bilans/2021/lignes/", {"de": "zzz"}).status_code == 200


def test_only_the_secretariat_writes_and_publishes(client, bilan, pango):
    pages = {
        reverse("bilan_start"): "get",
        reverse("bilan_write", args=[bilan.reference]): "get",
        reverse("bilan_publish", args=[bilan.reference]): "post",
    }
    for role in (None, Role.COMMUNE, Role.MEMBER):
        client.logout()
        if role:
            client.force_login(make_user(role))
        for address, method in pages.items():
            assert getattr(client, method)(address).status_code in (302, 403, 404)
    for role in (Role.COMMUNE, Role.MEMBER):
        with pytest.raises(PermissionDenied):
            publish(bilan, by=make_user(role), read=facts_of(bilan).fingerprint)
    assert not Edition.objects.exists()


def test_a_draft_is_for_members_alone(client, bilan, pango):
    addresses = [
        bilan.get_absolute_url(),
        reverse("bilan_rows", args=[bilan.reference]),
        reverse("bilan_preview", args=[bilan.reference]),
        reverse("bilan_history", args=[bilan.reference]),
    ]
    for role in (None, Role.COMMUNE):
        client.logout()
        if role:
            client.force_login(make_user(role))
        for address in addresses:
            assert client.get(address).status_code in (302, 404)
        assertNotContains(client.get(reverse("bilan_list")), bilan.title)
    client.force_login(make_user(Role.MEMBER))
    for address in addresses:
        response = client.get(address)
        assert response.status_code == 200
        if response.streaming:
            body(response)
    assertContains(client.get(bilan.get_absolute_url()), "<strong>Cinq</strong> constats")
    preview = text_of(pdf_of(client.get(reverse("bilan_preview", args=[bilan.reference]))))
    assert "PROJET" in preview


def test_a_published_bilan_keeps_its_draft_from_the_public(client, bilan, secretary, pango):
    edition = edition_of(bilan, secretary)
    bilan.refresh_from_db()
    bilan.summary = "Brouillon du suivant"
    bilan.save()
    page = client.get(bilan.get_absolute_url(), follow=True)
    assert page.redirect_chain[0][0] == edition.get_absolute_url()
    assertNotContains(page, "Brouillon du suivant")
    assert client.get(reverse("bilan_rows", args=[bilan.reference])).status_code == 302
    client.force_login(make_user(Role.COMMUNE))
    assert client.get(reverse("bilan_rows", args=[bilan.reference])).status_code == 404
    assert client.get(reverse("bilan_preview", args=[bilan.reference])).status_code == 404
    assert client.get(reverse("bilan_history", args=[bilan.reference])).status_code == 403


def test_texts_are_saved_as_they_are_typed_and_never_over_those_of_another(
    client, bilan, secretary
):
    client.force_login(secretary)
    address = reverse("bilan_write", args=[bilan.reference])
    mine = written(bilan, lessons="Une")
    saved = client.post(address, mine, headers={"X-Autosave": "1"})
    assert saved.json() == {"version": mine["opened_version"] + 1}
    stale = client.post(address, mine | {"lessons": "Deux"}, headers={"X-Autosave": "1"})
    assert stale.status_code == 409
    shown = client.post(address, mine | {"lessons": "Deux"})
    assertContains(shown, "Deux")
    bilan.refresh_from_db()
    assert bilan.lessons == "Une"
    assertRedirects(client.post(address, written(bilan, lessons="Trois")), bilan.get_absolute_url())
    bilan.refresh_from_db()
    assert bilan.lessons == "Trois"


def test_the_page_publishes_what_was_read(client, bilan, secretary, pango):
    client.force_login(secretary)
    page = client.get(bilan.get_absolute_url())
    assertContains(page, spaced("Publier l’édition n° 1"))
    assertContains(page, spaced("Rien n’est encore écrit sous : Réalisations"))
    address = reverse("bilan_publish", args=[bilan.reference])
    bilan.refresh_from_db()
    bilan.summary = "Changé entre-temps"
    bilan.save()
    stale = {"read": page.context["bilan"].fingerprint}
    assertContains(client.post(address, stale, follow=True), "ont changé depuis")
    stale = to_publish(bilan)
    make_budget_line(Convention.objects.published().first(), amount="7")
    assertContains(client.post(address, stale, follow=True), "ont changé depuis")
    assert not Report.objects.exists()
    with pytest.raises(PublicationError, match="ont changé"):
        publish(bilan, by=secretary, read=stale["read"])
    assert not Edition.objects.exists()


ABSURD = [
    "/bilans/2021/lignes/?de=%00",
    "/bilans/2021/lignes/?de=a&page=99999999999999999999",
    "/bilans/2021/lignes/?de=country-99999999999999",
    "/bilans/bilan-2021-1/editions/99999999999999999999/",
    "/bilans/bilan-2021-1/editions/1.exe",
    "/bilans/verifier/?numero=%00",
    f"/bilans/verifier/?numero={'A' * 5000}",
    "/bilans/99999999999999999999.pdf",
    "/bilans/2021.exe",
    f"/fiches/convention/{'a' * 3000}.pdf",
    f"/rapports/{'f' * 300}/",
    "/rapports/x/fichier",
    "/bilans/nouveau/?filters=%00&first_year=abc",
]


@pytest.mark.parametrize("role", [None, *Role])
def test_an_absurd_address_is_no_error_page(client, bilan, role):
    if role:
        client.force_login(make_user(role))
    for address in ABSURD:
        assert client.get(address).status_code in (200, 302, 403, 404), address
