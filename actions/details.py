"""All that the registry tells of one action, for its page and its fiche."""

from django.db.models import Prefetch

from actions.models import Action
from cooperation.models import Partner
from cooperation.values.money import totals


def action_details(reference, user) -> dict | None:
    """What a person sees of an action; None where they see none of that reference."""
    visible = Action.objects.visible_to(user).select_related("convention", "axis")
    action = visible.filter(reference=reference).first()
    if action is None:
        return None
    partners = Partner.objects.visible_to(user)
    lines = action.budget_lines.prefetch_related(Prefetch("funder", partners), "disbursements")
    return {
        "action": action,
        "places": action.places.visible_to(user),
        "implementers": action.implementers.visible_to(user),
        "budget_lines": lines,
        "totals": totals(
            (line.currency, line.nature, line.amount) for line in lines if line.is_counted
        ),
        "uncounted": [line for line in lines if not line.is_counted],
        "indicators": action.indicators.with_measurements(),
    }
