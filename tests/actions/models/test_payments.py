"""What was paid counts once, whatever was due or spent of it."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from lxml import etree
from pytest_django.asserts import assertContains, assertNotContains

from actions.models import Disbursement
from cooperation.roles import Role
from reports.facts.bilan import build_bilan
from tests.factories import (
    make_budget_line,
    make_convention,
    make_disbursement,
    make_partner,
    make_user,
    published,
)


@pytest.fixture
def convention(parakou):
    return make_convention(
        [parakou, make_partner()], starts_on="2017", ends_on="2019", **published()
    )


def test_what_was_spent_is_told_beside_what_was_paid(client, convention):
    line = make_budget_line(convention, amount="1000", funder=make_partner(name="Orléans"))
    payee = make_partner(name="Eau vive", kind="ong")
    make_disbursement(line, amount="400", paid_on="2018", payee=payee)
    make_disbursement(line, amount="350", paid_on="2018", kind=Disbursement.Kind.SPENT)
    assert [one.amount for one in build_bilan(2018, 2018).paid] == [400]
    assert [one.amount for one in client.get(reverse("disbursement_list")).context["totals"]] == [
        400
    ]
    page = client.get(convention.get_absolute_url())
    assertContains(page, "350\u00a0€ dépensé sur place")
    assertContains(page, "à Eau vive")
    tree = etree.fromstring(b"".join(client.get(reverse("iati_activities"))))
    kinds = [one.get("code") for one in tree.findall(".//transaction/transaction-type")]
    assert sorted(kinds) == ["2", "3", "4"]
    assert tree.findtext(".//receiver-org/narrative") == "Eau vive"


def test_an_instalment_says_when_money_is_due_and_adds_nothing(client, convention):
    line = make_budget_line(convention, amount="1000")
    instalment = line.instalments.create(
        amount="300", expected_on="2018-03", condition="Rapport reçu"
    )
    page = client.get(convention.get_absolute_url())
    assert [one.amount for one in page.context["totals"]] == [1_000]
    assertContains(page, "mars 2018, Rapport reçu")
    make_disbursement(line, amount="300", paid_on="2018-05", instalment=instalment)
    assertContains(client.get(convention.get_absolute_url()), "Rapport reçu – réglé")
    elsewhere = make_budget_line(convention)
    with pytest.raises(ValidationError, match="autre ligne"):
        Disbursement(budget_line=elsewhere, amount=1, currency="EUR", instalment=instalment).clean()


@pytest.fixture
def line(parakou):
    convention = make_convention([parakou, make_partner()], **published())
    return make_budget_line(convention, amount=1000, currency="EUR", label="Puits")


def test_a_payment_is_two_taps_from_the_budget_table(client, line, parakou):
    """The rest of the line, today: one tap on its row, one to save."""
    make_disbursement(line, amount=400, currency="EUR")
    client.force_login(make_user(Role.COMMUNE, partner=parakou))
    address = reverse("payment_add", args=[line.uid])
    assertContains(client.get(line.convention.get_absolute_url()), address)
    form = client.get(address).context["form"]
    # As one types them.
    today = timezone.localdate().strftime("%d/%m/%Y")
    assert (form["amount"].value(), form["paid_on"].value()) == ("600", today)
    sent = {name: form[name].value() or "" for name in form.fields}
    page = client.post(address, sent, follow=True)
    assertContains(page, "Le paiement est enregistré")
    paid = line.disbursements.order_by("pk").last()
    assert (paid.amount, paid.currency, paid.paid_on) == (
        600,
        "EUR",
        timezone.localdate().isoformat(),
    )
    assert line.unpaid == 0
    assert client.get(address).context["form"]["amount"].value() is None


def test_the_rest_of_what_was_paid_in_another_currency_is_not_guessed(line):
    make_disbursement(line, amount=100000, currency="XOF")
    assert line.unpaid is None


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"amount": "beaucoup"}, "nombre"),
        ({"amount": "0"}, "zéro"),
        ({"paid_on": ""}, "obligatoire"),
    ],
)
def test_a_payment_that_cannot_be_is_told(client, line, parakou, wrong, told):
    client.force_login(make_user(Role.COMMUNE, partner=parakou))
    sent = {"amount": "600", "currency": "EUR", "paid_on": "2020", "kind": "verse"} | wrong
    assertContains(client.post(reverse("payment_add", args=[line.uid]), sent), told)
    assert not line.disbursements.exists()


def test_payments_are_noted_by_those_whose_convention_it_is(client, line):
    address = reverse("payment_add", args=[line.uid])
    for user, status in (
        (None, 302),
        (make_user(Role.MEMBER), 403),
        (make_user(Role.COMMUNE), 404),
        (make_user(Role.SECRETARIAT), 200),
    ):
        if user:
            client.force_login(user)
        assert client.get(address).status_code in (status, 403 if not user else status)
    client.force_login(make_user(Role.MEMBER))
    assertNotContains(client.get(line.convention.get_absolute_url()), "paiement/")
