from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from actions.iati.elements import shares
from cooperation.values.money import Nature
from tests.actions.iati.readers import read, told
from tests.factories import (
    make_budget_line,
    make_convention,
    make_disbursement,
    published,
)


def test_money_stands_once_with_its_currency_and_its_funder(client, rich):
    tree = etree.fromstring(read(client, f"/iati/activities/{rich.reference}.xml"))
    assert told(tree, "//budget/value/text()") == ["1500.50"]
    assert told(tree, "//transaction[transaction-type/@code='2']/value/text()") == ["655957.00"]
    assert told(tree, "//transaction[transaction-type/@code='3']/value/text()") == ["3.00"]
    (funder,) = told(tree, "//transaction[transaction-type/@code='2']/provider-org")
    assert (funder.get("ref"), funder.get("type")) == ("FR-INSEE-214502346", "11")
    # In kind there is no money, and what has no day is in the registry's own elements alone.
    assert "En nature : 900\u00a0€" in "".join(told(tree, "//description/narrative/text()"))
    assert told(tree, "//r:budget-line/@amount") == ["655957.00", "900.00", "1500.50"]
    assert told(tree, "//r:disbursement/@amount") == ["3.00", "4.00"]


def test_a_year_stays_a_year_beside_the_day_that_the_standard_asks_for(client, rich):
    tree = etree.fromstring(read(client, f"/iati/activities/{rich.reference}.xml"))
    (start,) = told(tree, "iati-activity[1]/activity-date[@type='1']")
    assert start.get("iso-date") == "2019-11-01"
    assert start.findtext("narrative") == "Date connue ainsi : novembre 2019."
    # The term is that of the last avenant; the first end is not lost.
    assert told(tree, "iati-activity[1]/activity-date[@type='3']/@iso-date") == ["2022-06-30"]
    assert told(tree, "//r:convention/@ends-on") == ["2021"]


@given(keys=st.lists(st.sampled_from("abcdefg"), min_size=1, max_size=40))
def test_equal_parts_always_sum_to_a_hundred(keys):
    parts = shares(keys)
    assert parts.keys() == set(keys)
    assert sum(round(float(part) * 100) for part in parts.values()) == 10_000


def test_texts_are_carried_as_they_are(client, rich):
    tree = etree.fromstring(read(client, f"/iati/activities/{rich.reference}.xml"))
    assert told(tree, "//description[@type='2']/narrative/text()") == ["Boire <propre>.\nPartout."]
    assert told(tree, "//r:convention/@objectives") == ["Boire <propre>.\nPartout."]


def test_what_is_given_in_kind_is_never_told_as_money_paid(client, parakou, orleans):
    """Staff time of 900 € would stand among the transfers of other publishers."""
    convention = make_convention([parakou, orleans], **published())
    line = make_budget_line(convention, nature=Nature.IN_KIND, amount="900")
    make_disbursement(line, amount="450", paid_on="2020")
    tree = etree.fromstring(read(client, f"/iati/activities/{convention.reference}.xml"))
    assert told(tree, "//transaction") == []
    assert told(tree, "//r:disbursement/@amount") == ["450.00"]


def test_a_payment_keeps_its_own_currency(client, parakou, orleans):
    """Paid in francs on a line in euros: in euros it would be six hundred times as much."""
    convention = make_convention([orleans, parakou], signed_on="2019-03-01", **published())
    line = make_budget_line(convention, amount="1000", currency="EUR")
    make_disbursement(line, amount="655957", currency="XOF", paid_on="2020-05-04")
    content = client.get(f"/iati/activities/{convention.reference}.xml").content
    values = etree.fromstring(content).findall(".//transaction/value")
    assert [(value.get("currency"), value.text) for value in values] == [
        ("EUR", "1000.00"),
        ("XOF", "655957.00"),
    ]
