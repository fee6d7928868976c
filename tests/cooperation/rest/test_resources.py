import pytest

from cooperation.roles import Role
from tests.cooperation.rest.programs import CONVENTIONS, RECORD_LISTS, problem
from tests.factories import (
    make_budget_line,
    make_convention,
    make_partner,
    published,
)


def test_the_api_only_reads(client, secretariat):
    convention = make_convention(**published())
    address = f"/api/v1/conventions/{convention.reference}/"
    for method in ("post", "put", "patch", "delete"):
        assert getattr(secretariat, method)(address).status_code in (403, 405), method


def test_a_page_of_another_site_may_ask_whether_anything_changed(client):
    headers = {
        "origin": "https://ailleurs.example",
        "access-control-request-method": "GET",
        "access-control-request-headers": "if-none-match",
    }
    answer = client.options(CONVENTIONS, headers=headers)
    assert "if-none-match" in answer["Access-Control-Allow-Headers"]


def test_what_only_drafts_hold_is_no_value_that_visitors_are_told(client, parakou, orleans):
    make_budget_line(make_convention([parakou, orleans], **published()), currency="EUR")
    hidden = make_partner(name="Abomey", country="CN")
    make_budget_line(make_convention([hidden, orleans]), currency="KWD")
    (error,) = problem(client.get(CONVENTIONS, {"currency": "ZZZ"}), 400)["errors"]
    assert error["allowed"] == ["EUR"]
    told = client.get("/api/schema/").content.decode()
    for name in ("KWD", "abomey", '"CN"'):
        assert name not in told.partition("components")[0], name


def test_what_only_members_filter_by_is_unknown_to_visitors(client, sign_in):
    (error,) = problem(client.get(CONVENTIONS, {"status": "brouillon"}), 400)["errors"]
    assert "status" not in error["allowed"]
    assert sign_in(Role.SECRETARIAT).get(CONVENTIONS, {"status": "brouillon"}).status_code == 200


@pytest.mark.parametrize("address", RECORD_LISTS)
def test_an_answer_that_nothing_has_changed_is_not_sent_again(
    client, address, django_assert_max_num_queries
):
    convention = make_convention(**published())
    first = client.get(address)
    with django_assert_max_num_queries(1):
        assert client.get(address).content == first.content
    with django_assert_max_num_queries(1):
        again = client.get(address, headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    convention.title = "Rebaptisée"
    convention.save()
    changed = client.get(address, headers={"if-none-match": first["ETag"]})
    assert changed.status_code == 200


def test_what_a_member_reads_is_not_kept_for_others(client, sign_in):
    make_convention(title="Brouillon secret")
    member = sign_in(Role.SECRETARIAT)
    response = member.get(CONVENTIONS)
    assert "Brouillon secret" in response.content.decode()
    assert "private" in response["Cache-Control"]
    member.logout()
    assert "Brouillon secret" not in client.get(CONVENTIONS).content.decode()


def test_the_pages_of_other_sites_read_the_api_and_nothing_else(client, sign_in):
    make_convention(title="Brouillon secret")
    elsewhere = {"origin": "https://exemple.org"}
    response = client.get(CONVENTIONS, headers=elsewhere)
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "ETag" in response["Access-Control-Expose-Headers"]
    asked = elsewhere | {"access-control-request-method": "GET"}
    before = client.options(CONVENTIONS, headers=asked)
    assert before["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    # A browser sends no cookie where this is not said.
    member = sign_in(Role.SECRETARIAT).get(CONVENTIONS, headers=elsewhere)
    assert "Access-Control-Allow-Credentials" not in member
    for page in ("/conventions/", "/admin/", "/connexion/"):
        assert "Access-Control-Allow-Origin" not in client.get(page, headers=elsewhere)
