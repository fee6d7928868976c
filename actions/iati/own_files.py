"""Files that the registry wrote: read from its own elements."""

from django.core.exceptions import ValidationError
from lxml import etree

from actions.iati import codes, facts
from actions.iati.elements import LANGUAGE
from actions.iati.found import Found, elements_of, is_page, opening, parent_of, plain
from actions.models import Disbursement

# What the registry writes of an activity: the rest was added by others.
WRITTEN = {
    *("iati-identifier", "reporting-org", "title", "description", "participating-org"),
    "other-identifier",
    *("activity-status", "activity-date", "recipient-country", "recipient-region", "location"),
    *("sector", "tag", "budget", "transaction", "document-link", "related-activity", "result"),
    *(f"{{{codes.REGISTRY}}}{name}" for name in ("convention", "action")),
}


OWN_ATTRIBUTES = {LANGUAGE, "last-updated-datetime", "hierarchy"}


# {element: fields that are its attributes}
FIELDS = {
    "convention": f"{facts.CONVENTION} themes odds",
    "action": f"{facts.ACTION} convention places arrondissements implementers",
    "partner": f"{facts.PARTNER} codes",
    "party": facts.PARTY,
    "avenant": facts.AVENANT,
    "legal-step": facts.LEGAL_STEP,
    **{tag: names for tag, (_, names) in facts.LIFE.items()},
    "axis": facts.AXIS,
    "budget-line": facts.BUDGET_LINE,
    "instalment": facts.INSTALMENT,
    "disbursement": facts.DISBURSEMENT,
    "indicator": facts.INDICATOR,
    "measurement": facts.MEASUREMENT,
}


LINES = FIELDS.keys() - {"convention", "action", "partner"}


def attributes_of(element) -> set[str]:
    return {name.replace("_", "-") for name in FIELDS[element].split()}


def from_registry(activity, said, kind, identifier) -> Found:
    found = Found(kind, identifier, parent_of(activity))
    attributes = texts_of(said)
    for name in ("themes", "odds", "places", "arrondissements", "implementers"):
        if name in attributes:
            found.links[name] = attributes.pop(name).split()
    attributes.pop("convention", None)
    found.fields = attributes
    found.aside = [opening(activity, OWN_ATTRIBUTES), opening(said, attributes_of(kind))]
    for child in elements_of(said):
        name = etree.QName(child).localname
        if name == "partner":
            about = texts_of(child)
            if not about.get("slug"):
                raise ValidationError("Un de ses partenaires n’a pas d’identifiant (« slug »).")
            found.partners[about["slug"]] = about
            found.aside.append(opening(child, attributes_of(name)))
        elif name in LINES:
            found.lines.setdefault(name, []).append(line_of(child, found.aside))
        else:
            found.aside.append(plain(child))
    # The registry's own elements say all that stands beside them, but for files.
    own_money = {codes.COMMITMENT, codes.DISBURSEMENT}
    if any(one.get("kind") == Disbursement.Kind.SPENT for one in said.iter()):
        own_money.add(codes.EXPENDITURE)
    found.aside += [plain(child) for child in elements_of(activity) if is_added(child, own_money)]
    found.aside = [text for text in found.aside if text]
    return found


def is_added(element, own_money) -> bool:
    """Whether others added it to what the registry wrote; `own_money`: its kinds of transactions."""
    if element.tag == "document-link":
        return not is_page(element)
    if element.tag == "transaction":
        kind = element.find("transaction-type")
        return kind is None or kind.get("code") not in own_money
    return element.tag not in WRITTEN


def line_of(element, aside) -> dict:
    lines = {}
    aside.append(opening(element, attributes_of(etree.QName(element).localname)))
    for child in elements_of(element):
        name = etree.QName(child).localname
        if name in LINES:
            lines.setdefault(name, []).append(line_of(child, aside))
        else:
            aside.append(plain(child))
    return texts_of(element) | {"lines": lines}


def texts_of(element) -> dict[str, str]:
    """{field: text} of an element's attributes."""
    return {name.replace("-", "_"): value for name, value in element.attrib.items()}
