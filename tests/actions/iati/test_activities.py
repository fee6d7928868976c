"""The registry as IATI 2.03: what the standard’s own schema, codelists and rules say of it."""

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from actions.iati import codes
from actions.iati.elements import shares
from cooperation.models import Odd, PartnerCode, Theme
from cooperation.records.gates import Status
from cooperation.values.money import Nature
from tests.factories import (
    make_action,
    make_avenant,
    make_axis,
    make_budget_line,
    make_convention,
    make_disbursement,
    make_document,
    make_indicator,
    make_measurement,
    make_partner,
    published,
)
from tests.iati_rules import HAS_REFERENCE, OWN_CODES, codelist, faults, own_codes

ACTIVITIES = "/iati/activities.xml"


@pytest.fixture
def rich(parakou, orleans):
    """A convention with all that the registry may know of one."""
    PartnerCode.objects.create(partner=orleans, scheme="FR-SIREN", code="214502346")
    parakou.latitude, parakou.longitude = "9.337", "2.630"
    parakou.save()
    fund = make_partner(name="Fonds", kind="bailleur", country="")
    first = make_convention(starts_on="2015", ends_on="2018-06", **published())
    convention = make_convention(
        [orleans, parakou],
        title="Eau & assainissement",
        starts_on="2019-11",
        ends_on="2021",
        objectives="Boire <propre>.\nPartout.",
        predecessor=first,
        **published(),
    )
    convention.parties.filter(partner=orleans).update(role="chef-de-file")
    for name, code in (("Eau", "14030"), ("Déchets", "14050"), ("Sans code", "")):
        slug = name.lower().replace("é", "e").replace(" ", "-")
        convention.themes.add(Theme.objects.create(name=name, slug=slug, dac_code=code))
    convention.odds.add(Odd.objects.get_or_create(pk=6, defaults={"name": "Eau propre"})[0])
    avenant = make_avenant(
        convention,
        signed_on="2021-10",
        ends_on="2022-06",
        budget_change="500",
        currency="EUR",
        **published(),
    )
    avenant.documents.add(make_document(title="Avenant signé", dated="2021-10-04", **published()))
    convention.documents.add(make_document(title="Secret", access="membres", **published()))
    action = make_action(
        convention,
        title="Puits",
        axis=make_axis(convention, added_by=avenant),
        places=[parakou],
        planned_start="2020",
        actual_start="2020-03-01",
        actual_end="2021-02",
        state="achevee",
        beneficiaries="300 ménages",
    )
    action.implementers.add(parakou)
    make_action(convention, title="Sans date", state="suspendue")
    line = make_budget_line(convention, action=action, funder=fund, amount="1500.50", year=2020)
    make_disbursement(line, amount="3", paid_on="2020-02", reference="V 12")
    make_disbursement(line, amount="4")
    make_budget_line(convention, amount="655957", currency="XOF", nature="mixte", funder=orleans)
    make_budget_line(convention, amount="900", nature="valorisation", funder=parakou)
    indicator = make_indicator(
        convention, action=action, baseline="10", baseline_on="2019", target="100", target_on="2022"
    )
    make_measurement(indicator, "40.5", "2021-06", place=parakou, sex="femmes")
    make_measurement(indicator, "55", "2022")
    make_measurement(make_indicator(convention, unit="%"), "12.5", "2020-05-06")
    return convention


def read(client, address=ACTIVITIES):
    response = client.get(address)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/xml; charset=utf-8"
    return response.getvalue()


def told(tree, path):
    return tree.xpath(path, namespaces={"r": codes.REGISTRY})


def test_the_standard_finds_no_fault_with_what_the_registry_holds(client, content, rich):
    make_convention(title="Sans début", starts_on=None, ends_on=None, **published())
    make_convention(title="À venir", starts_on="2090", ends_on="2091", **published())
    later = make_convention(title="Après ses actions", starts_on="2020", **published())
    make_action(later, title="Finie avant", planned_end="2018")
    make_action(later, title="À reprendre", planned_end="2018", actual_start="2099")
    assert faults(read(client)) == []
    assert faults(read(client, "/iati/organisations.xml")) == []
    assert faults(read(client, f"/iati/activities/{rich.reference}.xml")) == []


partial_dates = st.sampled_from([None, "1960", "2019", "2019-11", "2026-11-25", "2026", "2099"])
texts = st.text(st.characters(categories=("L", "N", "P", "Zs")), min_size=1, max_size=20).filter(
    str.strip
)


@time_machine.travel("2026-11-25T10:00Z", tick=False)
@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_nor_with_any_registry(client, data):
    def between(start, end):
        dates = [data.draw(partial_dates), data.draw(partial_dates)]
        ordered = sorted(filter(None, dates)) if None not in dates else dates
        return dict(zip((start, end), ordered, strict=True))

    countries = st.sampled_from(["BJ", "FR", "HT", "TG", "DE", ""])
    kinds = st.sampled_from(["ong", "bailleur", "etat", ""])
    partners = [
        make_partner(name=data.draw(texts), kind=data.draw(kinds), country=data.draw(countries))
        for _ in range(2)
    ]
    convention = make_convention(
        partners,
        title=data.draw(texts),
        objectives=data.draw(texts),
        signed_on=data.draw(partial_dates),
        **between("starts_on", "ends_on"),
        **published(),
    )
    for _ in range(data.draw(st.integers(0, 3))):
        action = make_action(
            convention,
            title=data.draw(texts),
            state=data.draw(st.sampled_from(["", "prevue", "achevee", "abandonnee"])),
            **between("planned_start", "planned_end"),
            **between("actual_start", "actual_end"),
        )
        line = make_budget_line(
            convention,
            action=data.draw(st.sampled_from([action, None])),
            year=data.draw(st.sampled_from([None, 1900, 2026, 2100])),
            nature=data.draw(st.sampled_from(["", "numeraire", "valorisation", "mixte"])),
        )
        make_disbursement(line, paid_on=data.draw(partial_dates))
        make_measurement(make_indicator(convention), "0.0001", data.draw(partial_dates) or "2020")
    address = f"/iati/activities/{convention.reference}.xml"
    if convention.starts_on or convention.signed_on:
        assert faults(read(client, address)) == []
    else:
        assert client.get(address).status_code == 404


