"""Whom to call about a convention: seen by members and by its own people, never public."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from agreements.duplicates import merge
from agreements.models import Convention, FocalPoint
from cooperation.roles import Role
from tests.entry import add_line, page_data
from tests.factories import make_convention, make_user, published
from tests.sheets import read, table, undone, written


@pytest.fixture
def convention(parakou, orleans):
    convention = make_convention([parakou, orleans], title="Eau", **published())
    convention.focal_points.create(
        side="cote-benin", function="point focal", name="Sèna Exemple", phone="97 00 00 00"
    )
    return convention


def test_only_members_and_its_own_people_see_it(client, convention, parakou):
    seen = {
        None: False,
        make_user(Role.COMMUNE): False,
        make_user(Role.COMMUNE, partner=parakou): True,
        make_user(Role.MEMBER): True,
        make_user(Role.SECRETARIAT): True,
    }
    for user, sees in seen.items():
        reader = Client()
        if user:
            reader.force_login(user)
        check = assertContains if sees else assertNotContains
        check(reader.get(convention.get_absolute_url()), "97 00 00 00")


def test_no_public_door_tells_it(client, convention):
    call = f"/conventions/{convention.reference}"
    doors = [
        f"/api/v1/conventions/{convention.reference}/",
        f"/iati/activities/{convention.reference}.xml",
        reverse("convention_export", args=["json"]),
        f"/fiches{call.replace('conventions', 'convention')}.pdf",
    ]
    for door in doors:
        response = client.get(door)
        content = response.getvalue() if response.streaming else response.content
        assert "Sèna" not in content.decode(errors="replace"), door
    assert list(client.get("/conventions/", {"q": "Exemple"}).context["page"]) == []


def test_the_history_keeps_no_personal_data(convention):
    """What is erased is erased: a name in the history would stay for ever."""
    row = FocalPoint.history.get()
    assert not {"name", "email", "phone"} & {field.name for field in row.tracked_fields}


def test_an_agent_enters_and_erases_it_though_the_convention_is_published(agent, convention):
    address = reverse("admin:agreements_convention_change", args=[convention.pk])
    data = page_data(agent.get(address))
    add_line(data, "focal_points", function="maire", name="Autre Exemple")
    assert agent.post(address, data).status_code == 302
    assert convention.focal_points.count() == 2
    data = page_data(agent.get(address)) | {"focal_points-0-DELETE": "on"}
    assert agent.post(address, data).status_code == 302
    assert [one.name for one in convention.focal_points.all()] == ["Sèna Exemple"]


def test_a_workbook_in_use_brings_them_in(secretary, parakou, orleans):
    headings = "Intitulé;Partie 1;Partie 2;Point_Focal_Benin;Contact_Partenaire"
    file = "Eau;Parakou;Orléans;Sèna Exemple;Claude Exemple"
    job = written(read(table(file, headings=headings), secretary))
    told = [(one.side, one.name) for one in FocalPoint.objects.all()]
    assert told == [("cote-benin", "Sèna Exemple"), ("cote-partenaire", "Claude Exemple")]
    undone(job)
    assert not (Convention.objects.exists() or FocalPoint.objects.exists())


def test_a_merge_takes_them_along(secretary, convention, parakou, orleans):
    kept = make_convention([parakou, orleans], title="Eaux", **published())
    merge(kept, convention, by=secretary, taken_fields=[], taken_groups=[], reason="La même.")
    assert kept.focal_points.get().name == "Sèna Exemple"
