"""Conventions and actions as IATI activities: hierarchy 1 and 2 of one file.

IATI asks for a day where the registry may know a year: the first day of a beginning and the last
one of an end are written, with what is really known in words beside. It asks for a beginning: what
has none is not in the file, which says so. Equal parts stand for themes whose weight nobody knows.
What IATI has no element for is kept in elements of the registry's own (facts.py).
"""

from array import array
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import Prefetch
from django.utils import timezone
from lxml import etree

from actions.iati import codes
from actions.iati.elements import (
    LANGUAGE,
    activity_date,
    add,
    amount_text,
    first_day_by,
    identifier,
    known_as,
    money,
    narrated,
    organisation,
    reporting_org,
    shares,
)
from actions.iati.facts import add_action_facts, add_convention_facts
from actions.models import Action, BudgetLine, Disbursement, Indicator, Measurement
from agreements.models import Avenant, Convention, LegalStep
from cooperation.models import Document, Partner
from cooperation.values.money import Nature
from cooperation.values.sectors import UNSPECIFIED, sector_names

# Conventions read and written at a time: memory does not grow with their number.
CHUNK = 200
PUBLIC = AnonymousUser()


def readable(conventions):
    """With all that an activity tells, of what the public sees."""
    partners = Partner.objects.visible_to(PUBLIC).prefetch_related("codes")
    documents = Document.objects.visible_to(PUBLIC)
    avenants = Avenant.objects.visible_to(PUBLIC).prefetch_related(Prefetch("documents", documents))
    lines = BudgetLine.objects.prefetch_related(
        Prefetch("funder", partners), Prefetch("disbursements", Disbursement.objects.all())
    )
    values = Measurement.objects.order_by("measured_on", "pk").prefetch_related(
        Prefetch("place", partners)
    )
    indicators = Indicator.objects.prefetch_related(Prefetch("measurements", values))
    actions = Action.objects.select_related("axis").prefetch_related(
        Prefetch("places", partners), Prefetch("implementers", partners)
    )
    others = Convention.objects.visible_to(PUBLIC).with_term()
    steps = LegalStep.objects.prefetch_related(
        Prefetch("partner", partners), Prefetch("document", documents)
    )
    return conventions.with_term().prefetch_related(
        "parties__partner__codes",
        "themes",
        "odds",
        Prefetch("predecessor", others),
        Prefetch("successors", others),
        Prefetch("avenants", avenants),
        Prefetch("documents", documents),
        Prefetch("legal_steps", steps),
        Prefetch("axes__added_by", avenants),
        Prefetch("actions", actions),
        Prefetch("budget_lines", lines),
        Prefetch("indicators", indicators),
    )


def activities_file(conventions) -> Iterator[bytes]:
    """The published ones of these conventions, with their actions, as a file in pieces.

    What is in the future is told by the day of UTC, which those who check the file go by.
    """
    today = datetime.now(UTC).date()
    root = etree.Element("iati-activities", nsmap={"registre": codes.REGISTRY})
    root.set("version", codes.VERSION)
    root.set("generated-datetime", timezone.localtime().isoformat(timespec="seconds"))
    opening = etree.tostring(root, encoding="unicode").removesuffix("/>")
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n{opening}>\n'.encode()
    published = conventions.visible_to(PUBLIC).order_by("reference")
    keys = array("q", published.values_list("pk", flat=True).iterator())
    for start in range(0, len(keys), CHUNK):
        chunk = readable(published.filter(pk__in=keys[start : start + CHUNK]))
        yield b"".join(piece for convention in chunk for piece in pieces(convention, today))
    yield b"</iati-activities>\n"


def pieces(convention, today) -> Iterable[bytes]:
    if convention.begin is None:
        text = f"{convention.reference} n'est pas dans ce fichier : son début n'est pas connu."
        yield b"  " + etree.tostring(etree.Comment(f" {text} "), encoding="utf-8") + b"\n"
        return
    yield serialised(convention_activity(convention, today))
    for action in convention.actions.all():
        yield serialised(action_activity(convention, action, today))


def serialised(activity):
    etree.indent(activity, level=1)
    text = etree.tostring(activity, encoding="unicode").replace(
        f' xmlns:registre="{codes.REGISTRY}"', ""
    )
    return f"  {text}\n".encode()


def new_activity(record, hierarchy, parts):
    activity = etree.Element("iati-activity", nsmap={"registre": codes.REGISTRY})
    activity.set(LANGUAGE, "fr")
    updated = timezone.localtime(max(one.updated_at for one in [record, *parts]))
    activity.set("last-updated-datetime", updated.isoformat(timespec="seconds"))
    activity.set("hierarchy", hierarchy)
    add(activity, "iati-identifier", identifier(record.reference))
    reporting_org(activity)
    narrated(activity, "title", record.title)
    return activity


