"""What a list of actions gives to take away."""

from django.conf import settings
from django.db.models import Prefetch
from django.utils import timezone

from actions.models import Action
from cooperation.exports import Column, Export, plain
from cooperation.models import Partner
from cooperation.money import totals


def rows(user):
    partners = Partner.objects.visible_to(user)
    return (
        Action.objects.visible_to(user)
        .select_related("convention", "axis")
        .defer("search_text", "convention__search_text")
        .prefetch_related(
            Prefetch("places", partners),
            Prefetch("implementers", partners),
            Prefetch("budget_lines__funder", partners),
        )
    )


def planned(action):
    """["1000.00 EUR", …]: one total a currency."""
    lines = ((b.currency, b.nature, b.amount) for b in action.budget_lines.all())
    return [f"{total.amount} {total.currency}" for total in totals(lines)]


def columns():
    return [
        plain("Référence", "reference"),
        Column("Adresse", "url", lambda a: f"{settings.SITE_URL}{a.get_absolute_url()}"),
        plain("Intitulé", "title"),
        Column("Convention", "convention", lambda a: a.convention.reference),
        Column("Intitulé de la convention", "convention_title", lambda a: a.convention.title),
        Column("Axe", "axis", lambda a: a.axis and a.axis.title),
        plain("État (code)", "state"),
        Column("État", "state_label", lambda a: a.get_state_display() or None),
        Column("Avancement (%)", "progress", lambda a: a.progress),
        Column("Communes (codes)", "places", lambda a: [place.slug for place in a.places.all()]),
        Column("Communes", "place_labels", lambda a: [place.name for place in a.places.all()]),
        plain("Début prévu", "planned_start"),
        plain("Fin prévue", "planned_end"),
        plain("Début réel", "actual_start"),
        plain("Fin réelle", "actual_end"),
        Column("Réalisée par", "implementers", lambda a: [str(p) for p in a.implementers.all()]),
        plain("Bénéficiaires", "beneficiaries"),
        Column("Montants prévus", "planned", planned),
        Column(
            "Financeurs",
            "funders",
            lambda a: list(dict.fromkeys(b.funder.name for b in a.budget_lines.all() if b.funder)),
        ),
        plain("Résultats", "results"),
        plain("Difficultés", "difficulties"),
        plain("Source", "source"),
        Column("Modifiée le", "updated_at", lambda a: timezone.localtime(a.updated_at).isoformat()),
    ]


def feed_entry(action):
    places = ", ".join(place.name for place in action.places.all())
    facts = (action.get_state_display(), action.period, places, action.convention.title)
    return action.title, " – ".join(fact for fact in facts if fact)


def deadlines(actions):
    """Planned ends that are to come, of actions that are not ended."""
    today = timezone.localdate()
    for action in actions:
        end = action.planned_end
        if end and not action.actual_end and end.last_day >= today:
            yield (
                f"{action.reference}-fin",
                end,
                f"Fin prévue : {action.title}",
                action.get_absolute_url(),
            )


ACTIONS = Export(
    title="Actions",
    filename="actions",
    columns=columns,
    rows=rows,
    entry=feed_entry,
    deadlines=deadlines,
)
