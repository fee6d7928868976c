import re
import threading

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, connections
from django.db.models.signals import pre_save
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains

from agreements.models import Avenant, Convention
from cooperation.models import Document, IdempotentResponse, Import
from cooperation.roles import Role
from tests.entry import ADD, add_line, change, page_data
from tests.factories import (
    PDF,
    make_action,
    make_convention,
    make_indicator,
    make_partner,
    make_user,
)
from tests.sheets import csv_file

USED = "avait déjà servi"


def key_of(response):
    return re.search(r'name="form_key" value="([^"]+)"', response.content.decode())[1]


def filled(agent, page, parakou, orleans, **values):
    data = page_data(page) | {"title": "Eau", "form_key": key_of(page)} | values
    for partner in (parakou, orleans):
        add_line(data, "parties", partner=partner.pk, role="signataire")
    return data


def test_two_taps_make_one_convention(agent, parakou, orleans):
    data = filled(agent, agent.get(ADD), parakou, orleans)
    agent.post(ADD, data)
    again = agent.post(ADD, data, follow=True)
    made = Convention.objects.get()
    assert again.request["PATH_INFO"] == made.get_absolute_url()
    assertContains(again, USED)


def test_save_back_and_save_opens_what_the_first_has_made(agent, parakou, orleans):
    data = filled(agent, agent.get(ADD), parakou, orleans)
    agent.post(ADD, data)
    again = agent.post(ADD, data | {"title": "Eau, autrement"}, follow=True)
    assert Convention.objects.get().title == "Eau"
    assertContains(again, "modifiez-le ici")


def test_a_form_that_was_refused_may_be_sent_again(agent, parakou, orleans):
    data = filled(agent, agent.get(ADD), parakou, orleans)
    assert agent.post(ADD, data | {"title": ""}).status_code == 200
    assert agent.post(ADD, data).status_code == 302
    assert Convention.objects.count() == 1


def test_two_taps_add_one_line_to_what_was_there(agent, parakou, orleans):
    convention = make_convention([parakou, orleans])
    page = agent.get(change(convention))
    data = page_data(page) | {"form_key": key_of(page)}
    add_line(data, "avenants", purpose="Prolonger")
    agent.post(change(convention), data)
    agent.post(change(convention), data)
    assert convention.avenants.count() == 1


def test_two_taps_on_an_import_bring_one_in(agent):
    address = reverse("import_start", args=["conventions"])
    led_to = [
        agent.post(address, {"file": csv_file("Intitulé;Partie 1\nEau;Parakou")}).url
        for _ in range(2)
    ]
    assert led_to == [Import.objects.get().get_absolute_url()] * 2
    # The reading of a file, which may take a minute, keeps nobody else from writing.
    assert "form_key" not in agent.get(address).content.decode()


def test_two_taps_enter_one_value(agent, parakou, orleans):
    convention = make_convention([parakou, orleans])
    action = make_action(convention)
    indicator = make_indicator(convention, action=action)
    address = reverse("measurement_add", args=[action.reference])
    page = agent.get(address)
    data = {"indicator": indicator.pk, "value": "3", "measured_on": "2025", "source": "Rapport"}
    for _ in range(2):
        agent.post(address, data | {"form_key": key_of(page)})
    assert indicator.measurements.count() == 1


def test_a_key_is_its_person_s_own(agent, parakou, orleans):
    data = filled(agent, agent.get(ADD), parakou, orleans)
    agent.post(ADD, data)
    other = Client()
    other.force_login(make_user(Role.COMMUNE, partner=parakou))
    assert other.post(ADD, data).status_code == 302
    assert Convention.objects.count() == 2


def test_what_the_database_refuses_twice_comes_back_as_it_was_typed(agent, parakou, orleans):
    """An empty form after half an hour of typing is the worst that a clerk can meet."""

    def refuse(instance, **kwargs):
        raise IntegrityError("refused")

    convention = make_convention([parakou, orleans])
    data = page_data(agent.get(change(convention))) | {"title": "Une demi-heure de frappe"}
    add_line(data, "avenants", purpose="Prolonger de deux ans")
    pre_save.connect(refuse, sender=Avenant)
    try:
        response = agent.post(change(convention), data)
    finally:
        pre_save.disconnect(refuse, sender=Avenant)
    assertContains(response, "rien n’est enregistré")
    assertContains(response, "Une demi-heure de frappe")
    assertContains(response, "Prolonger de deux ans")
    assert not Avenant.objects.exists()


def test_keys_are_forgotten_after_a_week(agent, parakou, orleans):
    with time_machine.travel("2026-01-01", tick=False):
        agent.force_login(agent.user)
        agent.post(ADD, filled(agent, agent.get(ADD), parakou, orleans))
    first = IdempotentResponse.objects.get()
    agent.force_login(agent.user)
    agent.post(ADD, filled(agent, agent.get(ADD), parakou, orleans))
    assert IdempotentResponse.objects.get() != first


