import hashlib
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings as project
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import IntegrityError

from agreements.duplicates import merge
from agreements.models import Convention
from cooperation.models import Document
from cooperation.records.gates import Status
from cooperation.roles import Role
from tests.factories import (
    PDF,
    make_avenant,
    make_convention,
    make_document,
    make_partner,
    make_user,
    published,
)


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
    assert [client.get(file.get_absolute_url()).status_code for file in files] == [404] * 3
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
