import hashlib
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings as project
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from agreements.duplicates import merge
from agreements.models import Convention
from cooperation.models import Document
from cooperation.records.gates import Status
from cooperation.roles import Role
from cooperation.typography import spaced
from tests.factories import (
    PDF,
    make_avenant,
    make_convention,
    make_document,
    make_partner,
    make_user,
    published,
)
from tests.mails import delivered


@pytest.fixture
def filed(parakou):
    """A published convention whose text, délibération and avenant are public; another without a file."""
    by = make_user(Role.SECRETARIAT)
    convention = make_convention([parakou, make_partner()])
    make_convention([parakou, make_partner()]).publish(by)
    text, paper, change = (make_document() for _ in range(3))
    convention.documents.add(text)
    convention.legal_steps.create(kind="deliberation", document=paper)
    make_avenant(convention).documents.add(change)
    convention.publish(by)
    return convention, by, [text, paper, change]


def statuses(documents):
    return [Document.objects.get(pk=document.pk).status for document in documents]


def test_a_withdrawal_takes_every_file_along(client, filed):
    """The délibération and the avenant of a withdrawn convention stayed for all to download."""
    convention, by, files = filed
    assert statuses(files) == [Status.PUBLISHED] * 3
    convention.move_to(Status.WITHDRAWN, by=by, reason="Erreur")
    assert statuses(files) == [Status.WITHDRAWN] * 3
    answers = [client.get(file.get_absolute_url()) for file in files]
    assert [answer.status_code for answer in answers] == [410] * 3
    assert all(spaced("Motif : Erreur") in answer.content.decode() for answer in answers)
    convention.move_to(Status.PUBLISHED, by=by, reason="Vérifiée")
    assert statuses(files) == [Status.PUBLISHED] * 3


def test_a_withdrawn_avenant_takes_its_files_along(filed):
    convention, by, files = filed
    convention.avenants.get().move_to(Status.WITHDRAWN, by=by, reason="Erreur")
    assert statuses(files) == [Status.PUBLISHED, Status.PUBLISHED, Status.WITHDRAWN]


def test_a_file_that_is_taken_off_is_public_no_more(filed):
    convention, by, files = filed
    convention.documents.clear()
    step = convention.legal_steps.get()
    step.document = None
    step.save()
    convention.settle(by)
    assert statuses(files) == [Status.WITHDRAWN, Status.WITHDRAWN, Status.PUBLISHED]
    assert "n’est plus joint" in files[0].history.latest().history_change_reason.lower()
    convention.documents.add(files[0])
    convention.settle(by)
    assert statuses(files)[0] == Status.PUBLISHED


def test_a_merge_withdraws_the_files_that_nothing_published_takes_over(filed, parakou):
    convention, by, files = filed
    kept = make_convention([parakou, make_partner()], **published())
    merge(kept, convention, by=by, taken_fields=(), taken_groups=(), reason="Double")
    assert statuses(files) == [Status.PUBLISHED, Status.WITHDRAWN, Status.WITHDRAWN]


def test_files_that_an_older_registry_left_public_are_withdrawn_by_its_update(filed):
    convention, _, files = filed
    shared = make_document(**published())
    convention.documents.add(shared)
    make_convention(**published()).documents.add(shared)
    alone = make_document(**published())
    Convention.objects.filter(pk=convention.pk).update(status=Status.WITHDRAWN)
    migration = import_module("agreements.migrations.0004_files_of_nothing_published")
    migration.forwards(apps, None)
    assert statuses(files) == [Status.WITHDRAWN] * 3
    assert statuses([shared, alone]) == [Status.PUBLISHED] * 2
    event = Document.objects.get(pk=files[0].pk).history.latest()
    assert (event.status, event.history_type) == (Status.WITHDRAWN, "~")


def test_a_file_that_was_public_is_never_deleted(filed):
    convention, by, files = filed
    convention.documents.clear()
    convention.settle(by)
    with pytest.raises(ValidationError):
        Document.objects.get(pk=files[0].pk).delete()


