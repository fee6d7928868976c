"""What a list of actions gives to take away."""

from collections.abc import Iterator

from django.conf import settings
from django.db.models import Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from actions.models import Action
from agreements.amounts import givers, planned
from cooperation.lists.exports import Export, grouped, own_headings, own_rows
from cooperation.models import Partner
from cooperation.values.dates import not_before
from cooperation.values.money import totals

HEADINGS = {
    "reference": "Référence",
    "url": "Adresse",
    "convention": "Convention",
    "convention_title": "Intitulé de la convention",
    "axis": "Axe",
    **own_headings(Action),
    "places": "Communes (codes)",
    "place_labels": "Communes",
    "arrondissements": "Arrondissements (codes)",
    "arrondissement_labels": "Arrondissements",
    "implementers": "Réalisée par",
    "planned": "Montants prévus",
    "funders": "Financeurs",
    "source": "Source",
    "updated_at": "Modifiée le",
}
# Of its convention and of its axis.
RELATED = {
    "convention__reference": "convention",
    "convention__title": "convention_title",
    "axis__title": "axis",
}


def rows(user, keys, day) -> Iterator:
    """(key, row) of the actions so numbered that a person sees, in seven queries."""
    visible = Action.objects.visible_to(user).filter(pk__in=keys).order_by()
    named = Partner.objects.visible_to(user)
    places = grouped(
        visible.filter(places__in=named).values_list("pk", "places__slug", "places__name")
    )
    parts = grouped(
        visible.filter(arrondissements__isnull=False)
        .order_by("arrondissements__code")
        .values_list(
            *("pk", "arrondissements__code"),
            *("arrondissements__name", "arrondissements__commune__name"),
        )
    )
    implementers = grouped(
        visible.filter(implementers__in=named).values_list("pk", "implementers__name")
    )
    lines = grouped(planned(visible, "currency", "nature", "counted_amount", with_shared=False))
    funders = grouped((key, name) for key, _, name in givers(visible, with_shared=False))
    path = reverse("action_detail", args=["REFERENCE"])
    for key, row in own_rows(visible, ["reference", *RELATED]):
        sums = totals(lines[key])
        row |= {
            "url": settings.SITE_URL + path.replace("REFERENCE", row["reference"]),
            **{name: row[related] for related, name in RELATED.items()},
            "places": [slug for slug, _ in places[key]],
            "place_labels": [name for _, name in places[key]],
            "arrondissements": [code for code, _, _ in parts[key]],
            "arrondissement_labels": [f"{name} ({commune})" for _, name, commune in parts[key]],
            "implementers": implementers[key],
            "planned": [f"{total.amount} {total.currency}" for total in sums],
            "funders": list(dict.fromkeys(filter(None, funders[key]))),
        }
        yield key, row


def records(user) -> QuerySet:
    places = Prefetch("places", Partner.objects.visible_to(user))
    visible = Action.objects.visible_to(user).select_related("convention")
    return visible.defer("search_text", "convention__search_text").prefetch_related(places)


def feed_entry(action) -> tuple:
    places = ", ".join(place.name for place in action.places.all())
    facts = (action.get_state_display(), action.period, places, action.convention.title)
    return action.title, " – ".join(fact for fact in facts if fact)


def upcoming(user) -> QuerySet:
    """Actions that are not ended, and whose planned end may be to come."""
    later, within = not_before("planned_end", timezone.localdate())
    visible = Action.objects.visible_to(user).filter(actual_end=None)
    return visible.filter(Q(**later) | Q(**within)).only("reference", "title", "planned_end")


def deadlines(action) -> Iterator:
    """Its planned end, if it is to come."""
    end = action.planned_end
    if end.last_day >= timezone.localdate():
        yield (
            f"{action.reference}-fin",
            end,
            f"Fin prévue : {action.title}",
            action.get_absolute_url(),
        )


ACTION_EXPORT = Export(
    title="Actions",
    filename="actions",
    headings=HEADINGS,
    rows=rows,
    records=records,
    entry=feed_entry,
    upcoming=upcoming,
    deadlines=deadlines,
)
