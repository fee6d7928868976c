"""All that the registry tells of one action, for its page and its fiche."""

from actions.models import Action
from agreements.amounts import told
from agreements.glances import money_of
from cooperation.values.money import totals


def action_details(reference, user, most=None) -> dict | None:
    """What a person sees of an action, with `most` of its lines; None where they see none so called."""
    visible = Action.objects.visible_to(user).select_related("convention", "axis")
    action = visible.filter(reference=reference).first()
    if action is None:
        return None
    lines = list(told(action.budget_lines, user))
    sums = totals(
        (line.currency, line.nature, line.counted_amount) for line in lines if line.is_counted
    )
    return {
        "action": action,
        "money": money_of(lines, sums),
        "places": action.places.visible_to(user),
        "exact_place": action.exact_place,
        "implementers": action.implementers.visible_to(user),
        "budget_lines": lines[:most],
        "line_count": len(lines),
        "totals": sums,
        "uncounted": [line for line in lines if not line.is_counted][:most],
        "indicators": action.indicators.with_measurements(),
    }
