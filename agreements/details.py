"""All that the registry tells of one convention, for its page and its fiche."""

from collections import defaultdict
from functools import cache
from itertools import chain

from django.db.models import Exists, OuterRef, Prefetch, prefetch_related_objects

from agreements.amounts import told
from agreements.glances import end_of_bar, money_of, own_bar, states_of, time_left
from agreements.models import LIFE, Avenant, Convention, FocalPoint, LegalStep, OtherValue, Party
from cooperation.models import Document, Partner
from cooperation.records.gates import Status
from cooperation.values.money import totals

# What few conventions have.
RARE = (
    *LIFE,
    "applications",
    "axes",
    "focal_points",
    "indicators",
    "merged",
    "shared_lines",
    "successors",
)


@cache
def having_parts() -> dict:
    """has_… for each of RARE: asked with the convention itself, they save a query each.

    They say no more than where to look: what a person sees of it is asked there.
    """
    found = {}
    for name in RARE:
        relation = Convention._meta.get_field(name)
        lines = relation.through if relation.many_to_many else relation.related_model
        link = "convention" if relation.many_to_many else relation.field.name
        parts = lines._base_manager.filter(**{link: OuterRef("pk")}).order_by()
        found[f"has_{name}"] = Exists(parts)
    return found


def convention_details(reference, user, most=None) -> dict | None:
    """What a person sees of a convention; None where they see none so called.

    `most` lines of one kind: a page leads to the lists that have the others; a fiche has them all.
    """
    avenants = Avenant.objects.visible_to(user).order_by("number")
    documents = Document.objects.visible_to(user)
    partners = Partner.objects.visible_to(user).only("name", "short_name")
    parties = Party.objects.select_related("partner", "arrondissement")
    steps = LegalStep.objects.prefetch_related(
        Prefetch("partner", partners), Prefetch("document", documents)
    )
    visible = Convention.objects.visible_to(user).with_term()
    told_of = visible.prefetch_related(Prefetch("parties", parties), Prefetch("legal_steps", steps))
    convention = told_of.annotate(**having_parts()).filter(reference=reference).first()
    if convention is None:
        return None
    lines = list(told(convention.budget_lines.order_by("pk"), user))
    if convention.has_shared_lines:
        shared = convention.shared_lines.filter(convention__status=Status.PUBLISHED)
        lines += told(shared, user)
    follows = convention.predecessor_id or convention.has_successors
    partnership = convention.partnership(visible) if follows else [convention]
    of_tree = convention.framework_id or convention.has_applications
    told_with = avenants.prefetch_related(Prefetch("documents", documents))
    prefetch_related_objects(partnership, Prefetch("avenants", told_with))
    sums = totals(
        (line.currency, line.nature, line.counted_amount) for line in lines if line.is_counted
    )
    reached = {(total.currency, total.amount) for total in sums}
    for avenant in convention.avenants.all():
        avenant.is_reached = (avenant.currency, avenant.new_total) in reached

    def some(relation, lines):
        return lines if getattr(convention, f"has_{relation}") else []

    axes = list(
        some(
            "axes",
            convention.axes.order_by("number").prefetch_related(Prefetch("added_by", avenants)),
        )
    )
    under = defaultdict(list)
    for action in convention.actions.order_by("number"):
        under[action.axis_id].append(action)
    for axis in axes:
        axis.actions_under = under[axis.pk][:most]
    actions = list(chain.from_iterable(under.values()))
    return {
        "convention": convention,
        "bar": own_bar(convention),
        "bar_end": end_of_bar(convention),
        "time_left": time_left(convention),
        "money": money_of(lines, sums),
        "states": states_of(actions),
        "merged": some("merged", convention.merged.filter(published_at__isnull=False)),
        "parties": convention.parties.all(),
        "focal_points": some(
            "focal_points", FocalPoint.objects.visible_to(user).filter(convention=convention)
        ),
        "partnership": partnership,
        "tree": convention.tree(visible) if of_tree else [],
        "life": [
            (lines.model._meta.verbose_name_plural, lines)
            for lines in (some(name, getattr(convention, name).all()) for name in LIFE)
            if lines and lines.model is not OtherValue
        ],
        "said_otherwise": some("other_values", convention.other_values.all()),
        "legal_steps": convention.legal_steps.all(),
        "axes": axes,
        "actions_without_axis": under[None][:most],
        "action_count": len(actions),
        "has_more_actions": most and max(map(len, under.values()), default=0) > most,
        "budget_lines": lines[:most],
        "line_count": len(lines),
        "indicators": some(
            "indicators", convention.indicators.with_measurements().filter(action=None)
        ),
        "totals": sums,
        "uncounted": [line for line in lines if not line.is_counted][:most],
        "budget_changes": [
            avenant
            for avenant in convention.avenants.all()
            if avenant.budget_change or avenant.new_total
        ],
        "documents": documents.filter(conventions=convention),
    }