def with_their_lines(lines, indicators):
    """What was paid and measured too."""
    paid = [payment for line in lines for payment in line.disbursements.all()]
    measured = [value for indicator in indicators for value in indicator.measurements.all()]
    return [*lines, *indicators, *paid, *measured]


# Conventions


def convention_activity(convention, today):
    lines = [line for line in convention.budget_lines.all() if line.action_id is None]
    indicators = [i for i in convention.indicators.all() if i.action_id is None]
    parts = [*convention.parties.all(), *convention.avenants.all(), *convention.axes.all()]
    parts += [*convention.legal_steps.all(), *with_their_lines(lines, indicators)]
    activity = new_activity(convention, "1", parts)
    narrated(activity, "description", about_convention(convention, lines), type=codes.GENERAL)
    if convention.objectives:
        narrated(activity, "description", convention.objectives, type=codes.OBJECTIVES)
    participants(activity, parties_of(convention, lines))
    add(activity, "activity-status", code=codes.CONVENTION_STATUS[convention.state])
    activity_date(activity, codes.PLANNED_START, convention.begin, convention.begin.first_day)
    end_date(activity, codes.PLANNED_END, convention.term, convention.begin)
    places = {place: None for action in convention.actions.all() for place in action.places.all()}
    where(activity, convention, places)
    classify(activity, convention)
    amounts(activity, lines, first_day_by(today, convention.signed_on, convention.begin), today)
    documents(activity, convention)
    for action in convention.actions.all():
        related(activity, action, codes.CHILD)
    for other in (convention.predecessor, *convention.successors.all()):
        if other and other.begin:
            related(activity, other, codes.SIBLING)
    results(activity, indicators)
    add_convention_facts(activity, convention, lines, indicators)
    return activity


def about_convention(convention, lines):
    """What it is, in sentences made of the registry's own facts."""
    kind = convention.get_kind_display() or "texte de nature non précisée"
    *others, last = map(str, convention.distinct_partners)
    names = f"{', '.join(others)} et {last}" if others else last
    sentences = [f"{kind[0].upper()}{kind[1:]} entre {names}."]
    for avenant in convention.avenants.all():
        end = f" Nouvelle fin : {avenant.ends_on.label}." if avenant.ends_on else ""
        change = f" Budget : {avenant.budget_change_label}." if avenant.budget_change else ""
        sentences.append(f"Avenant n° {avenant.number} : {avenant.purpose}{end}{change}")
    return "\n".join([*sentences, *in_kind(lines)])


def in_kind(lines):
    """Valued work and goods: money in no element of IATI."""
    given = [line for line in lines if line.nature == Nature.IN_KIND]
    return [f"En nature : {amount_text(line)}." for line in given]


def parties_of(convention, lines):
    """(partner, role) of who signs and who gives."""
    for party in convention.parties.all():
        yield party.partner, codes.ROLES[party.role]
    for line in lines:
        if line.funder:
            yield line.funder, codes.FUNDING


def participants(activity, pairs):
    for partner, role in dict.fromkeys(pairs):
        organisation(activity, "participating-org", partner, role=role)


# Actions


def action_activity(convention, action, today):
    lines = [line for line in convention.budget_lines.all() if line.action_id == action.pk]
    indicators = [i for i in convention.indicators.all() if i.action_id == action.pk]
    activity = new_activity(action, "2", with_their_lines(lines, indicators))
    about = action.description or f"Action n° {action.number} de « {convention.title} »."
    text = "\n".join([about, *in_kind(lines)])
    narrated(activity, "description", text, type=codes.GENERAL)
    if action.beneficiaries:
        narrated(activity, "description", action.beneficiaries, type=codes.TARGET_GROUPS)
    doing = ((partner, codes.IMPLEMENTING) for partner in action.implementers.all())
    participants(activity, [*parties_of(convention, lines), *doing])
    known = codes.ACTION_STATUS.get(action.state)
    add(activity, "activity-status", code=known or codes.CONVENTION_STATUS[convention.state])
    begin = action_dates(activity, convention, action, today)
    where(activity, convention, action.places.all())
    classify(activity, convention)
    amounts(activity, lines, first_day_by(today, convention.signed_on, begin), today)
    web_page(activity, action)
    related(activity, convention, codes.PARENT)
    results(activity, indicators)
    add_action_facts(activity, convention, action, lines, indicators)
    return activity


