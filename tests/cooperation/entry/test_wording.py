"""The entry pages speak as a clerk does: nothing of them says « objet », « Aucun(e) » or « sélectionné »."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.contrib import admin
from django.urls import reverse
from lxml import html

from cooperation.roles import Role
from tests.factories import make_convention, make_document, make_partner, make_user

CATALOGUE = Path(settings.BASE_DIR) / "locale/fr/LC_MESSAGES/django.po"
NOT_A_CLERK_S = r"\bobjets?\b|\(e\)|sélectionn|Envoyer\b|avec succès|administration de"


def said(response):
    """All that a person reads or hears of a page's furniture; lists of choices are the record's."""
    page = html.fromstring(response.content.decode())
    for part in page.xpath("//script|//style|//option"):
        part.drop_tree()
    named = page.xpath("//body//@title|//body//@placeholder|//body//@aria-label|//body//@alt")
    buttons = page.xpath("//body//input[@type='submit']/@value")
    return " ".join([*page.xpath("//body//text()"), *named, *buttons])


@pytest.fixture
def addresses(parakou):
    found = [reverse("admin:index")]
    for model in admin.site._registry:
        names = f"admin:{model._meta.app_label}_{model._meta.model_name}_"
        found += [reverse(f"{names}changelist"), reverse(f"{names}add")]
    for record in (
        make_convention([parakou], title="Marché"),
        make_partner(name="Amis", status="brouillon", entered_by=parakou),
        make_document(entered_by=parakou),
    ):
        names = f"admin:{record._meta.app_label}_{record._meta.model_name}_"
        found += [reverse(f"{names}{page}", args=[record.pk]) for page in ("change", "delete")]
    return found


@pytest.mark.parametrize("role", [Role.COMMUNE, Role.SECRETARIAT])
def test_the_furniture_is_a_clerk_s(client, parakou, addresses, role):
    client.force_login(make_user(role, partner=parakou if role == Role.COMMUNE else None))
    read = 0
    for address in addresses:
        response = client.get(address)
        if response.status_code == 200:
            read += 1
            assert not re.findall(NOT_A_CLERK_S, said(response)), address
    assert read > 12


def test_what_is_compiled_is_what_is_written():
    written = read_po(BytesIO(CATALOGUE.read_bytes()), locale="fr")
    compiled = read_mo(BytesIO(CATALOGUE.with_suffix(".mo").read_bytes()))
    assert {m.id: m.string for m in compiled if m.id} == {m.id: m.string for m in written if m.id}


def test_each_word_takes_the_place_of_one_of_django_s():
    """A sentence that Django changed would speak its own French again."""
    folder = Path(admin.__file__).parent / "locale/fr/LC_MESSAGES/django.po"
    known = {message.id for message in read_po(BytesIO(folder.read_bytes()), locale="fr")}
    known |= {one[0] for one in known if isinstance(one, tuple)}
    written = read_po(BytesIO(CATALOGUE.read_bytes()), locale="fr")
    assert {message.id for message in written if message.id} <= known
