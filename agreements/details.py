"""All that the registry tells of one convention, for its page and its fiche."""

from django.db.models import Prefetch

from agreements.amounts import told
from agreements.glances import end_of_bar, money_of, own_bar, states_of, time_left
from agreements.models import LIFE, Avenant, Convention, FocalPoint, Party
from cooperation.models import Document, Partner
from cooperation.records.gates import Status
from cooperation.values.money import totals


def convention_details(reference, user) -> dict | None:
    """What a person sees of a convention; None where they see none of that reference."""
    parties = Prefetch("parties", Party.objects.select_related("partner", "arrondissement"))
    visible = Convention.objects.visible_to(user).with_term()
    convention = visible.prefetch_related(parties).filter(reference=reference).first()
    if convention is None:
        return None
    avenants = Avenant.objects.visible_to(user)
    documents = Document.objects.visible_to(user)
    partners = Partner.objects.visible_to(user)
    shared = convention.shared_lines.filter(convention__status=Status.PUBLISHED)
    lines = [*told(convention.budget_lines, user), *told(shared, user)]
    partnership = convention.partnership(visible).prefetch_related(
        Prefetch("avenants", avenants.prefetch_related(Prefetch("documents", documents)))
    )
    partnership = list(partnership)
    own = partnership[partnership.index(convention)]
    sums = totals(
        (line.currency, line.nature, line.counted_amount) for line in lines if line.is_counted
    )
    reached = {(total.currency, total.amount) for total in sums}
    for avenant in own.avenants.all():
        avenant.is_reached = (avenant.currency, avenant.new_total) in reached
    states = states_of(convention.actions)
    return {
        "convention": convention,
        "bar": own_bar(convention),
        "bar_end": end_of_bar(convention),
        "time_left": time_left(convention),
        "money": money_of(lines, sums),
        "states": states,
        "merged": convention.merged.filter(published_at__isnull=False),
        "parties": convention.parties.all(),
        "focal_points": FocalPoint.objects.visible_to(user).filter(convention=convention),
        "partnership": partnership,
        "tree": convention.tree(visible),
        "life": [
            (lines.model._meta.verbose_name_plural, found)
            for lines in (getattr(convention, relation).all() for relation in LIFE)
            if (found := list(lines))
        ],
        "legal_steps": convention.legal_steps.prefetch_related(
            Prefetch("partner", partners), Prefetch("document", documents)
        ),
        "axes": convention.axes.prefetch_related("actions", Prefetch("added_by", avenants)),
        "actions_without_axis": convention.actions.filter(axis=None),
        "action_count": sum(count for *_, count in states),
        "budget_lines": lines,
        "indicators": convention.indicators.with_measurements().filter(action=None),
        "totals": sums,
        "uncounted": [line for line in lines if not line.is_counted],
        "budget_changes": [
            avenant for avenant in own.avenants.all() if avenant.budget_change or avenant.new_total
        ],
        "documents": documents.filter(conventions=convention),
    }
