from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from cooperation.models import Contact
from cooperation.records.gates import Status
from cooperation.roles import Role
from tests.factories import (
    make_convention,
    make_partner,
    make_user,
    published,
)


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
