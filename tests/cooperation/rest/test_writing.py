"""Programs write as people do: with a token, through the same gates, rules and history."""

import html
import json
from datetime import timedelta

import pytest
from django.utils import timezone

from actions.models import Action, BudgetLine
from agreements.models import Convention
from cooperation.models import IdempotentResponse
from cooperation.roles import Role
from tests.cooperation.rest.programs import BATCH, CONVENTIONS, Program, address, refused
from tests.factories import (
    make_user,
)


def test_the_batch_that_the_page_shows_is_one_that_works(client, office, orleans):
    page = client.get("/api/docs/").content.decode()
    shown = html.unescape(page.partition("<pre")[2].partition("<code>")[2].partition("</code>")[0])
    response = office.post(BATCH, json.loads(shown))
    assert response.status_code == 200, response.content.decode()
    convention = Convention.objects.get()
    assert (convention.title, convention.parties.get().partner) == ("Orléans – Parakou", orleans)
    example = client.get("/api/schema/").json()["paths"][BATCH]["post"]["requestBody"]
    (told,) = example["content"]["application/json"]["examples"].values()
    assert told["value"] == json.loads(shown)


def test_a_batch_and_a_list_are_not_deleted(program, draft):
    for path in (CONVENTIONS, f"{address(draft)}steps/", BATCH, "/api/v1/themes/"):
        assert program.send("delete", path).status_code == 405, path


@pytest.mark.parametrize("method", ["options", "put", "trace"])
def test_methods_that_there_are_not_are_refused(program, draft, method):
    for path in (CONVENTIONS, address(draft), f"{address(draft)}steps/", BATCH, "/api/v1/themes/"):
        assert program.send(method, path).status_code == 405, path


@pytest.mark.parametrize(
    "body",
    [
        {"title": 1.5},
        {"title": True},
        {"title": ["x"]},
        {"title": {"a": 1}},
        {"title": "x", "themes": "eau"},
        {"title": "x", "themes": [["eau"]]},
        {"title": "x", "status": "publie"},
        {"title": "x", "reference": "CONV-1"},
        {"title": "x", "version": 3},
        {"title": "a\x00b"},
        {"title": "x", "predecessor": "#rien"},
        {"title": "x" * 300},
        [],
        "x",
    ],
)
def test_what_cannot_be_written_is_refused_and_nothing_is(program, body):
    assert refused(program.post(CONVENTIONS, body), 422)
    assert not Convention.objects.exists()


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[" * 50_000, "application/json", 400),
        (b'{"title": "\xff"}', "application/json", 400),
        (b'{"title": NaN}', "application/json", 400),
        (b"title=x", "application/x-www-form-urlencoded", 415),
        (b'{"title": "' + b"x" * 6_000_000 + b'"}', "application/json", 413),
    ],
    ids=["cut", "deep", "encoding", "nan", "form", "large"],
)
def test_what_is_no_json_is_refused(program, content, kind, status):
    headers = {"authorization": f"Bearer {program.secret}"}
    response = program.client.generic("POST", CONVENTIONS, content, kind, headers=headers)
    refused(response, status)


def test_an_answer_is_forgotten_after_a_week(program):
    program.post(CONVENTIONS, {"title": "x"}, key="vieille")
    IdempotentResponse.objects.update(created_at=timezone.now() - timedelta(days=8))
    program.post(CONVENTIONS, {"title": "y"}, key="neuve")
    assert [one.key for one in IdempotentResponse.objects.all()] == ["neuve"]


def test_the_same_request_is_done_once_under_a_key(program):
    body = {"title": "Une fois"}
    first = program.post(CONVENTIONS, body, key="abc")
    again = program.post(CONVENTIONS, body, key="abc")
    assert (again.status_code, again.json()) == (201, first.json())
    assert (again["Location"], again["ETag"]) == (first["Location"], first["ETag"])
    assert again["Idempotent-Replayed"] == "true"
    assert Convention.objects.count() == 1
    (error,) = refused(program.post(CONVENTIONS, {"title": "Autre"}, key="abc"), 409)
    assert error["parameter"] == "Idempotency-Key"
    # A key is a person's own, and what was refused may be sent again.
    assert (
        Program(make_user(Role.SECRETARIAT)).post(CONVENTIONS, body, key="abc").status_code == 201
    )
    refused(program.post(CONVENTIONS, {"title": ""}, key="def"), 422)
    assert program.post(CONVENTIONS, {"title": "x"}, key="def").status_code == 201
    for key in ("x" * 101, "", "a b", "clé"):
        refused(program.post(CONVENTIONS, body, key=key), 400)


def test_an_answer_and_what_it_wrote_are_kept_together(program, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(IdempotentResponse.objects, "create", fail)
    with pytest.raises(RuntimeError):
        program.post(CONVENTIONS, {"title": "x"}, key="abc")
    assert not Convention.objects.exists()


def operations(number):
    yield {"method": "POST", "resource": "conventions", "id": "#c", "body": {"title": "Lot"}}
    for n in range(1, number):
        body = {"convention": "#c", "title": f"Action {n}"}
        yield {"method": "POST", "resource": "actions", "id": f"#a{n}", "body": body}


def test_a_batch_refers_to_what_it_has_just_made(program, draft):
    line = {"convention": "#c", "action": "#a1", "amount": "12.50", "currency": "EUR"}
    change = {"method": "PATCH", "resource": "conventions", "key": draft.reference}
    done = program.post(
        BATCH,
        {
            "operations": [
                *operations(3),
                {"method": "POST", "resource": "budget-lines", "body": line},
                change | {"version": draft.version, "body": {"note": "Vu"}},
            ]
        },
        key="lot-1",
    )
    assert done.status_code == 200, done.content
    assert [one["resource"] for one in done.json()["results"]] == [
        "conventions",
        "actions",
        "actions",
        "budget-lines",
        "conventions",
    ]
    assert BudgetLine.objects.get().action == Action.objects.get(number=1)
    assert done.json()["results"][0]["key"] == Convention.objects.get(title="Lot").reference


def test_a_batch_with_one_fault_writes_nothing_and_tells_each(program, draft):
    given = [*operations(3)]
    given[1]["body"]["state"] = "zzz"
    given += [
        {
            "method": "POST",
            "resource": "budget-lines",
            "body": {"convention": "#c", "action": "#a1", "amount": "1", "currency": "XOF"},
        },
        {
            "method": "PATCH",
            "resource": "conventions",
            "key": draft.reference,
            "version": 99,
            "body": {},
        },
        {
            "method": "PATCH",
            "resource": "conventions",
            "key": "CONV-1900-0001",
            "version": 1,
            "body": {},
        },
        {"method": "PATCH", "resource": "conventions", "key": draft.reference, "body": {}},
        {"method": "DELETE", "resource": "users"},
        "rien",
    ]
    errors = refused(program.post(BATCH, {"operations": given}), 422)
    assert sorted({error["operation"] for error in errors}) == [1, 3, 4, 5, 6, 7, 8]
    assert {error["field"] for error in errors if error["operation"] == 1} == {"state"}
    assert list(Convention.objects.all()) == [draft]
    assert not Action.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"operations": []},
        {"operations": [{}] * 1001},
        {"operations": "x"},
        [],
        {"operations": [{}], "x": 1},
    ],
)
def test_a_batch_has_bounds(program, body):
    refused(program.post(BATCH, body), 422)


def test_many_at_once(program):
    done = program.post(BATCH, {"operations": list(operations(40))})
    assert len(done.json()["results"]) == 40
    assert Action.objects.count() == 39