def test_a_withdrawal_leaves_the_documents_of_other_published_conventions(parakou):
    """The text that two conventions share stays public as long as one of them is."""
    by = make_user(Role.SECRETARIAT)
    shared, own = make_document(), make_document()
    withdrawn, other = (make_convention([parakou, make_partner()]) for _ in range(2))
    withdrawn.documents.add(shared, own)
    other.documents.add(shared)
    for convention in (withdrawn, other):
        convention.publish(by)
    withdrawn.move_to(Status.WITHDRAWN, by=by, reason="Erreur")
    shared.refresh_from_db()
    own.refresh_from_db()
    assert (shared.status, own.status) == (Status.PUBLISHED, Status.WITHDRAWN)


def test_a_document_is_a_download_for_those_who_may_see_it(client, parakou):
    document = make_document(title="Délibération n° 5", entered_by=parakou)
    address = document.get_absolute_url()
    assert client.get(address).status_code == 404
    for user, status in (
        (make_user(Role.COMMUNE), 404),
        (make_user(Role.COMMUNE, partner=parakou), 200),
        (make_user(Role.MEMBER), 200),
    ):
        client.force_login(user)
        response = client.get(address)
        assert response.status_code == status
        if status == 200:
            assert b"".join(response.streaming_content) == PDF
    client.logout()
    document.publish(make_user(Role.SECRETARIAT))
    response = client.get(address)
    assert b"".join(response.streaming_content) == PDF
    assert response["Content-Disposition"] == 'attachment; filename="deliberation-n-5.pdf"'
    assert response["X-Content-Type-Options"] == "nosniff"
    document.access = Document.Access.MEMBERS
    document.save()
    assert client.get(address).status_code == 404


def test_a_document_of_our_convention_is_ours_to_read(client, parakou):
    document = make_document(access=Document.Access.MEMBERS)
    make_convention([parakou, make_partner()]).documents.add(document)
    client.force_login(make_user(Role.COMMUNE, partner=parakou))
    response = client.get(document.get_absolute_url())
    assert b"".join(response.streaming_content) == PDF


def test_a_document_takes_its_facts_from_the_file():
    document = make_document(file=ContentFile(PDF, "../../etc/passwd.pdf"))
    assert document.sha256 == hashlib.sha256(PDF).hexdigest()
    assert (document.size, document.pages) == (len(PDF), 1)
    path = Path(document.file.path)
    assert path.is_relative_to(project.MEDIA_ROOT)
    assert "passwd" not in document.file.name
    assert path.read_bytes() == PDF
    assert not list(path.parent.glob(".*.part"))


def test_a_row_that_fails_leaves_no_file(monkeypatch):
    def stored():
        return {path for path in Path(project.MEDIA_ROOT).rglob("*") if path.is_file()}

    taken = make_document()
    before = stored()
    with pytest.raises(IntegrityError):
        make_document(pk=taken.pk, reference=taken.reference)
    assert stored() == before


def test_a_document_is_withdrawn_by_itself_and_stays_so(secretariat, filed):
    """A délibération with a citizen's address in it could only go with its whole convention."""
    convention, by, (text, paper, change) = filed
    step = reverse("document_step", args=[paper.reference, "retirer"])
    page = secretariat.get(reverse("document_history", args=[paper.reference]))
    assertContains(page, step)
    paper.refresh_from_db()
    sent = {"version": paper.version, "reason": "Adresse d’un particulier"}
    answer = secretariat.post(step, sent, follow=True)
    assertContains(answer, "C’est retiré de la publication")
    client = Client()
    gone = client.get(paper.get_absolute_url())
    assertContains(gone, spaced("Motif : Adresse d’un particulier"), status_code=410)
    # Whatever happens to its convention, it does not come back without being asked for.
    convention.refresh_from_db()
    convention.settle(by)
    convention.move_to(Status.WITHDRAWN, by=by, reason="Erreur")
    convention.move_to(Status.PUBLISHED, by=by, reason="Vérifiée")
    assert statuses([text, paper, change]) == ["publie", "retire", "publie"]
    for address in (convention.get_absolute_url(), reverse("document-list")):
        assertNotContains(client.get(address), paper.reference)
    iati = b"".join(client.get(reverse("iati_activities")))
    assert paper.reference not in iati.decode()
    again = reverse("document_step", args=[paper.reference, "retablir"])
    paper.refresh_from_db()
    secretariat.post(again, {"version": paper.version, "reason": "Expurgé"})
    assert statuses([paper]) == ["publie"]


