"""What the ministry and the préfectures note of their communes' conventions, and of no other."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from agreements.models import Convention, LegalStep
from cooperation.roles import Role
from tests.factories import PDF, make_convention, make_partner, make_user, published
from tests.mails import delivered


@pytest.fixture
def convention(parakou, orleans):
    """Of a commune of the Borgou."""
    return make_convention([parakou, orleans], title="Eau à Parakou", **published())


def prefecture(departement="borgou"):
    client = Client()
    client.force_login(make_user(Role.STATE, departement=departement))
    return client


def note(client, convention, **data):
    address = reverse("supervised_step", args=[convention.reference])
    return client.post(
        address, {"kind": "approbation", "done_on": "14/03/2027", **data}, follow=True
    )


def test_an_approval_is_noted_with_its_paper(convention, parakou):
    make_user(Role.COMMUNE, partner=parakou, email="agent@exemple.bj")
    client = prefecture()
    assertContains(client.get(reverse("supervised_list")), "Eau à Parakou")
    paper = SimpleUploadedFile("arrete.pdf", PDF, "application/pdf")
    note(client, convention, number="12/2027", result="accorde", paper=paper)
    step = LegalStep.objects.get()
    assert (step.kind, step.done_on, step.number) == ("approbation", "2027-03-14", "12/2027")
    assert step.history.first().history_user is not None
    assertNotContains(client.get(reverse("supervised_list")), "Eau à Parakou")
    # In public at once, and its commune is told.
    page = Client().get(convention.get_absolute_url())
    assertContains(page, "12/2027")
    assertContains(page, step.document.title)
    assert any(message.to == ["agent@exemple.bj"] for message in delivered())


def test_a_prefecture_notes_nothing_elsewhere(convention):
    elsewhere = prefecture("atacora")
    assert note(elsewhere, convention).status_code == 404
    assertNotContains(elsewhere.get(reverse("supervised_list")), "Eau à Parakou")
    note(prefecture(""), convention)
    assert LegalStep.objects.count() == 1


def test_drafts_and_agreements_without_a_party_of_benin_are_not_theirs(parakou):
    make_convention([parakou], title="Brouillon")
    abroad = [make_partner(country=country, kind="collectivite") for country in ("FR", "HT")]
    make_convention(abroad, title="Haïti", **published())
    state = make_user(Role.STATE)
    assert not Convention.objects.supervised_by(state).exists()


@pytest.mark.parametrize("role", [None, Role.MEMBER, Role.COMMUNE, Role.SECRETARIAT])
def test_nobody_else_notes_for_the_tutelle(convention, role):
    client = Client()
    if role:
        client.force_login(make_user(role))
    assert note(client, convention).status_code in (200, 403)
    assert not LegalStep.objects.exists()


@pytest.mark.parametrize(
    "data, message",
    [
        ({"done_on": ""}, "obligatoire"),
        ({"kind": "deliberation"}, "choix valide"),
        ({"done_on": "hier"}, "2019"),
    ],
)
def test_what_makes_no_sense_comes_back(convention, data, message):
    page = note(prefecture(), convention, **data)
    assert message in page.content.decode()
    assert not LegalStep.objects.exists()
