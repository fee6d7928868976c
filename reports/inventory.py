"""The inventory: published agreements of a scope and a period, in groups, with actions and money."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Prefetch
from django.http import QueryDict
from django.utils import timezone
from pyroaring import BitMap

from actions.models import Action, BudgetLine, Disbursement
from agreements.facets import convention_listing
from agreements.models import Avenant, Convention
from cooperation.models import ExchangeRate, Partner
from cooperation.money import Combined, Total, combine, totals

# Keys that one query may name.
CHUNK = 5_000


class By(models.TextChoices):
    """What the inventory is grouped by: a facet of the list of conventions."""

    NOTHING = "", "sans groupes"
    COUNTRY = "country", "pays des parties"
    DEPARTEMENT = "departement", "département"
    COMMUNE = "commune", "commune"
    THEME = "theme", "thème"
    PARTNER = "partner", "partenaire"


@dataclass(frozen=True)
class Entry:
    """One convention as reports show it: its planned and its paid amounts."""

    convention: Convention
    actions: list[Action]
    totals: list[Total]
    paid: list[Total]


@dataclass(frozen=True)
class Group:
    """The conventions that have something in common; `value` is "" where it is not known."""

    label: str
    value: str
    entries: list[Entry]

    @property
    def action_count(self):
        return sum(len(entry.actions) for entry in self.entries)

    @property
    def totals(self):
        return add(entry.totals for entry in self.entries)

    @property
    def paid(self):
        return add(entry.paid for entry in self.entries)


@dataclass(frozen=True)
class Inventory:
    """`groups` is one without a name where nothing groups them; `scope` says the filters in words."""

    entries: list[Entry]
    groups: list[Group]
    by: By
    scope: list[str]
    # The filters and the period as an address of the list of conventions says them.
    query: str
    day: date
    rates: dict

    @property
    def action_count(self):
        return sum(len(entry.actions) for entry in self.entries)

    @property
    def commune_count(self):
        return len({place.pk for e in self.entries for a in e.actions for place in a.places.all()})

    @property
    def totals(self):
        return add(entry.totals for entry in self.entries)

    @property
    def paid(self):
        return add(entry.paid for entry in self.entries)

    @property
    def combined(self) -> Combined:
        """Planned amounts together, in euros and francs, with the rates used."""
        return combine(self.totals, self.rates)


def add(sums) -> list[Total]:
    """Totals of totals: currencies and natures stay apart."""
    return totals(
        (total.currency, nature, amount)
        for several in sums
        for total in several
        for nature, amount in total.parts.items()
    )


def build_entries(conventions, *, actions, day=None) -> list[Entry]:
    """The conventions with those of the actions that belong to them, in seven queries."""
    conventions = list(
        conventions.with_term(day).prefetch_related(
            "parties__partner", "themes", Prefetch("avenants", Avenant.objects.published())
        )
    )
    keys = [convention.pk for convention in conventions]
    actions_of, planned, paid = defaultdict(list), defaultdict(list), defaultdict(list)
    places = Prefetch("places", Partner.objects.published())
    for start in range(0, len(keys), CHUNK):
        some = keys[start : start + CHUNK]
        for action in actions.filter(convention__in=some).prefetch_related(places):
            actions_of[action.convention_id].append(action)
        lines = BudgetLine.objects.filter(convention__in=some).order_by()
        for key, *row in lines.values_list("convention", "currency", "nature", "amount"):
            planned[key].append(row)
        payments = Disbursement.objects.filter(budget_line__convention__in=some).order_by()
        for key, *row in payments.values_list(
            "budget_line__convention", "currency", "budget_line__nature", "amount"
        ):
            paid[key].append(row)
    return [
        Entry(
            convention,
            actions_of[convention.pk],
            totals(planned[convention.pk]),
            totals(paid[convention.pk]),
        )
        for convention in conventions
    ]


def build_inventory(data=None, *, by=By.NOTHING, first=None, last=None) -> Inventory:
    """The inventory of the conventions that the filters of a list find, among those published.

    `data` are the filters, as an address gives them, or none; a period keeps what may have been in force in
    one of its years, and tells terms as they were known at its end. A convention of several
    countries or themes is in each of their groups, and once in the totals of all.
    """
    listing = convention_listing(data or QueryDict(), AnonymousUser())
    with listing.index as index:
        keys = listing.keys_found
        scope = [f"{f['label']} : {f['value']}" for f in listing.active]
        years = []
        if first or last:
            first, last = first or min_year(index), last or timezone.localdate().year
            years = [str(year) for year in range(first, last + 1)]
            keys &= index.having("year", years)
            scope.append(
                f"En vigueur de {first} à {last}" if first != last else f"En vigueur en {first}"
            )
        labels = index.labels(by) if by else {}
        held = {value: index.held[by][value] & keys for value in labels}
    day = date(last, 12, 31) if last else timezone.localdate()
    entries = []
    for start in range(0, len(keys), CHUNK):
        some = Convention.objects.published().filter(pk__in=keys[start : start + CHUNK])
        entries += build_entries(some, actions=Action.objects.published(), day=day)
    entries.sort(key=lambda e: e.convention.reference)
    entries.sort(key=lambda e: e.convention.sort_key, reverse=True)
    return Inventory(
        entries=entries,
        groups=grouped(entries, labels, held) if by else [Group("", "", entries)],
        by=By(by),
        scope=scope,
        query=address_of(listing.query, years),
        day=day,
        rates=ExchangeRate.objects.known_on(day),
    )


def refused_filters(data) -> list[str]:
    """Why filters make no sense, in French; nothing where they do."""
    return [
        f"{label} : {why}" for _, label, _, why in convention_listing(data, AnonymousUser()).errors
    ]


def address_of(query, years):
    """The filters with the years of the period: those of both, where a year was a filter too."""
    data = QueryDict(query, mutable=True)
    for name in ("par", "de", "a"):
        data.pop(name, None)
    if years:
        asked = data.getlist("year")
        data.setlist("year", [year for year in years if year in asked or not asked])
    return data.urlencode()


def min_year(index):
    return min(map(int, index.labels("year")), default=timezone.localdate().year)


def grouped(entries, labels, held):
    """In the order of the labels; at the end those that have none."""
    by_key = {entry.convention.pk: entry for entry in entries}
    rank = {key: place for place, key in enumerate(by_key)}
    groups = [
        Group(
            label,
            value,
            [by_key[key] for key in sorted(held[value], key=rank.get) if key in by_key],
        )
        for value, label in labels.items()
        if held[value]
    ]
    rest = BitMap(by_key) - BitMap().union(*held.values())
    if rest:
        groups.append(
            Group("Non renseigné", "", [by_key[key] for key in sorted(rest, key=rank.get)])
        )
    return groups
