import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import (
    make_action,
    make_avenant,
    make_axis,
    make_budget_line,
    make_convention,
    make_disbursement,
    published,
)


def test_the_api_has_the_pages_filters(client, parakou, orleans):
    make_convention([orleans, parakou], title="Orléans", **published())
    make_convention(title="Autre", **published())
    make_convention(title="En préparation")
    listed = client.get("/api/v1/conventions/").json()
    assert listed["count"] == 2
    one = client.get("/api/v1/conventions/", {"q": "parakou orleans"}).json()["results"]
    assert [row["title"] for row in one] == ["Orléans"]


def test_dates_keep_their_precision_and_amounts_their_currency(client):
    convention = make_convention(starts_on="2019-11", ends_on="2021", **published())
    make_avenant(convention, ends_on="2022", **published())
    row = client.get(f"/api/v1/conventions/{convention.reference}/").json()
    assert (row["starts_on"], row["ends_on"], row["term"]) == ("2019-11", "2021", "2022")
    action = make_action(convention)
    make_budget_line(convention, action=action, amount="1500.5", currency="XOF")
    line = client.get(f"/api/v1/actions/{action.reference}/").json()["budget_lines"][0]
    assert (line["amount"], line["currency"]) == ("1500.50", "XOF")


def test_the_api_only_reads(client, secretariat):
    convention = make_convention(**published())
    address = f"/api/v1/conventions/{convention.reference}/"
    for method in ("post", "put", "patch", "delete"):
        assert getattr(secretariat, method)(address).status_code in (403, 405), method


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


@pytest.mark.parametrize("name", ["conventions", "actions", "partners"])
def test_the_api_takes_the_same_queries_whatever_its_length(client, name):
    def grow():
        convention = make_convention(**published())
        make_avenant(convention, **published())
        make_action(convention, axis=make_axis(convention))
        make_disbursement(make_budget_line(convention, action=make_action(convention)))

    def queries():
        client.get(f"/api/v1/{name}/", {"q": "rien"})  # the index follows
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"/api/v1/{name}/").status_code == 200
        return len(captured)

    grow()
    few = queries()
    for _ in range(12):
        grow()
    assert queries() == few


def test_amounts_of_page_and_api_are_the_same(client, content):
    row = client.get("/api/v1/conventions/CONV-2026-0010/").json()
    assert row["totals"] == [
        {"currency": "EUR", "amount": "1123884.00", "parts": {"mixte": "1123884.00"}}
    ]
    assert [axis["number"] for axis in row["axes"]] == [1, 2, 3, 4, 5]
    assert len(row["actions"]) == 9
    assert row["budget_lines"][0]["amount"] == "1123884.00"


def test_a_draft_avenant_is_not_named_by_its_axis(client):
    convention = make_convention(**published())
    make_axis(convention, added_by=make_avenant(convention, number=7))
    row = client.get(f"/api/v1/conventions/{convention.reference}/").json()
    assert row["axes"][0]["added_by"] is None