def action_dates(activity, convention, action, today):
    """Its own dates or, where its beginning is not known, its convention's; returns that beginning."""
    begun = action.actual_start if first_day_by(today, action.actual_start) else None
    planned = action.planned_start
    if planned:
        activity_date(activity, codes.PLANNED_START, planned, planned.first_day)
    elif not begun:
        note = "Le début de l’action n’est pas connu : c’est celui de la convention."
        start = convention.begin
        activity_date(activity, codes.PLANNED_START, start, start.first_day, note)
    if begun:
        activity_date(activity, codes.ACTUAL_START, begun, begun.first_day)
    # The beginning that stands above as planned, the convention's included.
    start = planned or (None if begun else convention.begin)
    end_date(activity, codes.PLANNED_END, action.planned_end, start)
    if ended := action.actual_end if first_day_by(today, action.actual_end) else None:
        end_date(activity, codes.ACTUAL_END, ended, begun, today)
    return begun or planned or convention.begin


def end_date(activity, kind, end, begin, latest=None):
    """An end that does not come before the beginning, nor after the latest day it may be."""
    if end is None or (begin and end.last_day < begin.first_day):
        return
    day = min(end.last_day, latest) if latest else end.last_day
    activity_date(activity, kind, end, day)


# Parts of both


def where(activity, convention, places):
    """The country that receives, and the communes."""
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


def classify(activity, convention):
    """Sectors by the CAD's list and by the registry's themes, and goals of the United Nations."""
    themes = list(convention.themes.all())
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
    for odd in convention.odds.all():
        narrated(activity, "tag", odd.name, vocabulary=codes.SDG_GOALS, code=odd.number)


def amounts(activity, lines, committed_on, today):
    """Budgets of a year, commitments for the others, then what was paid: cash and mixed amounts.

    An amount of no year is a commitment of the day of signature; without such a day it stands in
    the registry's own elements alone.
    """
    cash = [line for line in lines if line.nature != Nature.IN_KIND]
    for line in cash:
        if line.year:
            budget = add(activity, "budget")
            add(budget, "period-start", iso_date=f"{line.year}-01-01")
            add(budget, "period-end", iso_date=f"{line.year}-12-31")
            money(budget, line.amount, line.currency, f"{line.year}-01-01")
    for line in cash:
        if not line.year and committed_on:
            transaction(activity, codes.COMMITMENT, line, line, committed_on)
    for line in lines:
        for payment in line.disbursements.all():
            day = first_day_by(today, payment.paid_on)
            if day:
                transaction(activity, codes.DISBURSEMENT, line, payment, day)


def transaction(activity, kind, line, paid, day):
    """`paid` is the line itself, or one payment on it."""
    one = add(activity, "transaction")
    if kind == codes.DISBURSEMENT and paid.reference:
        one.set("ref", paid.reference)
    add(one, "transaction-type", code=kind)
    add(one, "transaction-date", iso_date=day)
    money(one, paid.amount, paid.currency, day)
    facts = [line.label, line.get_nature_display()]
    if kind == codes.DISBURSEMENT:
        facts.append(known_as(paid.paid_on))
    if text := " – ".join(fact for fact in facts if fact):
        narrated(one, "description", text)
    if line.funder:
        organisation(one, "provider-org", line.funder)


def documents(activity, convention):
    web_page(activity, convention)
    attached = [
        *convention.documents.all(),
        *(step.document for step in convention.legal_steps.all() if step.document),
        *(
            document
            for avenant in convention.avenants.all()
            for document in avenant.documents.all()
        ),
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
        if document.language != Document.Language.OTHER:
            add(link, "language", code=document.language)
        if document.dated and len(document.dated) == 10:
            add(link, "document-date", iso_date=document.dated)


def web_page(activity, record):
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


def related(activity, record, kind):
    add(activity, "related-activity", ref=identifier(record.reference), type=kind)


def results(activity, indicators):
    """Indicators with at least a dated value or target; the others have no place in IATI."""
    told = [indicator for indicator in indicators if periods_of(indicator)]
    if not told:
        return
    result = add(activity, "result", type="9")
    narrated(result, "title", "Résultats mesurés")
    for indicator in told:
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


def periods_of(indicator):
    """{partial date: (target or None, [values measured then])}, the earliest first."""
    found = {}
    for value in indicator.measurements.all():
        if value.measured_on:
            found.setdefault(value.measured_on, (None, []))[1].append(value)
    if indicator.target is not None and (due := indicator.target_on):
        found[due] = (indicator.target, found.get(due, (None, []))[1])
    return dict(sorted(found.items()))


def plain(number):
    """A decimal as IATI writes it: "1250.5", without useless zeros."""
    return f"{number.normalize():f}"
