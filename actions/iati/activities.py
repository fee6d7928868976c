"""Conventions and actions as IATI activities: hierarchy 1 and 2 of one file.

IATI asks for a day where the registry may know a year: the first day of a beginning and the last
one of an end are written, with what is really known in words beside. It asks for a beginning: what
has none is not in the file, which says so. Equal parts stand for themes whose weight nobody knows.
What IATI has no element for is kept in elements of the registry's own (facts.py).
"""

from array import array
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from django.contrib.auth.models import AnonymousUser
from django.db.models import Prefetch, Q, QuerySet
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
    narrated,
    organisation,
    reporting_org,
)
from actions.iati.facts import LIFE, add_action_facts, add_convention_facts
from actions.iati.parts import (
    amounts,
    classify,
    documents,
    end_date,
    related,
    results,
    web_page,
    where,
)
from actions.models import Action, Axis, BudgetLine, Disbursement, Indicator, Measurement
from agreements.models import Avenant, Convention, LegalStep
from cooperation.models import Arrondissement, Document, Partner
from cooperation.values.dates import PartialDate
from cooperation.values.money import Nature

# Conventions read and written at a time: memory does not grow with their number.
CHUNK = 200
PUBLIC = AnonymousUser()


ACTION_DATES = ("planned_start", "actual_start", "planned_end", "actual_end")
UNDATED = "ni son début ni aucune date de ses actions n'est connu"


def listed(relation, records=None) -> Prefetch:
    """In a plain list `all_…`: a query set a record and relation would be a third of what a file costs."""
    return Prefetch(relation, records, to_attr=f"all_{relation}")


