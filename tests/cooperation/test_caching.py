"""What a page says about being kept by a browser, a proxy, or the registry."""

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from agreements.models import Convention
from cooperation.caching import worked_out
from cooperation.roles import Role
from reports.models import Bilan
from tests.factories import (
    make_budget_line,
    make_convention,
    published,
)
from tests.reports.bilans import edition_of

ADDRESSES = [
    "/",
    "/conventions/",
    "/conventions/export.csv",
    "/conventions/flux.atom",
    "/connexion/",
    "/admin/agreements/convention/add/",
    "/nulle-part/",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_what_is_asked_for_with_a_session_is_kept_for_its_reader_alone(secretariat, address):
    """On a shared telephone or behind a proxy, the next person would be given an office's own page."""
    assert "private" in secretariat.get(address)["Cache-Control"]


@pytest.mark.parametrize("address", ["/", "/conventions/", "/conventions/export.csv"])
def test_a_visitors_page_may_be_shared(client, db, address):
    assert "private" not in client.get(address).get("Cache-Control", "")


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


def test_what_is_worked_out_is_that_of_the_state_of_the_registry(db):
    """A total of yesterday beside the rows of today would be signed and sent."""
    made = []

    def total():
        made.append(1)
        return Convention.objects.count()

    assert [worked_out("total", make=total) for _ in range(2)] == [0, 0]
    make_convention()
    assert [worked_out("total", make=total) for _ in range(2)] == [1, 1]
    assert worked_out("total", "of another", make=total) == 1
    assert len(made) == 3


def test_totals_of_a_list_are_those_of_its_reader(client, sign_in, parakou):
    """A member sees what is not published yet: a visitor after them must not."""
    for amount, facts in (("1000", published()), ("5000", {})):
        make_budget_line(make_convention([parakou], **facts), amount=amount, currency="EUR")
    sign_in(Role.SECRETARIAT)
    for path in ("/montants/", "/montants/?currency=EUR"):
        assert client.get(path).context["totals"][0].amount == 6000
    client.logout()
    assert client.get("/montants/").context["totals"][0].amount == 1000


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


PUBLIC = [
    "/",
    "/conventions/",
    "/conventions/export.csv",
    "/actions/",
    "/montants/",
    "/decaissements/",
    "/partenaires/",
    "/carte/",
    "/chiffres/",
    "/chronologie/",
    "/themes/",
    "/inventaire/",
    "/bilans/",
    "/bilans/2021/",
    "/donnees/",
    "/api/docs/",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_what_networks_add_to_a_link_makes_no_other_page(client, db, address):
    """Each reader who came from a social network had the slowest page of the registry made anew."""
    plain = client.get(address)
    added = client.get(address, {"utm_source": "x", "fbclid": "1" * 60})
    assert added.get("ETag") == plain.get("ETag")
    if not added.streaming:
        assert b"fbclid" not in added.content


def test_the_order_of_filters_makes_no_other_page(client, db):
    one, other = (
        client.get(f"/conventions/?{q}") for q in ("q=eau&kind=accord", "kind=accord&q=eau")
    )
    assert one["ETag"] == other["ETag"]
    assert one["ETag"] != client.get("/conventions/?q=eau")["ETag"]


@pytest.mark.parametrize(
    "address", ["/conventions/", "/bilans/2021/", "/inventaire/", "/montants/"]
)
def test_what_a_page_reads_of_its_address_makes_another(client, db, address):
    assert client.get(address)["ETag"] != client.get(address, {"page": "2"})["ETag"]


def test_a_kept_file_is_still_a_download(client, secretary):
    """The second visitor got the figures of an edition as a page of text."""
    bilan = Bilan.objects.create(title="Bilan", first_year=2021, last_year=2021)
    edition = edition_of(bilan, by=secretary)
    address = reverse("edition_download", args=[bilan.reference, edition.number, "csv"])
    first, second = (client.get(address) for _ in range(2))
    assert first["Content-Disposition"] == second["Content-Disposition"]
    assert first["Content-Type"] == second["Content-Type"]
