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
