"""What IATI files of version 2 say, as the registry would enter it; what it has no place for, set aside.

A file of the registry says more than IATI can (facts.py): it is read from that. Any other is read from
IATI's own elements, and what is read whole is taken out: the rest is kept with the record as it came.
"""

import re
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from lxml import etree

from actions.iati import codes, facts
from actions.iati.elements import LANGUAGE
from cooperation.values.text import clean_text

MAX_BYTES = 20 * 2**20
UNREADABLE = "Ce fichier n’est pas du XML lisible : {}."
NOT_IATI = "Ce fichier n’est pas un fichier d’activités IATI (« iati-activities », version 2)."
EMPTY = "Ce fichier ne contient aucune activité."
# Of an identifier, in characters.
LONGEST = 200
# No outside file is opened, no entity expanded, no huge text kept.
PARSER = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}


@dataclass
class Found:
    """One activity: a convention, or an action of the convention that `parent` identifies.

    `lines` are {element of the registry: [{field: text}, …]}; a line of a line stands in its "lines".
    Partners are named by keys of `partners`: {key: what is known of them}.
    """

    kind: str
    identifier: str
    parent: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    links: dict[str, list[str]] = field(default_factory=dict)
    lines: dict[str, list[dict]] = field(default_factory=dict)
    partners: dict[str, dict] = field(default_factory=dict)
    aside: list[str] = field(default_factory=list)


def parsed(content: bytes):
    parser = etree.XMLParser(remove_blank_text=False, **PARSER)
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise ValidationError(UNREADABLE.format(error.msg)) from error


def activities_in(file) -> list[tuple[int, str, str]]:
    """(line, identifier, XML) of each activity, a parent before what it is the parent of.

    ValidationError, in French, where the file is no IATI activities file of version 2.
    """
    if file.size > MAX_BYTES:
        raise ValidationError(f"Le fichier dépasse {MAX_BYTES // 2**20} Mo. Découpez-le.")
    file.seek(0)
    root = parsed(file.read())
    if root.tag != "iati-activities" or not root.get("version", "").startswith("2."):
        raise ValidationError(NOT_IATI)
    if root.getroottree().docinfo.doctype:
        raise ValidationError("Ce fichier déclare un type de document : IATI n’en a pas.")
    found = root.findall("iati-activity")
    if not found:
        raise ValidationError(EMPTY)
    ranks = ranked(followed(found))
    found.sort(key=lambda activity: ranks[identifier_of(activity)])
    return [(activity.sourceline, identifier_of(activity), plain(activity)) for activity in found]


def own(activity, kind):
    return activity.find(f"{{{codes.REGISTRY}}}{kind}")


def followed(activities):
    """{identifier: that of what must be there before: what it is part of, or its predecessor}"""
    conventions = {identifier_of(one): own(one, "convention") for one in activities}
    named = {said.get("reference"): i for i, said in conventions.items() if said is not None}
    before = {identifier_of(one): parent_of(one) for one in activities}
    for identifier, said in conventions.items():
        if said is not None and not before[identifier]:
            before[identifier] = named.get(said.get("predecessor"), "")
    return before


def ranked(before):
    """{identifier: how many activities of the file it follows, one after the other}"""
    ranks = {}
    for identifier in before:
        # From this one back to one whose rank is known; a circle is cut where it began.
        passed = {}
        while identifier in before and identifier not in ranks and identifier not in passed:
            passed[identifier] = True
            identifier = before[identifier]
        rank = ranks.get(identifier, 0)
        for one in reversed(passed):
            rank += 1
            ranks[one] = rank
    return ranks


def text_of(element):
    """All of its text, comments left out; "" where there is no element."""
    return "" if element is None else element.xpath("string()").strip()


def identifier_of(activity):
    return text_of(activity.find("iati-identifier"))


def parent_of(activity):
    """The identifier of the activity that this one is part of, or ""."""
    for one in activity.findall("related-activity"):
        if one.get("type") == codes.PARENT:
            return (one.get("ref") or "").strip()
    return ""


def read_activity(text: str) -> Found:
    """ValidationError where it cannot be told what it is."""
    activity = parsed(text.encode())
    identifier = identifier_of(activity)
    if not identifier:
        raise ValidationError("Cette activité n’a pas d’identifiant (« iati-identifier »).")
    if len(identifier) > LONGEST:
        raise ValidationError(f"Son identifiant dépasse {LONGEST} caractères.")
    for name in ("convention", "action"):
        if (said := own(activity, name)) is not None:
            return from_registry(activity, said, name, identifier)
    return from_iati(activity, identifier)


# Files of the registry


