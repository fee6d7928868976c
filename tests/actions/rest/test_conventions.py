def test_amounts_of_page_and_api_are_the_same(client, content):
    row = client.get("/api/v1/conventions/CONV-2026-0010/").json()
    assert row["totals"] == [
        {"currency": "EUR", "amount": "1123884.00", "parts": {"mixte": "1123884.00"}}
    ]
    assert [axis["number"] for axis in row["axes"]] == [1, 2, 3, 4, 5]
    assert len(row["actions"]) == 9
    assert row["budget_lines"][0]["amount"] == "1123884.00"


def test_an_action_leads_to_its_convention_and_back(client, content):
    action = client.get("/api/v1/actions/CONV-2026-0013-A1/").json()
    row = client.get(f"/api/v1/conventions/{action['convention']}/").json()
    assert action["reference"] in row["actions"]
