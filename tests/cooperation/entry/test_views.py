"""What was deleted by mistake, and who brings it back."""

import re
import threading

import pytest
from django.db import connection, connections
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from agreements.models import Convention
from cooperation.models import Document, Partner, Theme
from cooperation.records.gates import Status
from cooperation.roles import Role
from cooperation.typography import spaced
from tests.factories import (
    PDF,
    make_avenant,
    make_axis,
    make_convention,
    make_document,
    make_indicator,
    make_partner,
    make_user,
)

PAGE = "/brouillons-supprimes/"


@pytest.fixture
def lost(agent, parakou, orleans):
    """A draft with lines and documents, deleted by its agent; one line was deleted before, on purpose."""
    draft = make_convention([parakou, orleans], title="Eau pour Parakou")
    draft.documents.add(make_document(title="Le texte", entered_by=parakou))
    make_avenant(draft, purpose="Prolonge d’un an")
    make_axis(draft, title="Forages")
    draft.legal_steps.create(kind="deliberation", number="2024-7")
    draft.legal_steps.create(kind="approbation").delete()
    address = reverse("admin:agreements_convention_delete", args=[draft.pk])
    page = agent.post(address, {"post": "yes"}, follow=True)
    assertContains(page, PAGE)
    assert not Convention.objects.exists()
    return draft


def restore(client, record):
    row = record.history.first()
    data = {"model": record._meta.label_lower, "row": row.history_id}
    return client.post(PAGE, data, follow=True)


def test_a_deleted_draft_comes_back_whole(agent, lost):
    """A clerk who deleted the wrong line of a list had an afternoon to type again."""
    assertContains(agent.get(PAGE), "Eau pour Parakou")
    page = restore(agent, lost)
    assertContains(page, "est de retour")
    draft = Convention.objects.get()
    assert (draft.reference, draft.status) == (lost.reference, Status.DRAFT)
    assert [party.partner.name for party in draft.parties.all()] == ["Parakou", "Orléans"]
    assert [document.title for document in draft.documents.all()] == ["Le texte"]
    assert draft.avenants.get().purpose == "Prolonge d’un an"
    assert draft.axes.get().title == "Forages"
    assert [step.number for step in draft.legal_steps.all()] == ["2024-7"]
    assertNotContains(agent.get(PAGE), "Eau pour Parakou")
    assertContains(restore(agent, lost), "il l’est déjà, peut-être")


def test_a_draft_deleted_a_second_time_comes_back_as_it_then_was(agent, lost):
    restore(agent, lost)
    draft = Convention.objects.get()
    draft.avenants.get().delete()
    Convention.objects.filter(pk=draft.pk).delete()
    draft.history.filter(history_type="-").update(history_user=agent.user)
    restore(agent, draft)
    assert not Convention.objects.get().avenants.exists()
    assert Convention.objects.get().axes.exists()


def test_the_secretariat_brings_back_what_anybody_deleted(client, lost):
    client.force_login(make_user(Role.SECRETARIAT))
    assertContains(client.get(PAGE), "Eau pour Parakou")
    restore(client, lost)
    assert Convention.objects.exists()


@pytest.mark.parametrize("role", [Role.COMMUNE, Role.MEMBER])
def test_others_neither_see_nor_bring_back_a_deleted_draft(client, lost, role):
    client.force_login(make_user(role, partner=make_partner() if role == Role.COMMUNE else None))
    assertNotContains(client.get(PAGE), "Eau pour Parakou")
    restore(client, lost)
    assert not Convention.objects.exists()


def test_a_visitor_is_asked_to_sign_in(client, db):
    assert client.get(PAGE).status_code == 302


def test_whoever_changed_office_brings_nothing_back(client, agent, lost):
    agent.user.partner = make_partner(name="Kandi")
    agent.user.save()
    agent.force_login(agent.user)
    assert restore(agent, lost).status_code == 403
    assert not Convention.objects.exists()