@pytest.mark.skipif(
    connection.vendor == "sqlite", reason="needs connections that wait for each other"
)
def test_two_taps_at_the_same_moment_make_one(transactional_db):
    partner, other = make_partner(name="Parakou"), make_partner(country="FR")
    user = make_user(Role.COMMUNE, partner=partner)
    first = Client()
    first.force_login(user)
    data = filled(first, first.get(ADD), partner, other)
    gate, answers = threading.Barrier(4, timeout=10), []

    def tap(client):
        gate.wait()
        answers.append(client.post(ADD, data).status_code)
        connections.close_all()

    clients = [Client() for _ in range(4)]
    for client in clients:
        client.force_login(user)
    taps = [threading.Thread(target=tap, args=[client]) for client in clients]
    for one in taps:
        one.start()
    for one in taps:
        one.join()
    assert answers == [302] * 4
    assert Convention.objects.count() == 1


def test_a_file_is_read_before_anything_is_held(agent, monkeypatch):
    """On SQLite, one hostile file kept every other clerk from saving for forty seconds."""
    page = agent.get(reverse("admin:cooperation_document_add"))
    held = []
    outside = len(connection.savepoint_ids)

    def reading(content):
        held.append(len(connection.savepoint_ids) > outside)
        return "application/pdf", 1, None

    monkeypatch.setattr("cooperation.uploads.read_apart", lambda read, content: reading(content))
    data = page_data(page) | {"title": "Étude", "kind": "etude", "form_key": key_of(page)}
    file = SimpleUploadedFile("etude.pdf", PDF, "application/pdf")
    agent.post(page.request["PATH_INFO"], data | {"file": file})
    assert Document.objects.get().pages == 1
    assert held == [False]


@pytest.mark.skipif(
    connection.vendor == "sqlite", reason="needs connections that wait for each other"
)
def test_a_restored_field_does_not_undo_what_another_saves(transactional_db):
    """A clerk restored the former title while another saved the objectives: half of the time, these
    were lost without a word.
    """
    partner, other = make_partner(name="Parakou"), make_partner(country="FR")
    draft = make_convention([partner, other], title="Avant")
    draft.title = "Après"
    draft.save()
    row = draft.history.first()
    users = [make_user(Role.COMMUNE, partner=partner) for _ in range(2)]
    clients = [Client() for _ in users]
    for client, user in zip(clients, users, strict=True):
        client.force_login(user)
    history = reverse("convention_history", args=[draft.reference])
    page = clients[1].get(change(draft))
    typed = page_data(page) | {"objectives": "Une demi-heure de frappe", "form_key": key_of(page)}
    restored = {"model": "agreements.convention", "row": row.history_id, "field": "title"}
    restored["form_key"] = key_of(clients[0].get(history))
    gate, answers = threading.Barrier(2, timeout=10), []

    def send(client, address, data):
        gate.wait()
        answers.append(client.post(address, data).status_code)
        connections.close_all()

    sent = [(clients[0], f"{history}retablir/", restored), (clients[1], change(draft), typed)]
    threads = [threading.Thread(target=send, args=one) for one in sent]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    draft.refresh_from_db()
    # The form is saved, or comes back with what was typed: it is never thrown away.
    assert draft.objectives == "Une demi-heure de frappe" or 200 in answers
    assert set(answers) <= {200, 302}


@pytest.mark.skipif(
    connection.vendor == "sqlite", reason="needs connections that wait for each other"
)
def test_two_who_change_a_convention_and_its_action_wait_for_each_other(transactional_db):
    """Each held what the other asked for: one of the two read « le registre ne répond pas »."""
    partner, other = make_partner(name="Parakou"), make_partner(country="FR")
    convention = make_convention([partner, other])
    action = make_action(convention)
    records = [convention, action] * 3
    clients, forms = [Client() for _ in records], []
    for number, (client, record) in enumerate(zip(clients, records, strict=True)):
        client.force_login(make_user(Role.SECRETARIAT))
        page = client.get(change(record))
        forms.append(page_data(page) | {"title": f"Titre {number}", "form_key": key_of(page)})
    gate, answers = threading.Barrier(len(records), timeout=10), []

    def send(client, record, data):
        gate.wait()
        answers.append(client.post(change(record), data).status_code)
        connections.close_all()

    threads = [
        threading.Thread(target=send, args=one) for one in zip(clients, records, forms, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # The first is saved; the others are told what has changed meanwhile.
    assert len(answers) == len(records)
    assert set(answers) == {200, 302}