def readable(conventions) -> QuerySet:
    """With all that an activity tells, of what the public sees."""
    partners = Partner.objects.visible_to(PUBLIC).prefetch_related("codes")
    documents = Document.objects.visible_to(PUBLIC)
    avenants = Avenant.objects.visible_to(PUBLIC).prefetch_related(listed("documents", documents))
    paid = Disbursement.objects.prefetch_related(Prefetch("payee", partners), "instalment")
    lines = BudgetLine.objects.prefetch_related(
        *(Prefetch(name, partners) for name in ("funder", "through", "joint_funders")),
        Prefetch("also_for", Convention.objects.visible_to(PUBLIC)),
        Prefetch("set_by", avenants),
        Prefetch("superseded_by", avenants),
        "included_in",
        listed("instalments"),
        listed("disbursements", paid),
    )
    values = Measurement.objects.order_by("measured_on", "pk").prefetch_related(
        Prefetch("place", partners)
    )
    indicators = Indicator.objects.prefetch_related(listed("measurements", values))
    actions = Action.objects.select_related("axis").prefetch_related(
        listed("places", partners),
        listed("arrondissements", Arrondissement.objects.select_related("commune")),
        listed("implementers", partners),
        listed("iati_activities"),
    )
    # A sibling is another activity of the file.
    others = Convention.objects.visible_to(PUBLIC).exclude(pk__in=without_beginning().values("pk"))
    steps = LegalStep.objects.prefetch_related(
        Prefetch("partner", partners), Prefetch("document", documents)
    )
    return conventions.with_term().prefetch_related(
        "parties__partner__codes",
        "parties__arrondissement",
        listed("themes"),
        listed("odds"),
        Prefetch("predecessor", others),
        Prefetch("successors", others),
        Prefetch("framework", others),
        Prefetch("applications", others),
        Prefetch("avenants", avenants),
        listed("documents", documents),
        listed("legal_steps", steps),
        listed("axes", Axis.objects.prefetch_related(Prefetch("added_by", avenants))),
        Prefetch("actions", actions),
        Prefetch("budget_lines", lines),
        listed("iati_activities"),
        *(listed(relation) for relation, _ in LIFE.values()),
        listed("indicators", indicators),
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
    convention.begin, convention.begin_note = beginning(convention)
    if convention.begin is None:
        text = f"{convention.reference} n'est pas dans ce fichier : {UNDATED}."
        yield b"  " + etree.tostring(etree.Comment(f" {text} "), encoding="utf-8") + b"\n"
        return
    yield serialised(convention_activity(convention, today))
    for action in convention.actions.all():
        yield serialised(action_activity(convention, action, today))


def beginning(convention) -> tuple[PartialDate | None, str | None]:
    """Its own or, where no source tells it, the first day on which an action tells that it lived."""
    if convention.begin:
        return convention.begin, None
    dates = [getattr(action, name) for action in convention.actions.all() for name in ACTION_DATES]
    first = min(filter(None, dates), default=None)
    return (
        first,
        first and f"Début non renseigné : date la plus ancienne de ses actions, {first.label}.",
    )


def without_beginning() -> QuerySet:
    """Published conventions that IATI has no place for."""
    dated = Q()
    for name in ACTION_DATES:
        dated |= Q(**{f"actions__{name}__isnull": False})
    undated = Convention.objects.visible_to(PUBLIC).with_term().filter(begin__isnull=True)
    return undated.exclude(pk__in=Convention.objects.filter(dated).values("pk"))


def serialised(activity) -> bytes:
    etree.indent(activity, level=1)
    text = etree.tostring(activity, encoding="unicode").replace(
        f' xmlns:registre="{codes.REGISTRY}"', ""
    )
    return f"  {text}\n".encode()


def new_activity(record, hierarchy, parts) -> etree._Element:
    activity = etree.Element("iati-activity", nsmap={"registre": codes.REGISTRY})
    activity.set(LANGUAGE, "fr")
    updated = timezone.localtime(max(one.updated_at for one in [record, *parts]))
    activity.set("last-updated-datetime", updated.isoformat(timespec="seconds"))
    activity.set("hierarchy", hierarchy)
    add(activity, "iati-identifier", identifier(record.reference))
    reporting_org(activity)
    narrated(activity, "title", record.title)
    return activity


def with_their_lines(lines, indicators) -> list:
    """What was paid and measured too."""
    paid = [payment for line in lines for payment in line.all_disbursements]
    paid += [instalment for line in lines for instalment in line.all_instalments]
    measured = [value for indicator in indicators for value in indicator.all_measurements]
    return [*lines, *indicators, *paid, *measured]


# Conventions


def convention_activity(convention, today) -> etree._Element:
    lines = [line for line in convention.budget_lines.all() if line.action_id is None]
    indicators = [i for i in convention.all_indicators if i.action_id is None]
    parts = [*convention.parties.all(), *convention.avenants.all(), *convention.all_axes]
    for relation, _ in LIFE.values():
        parts += getattr(convention, f"all_{relation}")
    parts += [*convention.all_legal_steps, *with_their_lines(lines, indicators)]
    activity = new_activity(convention, "1", parts)
    narrated(activity, "description", about_convention(convention, lines), type=codes.GENERAL)
    if convention.objectives:
        narrated(activity, "description", convention.objectives, type=codes.OBJECTIVES)
    participants(activity, parties_of(convention, lines))
    came_as(activity, [o for o in convention.all_iati_activities if o.action_id is None])
    add(activity, "activity-status", code=codes.CONVENTION_STATUS[convention.state])
    begin = convention.begin
    activity_date(activity, codes.PLANNED_START, begin, begin.first_day, convention.begin_note)
    end_date(activity, codes.PLANNED_END, convention.term, begin)
    places = {place: None for action in convention.actions.all() for place in action.all_places}
    where(activity, convention, places)
    classify(activity, convention.all_themes, convention.all_odds)
    amounts(activity, lines, first_day_by(today, convention.signed_on, convention.begin), today)
    documents(activity, convention)
    for action in convention.actions.all():
        related(activity, action, codes.CHILD)
    near = [convention.predecessor, *convention.successors.all()]
    near += [convention.framework, *convention.applications.all()]
    for other in dict.fromkeys(near):
        if other:
            related(activity, other, codes.SIBLING)
    results(activity, indicators)
    add_convention_facts(activity, convention, lines, indicators)
    return activity


def about_convention(convention, lines) -> str:
    """What it is, in sentences made of the registry's own facts."""
    kind = convention.nature or "texte de nature non précisée"
    *others, last = map(str, convention.distinct_partners)
    names = f"{', '.join(others)} et {last}" if others else last
    sentences = [f"{kind[0].upper()}{kind[1:]} entre {names}."]
    if convention.is_endless:
        sentences.append("Sans terme.")
    for avenant in convention.avenants.all():
        end = f" Nouvelle fin : {avenant.ends_on.label}." if avenant.ends_on else ""
        change = f" Budget : {avenant.budget_change_label}." if avenant.budget_change else ""
        if avenant.new_total:
            change += f" Nouveau budget total : {avenant.new_total_label}."
        sentences.append(f"Avenant n° {avenant.number} : {avenant.purpose}{end}{change}")
    return "\n".join([*sentences, *in_kind(lines), *uncounted(lines)])


def in_kind(lines) -> list[str]:
    """Valued work and goods: money in no element of IATI."""
    given = [line for line in lines if line.nature == Nature.IN_KIND and line.is_counted]
    return [f"En nature : {amount_text(line)}." for line in given]


def uncounted(lines) -> list[str]:
    """What no total adds (asked, refused, parts, ranges…): IATI has no place for it."""
    apart = [line for line in lines if not line.is_counted]
    return [
        f"{(line.beside or 'Sans total').capitalize()} : {amount_text(line)}." for line in apart
    ]


def parties_of(convention, lines) -> Iterator:
    """(partner, role) of who signs and who gives."""
    for party in convention.parties.all():
        yield party.partner, codes.ROLES[party.role]
    for line in lines:
        if line.is_counted:
            for funder in filter(None, [line.funder, *line.joint_funders.all()]):
                yield funder, codes.FUNDING


def participants(activity, pairs) -> None:
    for partner, role in dict.fromkeys(pairs):
        organisation(activity, "participating-org", partner, role=role)


def came_as(activity, brought) -> None:
    """The identifiers under which others report it: who reads both files counts it once."""
    for identifier_there in sorted({one.identifier for one in brought}):
        if identifier_there != activity.findtext("iati-identifier"):
            add(activity, "other-identifier", ref=identifier_there, type=codes.OTHER_IDENTIFIER)


# Actions


def action_activity(convention, action, today) -> etree._Element:
    lines = [line for line in convention.budget_lines.all() if line.action_id == action.pk]
    indicators = [i for i in convention.all_indicators if i.action_id == action.pk]
    activity = new_activity(action, "2", with_their_lines(lines, indicators))
    about = action.description or f"Action n° {action.number} de « {convention.title} »."
    text = "\n".join([about, *in_kind(lines), *uncounted(lines)])
    narrated(activity, "description", text, type=codes.GENERAL)
    if action.beneficiaries:
        narrated(activity, "description", action.beneficiaries, type=codes.TARGET_GROUPS)
    doing = ((partner, codes.IMPLEMENTING) for partner in action.all_implementers)
    participants(activity, [*parties_of(convention, lines), *doing])
    came_as(activity, action.all_iati_activities)
    known = codes.ACTION_STATUS.get(action.state)
    add(activity, "activity-status", code=known or codes.CONVENTION_STATUS[convention.state])
    begin = action_dates(activity, convention, action, today)
    parts, words = action.all_arrondissements, action.place_words
    where(activity, convention, action.all_places, parts, words)
    # Of several themes or goals, the registry does not know which are this action's.
    classify(activity, alone(convention.all_themes), alone(convention.all_odds))
    amounts(activity, lines, first_day_by(today, convention.signed_on, begin), today)
    web_page(activity, action)
    related(activity, convention, codes.PARENT)
    results(activity, indicators)
    add_action_facts(activity, convention, action, lines, indicators)
    return activity


def action_dates(activity, convention, action, today) -> PartialDate | None:
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


def alone(records) -> list:
    """What there is one of; nothing where there are several."""
    found = list(records)
    return found if len(found) == 1 else []


# Parts of both
