"""What the API says of a request that makes no sense, and of one that has changed nothing."""

import pytest
from django.core.cache import cache

from cooperation.models import Theme
from cooperation.rest.throttling import VisitorThrottle
from tests.cooperation.rest.programs import CONVENTIONS, RECORD_LISTS, problem
from tests.factories import make_budget_line, make_convention, published


@pytest.mark.parametrize("address", RECORD_LISTS)
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
        client.get(CONVENTIONS, {"theme": "zzz", "ordering": "couleur", "amount_min": "beaucoup"}),
        400,
    )["errors"]
    told = {error["parameter"]: error for error in errors}
    assert "eau" in told["theme"]["allowed"]
    assert "« zzz » n’est pas un choix" in told["theme"]["detail"]
    assert "-date" in told["ordering"]["allowed"]
    assert told["ordering"]["code"] == "invalid_choice"
    assert told["amount_min"]["code"] == "no_amount"
    assert "1250000.50" in told["amount_min"]["detail"]
    many = client.get(CONVENTIONS, {"theme": ["eau", *map(str, range(60))]})
    assert {e["code"] for e in problem(many, 400)["errors"]} == {"too_many"}


@pytest.mark.parametrize(
    "query", ["ordering=zz&ordering=title", "page=1&page=2", "count=true&count=false", "q=a&q=b"]
)
def test_what_is_asked_twice_is_not_asked_once_in_silence(client, query):
    (error,) = problem(client.get(f"{CONVENTIONS}?{query}"), 400)["errors"]
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
    address = f"{CONVENTIONS}?modified_since=2026-11-25T06:00:00+01:00"
    assert client.get(address).status_code == 200


@pytest.mark.parametrize("address", RECORD_LISTS)
def test_nothing_has_changed_since_a_day_to_come(client, address):
    make_convention(starts_on="2020", **published())
    number, token, _ = client.get(address).json()["mark"].split("-")
    for since in ("2150-01-01", f"{number}-{token}-799999"):
        assert client.get(address, {"modified_since": since}).status_code == 200


def test_what_no_text_may_hold_is_not_searched_for(client):
    for name, parameter in (("budget-lines", "q"), ("indicators", "unit"), ("documents", "q")):
        (error,) = problem(client.get(f"/api/v1/{name}/", {parameter: "a\x9b"}), 400)["errors"]
        assert (error["parameter"], error["code"]) == (parameter, "invalid")


def test_what_is_not_there_is_a_problem_too(client):
    problem(client.get("/api/v1/conventions/CONV-1900-9999/"), 404)
    for page in ("2", "99999999", "9" * 30):
        (error,) = problem(client.get(CONVENTIONS, {"page": page}), 404)["errors"]
        assert (error["parameter"], error["code"]) == ("page", "no_page")
    anything = {"if-none-match": "*"}
    problem(client.get("/api/v1/conventions/CONV-1900-9999/", headers=anything), 404)
    assert client.get(CONVENTIONS, headers=anything).status_code == 304
    wrong = client.get(CONVENTIONS, {"zz": "1"})
    assert "ETag" not in wrong
    problem(client.delete(CONVENTIONS), 401)
    for address in ("/api/v1/couleurs/", "/api/v1/partners/a.b/", "/api/v1/partners/%C3%A9%0A/"):
        for method in ("get", "post", "patch", "delete"):
            problem(getattr(client, method)(address), 404)
    (error,) = problem(client.get("/api/v1/avenants/", {"convention": "CONV-1900-0001"}), 404)[
        "errors"
    ]
    assert (error["parameter"], error["code"]) == ("convention", "not_found")
    problem(client.get(CONVENTIONS, headers={"accept": "text/csv"}), 406)


def test_who_asks_too_much_is_told_how_long_to_wait(client, monkeypatch):
    monkeypatch.setattr(VisitorThrottle, "rate", "3/min", raising=False)
    cache.clear()
    for left in ("2", "1", "0"):
        response = client.get(CONVENTIONS, {"q": left})
        assert response.status_code == 200
        assert response["RateLimit-Limit"] == "3"
        assert response["RateLimit-Remaining"] == left
        assert 0 < int(response["RateLimit-Reset"]) <= 60
    # Whoever forges a header is still the same network.
    refused = client.get(CONVENTIONS, {"q": "x"}, headers={"x-forwarded-for": "10.1.2.3"})
    assert 0 < int(refused["Retry-After"]) <= 60
    problem(refused, 429)
    # What is kept costs nothing.
    assert client.get(CONVENTIONS, {"q": "0"}).status_code == 200
