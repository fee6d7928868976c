"""Elements that conventions and actions share in IATI files."""

from django.conf import settings

from actions.iati import codes
from actions.iati.elements import (
    activity_date,
    add,
    first_day_by,
    identifier,
    known_as,
    money,
    narrated,
    organisation,
    shares,
)
from cooperation.values.money import Nature
from cooperation.values.sectors import UNSPECIFIED, sector_names


def end_date(activity, kind, end, begin, latest=None) -> None:
    """An end that does not come before the beginning, nor after the latest day it may be."""
    if end is None or (begin and end.last_day < begin.first_day):
        return
    day = min(end.last_day, latest) if latest else end.last_day
    activity_date(activity, kind, end, day)


def where(activity, convention, places, parts=(), words="") -> None:
    """The country that receives, the communes, and what is known of where in them."""
    countries = {p.country for p in convention.distinct_partners if p.country}
    receiving = sorted(country for country in countries if country not in codes.DONORS)
    if "BJ" in receiving or any(place.country == "BJ" for place in places):
        receiving = ["BJ"]
    if receiving:
        for country, percentage in shares(receiving).items():
            add(activity, "recipient-country", code=country, percentage=percentage)
    else:
        add(activity, "recipient-region", code=codes.DEVELOPING, vocabulary="1", percentage="100")
    for place in places:
        if place.latitude is not None and place.longitude is not None:
            location = add(activity, "location")
            narrated(location, "name", str(place))
            point = add(location, "point", srsName="http://www.opengis.net/def/crs/EPSG/0/4326")
            add(point, "pos", f"{place.latitude} {place.longitude}")
            # The middle of the commune.
            add(location, "exactness", code="2")
    for name in filter(None, [*map(str, parts), words]):
        narrated(add(activity, "location"), "name", name)


def classify(activity, themes, odds) -> None:
    """Sectors by the CAD's list and by the registry's themes, and goals of the United Nations."""
    nearest = [theme.dac_code or UNSPECIFIED for theme in themes] or [UNSPECIFIED]
    for code, percentage in shares(nearest).items():
        name = sector_names()[code]
        narrated(activity, "sector", name, vocabulary=codes.DAC, code=code, percentage=percentage)
    if themes:
        parts = shares(theme.slug for theme in themes)
        for theme in themes:
            part = parts[theme.slug]
            narrated(
                activity,
                "sector",
                theme.name,
                vocabulary=codes.OWN,
                code=theme.slug,
                percentage=part,
            )
    for odd in odds:
        narrated(activity, "tag", odd.name, vocabulary=codes.SDG_GOALS, code=odd.number)


def amounts(activity, lines, committed_on, today) -> None:
    """Budgets of single years, commitments for the others, then what was paid: cash and mixed amounts.

    An amount of no year is a commitment of the day of signature; without such a day it stands in
    the registry's own elements alone.
    """
    cash = [line for line in lines if line.nature != Nature.IN_KIND]
    # What is asked or refused is no budget and no commitment; what was paid on it was paid.
    planned = [line for line in cash if line.is_counted]
    for line in planned:
        for year in line.single_years:
            budget = add(activity, "budget")
            add(budget, "period-start", iso_date=f"{year}-01-01")
            add(budget, "period-end", iso_date=f"{year}-12-31")
            money(budget, line.amount, line.currency, f"{year}-01-01")
    for line in planned:
        if not line.single_years and committed_on:
            transaction(activity, codes.COMMITMENT, line, line, committed_on)
    for line in cash:
        for payment in line.all_disbursements:
            day = first_day_by(today, payment.paid_on)
            if day:
                kind = codes.DISBURSEMENT if payment.is_paid else codes.EXPENDITURE
                transaction(activity, kind, line, payment, day)


def transaction(activity, kind, line, paid, day) -> None:
    """`paid` is the line itself, or one payment on it."""
    one = add(activity, "transaction")
    is_payment = kind != codes.COMMITMENT
    if is_payment and paid.reference:
        one.set("ref", paid.reference)
    add(one, "transaction-type", code=kind)
    add(one, "transaction-date", iso_date=day)
    money(one, paid.amount, paid.currency, day)
    facts = [line.label, line.get_nature_display()]
    if line.joint_funders.all():
        facts.append(f"Donné par {line.funder_label}")
    if is_payment:
        facts.append(known_as(paid.paid_on))
    if text := " – ".join(fact for fact in facts if fact):
        narrated(one, "description", text)
    if line.funder:
        organisation(one, "provider-org", line.funder)
    if is_payment and paid.payee:
        organisation(one, "receiver-org", paid.payee)


def documents(activity, convention) -> None:
    web_page(activity, convention)
    attached = [
        *convention.all_documents,
        *(step.document for step in convention.all_legal_steps if step.document),
        *(document for avenant in convention.avenants.all() for document in avenant.all_documents),
    ]
    for document in dict.fromkeys(attached):
        link = add(
            activity,
            "document-link",
            url=settings.SITE_URL + document.get_absolute_url(),
            format=document.content_type,
        )
        narrated(link, "title", document.title)
        add(link, "category", code=codes.DOCUMENTS[document.kind])
        # IATI knows the two-letter codes of ISO 639 alone.
        if len(document.language) == 2:
            add(link, "language", code=document.language)
        if document.dated and len(document.dated) == 10:
            add(link, "document-date", iso_date=document.dated)


def web_page(activity, record) -> None:
    """Where people read about it."""
    link = add(
        activity,
        "document-link",
        url=settings.SITE_URL + record.get_absolute_url(),
        format="text/html",
    )
    narrated(link, "title", "Page du registre")
    add(link, "category", code=codes.WEB_PAGE)
    add(link, "language", code="fr")


def related(activity, record, kind) -> None:
    add(activity, "related-activity", ref=identifier(record.reference), type=kind)


def results(activity, indicators) -> None:
    """Indicators with at least a dated value or target; the others have no place in IATI."""
    dated = [indicator for indicator in indicators if periods_of(indicator)]
    if not dated:
        return
    result = add(activity, "result", type="9")
    narrated(result, "title", "Résultats mesurés")
    for indicator in dated:
        one = add(result, "indicator", measure="2" if indicator.unit == "%" else "1")
        narrated(one, "title", indicator.name)
        narrated(one, "description", f"Unité : {indicator.unit}.")
        start = indicator.baseline_on
        if indicator.baseline is not None and start:
            day = start if len(start) == 10 else None
            add(one, "baseline", iso_date=day, year=start.year, value=plain(indicator.baseline))
        for when, (target, measured) in periods_of(indicator).items():
            period = add(one, "period")
            add(period, "period-start", iso_date=when.first_day)
            add(period, "period-end", iso_date=when.last_day)
            if target is not None:
                add(period, "target", value=plain(target))
            for value in measured:
                actual = add(period, "actual", value=plain(value.value))
                if value.sex:
                    add(actual, "dimension", name="sexe", value=value.sex)
                if value.place:
                    add(actual, "dimension", name="commune", value=value.place.name)


def periods_of(indicator) -> dict:
    """{partial date: (target or None, [values measured then])}, the earliest first."""
    found = {}
    for value in indicator.all_measurements:
        if value.measured_on:
            found.setdefault(value.measured_on, (None, []))[1].append(value)
    if indicator.target is not None and (due := indicator.target_on):
        found[due] = (indicator.target, found.get(due, (None, []))[1])
    return dict(sorted(found.items()))


def plain(number) -> str:
    """A decimal as IATI writes it: "1250.5", without useless zeros."""
    return f"{number.normalize():f}"
