"""What the registry knows and IATI has no element for, in elements of the registry's own.

One element for each record, named after it; its attributes are the fields of the API. A date keeps
its precision, an amount its nature, an avenant its number; links are the stable names of what they
point to. All that is entered is there, but files, which IATI names by their address.
"""

from decimal import Decimal

from django.db import models
from lxml import etree

from actions.iati import codes
from actions.models import (
    Action,
    Axis,
    BudgetLine,
    Disbursement,
    Indicator,
    Instalment,
    Measurement,
)
from agreements.models import LIFE as OF_A_LIFE
from agreements.models import Avenant, Convention, LegalStep, Party


def attributes(model, *others) -> str:
    """Names of all that people enter of a record, and of others: what its element says."""
    return " ".join([*others, *model.entered_fields()])


CONVENTION = attributes(Convention, "reference", "predecessor", "framework")
PARTY = attributes(Party, "partner", "arrondissement")
AVENANT = attributes(Avenant)
AXIS = attributes(Axis, "added_by")
LEGAL_STEP = attributes(LegalStep, "partner")
# {element: (relation of a convention, its fields)} of the lines of its life.
LIFE = {
    name: (relation, attributes(Convention._meta.get_field(relation).related_model))
    for relation in OF_A_LIFE
    for name in [relation.replace("_", "-").removesuffix("s")]
}
ACTION = attributes(Action, "reference", "axis")
BUDGET_LINE = attributes(
    BudgetLine,
    *("uid", "funder", "joint_funders", "through", "also_for"),
    *("included_in", "set_by", "superseded_by"),
)
INSTALMENT = attributes(Instalment, "uid")
DISBURSEMENT = attributes(Disbursement, "payee", "instalment")
INDICATOR = attributes(Indicator)
MEASUREMENT = attributes(Measurement, "place")
# Enough to know it again; the registry says the rest of a partner elsewhere.
PARTNER = "slug name short_name kind country departement latitude longitude"

# By what a record is named in an attribute.
NAMED_BY = {
    "partner": "slug",
    "arrondissement": "code",
    "convention": "reference",
    "axis": "number",
    "avenant": "number",
    "budgetline": "uid",
    "instalment": "uid",
}


def attribute_text(value) -> str | None:
    """A value as an attribute holds it, or None where nothing is known."""
    if value in (None, ""):
        return None
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, models.Manager):
        return " ".join(attribute_text(one) for one in value.all())
    meta = getattr(value, "_meta", None)
    return str(getattr(value, NAMED_BY[meta.model_name]) if meta else value)


def add_facts(parent, tag, record, names, **more) -> etree._Element:
    facts = {name: attribute_text(getattr(record, name)) for name in names.split()} | more
    known = {name.replace("_", "-"): value for name, value in facts.items() if value}
    return etree.SubElement(parent, f"{{{codes.REGISTRY}}}{tag}", known)


def add_convention_facts(activity, convention, lines, indicators) -> None:
    whole = add_facts(
        activity,
        "convention",
        convention,
        CONVENTION,
        themes=" ".join(theme.slug for theme in convention.all_themes),
        odds=" ".join(str(odd.number) for odd in convention.all_odds),
    )
    steps = convention.all_legal_steps
    for partner in named(convention, steps, lines, indicators):
        add_partner(whole, partner)
    for party in convention.parties.all():
        add_facts(whole, "party", party, PARTY)
    for avenant in convention.avenants.all():
        add_facts(whole, "avenant", avenant, AVENANT)
    for step in steps:
        add_facts(whole, "legal-step", step, LEGAL_STEP)
    for tag, (relation, names) in LIFE.items():
        for line in getattr(convention, f"all_{relation}"):
            add_facts(whole, tag, line, names)
    for axis in convention.all_axes:
        add_facts(whole, "axis", axis, AXIS)
    add_lines(whole, lines, indicators)


def add_partner(whole, partner) -> None:
    # The name of another list stands before its code.
    held = (f"{code.scheme}:{code.code.replace(' ', ':')}" for code in partner.codes.all())
    codes_held = " ".join(held)
    add_facts(whole, "partner", partner, PARTNER, codes=codes_held)


def measured_in(indicators) -> list:
    values = [value for indicator in indicators for value in indicator.all_measurements]
    return [value.place for value in values if value.place]


def giving(lines) -> list:
    """Who gives, passes on and receives the money of lines; None where nobody says."""
    found = []
    for line in lines:
        found += [line.funder, *line.joint_funders.all(), line.through]
        found += [payment.payee for payment in line.all_disbursements]
    return found


def named(convention, steps, lines, indicators) -> list:
    """Every partner that the elements of a convention name, once."""
    found = [party.partner for party in convention.parties.all()]
    found += [step.partner for step in steps] + giving(lines) + measured_in(indicators)
    return [partner for partner in dict.fromkeys(found) if partner]


def add_action_facts(activity, convention, action, lines, indicators) -> None:
    places, doing = action.all_places, action.all_implementers
    whole = add_facts(
        activity,
        "action",
        action,
        ACTION,
        convention=convention.reference,
        places=" ".join(place.slug for place in places),
        arrondissements=" ".join(part.code for part in action.all_arrondissements),
        implementers=" ".join(partner.slug for partner in doing),
    )
    linked = [*places, *doing, *filter(None, giving(lines)), *measured_in(indicators)]
    for partner in dict.fromkeys(linked):
        add_partner(whole, partner)
    add_lines(whole, lines, indicators)


def add_lines(whole, lines, indicators) -> None:
    for line in lines:
        one = add_facts(whole, "budget-line", line, BUDGET_LINE)
        for instalment in line.all_instalments:
            add_facts(one, "instalment", instalment, INSTALMENT)
        for payment in line.all_disbursements:
            add_facts(one, "disbursement", payment, DISBURSEMENT)
    for indicator in indicators:
        one = add_facts(whole, "indicator", indicator, INDICATOR)
        for value in indicator.all_measurements:
            add_facts(one, "measurement", value, MEASUREMENT)
