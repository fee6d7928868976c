from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from cooperation.models import Contact, Document, Partner, Upload
from cooperation.records.gates import Status
from cooperation.roles import Role
from tests.entry import add_line, change, errors, page_data
from tests.factories import (
    PDF,
    make_document,
    make_partner,
    make_user,
    published,
)


def test_a_latitude_is_entered_with_the_comma_that_people_type(sign_in):
    """« Saisissez un nombre » answered « 9,337 », as on any French map."""
    client = sign_in(Role.SECRETARIAT)
    address = reverse("admin:cooperation_partner_add")
    data = page_data(client.get(address)) | {"name": "Nikki", "kind": "ong", "country": "BJ"}
    response = client.post(address, data | {"latitude": "9,337", "longitude": "2.630"})
    assert response.status_code == 302, response.context["adminform"].form.errors
    partner = Partner.objects.get(name="Nikki")
    page = reverse("admin:cooperation_partner_change", args=[partner.pk])
    assert client.post(page, page_data(client.get(page))).status_code == 302
    partner.refresh_from_db()
    assert (float(partner.latitude), float(partner.longitude)) == (9.337, 2.63)


def test_an_agent_changes_a_contact(agent, parakou):
    contact = Contact.objects.create(partner=parakou, function="Maire", name="Afi Exemple")
    data = page_data(agent.get(change(parakou))) | {"contacts-0-until": "2026"}
    assert agent.post(change(parakou), data).status_code == 302
    contact.refresh_from_db()
    assert contact.until == "2026"


def document_data(agent, file):
    page = reverse("admin:cooperation_document_add")
    data = page_data(agent.get(page)) | {"title": "Délibération", "kind": "deliberation"}
    return page, data | {"file": file}


def test_an_agent_uploads_a_document(agent, parakou):
    page, data = document_data(agent, SimpleUploadedFile("scan.pdf", PDF))
    assert agent.post(page, data).status_code == 302
    document = Document.objects.get()
    assert (document.entered_by, document.status) == (parakou, Status.DRAFT)


def test_a_file_may_have_a_name_as_long_as_systems_allow(agent):
    """A scan named after the whole title of its convention was refused, or lost its name."""
    name = "convention-de-cooperation-" + "x" * 220 + ".pdf"
    page, data = document_data(agent, SimpleUploadedFile(name, PDF))
    assert agent.post(page, data).status_code == 302
    assert len(Document.objects.get().file.name) < 120


def test_a_program_is_no_document(agent):
    program = SimpleUploadedFile("budget.pdf", b"MZ\x90\x00" + bytes(300), "application/pdf")
    page, data = document_data(agent, program)
    response = agent.post(page, data)
    assert "n’est pas d’un type accepté" in errors(response)
    assertContains(response, 'value="Délibération"')
    assert not Document.objects.exists()


def test_a_good_file_beside_another_error_is_kept(agent):
    """It had to be chosen, and sent, again: on 2G a minute each time."""
    page, data = document_data(agent, SimpleUploadedFile("scan.pdf", PDF))
    response = agent.post(page, data | {"dated": "hier"})
    assert "fichier" not in errors(response)
    waiting = Upload.objects.get()
    assertContains(response, f'value="{waiting.reference}" checked')
    del data["file"]
    sent = data | {"file-arrive": [waiting.reference]}
    assert agent.post(page, sent).status_code == 302
    with Document.objects.get().file.open() as file:
        assert file.read() == PDF
    assert not Upload.objects.exists()


def test_the_content_of_a_document_never_changes(agent, parakou):
    document = make_document(entered_by=parakou)
    data = page_data(agent.get(change(document))) | {"title": "Autre titre"}
    data["file"] = SimpleUploadedFile("autre.pdf", PDF + b"\n%changed")
    assert agent.post(change(document), data).status_code == 302
    sha256 = document.sha256
    document.refresh_from_db()
    assert (document.title, document.sha256) == ("Autre titre", sha256)


def test_an_agent_keeps_the_contacts_of_their_own_commune_only(agent, parakou, orleans):
    Contact.objects.create(partner=orleans, function="Maire", name="Personne Privée")
    assertNotContains(agent.get(change(orleans), follow=True), "Personne Privée")
    data = page_data(agent.get(change(parakou)))
    add_line(data, "contacts", function="Maire", name="Afi Exemple", since="2026")
    assert agent.post(change(parakou), data).status_code == 302
    assert parakou.contacts.get().name == "Afi Exemple"
    agent.post(change(orleans), {"name": "Prise"})
    orleans.refresh_from_db()
    assert orleans.name == "Orléans"


def test_the_secretariat_publishes_partners_from_their_list(secretariat, agent, parakou):
    draft = make_partner(name="Nouveau", status=Status.DRAFT, entered_by=parakou)
    listing = reverse("admin:cooperation_partner_changelist")
    data = {"action": "publish", "_selected_action": [draft.pk]}
    agent.force_login(make_user(Role.COMMUNE, partner=parakou))
    agent.post(listing, data)
    draft.refresh_from_db()
    assert not draft.is_published
    agent.force_login(make_user(Role.SECRETARIAT))
    assertContains(agent.post(listing, data, follow=True), "sont publiés")
    draft.refresh_from_db()
    assert draft.is_published


def test_a_lost_file_is_not_an_error_page(client):
    document = make_document(**published())
    document.file.storage.delete(document.file.name)
    assert client.get(document.get_absolute_url()).status_code == 404
