"""What the API says of a request that makes no sense, and of one that has changed nothing."""

import pytest
from django.core.cache import cache

from cooperation.models import Theme
from cooperation.rest.problems import CONTENT_TYPE, SAID
from cooperation.rest.throttling import VisitorThrottle
from cooperation.roles import Role
from tests.factories import make_budget_line, make_convention, make_partner, published

LISTS = ["/api/v1/conventions/", "/api/v1/actions/", "/api/v1/partners/"]


def problem(response, status):
    assert response.status_code == status
    assert response["Content-Type"] == CONTENT_TYPE
    told = response.json()
    assert (told["status"], told["detail"], told["detail_en"]) == (status, *SAID[status])
    return told


@pytest.mark.parametrize("address", LISTS)
def test_an_unknown_parameter_is_refused_and_those_there_are_told(client, address):
    (error,) = problem(client.get(address, {"titre": "x"}), 400)["errors"]
    assert (error["parameter"], error["code"]) == ("titre", "unknown")
    assert {"q", "ordering", "page", "page_size", "updated_after"} <= set(error["allowed"])
    for name in error["allowed"]:
        (empty,) = problem(client.get(address, {name: ""}), 400)["errors"]
        assert (empty["parameter"], empty["code"]) == (name, "empty")


def test_one_record_takes_no_parameter(client):
    convention = make_convention(**published())
    address = f"/api/v1/conventions/{convention.reference}/"
    (error,) = problem(client.get(address, {"format": "api"}), 400)["errors"]
    assert error["detail_en"] == "There is no such parameter or field here."


def test_a_value_without_sense_is_answered_with_those_that_have_one(client):
    convention = make_convention(**published())
    convention.themes.add(Theme.objects.create(name="Eau", slug="eau"))
    errors = problem(
        client.get(LISTS[0], {"theme": "zzz", "ordering": "couleur", "amount_min": "beaucoup"}), 400
    )["errors"]
    told = {error["parameter"]: error for error in errors}
    assert "eau" in told["theme"]["allowed"]
    assert "« zzz » n’est pas un choix" in told["theme"]["detail"]
    assert "-date" in told["ordering"]["allowed"]
    assert told["ordering"]["code"] == "invalid_choice"
    assert told["amount_min"]["code"] == "no_amount"
    assert "1250000.50" in told["amount_min"]["detail"]
    many = client.get(LISTS[0], {"theme": ["eau", *map(str, range(60))]})
    assert {e["code"] for e in problem(many, 400)["errors"]} == {"too_many"}


@pytest.mark.parametrize(
    "query", ["ordering=zz&ordering=title", "page=1&page=2", "count=true&count=false", "q=a&q=b"]
)
def test_what_is_asked_twice_is_not_asked_once_in_silence(client, query):
    (error,) = problem(client.get(f"{LISTS[0]}?{query}"), 400)["errors"]
    assert (error["parameter"], error["code"]) == (query.partition("=")[0], "too_many")


@pytest.mark.parametrize("query", ["foo=bar", "state=zz", "on=hier", "theme=zz", "theme=eau&foo=1"])
@pytest.mark.parametrize("name", ["budget-lines", "disbursements"])
def test_a_list_that_makes_no_sense_has_no_lines(client, name, query):
    make_budget_line(make_convention(**published()))
    (error,) = problem(client.get(f"/api/v1/{name}/", {"liste": query}), 404)["errors"]
    assert (error["parameter"], error["code"]) == ("liste", "no_list")
    assert (
        client.get(f"/api/v1/{name}/", {"liste": "state=terme-inconnu&vue=carte"}).status_code
        == 200
    )


def test_a_moment_may_be_written_as_its_example_is(client):
    make_convention(**published())
    address = f"{LISTS[0]}?modified_since=2026-11-25T06:00:00+01:00"
    assert client.get(address).status_code == 200


@pytest.mark.parametrize("address", LISTS)
def test_nothing_has_changed_since_a_day_to_come(client, address):
    make_convention(starts_on="2020", **published())
    number, token, _ = client.get(address).json()["mark"].split("-")
    for since in ("2150-01-01", f"{number}-{token}-799999"):
        assert client.get(address, {"modified_since": since}).status_code == 200


def test_a_page_of_another_site_may_ask_whether_anything_changed(client):
    headers = {
        "origin": "https://ailleurs.example",
        "access-control-request-method": "GET",
        "access-control-request-headers": "if-none-match",
    }
    answer = client.options(LISTS[0], headers=headers)
    assert "if-none-match" in answer["Access-Control-Allow-Headers"]


def test_what_only_drafts_hold_is_no_value_that_visitors_are_told(client, parakou, orleans):
    make_budget_line(make_convention([parakou, orleans], **published()), currency="EUR")
    hidden = make_partner(name="Abomey", country="CN")
    make_budget_line(make_convention([hidden, orleans]), currency="KWD")
    (error,) = problem(client.get(LISTS[0], {"currency": "ZZZ"}), 400)["errors"]
    assert error["allowed"] == ["EUR"]
    told = client.get("/api/schema/").content.decode()
    for name in ("KWD", "abomey", '"CN"'):
        assert name not in told.partition("components")[0], name


