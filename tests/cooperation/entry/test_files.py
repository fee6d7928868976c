"""The files of entry forms: the signed text, the paper of a délibération, photographs of pages."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image
from pytest_django.asserts import assertContains

from agreements.models import Convention
from cooperation import uploads
from cooperation.entry.files import proposed_title
from cooperation.models import Document, Upload
from cooperation.roles import Role
from cooperation.values.dates import PartialDate
from tests.entry import ADD, add_line, change, errors, page_data
from tests.factories import PDF, make_convention, make_document, make_partner, make_user, published


def photo(name="page.jpg"):
    buffer = BytesIO()
    Image.new("RGB", (30, 40), "white").save(buffer, "JPEG")
    return SimpleUploadedFile(name, buffer.getvalue())


def filled(agent, parakou, **more):
    data = page_data(agent.get(ADD)) | {"title": "Eau", "signed_on": "14/11/2026"} | more
    for partner in (parakou, make_partner()):
        add_line(data, "parties", partner=partner.pk, role="signataire")
    return data


def test_the_papers_of_a_convention_come_with_its_form(agent, parakou):
    """The signed text took a window of its own, with a title and a nature to give again."""
    data = filled(agent, parakou, signed_text=[photo("1.jpg"), photo("2.jpg")])
    step = {"kind": "deliberation", "done_on": "2/10/2026"}
    add_line(data, "legal_steps", **step, paper=SimpleUploadedFile("d.pdf", PDF))
    add_line(data, "legal_steps", kind="approbation", paper=photo())
    avenant = {"number": "1", "purpose": "Prolonger"}
    add_line(data, "avenants", **avenant, signed_text=SimpleUploadedFile("a.pdf", PDF))
    response = agent.post(ADD, data)
    assert response.status_code == 302, errors(response)
    convention = Convention.objects.get()
    text = convention.documents.get()
    assert (text.title, text.kind, text.dated, text.pages, text.entered_by) == (
        "Convention signée, 14 novembre 2026 – Eau",
        Document.Kind.CONVENTION,
        "2026-11-14",
        2,
        parakou,
    )
    papers = [step.document for step in convention.legal_steps.order_by("pk")]
    assert [(paper.kind, paper.content_type) for paper in papers] == [
        (Document.Kind.DELIBERATION, uploads.PDF),
        (Document.Kind.APPROVAL, uploads.JPEG),
    ]
    assert convention.avenants.get().documents.get().kind == Document.Kind.AVENANT


def test_files_of_a_form_that_comes_back_are_kept_and_serve_once(agent, parakou):
    data = filled(agent, parakou, signed_text=photo(), ends_on="demain")
    add_line(data, "legal_steps", kind="deliberation", paper=SimpleUploadedFile("d.pdf", PDF))
    page = agent.post(ADD, data)
    text, paper = Upload.objects.order_by("pk")
    for upload in (text, paper):
        assertContains(page, f'value="{upload.reference}" checked')
    data |= {"ends_on": "2030", "signed_text-arrive": [text.reference]}
    del data["signed_text"], data["legal_steps-0-paper"]
    data["legal_steps-0-paper-arrive"] = [paper.reference]
    response = agent.post(ADD, data)
    assert response.status_code == 302, errors(response)
    assert Document.objects.count() == 2 and not Upload.objects.exists()
    # What has served serves no second form, and the form says so.
    again = filled(agent, parakou, **{"signed_text-arrive": [text.reference]})
    assert "n’est plus là" in errors(agent.post(ADD, again))


def test_another_s_file_is_nobody_s_document(agent, parakou):
    other = Upload.keep(make_user(Role.COMMUNE, partner=parakou), photo())
    data = filled(agent, parakou, **{"signed_text-arrive": [other.reference]})
    page = agent.post(ADD, data)
    assert "n’est plus là" in errors(page)
    assert other.reference not in agent.get(ADD).content.decode()


def test_what_is_not_there_whole_waits(agent, parakou):
    upload = Upload.begin(agent.user, "scan.pdf", len(PDF))
    data = filled(agent, parakou, **{"signed_text-arrive": [upload.reference]})
    assert "pas terminé" in errors(agent.post(ADD, data))


@pytest.mark.parametrize("content", [b"MZ" + bytes(100), b""])
def test_what_is_no_document_is_told_beside_its_field(agent, parakou, content):
    data = filled(agent, parakou, signed_text=SimpleUploadedFile("budget.pdf", content))
    page = agent.post(ADD, data)
    assert errors(page)
    assertContains(page, 'href="#id_signed_text"')
    assert not Document.objects.exists() and not Upload.objects.exists()


def test_a_text_joins_what_is_published_and_is_published_with_it(agent, parakou):
    convention = make_convention([parakou, make_partner()], **published())
    data = page_data(agent.get(change(convention))) | {"signed_text": photo()}
    response = agent.post(change(convention), data)
    assert response.status_code == 302, errors(response)
    assert convention.documents.get().is_published


def test_a_nature_and_a_date_are_a_title(agent):
    page = reverse("admin:cooperation_document_add")
    facts = {"kind": "deliberation", "dated": "2/10/2026", "access": "public", "language": "fr"}
    data = (
        page_data(agent.get(page)) | facts | {"title": "", "file": SimpleUploadedFile("d.pdf", PDF)}
    )
    assert agent.post(page, data).status_code == 302
    assert Document.objects.get().title == "Délibération, 2 octobre 2026"
    assert (
        proposed_title("convention", PartialDate("2019"), "Eau") == "Convention signée, 2019 – Eau"
    )


def test_originals_are_for_those_who_may_change_the_document(agent, parakou):
    document = make_document(entered_by=parakou, file=photo("ma page.jpg"))
    convention = make_convention([parakou], **published())
    convention.documents.add(document)
    address = reverse("original_download", args=[document.reference, 1])
    answer = agent.get(address)
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")
    assert b"".join(answer.streaming_content) == photo().read()
    assert agent.get(reverse("original_download", args=[document.reference, 2])).status_code == 404
    for user in (None, make_user(Role.MEMBER), make_user(Role.COMMUNE)):
        client = Client()
        if user:
            client.force_login(user)
        assert client.get(address).status_code in (403, 404), user
    page = agent.get(reverse("admin:cooperation_document_change", args=[document.pk]))
    assertContains(page, address)


def test_a_form_that_comes_back_reads_no_file_twice(agent, parakou, monkeypatch):
    """It was decoded again as everybody else waited to write."""
    read = []
    inspected = uploads.inspected
    monkeypatch.setattr(
        uploads, "read_apart", lambda task, content: read.append(1) or inspected(content)
    )
    agent.post(ADD, filled(agent, parakou, signed_text=photo(), ends_on="demain"))
    assert len(read) == 1
