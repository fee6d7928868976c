import pytest

from tests.cooperation.rest.programs import CONVENTIONS
from tests.factories import (
    make_convention,
    published,
)


def test_pages_of_the_api_are_bounded(client):
    for size in ("0", "-1", "abc", "501", "99999999999999999999"):
        response = client.get("/api/v1/conventions/", {"page_size": size})
        assert response.status_code == 400, size
        (error,) = response.json()["errors"]
        assert (error["parameter"], error["detail"]) == (
            "page_size",
            "Une page compte de 1 à 500 lignes.",
        )
    assert client.get("/api/v1/conventions/", {"page": "99999999999999999999"}).status_code == 404


def test_a_cursor_leads_through_all_at_any_depth(client):
    made = {make_convention(**published()).reference for _ in range(7)}
    for asked in ({}, {"count": "false"}, {"year": "2019"}):
        answer = client.get(CONVENTIONS, {"cursor": "*", "page_size": 2} | asked).json()
        assert answer["count"] == (None if "count" in asked else 7)
        seen = [row["reference"] for row in answer["results"]]
        while answer["next"]:
            answer = client.get(answer["next"]).json()
            seen += [row["reference"] for row in answer["results"]]
        assert len(seen) == 7
        assert set(seen) == made


@pytest.mark.parametrize(
    ("asked", "parameter"),
    [
        ({"cursor": "12"}, "cursor"),
        ({"cursor": "*", "page": "2"}, "page"),
        ({"cursor": "*", "ordering": "title"}, "ordering"),
        ({"count": "maybe"}, "count"),
    ],
)
def test_a_cursor_that_makes_no_sense_is_refused(client, asked, parameter):
    response = client.get(CONVENTIONS, asked)
    assert response.status_code == (409 if len(asked) > 1 else 400)
    assert response.json()["errors"][0]["parameter"] == parameter