def test_what_only_members_filter_by_is_unknown_to_visitors(client, sign_in):
    (error,) = problem(client.get(LISTS[0], {"status": "brouillon"}), 400)["errors"]
    assert "status" not in error["allowed"]
    assert sign_in(Role.SECRETARIAT).get(LISTS[0], {"status": "brouillon"}).status_code == 200


def test_what_no_text_may_hold_is_not_searched_for(client):
    for name, parameter in (("budget-lines", "q"), ("indicators", "unit"), ("documents", "q")):
        (error,) = problem(client.get(f"/api/v1/{name}/", {parameter: "a\x9b"}), 400)["errors"]
        assert (error["parameter"], error["code"]) == (parameter, "invalid")


def test_what_is_not_there_is_a_problem_too(client):
    problem(client.get("/api/v1/conventions/CONV-1900-9999/"), 404)
    for page in ("2", "99999999", "9" * 30):
        (error,) = problem(client.get(LISTS[0], {"page": page}), 404)["errors"]
        assert (error["parameter"], error["code"]) == ("page", "no_page")
    anything = {"if-none-match": "*"}
    problem(client.get("/api/v1/conventions/CONV-1900-9999/", headers=anything), 404)
    assert client.get(LISTS[0], headers=anything).status_code == 304
    wrong = client.get(LISTS[0], {"zz": "1"})
    assert "ETag" not in wrong
    problem(client.delete(LISTS[0]), 405)
    for address in ("/api/v1/couleurs/", "/api/v1/partners/a.b/", "/api/v1/partners/%C3%A9%0A/"):
        for method in ("get", "post", "patch", "delete"):
            problem(getattr(client, method)(address), 404)
    (error,) = problem(client.get("/api/v1/avenants/", {"convention": "CONV-1900-0001"}), 404)[
        "errors"
    ]
    assert (error["parameter"], error["code"]) == ("convention", "not_found")
    problem(client.get(LISTS[0], headers={"accept": "text/csv"}), 406)


def test_who_asks_too_much_is_told_how_long_to_wait(client, monkeypatch):
    monkeypatch.setattr(VisitorThrottle, "rate", "3/min", raising=False)
    cache.clear()
    for left in ("2", "1", "0"):
        response = client.get(LISTS[0], {"q": left})
        assert response.status_code == 200
        assert response["RateLimit-Limit"] == "3"
        assert response["RateLimit-Remaining"] == left
        assert 0 < int(response["RateLimit-Reset"]) <= 60
    # Whoever forges a header is still the same network.
    refused = client.get(LISTS[0], {"q": "x"}, headers={"x-forwarded-for": "10.1.2.3"})
    assert 0 < int(refused["Retry-After"]) <= 60
    problem(refused, 429)
    # What is kept costs nothing.
    assert client.get(LISTS[0], {"q": "0"}).status_code == 200


@pytest.mark.parametrize("address", LISTS)
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
    response = member.get(LISTS[0])
    assert "Brouillon secret" in response.content.decode()
    assert "private" in response["Cache-Control"]
    member.logout()
    assert "Brouillon secret" not in client.get(LISTS[0]).content.decode()


def test_the_pages_of_other_sites_read_the_api_and_nothing_else(client, sign_in):
    make_convention(title="Brouillon secret")
    elsewhere = {"origin": "https://exemple.org"}
    response = client.get(LISTS[0], headers=elsewhere)
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "ETag" in response["Access-Control-Expose-Headers"]
    asked = elsewhere | {"access-control-request-method": "GET"}
    before = client.options(LISTS[0], headers=asked)
    assert before["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    # A browser sends no cookie where this is not said.
    member = sign_in(Role.SECRETARIAT).get(LISTS[0], headers=elsewhere)
    assert "Access-Control-Allow-Credentials" not in member
    for page in ("/conventions/", "/admin/", "/connexion/"):
        assert "Access-Control-Allow-Origin" not in client.get(page, headers=elsewhere)


def test_an_answer_is_narrowed_to_the_fields_asked_for(client):
    convention = make_convention(title="Puits", **published())
    one = f"/api/v1/conventions/{convention.reference}/"
    for asked in ("title,reference", ["title", "reference"]):
        assert client.get(one, {"fields": asked}).json() == {
            "reference": convention.reference,
            "title": "Puits",
        }
    (row,) = client.get(LISTS[0], {"fields": "totals"}).json()["results"]
    assert row == {"totals": []}
    for asked in ("title,prix", "title,,reference", ","):
        (error,) = problem(client.get(LISTS[0], {"fields": asked}), 400)["errors"]
        assert (error["parameter"], error["code"]) == ("fields", "invalid_choice")
        assert "totals" in error["allowed"]