# What the registry writes of an activity: the rest was added by others.
WRITTEN = {
    *("iati-identifier", "reporting-org", "title", "description", "participating-org"),
    *("activity-status", "activity-date", "recipient-country", "recipient-region", "location"),
    *("sector", "tag", "budget", "transaction", "document-link", "related-activity", "result"),
    *(f"{{{codes.REGISTRY}}}{name}" for name in ("convention", "action")),
}
OWN_ATTRIBUTES = {LANGUAGE, "last-updated-datetime", "hierarchy"}
# {element: fields that are its attributes}
FIELDS = {
    "convention": f"{facts.CONVENTION} themes odds",
    "action": f"{facts.ACTION} convention places implementers",
    "partner": f"{facts.PARTNER} codes",
    "party": facts.PARTY,
    "avenant": facts.AVENANT,
    "legal-step": facts.LEGAL_STEP,
    "axis": facts.AXIS,
    "budget-line": facts.BUDGET_LINE,
    "disbursement": facts.DISBURSEMENT,
    "indicator": facts.INDICATOR,
    "measurement": facts.MEASUREMENT,
}
LINES = FIELDS.keys() - {"convention", "action", "partner"}


def attributes_of(element):
    return {name.replace("_", "-") for name in FIELDS[element].split()}


def from_registry(activity, said, kind, identifier):
    found = Found(kind, identifier, parent_of(activity))
    attributes = told(said)
    for name in ("themes", "odds", "places", "implementers"):
        if name in attributes:
            found.links[name] = attributes.pop(name).split()
    attributes.pop("convention", None)
    found.fields = attributes
    found.aside = [opening(activity, OWN_ATTRIBUTES), opening(said, attributes_of(kind))]
    for child in elements_of(said):
        name = etree.QName(child).localname
        if name == "partner":
            about = told(child)
            if not about.get("slug"):
                raise ValidationError("Un de ses partenaires n’a pas d’identifiant (« slug »).")
            found.partners[about["slug"]] = about
            found.aside.append(opening(child, attributes_of(name)))
        elif name in LINES:
            found.lines.setdefault(name, []).append(line_of(child, found.aside))
        else:
            found.aside.append(plain(child))
    # What stands beside is told by the registry's own elements, but for files it cannot hold.
    found.aside += [plain(child) for child in elements_of(activity) if is_added(child)]
    found.aside = [text for text in found.aside if text]
    return found


def is_added(element):
    """Whether others added it to what the registry wrote."""
    if element.tag == "document-link":
        return not is_page(element)
    if element.tag == "transaction":
        kind = element.find("transaction-type")
        return kind is None or kind.get("code") not in (codes.COMMITMENT, codes.DISBURSEMENT)
    return element.tag not in WRITTEN


def elements_of(element):
    """Without its comments."""
    return [child for child in element if isinstance(child.tag, str)]


def line_of(element, aside):
    lines = {}
    aside.append(opening(element, attributes_of(etree.QName(element).localname)))
    for child in elements_of(element):
        name = etree.QName(child).localname
        if name in LINES:
            lines.setdefault(name, []).append(line_of(child, aside))
        else:
            aside.append(plain(child))
    return told(element) | {"lines": lines}


def told(element):
    return {name.replace("-", "_"): value for name, value in element.attrib.items()}


def is_page(link):
    return any(category.get("code") == codes.WEB_PAGE for category in link.findall("category"))


def opening(element, known=()):
    """What an element says in its attributes, but for those known, as an element; or ""."""
    said = {name: value for name, value in element.attrib.items() if name not in known}
    return etree.tostring(etree.Element(element.tag, said), encoding="unicode") if said else ""


def mention(name, **attributes):
    """An element of the registry's own, to be kept aside."""
    said = etree.Element(f"{{{codes.REGISTRY}}}{name}", attributes)
    return etree.tostring(said, encoding="unicode")


def plain(element):
    """An element as it came, without what is around it."""
    return etree.tostring(element, encoding="unicode", with_tail=False)


# Files of others


def from_iati(activity, identifier):
    parent = parent_of(activity)
    found = Found("action" if parent else "convention", identifier, parent)
    rest = elements_of(activity)
    reader = ACTION_READERS if parent else CONVENTION_READERS
    for tag, read in reader.items():
        for element in [child for child in rest if child.tag == tag]:
            if read(found, element):
                rest.remove(element)
    aside = [opening(activity), *(plain(o) for o in rest if o.tag != "iati-identifier")]
    found.aside = [text for text in aside if text]
    return found


def says_no_more(element, *attributes):
    """Whether it has these attributes at most, and one plain narrative at most, in French or unsaid."""
    if not set(element.attrib) <= set(attributes) or len(element) > 1:
        return False
    if (element.text or "").strip():
        return False
    return all(
        one.tag == "narrative"
        and not len(one)
        and set(one.attrib) <= {LANGUAGE}
        and one.get(LANGUAGE, "fr") == "fr"
        for one in element
    )


def narrative(element, limit=None):
    """Its text in French, or else its first; "" where it has none."""
    texts = {}
    for one in element.findall("narrative"):
        text = clean_text(text_of(one)).strip()
        texts.setdefault(one.get(LANGUAGE, ""), text)
    text = texts.get("fr") or next(iter(texts.values()), "")
    return text if limit is None or len(text) <= limit else ""


def read_title(found, element):
    text = narrative(element)
    if not text or "title" in found.fields:
        return False
    found.fields["title"] = text[:250]
    return len(text) <= 250 and says_no_more(element)


