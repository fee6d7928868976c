"""Small parts that IATI files are made of."""

from datetime import date

from django.conf import settings
from lxml import etree

from actions.iati import codes

LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


def add(parent, tag, text=None, **attributes) -> etree._Element:
    """A child element; attributes that are None or empty are left out, `_` stands for `-`."""
    given = {
        name.replace("_", "-"): str(v) for name, v in attributes.items() if v not in (None, "")
    }
    child = etree.SubElement(parent, tag, given)
    if text is not None:
        child.text = text
    return child


def narrated(parent, tag, text, **attributes) -> etree._Element:
    """A child element with its text in French."""
    child = add(parent, tag, **attributes)
    add(child, "narrative", text)
    return child


def identifier(reference) -> str:
    """The IATI identifier of a convention or an action."""
    return f"{settings.IATI_ORGANISATION}-{reference}"


def reporting_org(parent) -> None:
    """The CNCD, which reports what communes have signed."""
    organisation = add(
        parent,
        "reporting-org",
        ref=settings.IATI_ORGANISATION,
        type=codes.GOVERNMENT,
        secondary_reporter="1",
    )
    add(organisation, "narrative", settings.IATI_ORGANISATION_NAME)


def organisation_type(partner) -> str:
    """ "" where the registry does not know what the partner is."""
    if partner.kind == partner.Kind.DONOR:
        return codes.GOVERNMENT if partner.country else codes.MULTILATERAL
    return codes.ORGANISATIONS.get(partner.kind, "")


def organisation_ref(partner) -> str:
    """The first official code that IATI knows the list of, or ""."""
    for code in partner.codes.all():
        ref = f"{codes.AGENCIES.get(code.scheme, '')}{code.code}".strip()
        if code.scheme in codes.AGENCIES and not set(ref) & set("/&|? "):
            return ref
    return ""


def organisation(parent, tag, partner, **attributes) -> etree._Element:
    about = {"ref": organisation_ref(partner), "type": organisation_type(partner)}
    return narrated(parent, tag, str(partner), **attributes, **about)


def money(parent, amount, currency, day) -> None:
    add(parent, "value", f"{amount:.2f}", currency=currency, value_date=day)


def known_as(partial) -> str | None:
    """What is really known of a date that IATI writes as a day, or None where it is a day."""
    return None if len(partial) == 10 else f"Date connue ainsi : {partial.label}."


def activity_date(parent, kind, partial, day, note=None) -> None:
    child = add(parent, "activity-date", iso_date=day, type=kind)
    if note := note or known_as(partial):
        add(child, "narrative", note)


def first_day_by(today, *dates) -> date | None:
    """The first day of the first of these partial dates that is known and not in the future."""
    return next((d.first_day for d in dates if d and d.first_day <= today), None)


def shares(keys) -> dict:
    """{key: percentage} of equal parts that sum to exactly 100.00; a key named twice counts twice."""
    keys = list(keys)
    part, found = 10000 // len(keys), {}
    for number, key in enumerate(keys):
        cents = part if number else 10000 - part * (len(keys) - 1)
        found[key] = found.get(key, 0) + cents
    return {key: f"{cents / 100:.2f}".removesuffix(".00") for key, cents in found.items()}


def amount_text(line) -> str:
    """« 20 000 € (valorisation), Orléans »"""
    facts = [line.amount_label]
    if line.nature:
        facts.append(f"({line.get_nature_display()})")
    return " ".join(facts) + (f", {line.funder}" if line.funder else "")
