"""The index of actions."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from actions.models import Action
from agreements.amounts import givers
from agreements.facets import YEAR_HELP, odd_labels, theme_labels, year_labels
from agreements.facets import years as convention_years
from agreements.models import Convention
from cooperation.lists.facets import (
    NO,
    YES,
    column,
    country_labels,
    partner_labels,
    results_facet,
    stated,
    status_facet,
)
from cooperation.lists.index import Facet, Index, choice_labels, too_many
from cooperation.lists.listing import Listing, parameters
from cooperation.models import Arrondissement, Partner
from cooperation.records.gates import Status
from cooperation.values.places import Departement
from cooperation.values.text import fold


def years(records) -> Iterator:
    """The years in which an action is under way, as `under_way` tells, as far as this one."""
    in_force = defaultdict(set)
    acting = Convention.objects.filter(actions__in=records).order_by().distinct()
    for key, year in convention_years(acting):
        in_force[key].add(int(year))
    names = ("pk", "convention", "actual_start", "planned_start", "actual_end", "planned_end")
    for key, convention, *dates in records.values_list(*names).iterator(chunk_size=5000):
        begin, finish = dates[0] or dates[1], dates[2] or dates[3]
        if begin and finish:
            found = range(begin.year, finish.year + 1)
        else:
            first, last = begin.year if begin else 0, finish.year if finish else 9999
            found = {year for year in in_force[convention] if first <= year <= last}
            found |= {date.year for date in (begin, finish) if date}
        for year in found:
            yield key, str(year)


def departements(records) -> QuerySet:
    """Of the published communes where an action takes place."""
    here = {"places__status": Status.PUBLISHED, "places__departement__gt": ""}
    return records.filter(**here).values_list("pk", "places__departement")


def with_results(records) -> Iterator:
    """Results in words, or a measured value."""
    described = ~Q(results="") | Q(indicators__measurements__isnull=False)
    having = set(records.filter(described).values_list("pk", flat=True))
    for key in records.values_list("pk", flat=True):
        yield key, YES if key in having else NO


def own_words(records) -> Iterable:
    rows = records.values_list("pk", "reference", "title")
    return ((key, fold(f"{reference} {title}")) for key, reference, title in rows)


def place_words(records) -> Iterable:
    places = dict(Partner.objects.published().order_by().values_list("pk", "search_text"))
    rows = records.filter(places__isnull=False).values_list("pk", "places")
    return ((key, places.get(place, "")) for key, place in rows)


def other_words(records) -> Iterator:
    yield from records.values_list("pk", "search_text").iterator(chunk_size=5000)
    inside = records.filter(arrondissements__isnull=False)
    yield from inside.values_list("pk", "arrondissements__search_text")
    for key, title in records.values_list("pk", "convention__title"):
        yield key, fold(title)


def touched(entries) -> set[int] | None:
    """Keys of the actions that changed records are about; None where all of them may be."""
    if {"theme", "arrondissement"} & entries.keys() or too_many(entries):
        return None
    near = Q(convention__in=entries.get("convention", ()))
    near |= Q(indicators__in=entries.get("indicator", ()))
    named = entries.get("partner", ())
    near |= Q(places__in=named) | Q(convention__parties__partner__in=named)
    near |= Q(budget_lines__funder__in=named)
    found = Action.objects.filter(near).order_by().values_list("pk", flat=True)
    return {*entries.get("action", ()), *found}


def arrondissement_labels(values) -> dict:
    found = Arrondissement.objects.filter(code__in=values).select_related("commune")
    return {one.code: str(one) for one in found.order_by("name", "code")}


def funders(records) -> Iterator:
    return ((key, slug) for key, slug, _ in givers(records, with_shared=False))


ACTION_INDEX = Index(
    lambda: Action.objects.all(),
    [
        Facet(
            "state",
            "État",
            stated("state"),
            choice_labels(Action.State, empty="non renseigné"),
            in_order=True,
        ),
        Facet("departement", "Département", departements, choice_labels(Departement)),
        Facet("commune", "Commune", column("places__slug"), partner_labels),
        Facet(
            "arrondissement",
            "Arrondissement",
            column("arrondissements__code"),
            arrondissement_labels,
        ),
        Facet(
            "partner", "Partenaire", column("convention__parties__partner__slug"), partner_labels
        ),
        Facet(
            "country",
            "Pays des parties",
            column("convention__parties__partner__country"),
            country_labels,
        ),
        Facet("theme", "Thème", column("convention__themes__slug"), theme_labels),
        Facet("odd", "ODD", column("convention__odds__number"), odd_labels),
        Facet("year", "En cours en", years, year_labels, in_order=True, help=YEAR_HELP),
        Facet("funder", "Financeur", funders, partner_labels),
        results_facet(with_results),
        status_facet("convention__status"),
    ],
    zones=(own_words, place_words, other_words),
    spoken=("state", "country", "departement", "theme", "year"),
    orders={
        "date": ("-convention__sort_key", "convention__reference", "number"),
        "title": ("search_text", "reference"),
        "state": ("state", "reference"),
        "begin": (Coalesce("actual_start", "planned_start").asc(nulls_last=True), "reference"),
        "updated": ("news_at", "reference"),
    },
    touched=touched,
)
ORDERS = [
    ("date", "convention la plus récente"),
    ("-date", "convention la plus ancienne"),
    ("title", "intitulé, de A à Z"),
    ("-title", "intitulé, de Z à A"),
    ("state", "état"),
    ("begin", "début le plus ancien"),
    ("-begin", "début le plus récent"),
    ("-updated", "dernière modification"),
]
TYPED = ("convention", "updated_after")
PARAMETERS = parameters([*ACTION_INDEX.facets, *TYPED])


def action_listing(data, user) -> Listing:
    """The actions that an address asks for."""
    return Listing(ACTION_INDEX, data, user, names=TYPED, orders=ORDERS)
