from tests.cooperation.rest.programs import CONVENTIONS, problem
from tests.factories import (
    make_action,
    make_avenant,
    make_axis,
    make_budget_line,
    make_convention,
    published,
)


def test_dates_keep_their_precision_and_amounts_their_currency(client):
    convention = make_convention(starts_on="2019-11", ends_on="2021", **published())
    make_avenant(convention, ends_on="2022", **published())
    row = client.get(f"/api/v1/conventions/{convention.reference}/").json()
    assert (row["starts_on"], row["ends_on"], row["term"]) == ("2019-11", "2021", "2022")
    action = make_action(convention)
    make_budget_line(convention, action=action, amount="1500.5", currency="XOF")
    line = client.get(f"/api/v1/actions/{action.reference}/").json()["budget_lines"][0]
    assert (line["amount"], line["currency"]) == ("1500.50", "XOF")


def test_a_draft_avenant_is_not_named_by_its_axis(client):
    convention = make_convention(**published())
    make_axis(convention, added_by=make_avenant(convention, number=7))
    row = client.get(f"/api/v1/conventions/{convention.reference}/").json()
    assert row["axes"][0]["added_by"] is None


def test_an_answer_is_narrowed_to_the_fields_asked_for(client):
    convention = make_convention(title="Puits", **published())
    one = f"/api/v1/conventions/{convention.reference}/"
    for asked in ("title,reference", ["title", "reference"]):
        assert client.get(one, {"fields": asked}).json() == {
            "reference": convention.reference,
            "title": "Puits",
        }
    (row,) = client.get(CONVENTIONS, {"fields": "totals"}).json()["results"]
    assert row == {"totals": []}
    for asked in ("title,prix", "title,,reference", ","):
        (error,) = problem(client.get(CONVENTIONS, {"fields": asked}), 400)["errors"]
        assert (error["parameter"], error["code"]) == ("fields", "invalid_choice")
        assert "totals" in error["allowed"]
