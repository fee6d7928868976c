"""Counts beside facets are those of plain queries, whatever the filters, and stay so as records change."""

import json

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from agreements.facets import CONVENTION_INDEX
from agreements.models import Convention
from cooperation.models import Partner
from cooperation.records.gates import Status
from cooperation.roles import Role
from tests.factories import (
    make_action,
    make_budget_line,
    make_convention,
    make_disbursement,
    make_partner,
    make_user,
    published,
)
from tests.lists import PLAIN, VISITOR, Registry, asked


def counts(listing, name):
    return dict(listing.counts[name])


def narrowed(records, filters, but=None):
    for name, values in filters.items():
        if name != but:
            keys = set()
            for value in values:
                found = PLAIN[name](Convention.objects.all(), value)
                keys.update(found.order_by().values_list("pk", flat=True))
            records = records.filter(pk__in=keys)
    return records


@pytest.mark.parametrize("seed", range(3))
def test_every_count_is_that_of_a_plain_query(seed):
    registry = Registry(seed)
    secretary = make_user(Role.SECRETARIAT)
    for turn in range(30):
        filters = registry.filters()
        user = registry.chance.choice([VISITOR, secretary])
        listing = asked(user, **filters)
        visible = Convention.objects.visible_to(user).current()
        assert not listing.errors
        assert listing.count == narrowed(visible, filters).count(), (turn, filters)
        for name in registry.chance.sample(list(PLAIN), 2):
            within = narrowed(visible, filters, but=name)
            counted = counts(listing, name)
            with CONVENTION_INDEX as index:
                values = list(index.labels(name))
            plain = {
                value: PLAIN[name](Convention.objects.filter(pk__in=within.values("pk")), value)
                .order_by()
                .values("pk")
                .distinct()
                .count()
                for value in values
            }
            assert counted == {value: count for value, count in plain.items() if count}, (
                turn,
                name,
            )
        registry.change()


def test_drafts_count_for_those_who_see_them(parakou):
    make_convention([parakou, make_partner()])
    make_convention()
    make_convention(**published())
    agent = make_user(Role.COMMUNE, partner=parakou)
    assert [asked(user).count for user in (VISITOR, agent, make_user(Role.MEMBER))] == [1, 2, 3]
    assert "status" not in asked().counts
    assert counts(asked(agent), "status") == {"brouillon": 1, "publie": 1}
    assert asked(status="brouillon").count == 1  # a visitor's address narrows by what they may


def test_a_hidden_partner_is_no_value_not_even_by_its_address():
    secret = make_partner(name="Secret", status=Status.DRAFT)
    convention = make_convention(**published())
    make_budget_line(convention, funder=secret)
    listing = asked(funder="secret")
    assert listing.errors
    assert "secret" not in counts(asked(), "funder")


def test_partners_have_accents_and_are_published(client):
    assert Partner.objects.count() == 0
    make_partner(name="Adja-Ouèrè")
    assertContains(client.get(reverse("partner_list"), {"q": "ADJA OUERE"}), "<mark>Ouèrè</mark>")


def test_a_hidden_place_is_told_nowhere(client):
    place = make_partner(
        name="Forêt classée Secrète",
        departement="donga",
        latitude="9",
        longitude="2",
        status=Status.DRAFT,
    )
    convention = make_convention(title="Une", objectives="forêt", note="classée", **published())
    make_action(convention, places=[place])
    assertNotContains(client.get("/conventions/", {"q": "foret classee"}), "Secrète")
    for address in (
        "/conventions/",
        "/actions/",
        "/chiffres/",
        "/carte/",
        "/conventions/export.csv",
        "/actions/export.csv",
    ):
        response = client.get(address)
        text = (
            b"".join(response.streaming_content) if response.streaming else response.content
        ).decode()
        assert "Donga" not in text, address
        assert "Secr" not in text, address
    for address in ("/conventions/", "/actions/"):
        assertContains(client.get(address, {"departement": "donga"}), "<strong>0</strong>")


def test_an_export_tells_states_of_the_day_asked(client):
    make_convention(starts_on="2010", ends_on="2012", **published())
    response = client.get("/conventions/export.json", {"on": "2011-05-05", "state": "en-vigueur"})
    found = json.loads(b"".join(response.streaming_content))
    assert [row["state"] for row in found["results"]] == ["en-vigueur"]
    assert found["about"]["État au"] == "05/05/2011"


def test_what_is_withdrawn_or_merged_counts_only_where_it_is_asked_for(sign_in, parakou):
    """The secretariat's own counts, charts and files would else differ from what the public reads."""
    kept, gone = (
        make_convention([parakou], **published()),
        make_convention([parakou], **published()),
    )
    for convention in (kept, gone):
        make_disbursement(make_budget_line(convention, amount="5"), amount="5", paid_on="2020")
        make_action(convention)
    client = sign_in(Role.MEMBER)
    gone.move_to(Status.WITHDRAWN, by=make_user(Role.SECRETARIAT), reason="Erreur")
    for kind in ("convention", "action"):
        address = f"/{kind}s/"
        listing = client.get(address).context["listing"]
        assert listing.count == 1
        assert dict(listing.counts["status"]) == {Status.PUBLISHED: 1, Status.WITHDRAWN: 1}
        assert sum(count for _, count in listing.counts["commune"]) == (kind == "convention")
        assert client.get(address, {"status": "retire"}).context["listing"].count == 1
        assert len(b"".join(client.get(f"{address}export.csv").streaming_content).splitlines()) == 2
    for address in ("/montants/", "/decaissements/"):
        assert len(client.get(address).context["page"]) == 1
        assert len(client.get(address, {"status": "retire"}).context["page"]) == 1
        assert len(client.get(address, {"convention": gone.reference}).context["page"]) == 1