def description_reader(names):
    """`names`: {type of a description: field}"""

    def read(found, element):
        name, text = names.get(element.get("type", codes.GENERAL)), narrative(element)
        if not (name and text) or name in found.fields:
            return False
        found.fields[name] = text
        return says_no_more(element, "type")

    return read


def date_reader(names, near=()):
    """`names`: {type of a date: field}; `near`: types that the field says less than."""

    def read(found, element):
        name, day = names.get(element.get("type")), (element.get("iso-date") or "")[:10]
        if not (name and day) or name in found.fields:
            return False
        found.fields[name] = day
        said = element.get("type") not in near and not len(element)
        return said and says_no_more(element, "type", "iso-date")

    return read


PARTY_ROLES = {codes.FUNDING: "bailleur", codes.ACCOUNTABLE: "chef-de-file"}


def partner_named(found, element):
    """The key of the partner that an element names, or "" where it names none."""
    name, ref = narrative(element, 200), (element.get("ref") or "").strip()
    if not name:
        return ""
    key = f"{name} [{ref}]" if ref else name
    found.partners[key] = {"name": name, "ref": ref}
    return key


def read_party(found, element):
    key = partner_named(found, element)
    role = PARTY_ROLES.get(element.get("role"), "")
    line = {"partner": key, "role": role}
    if not key or line in found.lines.get("party", ()):
        return False
    found.lines.setdefault("party", []).append(line)
    return bool(role) and says_no_more(element, "role")


def read_implementer(found, element):
    key = partner_named(found, element) if element.get("role") == codes.IMPLEMENTING else ""
    if key:
        found.links.setdefault("implementers", []).append(key)
    return bool(key) and says_no_more(element, "role")


def read_sector(found, element):
    """A theme is the one nearest to a sector, if there is one: what the file says stays as it came."""
    if element.get("vocabulary", codes.DAC) == codes.DAC and element.get("code"):
        found.links.setdefault("sectors", []).append(element.get("code"))
    return False


def read_tag(found, element):
    number = element.get("code") or ""
    if element.get("vocabulary") != codes.SDG_GOALS or not re.fullmatch("[1-9]|1[0-7]", number):
        return False
    found.links.setdefault("odds", []).append(number)
    # Its narrative is the name of the goal.
    return set(element.attrib) <= {"vocabulary", "code"}


def money_of(element):
    """{"amount": …, "currency": …} of a value that says its currency, or None."""
    value = element.find("value")
    amount = text_of(value)
    if not amount:
        return None
    currency = value.get("currency") or element.getparent().get("default-currency") or ""
    return {"amount": amount, "currency": currency} if currency else None


def read_budget(found, element):
    """That of one calendar year: the others say more than a line of the registry does."""
    money = money_of(element)
    days = {
        one.tag: one.get("iso-date") for one in element if one.tag in ("period-start", "period-end")
    }
    year = (days.get("period-start") or "")[:4]
    whole = {"period-start": f"{year}-01-01", "period-end": f"{year}-12-31"}
    if not money or days != whole or element.get("type", "1") != "1":
        return False
    found.lines.setdefault("budget-line", []).append(money | {"year": year})
    valued = element.find("value").get("value-date", f"{year}-01-01")
    return len(element) == 3 and set(element.attrib) <= {"type"} and valued == f"{year}-01-01"


def read_transaction(found, element):
    """A commitment is a line of the budget; a payment needs the line that it is paid on.

    Its day has no place in a line: it stays as it came.
    """
    kind, money = element.find("transaction-type"), money_of(element)
    if kind is None or money is None or kind.get("code") != codes.COMMITMENT:
        return False
    provider, line = element.find("provider-org"), dict(money)
    if provider is not None and (key := partner_named(found, provider)):
        line["funder"] = key
    text = element.find("description")
    if text is not None:
        line["label"] = narrative(text, 200)
    found.lines.setdefault("budget-line", []).append(line)
    return False


COMMON_READERS = {
    "title": read_title,
    "budget": read_budget,
    "transaction": read_transaction,
}
CONVENTION_READERS = COMMON_READERS | {
    "description": description_reader({codes.GENERAL: "note", codes.OBJECTIVES: "objectives"}),
    "activity-date": date_reader(
        {
            codes.ACTUAL_START: "starts_on",
            codes.PLANNED_START: "starts_on",
            codes.PLANNED_END: "ends_on",
        },
        near=[codes.ACTUAL_START],
    ),
    "participating-org": read_party,
    "sector": read_sector,
    "tag": read_tag,
}
ACTION_READERS = COMMON_READERS | {
    "description": description_reader(
        {codes.GENERAL: "description", codes.TARGET_GROUPS: "beneficiaries"}
    ),
    "activity-date": date_reader(
        {
            codes.PLANNED_START: "planned_start",
            codes.ACTUAL_START: "actual_start",
            codes.PLANNED_END: "planned_end",
            codes.ACTUAL_END: "actual_end",
        }
    ),
    "participating-org": read_implementer,
}
