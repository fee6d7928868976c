"""Groupings whose members come and go, and partners that become others."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from cooperation.models import Membership, Partner
from cooperation.roles import Role
from tests.cooperation.rest.programs import Program
from tests.entry import add_line, page_data
from tests.factories import make_convention, make_partner, make_user, published


@pytest.fixture
def grouping(parakou):
    return make_partner(name="Communauté", kind="groupement")


def counted_at(client, slug):
    return [
        row["title"]
        for row in client.get("/api/v1/conventions/", {"member": slug}).json()["results"]
    ]


@pytest.mark.parametrize(
    ("dates", "counted"),
    [
        ({}, ["Ancienne", "Récente"]),
        ({"since": "2012"}, ["Récente"]),
        ({"until": "2011"}, ["Ancienne"]),
        # Known as years: it may have been there on the day.
        ({"since": "2010"}, ["Ancienne", "Récente"]),
        ({"since": "2016-02-02"}, []),
    ],
)
def test_a_convention_counts_at_those_who_were_members_in_its_term(
    client, grouping, parakou, dates, counted
):
    """A commune that left in 2011 was on the map with all that the grouping signed since."""
    for title, begin, end in (("Ancienne", "2008", "2010"), ("Récente", "2014", "2015")):
        make_convention([grouping], title=title, starts_on=begin, ends_on=end, **published())
    grouping.memberships.create(member=parakou, **dates)
    assert sorted(counted_at(client, "parakou")) == counted


def test_it_is_told_with_its_dates_and_cause_on_both_pages(client, grouping, parakou):
    facts = {"since": "2003", "until": "2010", "cause": "retrait"}
    grouping.memberships.create(member=parakou, **facts)
    for partner in (grouping, parakou):
        assertContains(client.get(partner.get_absolute_url()), "(2003 – 2010, retrait)")
    (told,) = client.get("/api/v1/partners/communaute/").json()["memberships"]
    assert {name: told[name] for name in ("member", *facts)} == {"member": "parakou"} | facts
    (row,) = client.get("/api/v1/memberships/", {"member": "parakou"}).json()["results"]
    assert row["grouping"] == "communaute"


def test_a_member_may_come_back_but_not_twice_at_once(grouping, parakou):
    grouping.memberships.create(member=parakou, since="2003", until="2010")
    grouping.memberships.create(member=parakou, since="2015")
    again = Membership(grouping=grouping, member=parakou, since="2015")
    with pytest.raises(ValidationError, match="depuis la même date"):
        again.full_clean()
    with pytest.raises(ValidationError, match="La sortie précède"):
        Membership(grouping=grouping, member=parakou, since="2020", until="2019").full_clean()


def test_nobody_learns_of_a_member_that_is_no_more_than_a_draft(client, grouping):
    grouping.memberships.create(member=make_partner(name="Secrète", status="brouillon"))
    assertNotContains(client.get(grouping.get_absolute_url()), "Secrète")
    assert client.get("/api/v1/memberships/").json()["results"] == []
    assert client.get("/api/v1/partners/communaute/").json()["memberships"] == []


def test_the_secretariat_enters_them_and_the_history_tells(secretariat, client, grouping, parakou):
    address = reverse("admin:cooperation_partner_change", args=[grouping.pk])
    data = page_data(secretariat.get(address))
    add_line(data, "memberships", member=parakou.pk, since="2003", cause="délibération")
    assert secretariat.post(address, data).status_code == 302
    assert grouping.memberships.get().told == "depuis 2003, délibération"
    history = secretariat.get(reverse("partner_history", args=[grouping.slug]))
    assertContains(history, "Membre")


def test_a_program_enters_those_of_its_own_grouping_alone(grouping, parakou, orleans):
    other = make_partner(name="Autre", kind="groupement", status="brouillon", published_at=None)
    program = Program(make_user(Role.SECRETARIAT))
    body = {"grouping": "communaute", "member": "parakou", "since": "2003"}
    assert program.post("/api/v1/memberships/", body).status_code == 201
    stranger = Program(make_user(Role.COMMUNE, partner=parakou))
    assert stranger.post("/api/v1/memberships/", body | {"grouping": "autre"}).status_code == 422
    assert not other.memberships.exists()


def test_what_a_partner_became_has_its_day_and_its_cause(client, orleans):
    """An association that became a public body in 2017 was « remplacée par », since always."""
    before = make_partner(name="Association", kind="association-collectivites", country="FR")
    Partner.objects.filter(pk=before.pk).update(
        successor=orleans, replaced_on="2017-01-01", replacement_cause="forme-juridique"
    )
    page = client.get(before.get_absolute_url())
    assertContains(page, "1er janvier 2017")
    assertContains(page, "changement de forme juridique")
    row = client.get("/api/v1/partners/association/").json()
    assert (row["successor"], row["replaced_on"]) == ("orleans", "2017-01-01")
