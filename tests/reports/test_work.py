"""« Mon travail »: what each role finds in the menu of every page, and how much of it waits."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from agreements.models import Convention, ErrorNotice
from cooperation.entry.workflow import STEPS, carry_out
from cooperation.models import AccessRequest
from cooperation.records.gates import Status
from cooperation.roles import Role
from reports.templatetags.menu import menu
from reports.work import work_of
from tests.factories import make_convention, make_partner, make_user, published
from tests.workgroup.factories import make_group, make_member
from workgroup.models import Commitment


def waiting(user):
    return {label: count for label, _, count in work_of(user) if count}


@pytest.fixture
def clerk(parakou):
    return make_user(Role.COMMUNE, partner=parakou)


def test_each_role_has_its_own(clerk, secretary):
    labels = {
        role: [label for label, _, _ in work_of(user)]
        for role, user in (
            ("clerk", clerk),
            ("secretary", secretary),
            ("member", make_user(Role.MEMBER)),
        )
    }
    assert labels == {
        "clerk": [
            "Mes conventions",
            "Signalements",
            "Imports",
            "Saisir",
            "Nouvelles",
            "Mon compte",
        ],
        "secretary": [
            "À traiter",
            "Signalements",
            "Bonnes pratiques",
            "Suivi",
            "Doublons",
            "Comptes",
            "Imports",
            "Saisir",
            "Nouvelles",
            "Mon compte",
        ],
        "member": ["Mes recherches", "Nouvelles", "Mon compte"],
    }


def test_what_an_office_has_to_confirm_waits_for_it_too(clerk, parakou, orleans):
    to_check = Convention.Provenance.TO_CHECK
    for provenance in (to_check, to_check, ""):
        make_convention([parakou, orleans], provenance=provenance, **published())
    make_convention([orleans], provenance=to_check, **published())
    assert waiting(clerk) == {"Mes conventions": 2}


def test_what_waits_is_counted_for_whom_it_waits(clerk, secretary, parakou, orleans):
    convention = make_convention([parakou, orleans])
    assert waiting(clerk) == {"Mes conventions": 1}
    carry_out(STEPS["soumettre"], convention, by=clerk, version=convention.version)
    assert waiting(clerk) == {}
    assert waiting(secretary) == {"À traiter": 1, "Nouvelles": 1}
    convention.refresh_from_db()
    version = convention.version
    carry_out(STEPS["renvoyer"], convention, by=secretary, reason="Titre.", version=version)
    assert waiting(clerk) == {"Mes conventions": 1, "Nouvelles": 1}
    AccessRequest.objects.create(partner=parakou, name="Afi", email="afi@exemple.bj")
    public = make_convention([parakou, orleans], **published())
    ErrorNotice.objects.create(convention=public, text="Faux.")
    make_partner(name="Nouveau", status=Status.DRAFT)
    assert waiting(secretary) == {
        "À traiter": 1 + drafts_of(parakou, orleans),
        "Signalements": 1,
        "Comptes": 1,
        "Nouvelles": 1,
    }
    assert waiting(clerk)["Signalements"] == 1
    other = make_user(Role.COMMUNE)
    assert waiting(other) == {}


def drafts_of(*partners):
    return sum(partner.status == Status.DRAFT for partner in partners)


def test_the_place_where_one_is_is_marked_and_the_numbers_are_on_every_page(clerk, parakou):
    make_convention([parakou])
    client = Client()
    client.force_login(clerk)
    page = client.get(reverse("own_conventions"))
    assertContains(page, 'href="/mes-conventions/" aria-current="page"')
    for address in ("/", "/conventions/", "/admin/"):
        assertContains(client.get(address), "Mes conventions")
        assertContains(client.get(address), "en attente")
    assertNotContains(Client().get("/"), "Mon travail")


def test_the_page_of_an_error_has_the_rubrics_alone():
    found = menu({})
    assert found.rubrics and not found.work


def test_who_sits_in_a_group_finds_what_is_late_there():
    group = make_group()
    member, day = make_member(group), date(2020, 1, 1)
    Commitment.objects.create(group=group, what="Envoyer", who="ANCB", user=member, due_on=day)
    assert waiting(member) == {"Engagements": 1}
    member.mandates.update(ends_on=day)
    assert waiting(member) == {}
