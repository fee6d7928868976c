"""Who may do what, in which state, through which door: permissions.csv, each cell tried."""

import csv
import re
from io import BytesIO
from pathlib import Path

import pytest
from django.core.cache import caches
from django.db import transaction
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from agreements.models import Convention, Delegation
from cooperation.models import ApiToken, Document, Import
from cooperation.records.gates import Status
from cooperation.roles import Role
from tests.entry import page_data
from tests.factories import make_convention, make_document, make_user, published
from tests.reports.readers import holds, pdf_of
from tests.sheets import csv_file
from tests.workgroup.test_life import TABLES

TABLE = Path(__file__).with_name("permissions.csv")
TITLE = "Convention surveillée"
# Those of groups at work are tried in tests/workgroup/test_life.py.
ROWS = [
    row
    for row in csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines())
    if row["door"] not in TABLES
]


@pytest.fixture
def convention(parakou, orleans):
    convention = make_convention([parakou, orleans], title=TITLE)
    convention.documents.add(make_document(entered_by=parakou))
    return convention


@pytest.fixture
def people(convention, parakou):
    delegate = make_user(Role.COMMUNE)
    Delegation.objects.create(convention=convention, user=delegate)
    return {
        "visiteur": None,
        "agent": make_user(Role.COMMUNE, partner=parakou),
        "délégué": delegate,
        "autre agent": make_user(Role.COMMUNE),
        "membre": make_user(Role.MEMBER),
        "secrétariat": make_user(Role.SECRETARIAT),
    }


def put(convention, status):
    """Bring the convention and its document into a state, without the steps before it."""
    was_public = status in (Status.PUBLISHED, Status.WITHDRAWN, Status.MERGED)
    facts = published(status=status) if was_public else {"status": status, "published_at": None}
    if status == Status.MERGED:
        facts["merged_into"] = make_convention(title="Une autre", **published())
    Convention.objects.filter(pk=convention.pk).update(**facts)
    own = Status.PUBLISHED if status == Status.PUBLISHED else Status.DRAFT
    Document.objects.update(**published(status=own))
    convention.refresh_from_db()


def change_page(convention):
    return reverse("admin:agreements_convention_change", args=[convention.pk])


def seen(client, address):
    response = client.get(address)
    text = re.sub("</?mark>|\r\n ", "", response.content.decode())
    return response.status_code == 200 and TITLE in text


def page_see(client, convention):
    return seen(client, convention.get_absolute_url())


def search_see(client, convention):
    return seen(client, f"/conventions/?q=surveillee&status={convention.status}")


def export_see(client, convention):
    """Each format of the list; what they say must agree."""
    found = set()
    asked = {"status": convention.status}
    for extension in ("csv", "json"):
        response = client.get(reverse("convention_export", args=[extension]), asked)
        found.add(TITLE in b"".join(response.streaming_content).decode())
    workbook = client.get(reverse("convention_export", args=["xlsx"]), asked)
    sheet = CalamineWorkbook.from_filelike(BytesIO(b"".join(workbook.streaming_content)))
    found.add(any(TITLE in row for row in sheet.get_sheet_by_index(0).to_python()))
    (answer,) = found
    return answer


def feed_see(client, convention):
    return seen(client, f"{reverse('convention_feed')}?status={convention.status}")


def calendar_see(client, convention):
    Convention.objects.filter(pk=convention.pk).update(ends_on="2090")
    return seen(client, f"{reverse('convention_calendar')}?status={convention.status}")


def api_see(client, convention):
    return seen(client, f"/api/v1/conventions/{convention.reference}/")


def api_change(client, convention):
    address = f"/api/v1/conventions/{convention.reference}/"
    answers = [
        getattr(client, verb)(address, {"title": "Prise"}, content_type="application/json")
        for verb in ("put", "patch", "post", "delete")
    ]
    return any(answer.status_code < 400 for answer in answers)


def send_by_token(client, verb, convention, *sent):
    """What the person's program sends; a visitor has none."""
    key = client.session.get("_auth_user_id")
    headers = {"if-match": str(convention.version)}
    if key:
        token = ApiToken(user_id=key, name="Essai", scope=ApiToken.Scope.WRITE)
        headers["authorization"] = f"Bearer {token.give()}"
    address = f"/api/v1/conventions/{convention.reference}/"
    return getattr(Client(), verb)(address, *sent, headers=headers)


def token_change(client, convention, **values):
    """With the reason that a correction asks for, where it asks for one."""
    for body in (values, values | {"reason": "Essai"}):
        send_by_token(client, "patch", convention, body, "application/json")
    return Convention.objects.filter(pk=convention.pk, **values).exists()


