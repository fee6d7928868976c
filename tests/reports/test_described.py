"""What other sites read of a record: true of what is published, and nothing of the rest."""

import io
import json
import re
from dataclasses import replace

import pytest
from django.urls import reverse
from PIL import Image
from pytest_django.asserts import assertContains, assertNotContains

from agreements.models import Convention
from cooperation.models import Partner
from cooperation.roles import Role
from reports.described import as_json_ld, described, picture_of
from tests.factories import make_action, make_convention, make_partner, published


def linked(page):
    (found,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    return json.loads(found)


@pytest.fixture
def convention(parakou, orleans):
    Partner.objects.update(**published())
    return make_convention(
        [parakou, orleans], title="Eau", starts_on="2019", ends_on="2021-06", **published()
    )


def test_a_link_to_a_convention_says_who_and_when(client, convention):
    page = client.get(convention.get_absolute_url())
    assertContains(page, '<meta property="og:title" content="Eau">')
    assertContains(page, "og:description")
    assertContains(page, f"/apercus/conventions/{convention.reference}.png")
    found = linked(page.content.decode())
    assert found["@type"] == "CreativeWork"
    # Each date is as precise as it is known.
    assert found["temporalCoverage"] == "2019/2021-06"
    assert {one["name"] for one in found["contributor"]} == {"Orléans", "Parakou"}


def test_a_draft_has_no_picture_and_says_nothing_to_other_sites(sign_in, client, parakou):
    draft = make_convention([parakou], title="Secrète")
    sign_in(Role.MEMBER)
    assertNotContains(client.get(draft.get_absolute_url()), "og:title")
    address = reverse("picture", args=["conventions", draft.reference])
    # Not even for those who see it: a network keeps what it once fetched.
    assert client.get(address).status_code == 404


def test_a_party_that_is_not_public_is_not_told(client, parakou):
    hidden = make_partner(name="Discrète", status="brouillon")
    Partner.objects.filter(pk=parakou.pk).update(**published())
    convention = make_convention([parakou, hidden], **published())
    found = linked(client.get(convention.get_absolute_url()).content.decode())
    assert [one["name"] for one in found["contributor"]] == ["Parakou"]


@pytest.mark.parametrize("kind", ["conventions", "actions", "partenaires"])
def test_the_picture_is_one_that_networks_show_whole(client, convention, orleans, kind):
    keys = {
        "conventions": convention.reference,
        "actions": make_action(convention, title="Forage").reference,
        "partenaires": orleans.slug,
    }
    answer = client.get(reverse("picture", args=[kind, keys[kind]]))
    assert answer["Content-Type"] == "image/png"
    assert len(answer.content) < 40_000
    assert Image.open(io.BytesIO(answer.content)).size == (1200, 630)
    assert client.get(reverse("picture", args=[kind, "absente"])).status_code == 404
    assert client.get(reverse("picture", args=["choses", keys[kind]])).status_code == 404


def test_a_title_of_any_length_stays_in_its_picture(convention):
    convention.title = "Très longue " * 40
    about = described(Convention.objects.with_term().get(pk=convention.pk))
    assert picture_of(about)


@pytest.mark.parametrize(("name", "drawn"), [("الدار البيضاء", True), ("東京都", False)])
def test_a_name_in_any_script_is_drawn_whole_or_not_at_all(convention, name, drawn):
    about = described(Convention.objects.with_term().get(pk=convention.pk))
    without = picture_of(replace(about, title=""))
    assert (picture_of(replace(about, title=name)) != without) == drawn


def test_a_machine_without_a_font_says_so(client, convention, monkeypatch):
    monkeypatch.setattr("reports.described.FONT", "aucune-police.ttf")
    answer = client.get(reverse("picture", args=["conventions", convention.reference]))
    assert answer.status_code == 404


def test_no_title_ends_the_element_that_holds_it():
    told = as_json_ld({"name": "</script><script>alert(1)</script>&"})
    assert "<" not in told
    assert json.loads(told) == {"name": "</script><script>alert(1)</script>&"}


def test_an_action_and_a_partner_are_what_schema_org_calls_them(client, convention, orleans):
    action = make_action(convention, title="Forage")
    page = client.get(action.get_absolute_url()).content.decode()
    assert linked(page)["@type"] == "Project"
    found = linked(client.get(orleans.get_absolute_url()).content.decode())
    assert (found["@type"], found["address"]["addressCountry"]) == ("GovernmentOrganization", "FR")
    association = make_partner(name="Amitié", kind=Partner.Kind.NGO, **published())
    found = linked(client.get(association.get_absolute_url()).content.decode())
    assert found["@type"] == "Organization"
