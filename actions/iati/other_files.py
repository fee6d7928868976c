"""Files of others: read from the elements of IATI."""

import re
from collections.abc import Callable

from actions.iati import codes
from actions.iati.elements import LANGUAGE
from actions.iati.found import Found, elements_of, opening, parent_of, plain, text_of
from agreements.models import Party
from cooperation.values.text import clean_text


def from_iati(activity, identifier) -> Found:
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


def money_of(element) -> dict:
    """{"amount": …, "currency": …} of a value that says its currency, or None."""
    value = element.find("value")
    amount = text_of(value)
    if not amount:
        return None
    currency = value.get("currency") or element.getparent().get("default-currency") or ""
    return {"amount": amount, "currency": currency} if currency else None


def read_budget(found, element) -> bool:
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


def read_transaction(found, element) -> bool:
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