def token_note(client, convention):
    return token_change(client, convention, note="Relue")


def token_terms(client, convention):
    return token_change(client, convention, title="Autre intitulé")


def token_delete(client, convention):
    send_by_token(client, "delete", convention)
    return not Convention.objects.filter(pk=convention.pk).exists()


def inventory_see(client, convention):
    return seen(client, "/inventaire/")


def pdf_see(client, convention):
    return holds(pdf_of(client.get("/inventaire.pdf")), TITLE)


def fiche_see(client, convention):
    response = client.get(reverse("fiche", args=["convention", convention.reference]))
    return response.status_code == 200 and holds(pdf_of(response), TITLE)


def document_see(client, convention):
    response = client.get(convention.documents.get().get_absolute_url())
    return response.status_code == 200 and bool(b"".join(response.streaming_content))


def history_see(client, convention):
    address = reverse("convention_history", args=[convention.reference])
    return client.get(address).status_code == 200


def admin_see(client, convention):
    return seen(client, change_page(convention))


def admin_save(client, convention, **values):
    page = client.get(change_page(convention))
    if page.status_code != 200:
        return False
    data = page_data(page) | {"reason": "Essai"} | values
    client.post(change_page(convention), data)
    return Convention.objects.filter(pk=convention.pk, **values).exists()


def admin_note(client, convention):
    return admin_save(client, convention, note="Relue")


def admin_terms(client, convention):
    return admin_save(client, convention, title="Autre intitulé")


def import_terms(client, convention):
    """A list that names the convention by its reference and gives it another title."""
    table = f"Référence;Intitulé\n{convention.reference};Autre intitulé"
    client.post("/imports/nouveau/conventions/", {"file": csv_file(table), "reason": "Essai"})
    job = Import.objects.first()
    if job:
        confirm = reverse("import_confirm", args=[job.reference])
        client.post(confirm, {"fingerprint": job.fingerprint})
    return Convention.objects.filter(pk=convention.pk, title="Autre intitulé").exists()


def admin_delete(client, convention):
    address = reverse("admin:agreements_convention_delete", args=[convention.pk])
    client.post(address, {"post": "yes"})
    return not Convention.objects.filter(pk=convention.pk).exists()


def admin_link(client, convention):
    names = "app_label=agreements&model_name=convention&field_name=predecessor"
    response = client.get(f"{reverse('admin:autocomplete')}?{names}")
    return response.status_code == 200 and TITLE in str(response.json())


TRY = {
    ("page", "voir"): page_see,
    ("recherche", "voir"): search_see,
    ("export", "voir"): export_see,
    ("flux", "voir"): feed_see,
    ("calendrier", "voir"): calendar_see,
    ("api", "voir"): api_see,
    ("api", "changer"): api_change,
    ("jeton", "changer une remarque"): token_note,
    ("jeton", "changer les termes"): token_terms,
    ("jeton", "supprimer"): token_delete,
    ("inventaire", "voir"): inventory_see,
    ("pdf", "voir"): pdf_see,
    ("fiche", "voir"): fiche_see,
    ("document", "voir"): document_see,
    ("historique", "voir"): history_see,
    ("admin", "voir"): admin_see,
    ("admin", "changer une remarque"): admin_note,
    ("admin", "changer les termes"): admin_terms,
    ("admin", "supprimer"): admin_delete,
    ("import", "changer les termes"): import_terms,
    ("admin", "relier"): admin_link,
}


def test_the_table_names_every_role_at_every_door():
    assert {(row["door"], row["verb"]) for row in ROWS} == TRY.keys()
    assert len(ROWS) == len(TRY) * 6


@pytest.mark.parametrize("status", Status.values)
@pytest.mark.parametrize(("door", "verb"), TRY)
def test_each_cell_is_as_the_table_says(convention, people, pango, door, verb, status):
    put(convention, status)
    found = {role: tried(user, door, verb, convention) for role, user in people.items()}
    expected = {
        row["role"]: status in row["states"].split()
        for row in ROWS
        if (row["door"], row["verb"]) == (door, verb)
    }
    answers = (f"{role} {'oui' if yes else 'non'}" for role, yes in found.items())
    print(f"{door:11} {verb:22} {status:10}", *answers, sep="  ")
    assert found == expected


def tried(user, door, verb, convention):
    """One cell; whatever was changed is rolled back, so that each role finds the same record."""
    client = Client()
    caches["kept"].clear()
    try:
        with transaction.atomic():
            if user:
                client.force_login(user)
            answer = TRY[door, verb](client, convention)
            raise RolledBack
    except RolledBack:
        return answer


class RolledBack(Exception):
    pass
