"""Several records at once: looked at, then done, each told apart."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from agreements.models import Convention
from agreements.queue import key_of
from agreements.selection import MOST, Selection, found, of_import
from cooperation.entry.workflow import STEPS, carry_out
from cooperation.models import Import
from cooperation.records.gates import Status
from cooperation.roles import Role
from cooperation.typography import spaced
from tests.factories import make_avenant, make_convention, make_partner, make_user, published
from tests.mails import delivered

ADDRESS = reverse("queue_selection")


@pytest.fixture
def clerk(parakou):
    return make_user(Role.COMMUNE, partner=parakou, email="clerc@exemple.bj")


@pytest.fixture
def secretary_client(secretary):
    client = Client()
    client.force_login(secretary)
    client.user = secretary
    return client


@pytest.fixture
def sent(clerk, parakou, orleans):
    def sent(title, **kwargs):
        convention = make_convention([parakou, orleans], title=title, **kwargs)
        carry_out(STEPS["soumettre"], convention, by=clerk, version=convention.version)
        convention.refresh_from_db()
        return convention

    return sent


def names(*records):
    return [f"{key_of(record)}@{record.version}" for record in records]


def test_a_preview_does_nothing_and_the_confirmation_does_it(secretary_client, sent):
    one, two = sent("Eau"), sent("Marché")
    data = {"etape": "publier", "fiche": names(one, two)}
    page = secretary_client.post(ADDRESS, data)
    assertContains(page, "Rien n’est encore fait")
    assert not Convention.objects.published().exists()
    page = secretary_client.post(ADDRESS, data | {"confirme": "1"}, follow=True)
    assertContains(page, "2 fiches publiées.")
    assert Convention.objects.published().count() == 2


def test_a_return_gives_each_commune_the_reason(secretary_client, sent):
    one, two = sent("Eau"), sent("Marché")
    data = {"etape": "renvoyer", "fiche": names(one, two), "confirme": "1"}
    page = secretary_client.post(ADDRESS, data)
    assertContains(page, "chaque commune le lira")
    assert Convention.objects.filter(status=Status.SUBMITTED).count() == 2
    page = secretary_client.post(ADDRESS, data | {"reason": "Joignez le PDF."}, follow=True)
    assertContains(page, "2 fiches renvoyées.")
    assert sum("Joignez le PDF." in message.body for message in delivered()) >= 2


def test_what_cannot_be_is_told_and_the_others_go_on(secretary_client, sent, clerk):
    ready, changed, taken = sent("Eau"), sent("Marché"), sent("École")
    data = {"etape": "publier", "fiche": names(ready, changed, taken), "confirme": "1"}
    changed.title = "Marché couvert"
    changed.save()
    carry_out(STEPS["reprendre"], taken, by=clerk, version=taken.version)
    page = secretary_client.post(ADDRESS, data, follow=True)
    assertContains(page, "1 fiche publiée.")
    assertContains(page, spaced("Marché couvert : Cette fiche a changé"))
    assert list(Convention.objects.published()) == [ready]


def test_avenants_and_partners_go_with_them(secretary_client, clerk, parakou):
    convention = make_convention([parakou], **published())
    avenant = make_avenant(convention)
    carry_out(STEPS["soumettre"], avenant, by=clerk, version=avenant.version)
    avenant.refresh_from_db()
    partner = make_partner(name="Une ONG", status=Status.DRAFT)
    data = {"etape": "publier", "fiche": names(avenant, partner), "confirme": "1"}
    assertContains(secretary_client.post(ADDRESS, data, follow=True), "2 fiches publiées.")
    avenant.refresh_from_db()
    partner.refresh_from_db()
    assert avenant.is_published and partner.is_published
    other = make_partner(name="Deux", status=Status.DRAFT)
    returned = Selection(secretary_client.user, STEPS["renvoyer"], names(other))
    assert "ne se renvoie pas" in returned.stopped[0].obstacles[0]


def test_a_partner_that_went_meanwhile_stops_nobody_else(secretary_client, sent, monkeypatch):
    convention, partner = sent("Eau"), make_partner(name="Une ONG", status=Status.DRAFT)
    selection = Selection(secretary_client.user, STEPS["publier"], names(partner, convention))
    partner.publish(secretary_client.user)
    assert selection.carry_out() == 1
    assert "publié" in selection.stopped[0].obstacles[0]


def test_what_is_named_wrongly_is_nobody_s_record(secretary_client, sent):
    convention = sent("Eau")
    for name in (
        "",
        "x",
        "convention:\x00",
        "convention:",
        "avenant:CONV-1:x",
        "avenant:CONV-1:99999",
        "carte:1",
    ):
        assert found(secretary_client.user, name) is None, name
    assert found(secretary_client.user, f"convention:{convention.reference}@x") == convention
    page = secretary_client.post(ADDRESS, {"etape": "publier", "fiche": ["x"]}, follow=True)
    assertContains(page, "Cochez au moins une fiche")
    assert secretary_client.post(ADDRESS, {"etape": "retirer"}).status_code == 404


def test_one_click_takes_no_more_than_a_page_can(secretary, sent):
    convention = sent("Eau")
    selection = Selection(secretary, STEPS["publier"], names(convention) + ["x"] * MOST)
    assert (len(selection.chosen), selection.left_out) == (1, 1)


@pytest.mark.parametrize("role", [None, Role.COMMUNE, Role.MEMBER])
def test_the_secretariat_alone_does_this(role, sent):
    convention = sent("Eau")
    client = Client()
    if role:
        client.force_login(make_user(role))
    data = {"etape": "publier", "fiche": names(convention), "confirme": "1"}
    assert client.post(ADDRESS, data).status_code == 403 if role else 302
    convention.refresh_from_db()
    assert convention.status == Status.SUBMITTED


def test_what_an_import_added_is_published_from_its_page(secretary_client, parakou, orleans):
    added = make_convention([parakou, orleans], title="Ajoutée")
    known = make_convention([parakou, orleans], title="Connue", **published())
    job = Import.objects.create(
        user=secretary_client.user,
        kind="conventions",
        filename="liste.csv",
        state=Import.State.WRITTEN,
        sheets=[{"kind": "conventions", "name": "liste", "headings": [], "filled": []}],
    )
    facts = (("ajout", added), ("ajout", known), ("mise-a-jour", known), ("refusee", None))
    for position, (verdict, record) in enumerate(facts, 1):
        target = record.reference if record else ""
        job.rows.create(position=position, line=position, cells=[], verdict=verdict, target=target)
    assert of_import(job) == [f"convention:{added.reference}"]
    assertContains(secretary_client.get(job.get_absolute_url()), "Publier ses conventions")
    data = {"etape": "publier", "import": job.reference}
    page = secretary_client.post(ADDRESS, data)
    assertContains(page, "Ajoutée")
    assertNotContains(page, "Connue")
    data = {"etape": "publier", "fiche": names(added), "confirme": "1"}
    secretary_client.post(ADDRESS, data)
    added.refresh_from_db()
    assert added.is_published
