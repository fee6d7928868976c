import re

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from cooperation.models import Contact, Document, Partner, Revision
from cooperation.records.gates import Status
from cooperation.roles import Role
from tests.entry import page_data
from tests.factories import (
    PDF,
    make_action,
    make_avenant,
    make_convention,
    make_document,
    make_partner,
    make_user,
    published,
)
from tests.search import partners_found


def test_health_answers(client):
    assert client.get("/healthz").json() == {"status": "ok"}


def test_health_says_when_the_database_does_not_answer(client):
    def refuse(*args):
        raise OperationalError

    with connection.execute_wrapper(refuse):
        assert client.get("/healthz").status_code == 503


@pytest.mark.parametrize("name", ["partner_list", "convention_list", "action_list"])
def test_a_list_takes_the_same_queries_whatever_its_length(client, name):
    def grow():
        commune = make_partner()
        convention = make_convention([commune, make_partner(country="FR")], **published())
        make_avenant(convention)
        make_action(convention, places=[commune])

    def queries():
        client.get(reverse(name), {"ordering": "-updated"})  # the index follows
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse(name)).status_code == 200
        return len(captured)

    grow()
    few = queries()
    for _ in range(50):
        grow()
    assert queries() == few
    assert few <= 6


def test_a_partner_shows_its_conventions_to_those_who_may_see_them(client, parakou):
    make_convention([parakou, make_partner()], title="Publique", **published())
    make_convention([parakou, make_partner()], title="En préparation")
    page = reverse("partner_detail", args=[parakou.slug])
    response = client.get(page)
    assertContains(response, "Publique")
    assertNotContains(response, "En préparation")
    client.force_login(make_user(Role.MEMBER))
    assertContains(client.get(page), "En préparation")


def test_a_draft_partner_is_not_found_by_the_public(client):
    draft = make_partner(name="Secret", status=Status.DRAFT)
    assert client.get(reverse("partner_detail", args=[draft.slug])).status_code == 404
    assertNotContains(client.get(reverse("partner_list")), "Secret")


def test_contacts_are_for_members_and_the_partner_itself(client, parakou):
    Contact.objects.create(
        partner=parakou, function="Point focal", name="Afi Exemple", email="afi@example.org"
    )
    page = reverse("partner_detail", args=[parakou.slug])
    assertNotContains(client.get(page), "Afi Exemple")
    for user, seen in (
        (make_user(Role.COMMUNE), False),
        (make_user(Role.COMMUNE, partner=parakou), True),
        (make_user(Role.MEMBER), True),
        (make_user(Role.SECRETARIAT), True),
    ):
        client.force_login(user)
        assert ("Afi Exemple" in client.get(page).content.decode()) == seen, user.role


def test_personal_data_stays_out_of_history(parakou):
    contact = Contact.objects.create(partner=parakou, function="Maire", name="Afi Exemple")
    contact.phone = "+229 00 00 00 00"
    contact.save()
    fields = {field.name for field in Contact.history.model._meta.get_fields()}
    assert contact.history.count() == 2
    assert not fields & {"name", "email", "phone"}


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


def test_an_unchanged_page_is_a_304_and_a_changed_one_is_not(client, django_assert_num_queries):
    convention = make_convention(title="Avant", **published())
    page = reverse("convention_list")
    first = client.get(page)
    etag = first["ETag"]
    with django_assert_num_queries(1):  # the revision
        assert client.get(page, headers={"If-None-Match": etag}).status_code == 304
    with django_assert_num_queries(1):
        assertContains(client.get(page), "Avant")
    convention.title = "Après"
    convention.save()
    again = client.get(page, headers={"If-None-Match": etag})
    assert again.status_code == 200
    assertContains(again, "Après")


def test_people_signed_in_get_their_own_page_and_visitors_never_do(client, sign_in):
    make_convention(title="Brouillon")
    sign_in(Role.MEMBER)
    response = client.get(reverse("convention_list"))
    assertContains(response, "Brouillon")
    assert "private" in response["Cache-Control"]
    client.logout()
    assertNotContains(client.get(reverse("convention_list")), "Brouillon")


def test_a_visitor_gets_no_cookie(client):
    for name in ("home", "convention_list", "partner_list", "bilan_list"):
        assert not client.get(reverse(name)).cookies


def test_the_reference_holds_the_77_communes(content):
    communes = Partner.objects.communes()
    assert communes.count() == 77
    assert sum(communes.values_list("population", flat=True)) == 10_008_749
    assert len(set(communes.values_list("departement", flat=True))) == 12
    special = communes.filter(has_special_status=True).values_list("slug", flat=True)
    assert set(special) == {"cotonou", "porto-novo", "parakou"}


def test_communes_are_found_however_they_are_written(content):
    for typed in ("adja ouere", "ADJA-OUÈRÈ", "Adja-Ouèrè"):
        found = partners_found(typed)
        assert [partner.slug for partner in found] == ["adja-ouere"], typed


def test_loading_the_content_again_doubles_nothing(content):
    before = Partner.objects.count(), Revision.current()
    call_command("loaddata", "reference", "agreements", verbosity=0)
    assert Partner.objects.count() == before[0]


def test_the_icon_has_an_address_without_spaces(client, db):
    (icon,) = re.findall(
        r'<link rel="icon" href="([^"]+)"', client.get("/connexion/").content.decode()
    )
    assert " " not in icon


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