def test_a_withdrawn_document_that_nothing_holds_is_not_published_again(secretariat, filed):
    convention, by, (text, *_) = filed
    convention.documents.clear()
    convention.settle(by)
    text.refresh_from_db()
    step = reverse("document_step", args=[text.reference, "retablir"])
    answer = secretariat.post(step, {"version": text.version, "reason": "Utile"})
    assertContains(answer, "joint à aucune fiche publiée")
    assert statuses([text]) == ["retire"]


def test_the_commune_hears_that_its_document_is_withdrawn(secretariat, filed, parakou):
    _, _, (text, *_) = filed
    make_user(Role.COMMUNE, partner=parakou, email="agent@example.org")
    text.refresh_from_db()
    step = reverse("document_step", args=[text.reference, "retirer"])
    secretariat.post(step, {"version": text.version, "reason": "Illisible"})
    (message,) = delivered()
    assert message.to == ["agent@example.org"]
    assert "Illisible" in message.body
    assert text.title in message.body


@pytest.mark.parametrize("slug", ["soumettre", "publier", "renvoyer", "reprendre"])
def test_a_document_takes_no_step_that_is_its_conventions(secretariat, slug):
    document = make_document()
    step = reverse("document_step", args=[document.reference, slug])
    secretariat.post(step, {"version": document.version, "reason": "Seul"})
    assert statuses([document]) == ["brouillon"]


def test_others_withdraw_no_document(agent, filed):
    _, _, (text, *_) = filed
    text.refresh_from_db()
    step = reverse("document_step", args=[text.reference, "retirer"])
    assert agent.post(step, {"version": text.version, "reason": "Non"}).status_code == 403
    assert statuses([text]) == ["publie"]


def test_each_commune_hears_of_its_own_convention_alone(secretariat, filed, parakou):
    """The title of a draft of Porto-Novo went to Parakou by e-mail."""
    convention, _, (text, *_) = filed
    porto_novo = make_partner(name="Porto-Novo")
    secret = make_convention([porto_novo], title="Projet secret", signed_on="2026")
    secret.documents.add(text)
    for partner, name in ((parakou, "parakou"), (porto_novo, "porto-novo")):
        make_user(Role.COMMUNE, partner=partner, email=f"{name}@example.org")
    text.refresh_from_db()
    step = reverse("document_step", args=[text.reference, "retirer"])
    secretariat.post(step, {"version": text.version, "reason": "Illisible"})
    told = {message.to[0]: message.body for message in delivered()}
    assert set(told) == {"parakou@example.org", "porto-novo@example.org"}
    assert "Projet secret" not in told["parakou@example.org"]
    assert convention.title not in told["porto-novo@example.org"]


def test_a_merge_publishes_nothing_that_was_withdrawn(filed, parakou):
    """« Contient des données personnelles », said the secretariat; the merge made it public again."""
    convention, by, files = filed
    convention.move_to(Status.WITHDRAWN, by=by, reason="Contient des données personnelles")
    kept = make_convention([parakou, make_partner()], **published())
    groups = ["legal_steps", "avenants"]
    merge(kept, convention, by=by, taken_fields=(), taken_groups=groups, reason="Double")
    assert statuses(files) == [Status.WITHDRAWN] * 3
