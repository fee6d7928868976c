"""What was paid counts once, whatever was due or spent of it."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from lxml import etree
from pytest_django.asserts import assertContains

from actions.models import Disbursement
from reports.facts.bilan import build_bilan
from tests.factories import (
    make_budget_line,
    make_convention,
    make_disbursement,
    make_partner,
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
