"""A list of conventions seen as a whole: on a map, along the years, in charts, and by subject."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone
from pyroaring import BitMap

from actions.models import Action, BudgetLine
from agreements.facets import CONVENTION_INDEX
from agreements.glances import bar_of, years_between
from agreements.models import Convention
from cooperation.lists.index import NONE
from cooperation.lists.listing import ALONG, APART
from cooperation.models import Partner
from cooperation.values.money import Total, format_money
from cooperation.values.places import BENIN
from reports.facts.figures import no_agreement
from reports.maps import Map, country_centres, make_map
from reports.models import Boundary
from reports.tiles import Block, make_tiles

# Bars of a chart; beyond, « autres » says how many.
MOST_BARS = 15
# Years to come on the timeline, and years written on its scale.
MOST_AHEAD, MOST_TICKS = 10, 3


@dataclass(frozen=True)
class Bar:
    """One row of a chart: its part of the longest, in per cent."""

    label: str
    count: int
    percent: float
    address: str


@dataclass(frozen=True)
class Chart:
    title: str
    bars: list[Bar]
    others: int
    # Where the list shows them all.
    more: str


def chart(listing, name, title, address) -> Chart:
    """How many of the listed conventions have each value of a facet."""
    counts = listing.counts[name]
    labels = listing.labels_of[name]
    most = max((count for _, count in counts), default=1)
    bars = [
        Bar(
            labels[value],
            count,
            round(100 * count / most, 1),
            f"{address}?{narrowed(listing, name, value)}",
        )
        for value, count in counts
    ]
    more = f"{address}?{listing.query}&facet={name}#facet-{name}"
    if name == "year":
        # The latest years, read from left to right.
        return Chart(title, bars[:MOST_BARS][::-1], max(0, len(bars) - MOST_BARS), more)
    return Chart(title, bars[:MOST_BARS], max(0, len(bars) - MOST_BARS), more)


def narrowed(listing, name, value) -> str:
    """The filters of a list with one more."""
    data = listing.data.copy()
    for other in (name, *APART, *ALONG):
        data.pop(other, None)
    data[name] = value
    return data.urlencode()


@dataclass(frozen=True)
class Places:
    """The maps of a list, and what they have no place for."""

    maps: list
    nowhere: int
    nowhere_address: str


def places_of(listing, address, by_amount) -> Places:
    """The communes of Benin and the partner countries of the listed conventions.

    What a grouping signed counts at each of its members, told apart from what a commune signed itself.
    """
    sums = listing.index.sums if by_amount else None
    centres = country_centres()
    own, grouped, nowhere = told_apart(held_by(listing, "commune"), held_by(listing, "member"))
    here = [
        (*amount, name == "member")
        for name, held in (("commune", own), ("member", grouped))
        for amount in amounts(listing, name, held, address, sums)
    ]
    abroad = [
        (*centres[code], *amount, False)
        for code, *amount in amounts(listing, "country", held_by(listing, "country"), address, sums)
        if code in centres and code != BENIN
    ]
    return Places(
        [
            map_of_benin(here),
            make_map("world", "Pays partenaires", abroad),
        ],
        len(nowhere),
        f"{address}?{narrowed(listing, 'member', NONE)}",
    )


def told_apart(own, grouped) -> tuple:
    """What communes signed, what their groupings did and they not, and what is nowhere on a map."""
    apart = {slug: keys - own.get(slug, BitMap()) for slug, keys in grouped.items()}
    nowhere = apart.pop(NONE, BitMap())
    return own, apart, nowhere


def map_of_benin(rows) -> Map:
    """A circle for each (slug of a commune, amount, label, shown, address, is_grouped), in its boundaries."""
    communes = Partner.objects.published().communes().exclude(latitude=None)
    points = {p.slug: (p.longitude, p.latitude) for p in communes}
    boundaries = list(Boundary.objects.select_related("commune"))
    return make_map(
        "benin",
        "Communes du Bénin",
        [(*points[slug], *row) for slug, *row in rows if slug in points],
        areas=[(one.path, one.commune.name) for one in boundaries],
        source=boundaries[0].source if boundaries else "",
    )


def communes_of(found) -> tuple:
    """({slug: keys} of what communes signed or host, and of what only their groupings signed), and labels."""
    with CONVENTION_INDEX as index:
        own, grouped, _ = told_apart(
            *(
                {value: held & found for value, held in index.held[name].items()}
                for name in ("commune", "member")
            )
        )
        return own, grouped, index.labels("commune") | index.labels("member")


def map_of_tiles() -> list[Block]:
    """All published agreements, at their communes."""
    with CONVENTION_INDEX as index:
        own, grouped, _ = communes_of(
            index.public - no_agreement(index.values_on("state", timezone.localdate()))
        )
    return make_tiles(
        *({slug: len(keys) for slug, keys in held.items()} for held in (own, grouped))
    )


def map_on_paper(keys) -> Map:
    """Where some conventions are, by their number: circles lead nowhere there."""
    own, grouped, labels = communes_of(BitMap(keys))
    return map_of_benin(
        [
            (slug, len(held), labels[slug], str(len(held)), "", name == "member")
            for name, group in (("commune", own), ("member", grouped))
            for slug, held in group.items()
            if held and slug in labels
        ]
    )


def held_by(listing, name) -> dict[str, BitMap]:
    """{value of a facet: keys of the listed conventions that have it}"""
    with listing.index.lock:
        held = listing.index.held[name]
        return {value: held[value] & listing.keys_found for value in listing.labels_of[name]}


def amounts(listing, name, held, address, sums) -> Iterator:
    """(value, amount, label, amount as shown, address) of each value of a facet that has some."""
    labels = listing.labels_of[name]
    of_grouping = " d’un groupement" if name == "member" else ""
    for value, keys in held.items():
        link = f"{address}?{narrowed(listing, name, value)}"
        if sums is None and keys:
            shown = f"{len(keys)} convention{'s' if len(keys) > 1 else ''}{of_grouping}"
            yield value, len(keys), labels[value], shown, link
        elif sums is not None:
            total = sum((sums[key] for key in keys if key in sums), Decimal(0))
            if total:
                yield value, total, labels[value], format_money(total, "EUR") + of_grouping, link


@dataclass(frozen=True)
class Timeline:
    """Conventions along the years, each with its `bar`; those whose beginning is not known, apart."""

    first: int
    last: int
    # [(year, where its first day is, in per cent), …] of the scale.
    ticks: list[tuple[int, float]]
    dated: list[Convention]
    undated: list[Convention]


def timeline(conventions) -> Timeline:
    """One whose end is not known lasts, open, to this year.

    The years shown end `MOST_AHEAD` from now: one end in 2091 would leave the others no room.
    """
    dated = sorted((c for c in conventions if c.begin), key=lambda c: (c.begin, c.reference))
    this_year = timezone.localdate().year
    first = min((c.begin.year for c in dated), default=this_year)
    furthest = max([this_year, *(c.term.year for c in dated if c.term)])
    last = max(min(furthest, this_year + MOST_AHEAD), *(c.begin.year for c in dated), this_year)
    for convention in dated:
        convention.bar = bar_of(convention, *years_between(first, last))
    undated = [convention for convention in conventions if not convention.begin]
    return Timeline(first, last, ticks_between(first, last), dated, undated)


def ticks_between(first, last) -> list[tuple[int, float]]:
    """Round years, few enough to be read side by side on a phone; one at the very end has no room."""
    years = last - first + 1
    step = next((step for step in (1, 2, 5, 10, 20) if years / step <= MOST_TICKS), 50)
    round_years = range(-(-first // step) * step, last + 1, step)
    ticks = [(year, round(100 * (year - first) / years, 1)) for year in round_years]
    return [(year, place) for year, place in ticks if place <= 85]


@dataclass(frozen=True)
class Subject:
    """What the registry holds of a theme or an ODD."""

    budget: list[Total]
    actions_by_state: list[tuple[str, int]]
    charts: list[Chart]


def subject(listing, address) -> Subject:
    keys = listing.keys_found.to_array().tolist()
    states = Counter()
    lines = BudgetLine.objects.none()
    if keys:
        acting = Action.objects.filter(convention__in=keys).order_by()
        states.update(acting.values_list("state", flat=True))
        lines = BudgetLine.objects.serving(keys)
    labels = [*Action.State.choices, ("", "état non renseigné")]
    return Subject(
        budget=lines.totals() if keys else [],
        actions_by_state=[(label, states[state]) for state, label in labels if states[state]],
        charts=[
            chart(listing, "commune", "Communes", address),
            chart(listing, "partner", "Partenaires", address),
            chart(listing, "country", "Pays des parties, le Bénin compris", address),
            chart(listing, "year", "Ont pu être en vigueur, par année", address),
        ],
    )
