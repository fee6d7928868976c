"""The same convention declared twice, by both sides: finding likely doubles, and merging two."""

from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from rapidfuzz import fuzz

from agreements.models import LIFE, Convention, Party
from cooperation.records.gates import Status
from cooperation.records.references import next_number
from cooperation.values.dates import may_overlap
from cooperation.values.text import fold

# Titles at least so alike, out of 100, or one within the other.
ALIKE = 60

# What a merge asks about, field by field.
FIELDS = (*Convention.entered_fields(), "predecessor", "framework")
# Groups of lines that a merge takes over or leaves, by the name of their relation.
GROUPS = {
    "avenants": "Avenants",
    "legal_steps": "Dossier légal",
    "life": "Situations, signatures, réunions, échanges et sources",
    "actions": "Axes et actions, avec leur argent et leurs indicateurs",
    "budget_lines": "Montants de toute la convention",
    "indicators": "Indicateurs de toute la convention",
}


@dataclass(frozen=True)
class Pair:
    """Two conventions that may be one, and why one may think so."""

    first: Convention
    second: Convention
    reasons: tuple[str, ...]


def likely_doubles(conventions) -> list[Pair]:
    """Pairs that share two parties other than funders, fit in time, and have dates or title alike."""
    found = conventions.current().with_term()
    sharing = defaultdict(set)
    by_key = {}
    for convention in found.prefetch_related("parties__partner"):
        by_key[convention.pk] = convention
        # Two agreements often have a funder in common, and are two all the same.
        partners = sorted(
            {p.partner_id for p in convention.parties.all() if p.role != Party.Role.FUNDER}
        )
        for two in combinations(partners, 2):
            sharing[two].add(convention.pk)
    keys = {pair for group in sharing.values() for pair in combinations(sorted(group), 2)}
    pairs = (compare(by_key[one], by_key[other]) for one, other in sorted(keys))
    return [pair for pair in pairs if pair]


def compare(first, second) -> Pair | None:
    """Why two conventions with two partners in common look like one; None where they do not."""
    # A convention and the one before it, or over it, are two.
    if {second.predecessor_id, second.framework_id} & {first.pk}:
        return None
    if {first.predecessor_id, first.framework_id} & {second.pk}:
        return None
    together = "parties communes"
    same_dates = (first.begin, first.term) == (second.begin, second.term) != (None, None)
    if not overlap(first, second):
        return None
    titles = fold(first.title), fold(second.title)
    alike = fuzz.ratio(*titles) >= ALIKE
    within = titles[0] in titles[1] or titles[1] in titles[0]
    if same_dates:
        return Pair(first, second, (together, "mêmes dates"))
    if alike or within:
        return Pair(first, second, (together, "intitulés proches"))
    return None


def overlap(first, second) -> bool:
    """Whether the two may have been in force on one day; unknown dates exclude nothing."""
    return may_overlap((first.begin, first.term), (second.begin, second.term))


def doubles_of(convention, visible) -> list[Pair]:
    """Likely doubles of one convention among those a person sees."""
    partners = convention.parties.values("partner")
    near = visible.filter(Q(parties__partner__in=partners) | Q(pk=convention.pk)).order_by()
    pairs = likely_doubles(Convention.objects.filter(pk__in=near.values("pk")))
    return [pair for pair in pairs if convention in (pair.first, pair.second)]


@transaction.atomic
def merge(kept, other, *, by, taken_fields, taken_groups, reason) -> None:
    """Make one convention of two; `kept` goes on, `other` leads to it.

    Fields named in `taken_fields` come from `other`, and so do the lines of `taken_groups`.
    Partners, themes, ODD and documents are joined. What is not taken stays, readable, with `other`
    and in the history of both. ValidationError where the result breaks a rule.
    """
    if kept == other or Status.MERGED in (kept.status, other.status):
        raise ValidationError("Ces deux fiches ne se fusionnent pas : l’une l’est déjà.")
    if other.is_published and not kept.is_published:
        raise ValidationError(f"{other.reference} est publiée : gardez-la plutôt.")
    why = f"Fusion de {other.reference} dans {kept.reference}. {reason}"
    for name in taken_fields:
        setattr(kept, name, getattr(other, name))
    if kept.predecessor_id in (kept.pk, other.pk):
        kept.predecessor = None
    if kept.framework_id in (kept.pk, other.pk):
        kept.framework = None
    kept.full_clean()
    kept.save_because(why, by)
    for name in ("themes", "odds", "documents"):
        kept._change_reason = why
        getattr(kept, name).add(*getattr(other, name).all())
    move_parties(kept, other, why, by)
    for group in taken_groups:
        move_lines(kept, lines_of(other, group), why, by)
    share_again(kept, other, why)
    for person in other.focal_points.all():
        person.convention = kept
        person.save()
    for delegation in other.delegations.exclude(user__in=kept.delegations.values("user")):
        delegation.convention = kept
        delegation.save_because(why, by)
    for link, pointing in (("predecessor", other.successors), ("framework", other.applications)):
        for convention in pointing.exclude(pk=kept.pk):
            setattr(convention, link, kept)
            convention.full_clean()
            convention.save_because(why, by)
    for earlier in other.merged.all():
        earlier.merged_into = kept
        earlier.save_because(why, by)
    other.merged_into = kept
    other.status = Status.MERGED
    other.save_because(why, by)
    if kept.is_published:
        kept.publish_partners(by)
        # What was withdrawn with the other convention was withdrawn for a reason: it stays so.
        kept.attached_documents().exclude(status=Status.WITHDRAWN).publish(by)
    other.documents_ever_held().release(by, why)


def lines_of(convention, group) -> list:
    """The lines of a group, in the order in which they can move."""
    if group == "actions":
        own = [convention.axes, convention.actions]
        paid = [convention.budget_lines, convention.indicators]
        return [line for lines in own for line in lines.all()] + [
            line for lines in paid for line in lines.exclude(action=None)
        ]
    if group == "life":
        return [line for relation in LIFE for line in getattr(convention, relation).all()]
    lines = getattr(convention, group)
    whole = group in ("budget_lines", "indicators")
    return list(lines.filter(action=None) if whole else lines.all())


def move_parties(kept, other, why, by) -> None:
    """Each partner in its role once; one that has no role yet takes the other’s."""
    held = {(party.partner_id, party.role) for party in kept.parties.all()}
    named = {partner for partner, _ in held}
    for party in other.parties.all():
        known = (party.partner_id, party.role) in held
        if not known and (party.role or party.partner_id not in named):
            facts = {
                name: getattr(party, name) for name in (*Party.entered_fields(), "arrondissement")
            }
            Party(convention=kept, partner=party.partner, **facts).save_because(why, by)


def share_again(kept, other, why) -> None:
    """Amounts of third conventions that served the other serve the one that stays, each once."""
    for line in other.shared_lines.exclude(convention=kept):
        line._change_reason = why
        line.also_for.add(kept)
    for line in kept.shared_lines.filter(convention=kept):
        line._change_reason = why
        line.also_for.remove(kept)


def move_lines(kept, lines, why, by) -> None:
    """Give lines to another convention; a number that is taken there becomes the next one."""
    for line in lines:
        siblings = type(line)._default_manager.filter(convention=kept)
        numbered = isinstance(getattr(line, "number", None), int)
        if numbered and siblings.filter(number=line.number).exists():
            line.number = next_number(kept, siblings)
        line.convention = kept
        line.full_clean()
        line.save_because(why, by)
