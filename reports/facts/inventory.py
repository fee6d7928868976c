"""The inventory: published agreements of a scope and a period, in groups, with actions and money."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.http import QueryDict
from django.utils import timezone
from pyroaring import BitMap

from agreements.completeness import BILAN, RULES
from agreements.facets import convention_listing
from agreements.models import Convention
from cooperation.lists.index import NONE
from cooperation.models import ExchangeRate
from cooperation.values.money import Combined, combine
from reports.facts.entries import Entry, Extent, Sums, read_entries, sum_up
from reports.facts.figures import Figure, count_in, key_figures, no_agreement


class By(models.TextChoices):
    """What the inventory is grouped by: a facet of the list of conventions."""

    NOTHING = "", "sans groupes"
    COUNTRY = "country", "pays des parties"
    DEPARTEMENT = "departement", "département"
    COMMUNE = "commune", "commune"
    THEME = "theme", "thème"
    PARTNER = "partner", "partenaire"


class Layout(models.TextChoices):
    """How the tables of its file are laid out."""

    REGISTRY = "", "celle du registre"
    ACCORDS = "accords", "classeur des accords"


@dataclass(frozen=True)
class Group:
    """The conventions that have something in common; `value` is "" where it is not known."""

    label: str
    value: str
    keys: list[int]
    sums: Sums

    @property
    def count(self) -> int:
        return len(self.keys)


@dataclass(frozen=True)
class Inventory:
    """`groups` is one without a name where nothing groups them; `scope` says the filters in words."""

    keys: list[int]
    groups: list[Group]
    sums: Sums
    figures: list[Figure]
    by: By
    scope: list[str]
    # The filters and the period as an address of the list of conventions says them.
    query: str
    day: date
    rates: dict

    @property
    def count(self) -> int:
        return len(self.keys)

    @property
    def printed(self) -> int:
        """How many entries its rows or pages hold: a convention stands in each of its groups."""
        return sum(group.count for group in self.groups)

    def entries(self, keys=None) -> Iterator[Entry]:
        """All its conventions, or those so numbered; read as they are asked for."""
        return read_entries(self.keys if keys is None else keys, Extent(self.day))

    def gaps(self) -> list[tuple[str, int]]:
        """What a bilan needs and how many of the conventions lack it, in the order of the rules."""
        published, found = Convention.objects.published(), BitMap(self.keys)
        return [
            (rule.name, len(found - BitMap(rule.held_by(published))))
            for rule in RULES
            if BILAN in rule.sets
        ]

    @property
    def combined(self) -> Combined:
        """Planned amounts together, in euros and francs, with the rates used."""
        return combine(self.sums.totals, self.rates)


def build_inventory(data=None, *, by=By.NOTHING, first=None, last=None) -> Inventory:
    """The inventory of the conventions that the filters of a list find, among those published.

    `data` are the filters, as an address gives them, or none; a period keeps what may have been in
    force in one of its years, and tells terms as they were known at its end. A convention of
    several countries or themes is in each of their groups, and once in the totals of all.
    """
    listing = convention_listing(data or QueryDict(), AnonymousUser())
    today = timezone.localdate()
    with listing.index as index:
        found = listing.keys_found
        scope = [f"{f['label']} : {f['value']}" for f in listing.active]
        years = []
        if first or last:
            first, last = first or min_year(index), last or timezone.localdate().year
            years = [str(year) for year in range(first, last + 1)]
            found &= index.having("year", years)
            scope.append(
                f"Ont pu être en vigueur de {first} à {last}"
                if first != last
                else f"Ont pu être en vigueur en {first}"
            )
        day = min(date(last or today.year, 12, 31), today)
        unsigned = no_agreement(index.values_on("state", day)) & found
        if unsigned and "state" not in listing.query:
            found -= unsigned
            scope.append(f"Sans {len(unsigned)} qui ne sont qu’envisagées, ou ont été refusées")
        keys = index.ordered(found, "date", 0, len(found))
        counts = count_in(index, found, day)
        groups = grouped(index, by, found) if by else [("", "", found)]
    sums, *sums_of = sum_up(keys, [found, *(members for *_, members in groups)], Extent(day))
    query = address_of(listing.query, years)
    rank = {key: place for place, key in enumerate(keys)}
    return Inventory(
        keys=keys,
        groups=[
            Group(label, value, sorted(members, key=rank.get), sums)
            for (label, value, members), sums in zip(groups, sums_of, strict=True)
        ],
        sums=sums,
        figures=key_figures(counts, day=day, query=query, actions=sums.actions),
        by=By(by),
        scope=scope,
        query=query,
        day=day,
        rates=ExchangeRate.objects.known_on(day),
    )


def grouped(index, by, found) -> list[tuple]:
    """(label, value, keys) of each group in the order of its labels; at the end those of none."""
    groups, rest = [], found.copy()
    for value, label in index.labels(by).items():
        members = index.held[by][value] & found
        if members and value != NONE:
            groups.append((label, value, members))
            rest -= members
    if rest:
        groups.append(("Non renseigné", "", rest))
    return groups


def refused_filters(data) -> list[str]:
    """Why filters make no sense, in French; nothing where they do."""
    return [
        f"{label} : {why}" for _, label, _, why in convention_listing(data, AnonymousUser()).errors
    ]


def address_of(query, years) -> str:
    """The filters with the years of the period: those of both, where a year was a filter too."""
    data = QueryDict(query, mutable=True)
    for name in ("par", "de", "a", "disposition"):
        data.pop(name, None)
    if years:
        asked = data.getlist("year")
        data.setlist("year", [year for year in years if year in asked or not asked])
    return data.urlencode()


def min_year(index) -> int:
    return min(map(int, index.labels("year")), default=timezone.localdate().year)