BROKEN = {
    "a budget of three years": (
        '<period-end iso-date="2020-12-31"/>',
        '<period-end iso-date="2022-12-31"/>',
        "7.5.3",
    ),
    "sectors that do not sum to 100": ('percentage="33.34"', 'percentage="33.30"', "2.1.2"),
    "an actual start to come": (
        'iso-date="2020-03-01" type="2"',
        'iso-date="2999-03-01" type="2"',
        "11.1.4",
    ),
    "no start": (
        'type="1">\n      <narrative>Date connue ainsi : novembre 2019',
        'type="3">\n      <narrative>Date',
        "6.11.1",
    ),
    "an identifier of another organisation": (
        "<iati-identifier>BJ-COA-CNCD-CONV",
        "<iati-identifier>BJ-COA-AUTRE-CONV",
        "1.1.21",
    ),
    "an identifier with a slash": (
        "<iati-identifier>BJ-COA-CNCD-CONV",
        "<iati-identifier>BJ-COA-CNCD-A/CONV",
        "1.3.13",
    ),
    "an unknown register": ('ref="BJ-COA-CNCD"', 'ref="XX-ABC-CNCD"', "1.14.8"),
    "elements in another order": ('<activity-status code="4"/>', "", "schema"),
    "a code that is none": (
        '<activity-status code="4"/>',
        '<activity-status code="9"/>',
        "codelist ActivityStatus",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_caught(client, rich, name):
    good, bad, expected = BROKEN[name]
    content = read(client).decode()
    assert good in content
    assert any(fault.startswith(expected) for fault in faults(content.replace(good, bad).encode()))


def test_a_convention_and_its_actions_name_each_other(client, rich):
    tree = etree.fromstring(read(client))
    (whole,) = tree.xpath(f"iati-activity[iati-identifier='BJ-COA-CNCD-{rich.reference}']")
    assert whole.get("hierarchy") == "1"
    assert told(whole, "related-activity[@type='2']/@ref") == [
        f"BJ-COA-CNCD-{rich.reference}-A1",
        f"BJ-COA-CNCD-{rich.reference}-A2",
    ]
    assert told(whole, "related-activity[@type='3']/@ref") == [
        f"BJ-COA-CNCD-{rich.predecessor.reference}"
    ]
    (action,) = tree.xpath(f"iati-activity[iati-identifier='BJ-COA-CNCD-{rich.reference}-A1']")
    assert action.get("hierarchy") == "2"
    assert told(action, "related-activity[@type='1']/@ref") == [f"BJ-COA-CNCD-{rich.reference}"]


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


def test_only_what_the_public_sees_is_in_the_file(client, rich):
    make_convention(title="Brouillon caché", **{"status": Status.SUBMITTED})
    make_avenant(rich, purpose="Avenant caché", number=9)
    text = read(client).decode()
    for hidden in ("Brouillon caché", "Avenant caché", "Secret"):
        assert hidden not in text
    assert "Avenant signé" in text
    draft = make_convention(title="Autre brouillon")
    assert client.get(f"/iati/activities/{draft.reference}.xml").status_code == 404


def test_a_convention_without_a_beginning_is_named_and_not_invented(client):
    convention = make_convention(starts_on=None, ends_on="2020", **published())
    text = read(client).decode()
    assert f"{convention.reference} n'est pas dans ce fichier" in text
    assert "<iati-activity " not in text
    assert client.get(f"/iati/activities/{convention.reference}.xml").status_code == 404


def test_the_file_is_made_once_until_something_changes(client, rich, django_assert_max_num_queries):
    first = client.get(ACTIVITIES)
    content = first.getvalue()
    with django_assert_max_num_queries(1):
        again = client.get(ACTIVITIES)
        assert again.getvalue() == content
    unchanged = client.get(ACTIVITIES, headers={"if-none-match": first["ETag"]})
    assert unchanged.status_code == 304
    rich.title = "Rebaptisée"
    rich.save()
    assert "Rebaptisée" in read(client).decode()


@given(keys=st.lists(st.sampled_from("abcdefg"), min_size=1, max_size=40))
def test_equal_parts_always_sum_to_a_hundred(keys):
    parts = shares(keys)
    assert parts.keys() == set(keys)
    assert sum(round(float(part) * 100) for part in parts.values()) == 10_000


def test_texts_are_carried_as_they_are(client, rich):
    tree = etree.fromstring(read(client, f"/iati/activities/{rich.reference}.xml"))
    assert told(tree, "//description[@type='2']/narrative/text()") == ["Boire <propre>.\nPartout."]
    assert told(tree, "//r:convention/@objectives") == ["Boire <propre>.\nPartout."]


def test_a_kept_file_is_saved_under_its_own_name(client, rich):
    read(client)
    kept = client.get(ACTIVITIES)
    kept.getvalue()
    assert kept["Content-Disposition"] == 'inline; filename="activities.xml"'


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


@pytest.mark.skipif(
    not HAS_REFERENCE, reason="the reference data of IATI is not beside the project"
)
@pytest.mark.parametrize("name", [*OWN_CODES, "Sector"])
def test_the_codes_that_we_restate_are_those_of_the_standard(name):
    assert own_codes(name) <= codelist(name)
