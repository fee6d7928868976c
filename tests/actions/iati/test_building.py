import pytest

from actions.models import Action
from agreements.models import Convention
from tests.actions.iati.readers import activities, activity, bring_in

PARTY = '<registre:party partner="rien"/>'


AVENANT = '<registre:avenant number="{}" purpose="Prolonger"/>'


@pytest.mark.parametrize(
    ("inner", "told"),
    [
        (PARTY, "pas parmi les partenaires"),
        (AVENANT.format(1) + AVENANT.format("01"), "portent le numéro 1"),
        ('<registre:axis title="A" number="1" added-by="abc"/>', "pas un avenant"),
        (
            '<registre:budget-line amount="1" currency="EUR"><registre:axis title="A"/>'
            "</registre:budget-line>",
            "n’a pas sa place",
        ),
        ('<registre:measurement value="1"/>', "n’a pas sa place"),
        ('<registre:budget-line amount="1" currency="EUR" lines="x" funder="y"/>', "partenaires"),
        ('<registre:partner name="Sans identifiant"/>', "slug"),
        ('<registre:party role="signataire"/>', "quel partenaire"),
        (AVENANT.format(1) + AVENANT.format(" 1"), "portent le numéro 1"),
        (f'<registre:partner slug="n" name="N" codes="FR-SIREN:{"9" * 300}"/>', "60 caractères"),
    ],
)
def test_a_record_that_makes_no_sense_is_told_and_the_others_come_in(secretariat, inner, told):
    broken = activity("XX-1", f'<registre:convention title="X">{inner}</registre:convention>')
    job = bring_in(secretariat, activities(broken, activity("XX-2")))
    assert job.counts == {"refusee": 1, "ajout": 1}
    assert told in job.rows.get(verdict="refusee").trouble


def test_an_action_naming_an_unknown_place_is_told(secretariat):
    own = '<registre:action title="X" places="ailleurs"/><related-activity type="1" ref="XX-1"/>'
    job = bring_in(secretariat, activities(activity("XX-1"), activity("XX-2", own)))
    assert job.counts == {"refusee": 1, "ajout": 1}
    assert "« ailleurs »" in job.rows.get(verdict="refusee").trouble


def test_an_identifier_too_long_to_be_known_again_is_told(secretariat):
    job = bring_in(secretariat, activities(activity("X" * 201), activity("X" * 200)))
    assert job.counts == {"refusee": 1, "ajout": 1}


@pytest.mark.parametrize("own", ["CONV-2032-0001-A1/x", "CONV-2032-0001-Abis", "X", ""])
def test_a_reference_that_no_address_can_have_is_given_anew(secretariat, own):
    convention = activity("C", '<registre:convention title="C" reference="CONV-2032-0001"/>')
    action = activity(
        "A", f'<registre:action title="A" reference="{own}"/><related-activity type="1" ref="C"/>'
    )
    assert bring_in(secretariat, activities(convention, action)).counts == {"ajout": 2}
    assert Action.objects.get().reference == "CONV-2032-0001-A1"
    assert secretariat.get("/actions/").status_code == 200
    digits = '<registre:convention title="D" reference="CONV-2031-٠٠٠٩"/>'
    assert bring_in(secretariat, activities(activity("D", digits))).counts == {"ajout": 1}
    assert Convention.objects.get(title="D").reference.isascii()


@pytest.mark.parametrize("axis", ["abc", "5"])
def test_an_axis_that_is_not_there_is_told(secretariat, axis):
    whole = (
        '<registre:convention title="X"><registre:axis title="A" number="1"/></registre:convention>'
    )
    part = f'<registre:action title="Y" axis="{axis}"/><related-activity type="1" ref="XX-1"/>'
    good = part.replace(f'"{axis}"', '"1"')
    some = [activity("XX-1", whole), activity("XX-2", part), activity("XX-3", good)]
    job = bring_in(secretariat, activities(*some))
    assert job.counts == {"ajout": 2, "refusee": 1}
    assert "pas un axe" in job.rows.get(verdict="refusee").trouble
    assert Action.objects.get().axis.number == 1
