from cooperation.models import Partner
from cooperation.records.gates import Status
from cooperation.roles import Role
from tests.cooperation.rest.programs import Program, refused
from tests.factories import (
    make_avenant,
    make_document,
    make_partner,
    make_user,
)


def test_a_partner_that_an_agent_enters_is_a_draft_of_theirs(program, parakou):
    made = program.post("/api/v1/partners/", {"name": "Ville nouvelle", "country": "FR"})
    partner = Partner.objects.get(slug=made.json()["slug"])
    assert (partner.status, partner.entered_by) == (Status.DRAFT, parakou)
    office = Program(make_user(Role.SECRETARIAT))
    made = office.post("/api/v1/partners/", {"name": "Fonds", "kind": "bailleur"})
    assert Partner.objects.get(slug=made.json()["slug"]).is_published


def test_a_published_document_does_not_leave_its_avenant(program, draft):
    avenant = make_avenant(draft)
    avenant.documents.add(make_document())
    draft.publish(make_user(Role.SECRETARIAT))
    avenant.refresh_from_db()
    path = f"/api/v1/avenants/{avenant.uid}/"
    (error,) = refused(program.patch(path, {"documents": []}, avenant.version), 422)
    assert error["field"] == "documents"
    assert avenant.documents.count() == 1


def test_a_partner_of_others_in_preparation_is_not_linked(program, draft):
    hidden = make_partner(name="Secret", status=Status.DRAFT, published_at=None)
    body = {"convention": draft.reference, "partner": hidden.slug}
    (error,) = refused(program.post("/api/v1/parties/", body), 422)
    assert error["field"] == "partner"