def test_what_hung_on_a_draft_that_is_gone_too_says_so(agent, parakou, orleans):
    first = make_convention([parakou, orleans])
    second = make_convention([parakou, orleans], predecessor=first)
    for draft in (second, first):
        agent.post(reverse("admin:agreements_convention_delete", args=[draft.pk]), {"post": "yes"})
    answer = restore(agent, second)
    assert answer.status_code == 200
    assert not Convention.objects.filter(pk=second.pk).exists()
    restore(agent, first)
    restore(agent, second)
    assert Convention.objects.get(pk=second.pk).predecessor == first


def test_partners_and_documents_come_back_too(agent, parakou):
    partner = make_partner(name="Association Eau", status=Status.DRAFT, entered_by=parakou)
    partner.codes.create(scheme="IATI", code="XM-DAC-7")
    document = make_document(title="Étude", entered_by=parakou)
    for record in (partner, document):
        meta = record._meta
        address = reverse(f"admin:{meta.app_label}_{meta.model_name}_delete", args=[record.pk])
        agent.post(address, {"post": "yes"})
    assert not Document.objects.exists()
    for record in (partner, document):
        restore(agent, record)
    assert Partner.objects.get(name="Association Eau").codes.get().code == "XM-DAC-7"
    file = agent.get(Document.objects.get().get_absolute_url())
    assert b"".join(file.streaming_content) == PDF


def test_what_a_draft_linked_and_is_gone_does_not_keep_it_away(agent, parakou, orleans):
    """« Refaites-la à la main », of a draft that was nowhere any more."""
    theme = Theme.objects.create(name="Eau", slug="eau")
    draft = make_convention([parakou, orleans])
    draft.themes.add(theme)
    agent.post(reverse("admin:agreements_convention_delete", args=[draft.pk]), {"post": "yes"})
    theme.delete()
    page = restore(agent, draft)
    assertContains(page, spaced("Sans ce qui n’existe plus : thèmes."))
    assert not Convention.objects.get().themes.exists()


def test_a_partner_that_was_typed_again_is_told(agent, parakou):
    partner = make_partner(name="Association Eau", status=Status.DRAFT, entered_by=parakou)
    agent.post(reverse("admin:cooperation_partner_delete", args=[partner.pk]), {"post": "yes"})
    make_partner(name="Association Eau")
    assertContains(restore(agent, partner), "Un partenaire de ce nom est déjà là")


@pytest.mark.skipif(
    connection.vendor == "sqlite", reason="needs connections that wait for each other"
)
def test_two_who_restore_the_same_draft_make_one(transactional_db):
    user = make_user(Role.SECRETARIAT)
    draft = make_convention([make_partner(), make_partner(country="FR")])
    draft.delete()
    row = Convention.history.first()
    clients = [Client() for _ in range(3)]
    pages = []
    for client in clients:
        client.force_login(user)
        pages.append(client.get(PAGE).content.decode())
    gate, answers = threading.Barrier(3, timeout=10), []

    def tap(client, page):
        key = re.search(r'name="form_key" value="([^"]+)"', page)[1]
        data = {"model": "agreements.convention", "row": row.history_id, "form_key": key}
        gate.wait()
        answers.append(client.post(PAGE, data).status_code)
        connections.close_all()

    taps = [threading.Thread(target=tap, args=pair) for pair in zip(clients, pages, strict=True)]
    for one in taps:
        one.start()
    for one in taps:
        one.join()
    assert answers == [302] * 3
    assert Convention.objects.get().parties.count() == 2


def test_the_measures_of_an_axis_less_draft_are_counted_as_lines(agent, parakou, orleans):
    draft = make_convention([parakou, orleans])
    make_indicator(draft).delete()
    agent.post(reverse("admin:agreements_convention_delete", args=[draft.pk]), {"post": "yes"})
    assertContains(agent.get(PAGE), "2 lignes")  # its parties
