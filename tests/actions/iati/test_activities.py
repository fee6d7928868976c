"""The registry as IATI 2.03: what the standard’s own schema, codelists and rules say of it."""

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from pytest_django.asserts import assertContains

from actions.iati import codes
from actions.iati.activities import ACTION_DATES
from actions.models import IatiActivity
from agreements.models import Convention
from cooperation.models import Theme
from cooperation.records.gates import Status
from cooperation.values.sectors import UNSPECIFIED
from tests.actions.iati.readers import ACTIVITIES, read, told
from tests.factories import (
    make_action,
    make_avenant,
    make_budget_line,
    make_convention,
    make_disbursement,
    make_indicator,
    make_measurement,
    make_partner,
    published,
)
from tests.iati_rules import HAS_REFERENCE, OWN_CODES, codelist, faults, own_codes


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
    dates = [getattr(a, name) for a in convention.actions.all() for name in ACTION_DATES]
    if convention.starts_on or convention.signed_on or any(dates):
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
    assertContains(client.get("/donnees/"), "1 convention publiée n’y est pas")


def test_dates_of_actions_place_a_convention_whose_beginning_is_not_known(client):
    """Six conventions of thirteen were missing from the file, with dated actions."""
    convention = make_convention(starts_on=None, ends_on="2020", **published())
    make_action(convention, actual_start="2017-05", planned_end="2019")
    make_action(convention, planned_end="2018")
    content = read(client)
    tree = etree.fromstring(content)
    (begun,) = tree.xpath("//iati-activity[@hierarchy='1']/activity-date[@type='1']")
    assert begun.get("iso-date") == "2017-05-01"
    assert "Début non renseigné" in begun.findtext("narrative")
    assert faults(content) == []
    assert client.get(f"/iati/activities/{convention.reference}.xml").status_code == 200
    assert "n’y est pas" not in client.get("/donnees/").content.decode()


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


def test_a_kept_file_is_saved_under_its_own_name(client, rich):
    read(client)
    kept = client.get(ACTIVITIES)
    kept.getvalue()
    assert kept["Content-Disposition"] == 'inline; filename="activities.xml"'


@pytest.mark.skipif(
    not HAS_REFERENCE, reason="the reference data of IATI is not beside the project"
)
@pytest.mark.parametrize("name", [*OWN_CODES, "Sector"])
def test_the_codes_that_we_restate_are_those_of_the_standard(name):
    assert own_codes(name) <= codelist(name)


def test_what_others_report_is_known_by_their_identifier_too(client, rich):
    convention, action = rich, rich.actions.first()
    for record, identifier in ((None, "XX-1"), (action, "XX-1-2"), (None, "BJ-COA-CNCD-x")):
        IatiActivity.objects.create(convention=convention, action=record, identifier=identifier)
    content = read(client)
    tree = etree.fromstring(content)
    refs = tree.xpath(
        "//iati-activity[registre:convention]/other-identifier/@ref",
        namespaces={"registre": codes.REGISTRY},
    )
    assert refs == ["BJ-COA-CNCD-x", "XX-1"]
    assert tree.xpath("//iati-activity[@hierarchy='2']/other-identifier/@ref") == ["XX-1-2"]
    assert faults(content) == []


def test_an_action_is_not_given_all_themes_of_its_convention(client, parakou, orleans):
    themes = [
        Theme.objects.create(name=n, slug=n.lower(), dac_code=c)
        for n, c in (("Eau", "14030"), ("Sport", "16066"))
    ]
    one = make_convention([parakou, orleans], title="Une", **published())
    several = make_convention([parakou, orleans], title="Plusieurs", **published())
    one.themes.add(themes[0])
    several.themes.add(*themes)
    for convention in (one, several):
        make_action(convention)
    content = read(client)
    sectors = {
        tuple(a.xpath("sector[not(@vocabulary) or @vocabulary='1']/@code"))
        for a in etree.fromstring(content).xpath("//iati-activity[@hierarchy='2']")
    }
    assert sectors == {("14030",), (UNSPECIFIED,)}
    assert faults(content) == []


def test_a_sibling_is_named_where_its_actions_alone_are_dated(client, rich):
    """The convention before stood in the file, but nothing led to it."""
    before = rich.predecessor
    Convention.objects.filter(pk=before.pk).update(starts_on=None, signed_on=None)
    sibling = "//iati-activity[iati-identifier='BJ-COA-CNCD-%s']/related-activity[@type='3']/@ref"
    tree = etree.fromstring(read(client))
    assert tree.xpath(sibling % rich.reference) == []
    make_action(before, actual_start="2015")
    tree = etree.fromstring(read(client))
    assert tree.xpath(sibling % rich.reference) == [f"BJ-COA-CNCD-{before.reference}"]
    assert faults(read(client)) == []
