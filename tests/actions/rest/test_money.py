from tests.factories import make_budget_line, make_convention, make_disbursement, published


def test_a_payment_leads_to_its_line_and_its_convention(client, parakou, orleans):
    convention = make_convention([parakou, orleans], **published())
    line = make_budget_line(convention, amount="1000")
    payment = make_disbursement(line, amount="400")
    row = client.get(f"/api/v1/disbursements/{payment.uid}/").json()
    assert (row["budget_line"], row["convention"]) == (line.uid, convention.reference)
    whole = client.get(
        f"/api/v1/disbursements/{payment.uid}/", {"expand": "budget_line,convention"}
    ).json()
    assert whole["budget_line"]["amount"] == "1000.00"
    assert whole["convention"]["title"] == convention.title


def test_a_line_for_all_of_a_convention_names_no_action(client, parakou, orleans):
    line = make_budget_line(make_convention([parakou, orleans], **published()))
    assert client.get(f"/api/v1/budget-lines/{line.uid}/").json()["action"] is None
