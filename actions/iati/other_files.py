"""Files of others: read from the elements of IATI."""

import re
from collections.abc import Callable

from actions.iati import codes
from actions.iati.elements import LANGUAGE
from actions.iati.found import Found, elements_of, opening, parent_of, plain, text_of
from actions.iati.other_money import read_money
from agreements.models import Party
from cooperation.values.text import clean_text


def from_iati(activity, identifier, alone=False) -> Found:
    """`alone`: what it is part of is nowhere here, so that it is a convention of its own."""
    parent = "" if alone else parent_of(activity)
    found = Found("action" if parent else "convention", identifier, parent)
    rest = elements_of(activity)
    reader = ACTION_READERS if parent else CONVENTION_READERS
    for tag, read in reader.items():
        elements = [child for child in rest if child.tag == tag]
        if tag == "activity-date":
            elements.sort(key=by_date_type)
        for element in elements:
            if read(found, element):
                rest.remove(element)
    for element in read_money(found, activity, partner_named, narrative):
        rest.remove(element)
    aside = [opening(activity), *(plain(o) for o in rest if o.tag != "iati-identifier")]
    found.aside = [text for text in aside if text]
    return found


def says_no_more(element, *attributes) -> bool:
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


def narrative(element, limit=None) -> str:
    """Its text in French, or else its first; "" where it has none."""
    texts = {}
    for one in element.findall("narrative"):
        text = clean_text(text_of(one)).strip()
        texts.setdefault(one.get(LANGUAGE, ""), text)
    text = texts.get("fr") or next(iter(texts.values()), "")
    return text if limit is None or len(text) <= limit else ""


def read_title(found, element) -> bool:
    text = narrative(element)
    if not text or "title" in found.fields:
        return False
    found.fields["title"] = text[:250]
    return len(text) <= 250 and says_no_more(element)


def description_reader(names) -> Callable:
    """`names`: {type of a description: field}"""

    def read(found, element):
        name, text = names.get(element.get("type", codes.GENERAL)), narrative(element)
        if not (name and text) or name in found.fields:
            return False
        found.fields[name] = text
        return says_no_more(element, "type")

    return read


def date_reader(names, near=()) -> Callable:
    """`names`: {type of a date: field}; `near`: types that the field says less than."""

    def read(found, element):
        name, day = names.get(element.get("type")), (element.get("iso-date") or "")[:10]
        if not (name and day) or name in found.fields:
            return False
        found.fields[name] = day
        said = element.get("type") not in near and not len(element)
        return said and says_no_more(element, "type", "iso-date")

    return read


PARTY_ROLES = {codes.FUNDING: Party.Role.FUNDER.value, codes.ACCOUNTABLE: Party.Role.LEAD.value}


def partner_named(found, element) -> str:
    """The key of the partner that an element names, or "" where it names none."""
    name, ref = narrative(element, 200), (element.get("ref") or "").strip()
    if not name:
        return ""
    key = f"{name} [{ref}]" if ref else name
    found.partners[key] = {"name": name, "ref": ref}
    return key


def read_party(found, element) -> bool:
    key = partner_named(found, element)
    role = PARTY_ROLES.get(element.get("role"), "")
    line = {"partner": key, "role": role}
    if not key or line in found.lines.get("party", ()):
        return False
    found.lines.setdefault("party", []).append(line)
    return bool(role) and says_no_more(element, "role")


def read_implementer(found, element) -> bool:
    key = partner_named(found, element) if element.get("role") == codes.IMPLEMENTING else ""
    if key:
        found.links.setdefault("implementers", []).append(key)
    return bool(key) and says_no_more(element, "role")


def read_sector(found, element) -> bool:
    """A theme is the one nearest to a sector, if there is one: what the file says stays as it came."""
    if element.get("vocabulary", codes.DAC) == codes.DAC and element.get("code"):
        found.links.setdefault("sectors", []).append(element.get("code"))
    return False


def read_tag(found, element) -> bool:
    number = element.get("code") or ""
    if element.get("vocabulary") != codes.SDG_GOALS or not re.fullmatch("[1-9]|1[0-7]", number):
        return False
    found.links.setdefault("odds", []).append(number)
    # Its narrative is the name of the goal.
    return set(element.attrib) <= {"vocabulary", "code"}


# In the order in which they are taken: what was is truer than what was planned, but for an end.
DATES_FIRST = (codes.ACTUAL_START, codes.PLANNED_START, codes.PLANNED_END, codes.ACTUAL_END)


def by_date_type(element) -> int:
    kind = element.get("type")
    return DATES_FIRST.index(kind) if kind in DATES_FIRST else len(DATES_FIRST)


CONVENTION_READERS = {
    "title": read_title,
    "description": description_reader({codes.GENERAL: "note", codes.OBJECTIVES: "objectives"}),
    "activity-date": date_reader(
        {
            codes.ACTUAL_START: "starts_on",
            codes.PLANNED_START: "starts_on",
            codes.PLANNED_END: "ends_on",
            codes.ACTUAL_END: "ends_on",
        },
        near=[codes.ACTUAL_START, codes.ACTUAL_END],
    ),
    "participating-org": read_party,
    "sector": read_sector,
    "tag": read_tag,
}


ACTION_READERS = {
    "title": read_title,
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
