"""A list of conventions seen as a whole: on a map, along the years, in charts, and by subject."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import timezone
from pyroaring import BitMap

from agreements.facets import CONVENTION_INDEX
from agreements.glances import bar_of, years_between
from agreements.models import Convention, State
from agreements.watch import ENDS_WITHIN, ending_soon
from cooperation.lists.index import NONE
from cooperation.models import Partner
from cooperation.values.money import format_money
from cooperation.values.places import BENIN
from reports.facts.figures import no_agreement
from reports.maps import Map, country_centres, make_map
from reports.models import Boundary
from reports.tiles import NUMBERS, Block, Scale, make_tiles

# Bars of a chart; beyond, « autres » says how many.
MOST_BARS = 15
# Years to come on the timeline, and years written on its scale.
MOST_AHEAD, MOST_TICKS = 10, 3


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
    centres = country_centres()
    own, grouped, nowhere = told_apart(listing.held("commune"), listing.held("member"))
    here = [
        (*amount, name == "member")
        for name, held in (("commune", own), ("member", grouped))
        for amount in amounts(listing, name, held, address, by_amount)
    ]
    abroad = [
        (*centres[code], *amount, False)
        for code, *amount in amounts(
            listing, "country", listing.held("country"), address, by_amount
        )
        if code in centres and code != BENIN
    ]
    return Places(
        [
            map_of_benin(here),
            make_map("world", "Pays partenaires", abroad),
        ],
        len(nowhere),
        f"{address}?{listing.narrowed('member', NONE)}",
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


def ending_first(conventions) -> QuerySet:
    """Those of `watch.ending_soon`, the next first, looked for among the few that the index names."""
    today = timezone.localdate()
    years = {str(today.year), str((today + ENDS_WITHIN).year)}
    with CONVENTION_INDEX as index:
        near = index.public & index.having("ends", years) & index.having("state", [State.IN_FORCE])
    return ending_soon(conventions.filter(pk__among=near.to_array().tolist()), today)


def map_of_tiles(scale: Scale) -> list[Block]:
    """All published agreements, at their communes: how many, or the euros planned for them."""
    with CONVENTION_INDEX as index:
        own, grouped, _ = communes_of(
            index.public - no_agreement(index.values_on("state", timezone.localdate()))
        )
        told = len if scale is NUMBERS else index.sum_of
        held = ({slug: told(keys) for slug, keys in held.items()} for held in (own, grouped))
        return make_tiles(*held, scale)


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


def amounts(listing, name, held, address, by_amount) -> Iterator:
    """(value, amount, label, amount as shown, address) of each value of a facet that has some."""
    labels = listing.labels_of[name]
    of_grouping = " d’un groupement" if name == "member" else ""
    for value, keys in held.items():
        link = f"{address}?{listing.narrowed(name, value)}"
        if not by_amount and keys:
            shown = f"{len(keys)} convention{'s' if len(keys) > 1 else ''}{of_grouping}"
            yield value, len(keys), labels[value], shown, link
        elif by_amount:
            total = listing.index.sum_of(keys)
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
