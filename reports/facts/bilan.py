"""The bilan for the CNCD: what the registry tells of a period and a scope, as plain facts.

Facts are the same whether they were counted a moment ago or frozen in an edition: pages, PDF and
spreadsheets are made from them alone.
"""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256

import msgspec
from django.contrib.auth.models import AnonymousUser
from django.http import QueryDict
from django.utils import timezone

from actions.facets import ACTION_INDEX
from agreements.facets import CONVENTION_INDEX, convention_listing
from agreements.models import Convention
from agreements.watch import silent
from cooperation.lists.listing import Listing
from cooperation.models import ExchangeRate
from cooperation.values.dates import FIRST_YEAR, PartialDate
from cooperation.values.money import Rate, Total
from reports.facts.chapters import (
    MOVES,
    TABLES,
    ActionReport,
    Move,
    Named,
    Period,
    Practice,
    Table,
    Target,
    actions_to_report,
    figures_of,
    groups_in,
    in_kind_share,
    indicators_of,
    legal_counts,
    named,
    of_period,
    practices_of,
    provenances,
    read_period,
    states_of,
    sums_of,
    tables_of,
    targets,
    told_practices,
    without_convention,
)
from reports.facts.definitions import DEFINITIONS
from reports.facts.entries import Entry, Extent, read_entries, sum_up
from reports.facts.figures import Figure
from reports.facts.inventory import address_of
from reports.facts.ponadec import Told, told_of

# Lists that may be long; a page tells the first of each.
LONG = ("entries", "actions_with_text", "late", "silent", "targets", "practices")
MOST_TOLD = 20
# Years of which indicators are told.
MOST_YEARS = 5


@dataclass(frozen=True)
class BilanFacts:
    """`first` and `last` are years; `day` is the one on which states and terms are told."""

    first: int
    last: int
    day: date
    made_on: date
    scope: list[str]
    query: str
    figures: list[Figure]
    # Conventions of each of the ten last years of the period, as they belong to a period.
    by_year: list[tuple[int, int]]
    planned: list[Total]
    paid: list[Total]
    paid_before: list[Total]
    rates: list[Rate]
    # Per cent of the planned amounts of known nature, converted; None where none is known.
    in_kind: int | None
    moves: list[Move]
    tables: list[Table]
    # (département, communes without a convention)
    without: list[tuple[str, list[str]]]
    states: list[tuple[str, int]]
    actions: list[ActionReport]
    # (step, how many conventions have it)
    legal: list[tuple[str, int]]
    targets: list[Target]
    silent: list[Named]
    entries: list[Entry]
    # {field of Bilan: Markdown as it was written}
    narrative: dict[str, str] = field(default_factory=dict)
    # (how well conventions are known, how many of them)
    provenances: list[tuple[str, int]] = field(default_factory=list)
    practices: list[Practice] = field(default_factory=list)
    # Of the last years of the period; none where the bilan is narrowed.
    ponadec: list[Told] = field(default_factory=list)
    # {list: how many there are} of the lists of which a page holds the first ones only.
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return self.sizes["entries"]

    @property
    def sizes(self) -> dict[str, int]:
        """{list: how many there are}, told or not."""
        return {name: len(getattr(self, name)) for name in LONG} | self.counts

    @property
    def brief(self) -> "BilanFacts":
        """The same with the first of each long list, for a page that leads to the others."""
        moves = [
            replace(move, conventions=move.conventions[:MOST_TOLD], count=move.size)
            for move in self.moves
        ]
        told = {
            name: getattr(self, name)[:MOST_TOLD] for name in ("silent", "targets", "practices")
        }
        told["actions"] = worth_telling(self.actions)
        return replace(self, moves=moves, counts=self.sizes, entries=[], **told)

    @property
    def period(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first} – {self.last}"

    @property
    def rates_by_currency(self) -> dict:
        return {rate.currency: rate for rate in self.rates}

    @property
    def late(self) -> list:
        return [action for action in self.actions if action.is_late]

    def rows_of(self, name) -> list:
        """The entries behind a figure, or a line of a table: "nouvelles", "commune-3"."""
        named = {move.name: [one.reference for one in move.conventions] for move in self.moves}
        for table in self.tables:
            for number, row in enumerate(table.rows):
                named[f"{table.name}-{number}"] = row.references
        named["sans-nouvelles"] = [one.reference for one in self.silent]
        if name in WHOLE:
            return self.entries
        wanted = set(named.get(name, ()))
        return [entry for entry in self.entries if entry.reference in wanted]

    def heading_of(self, name) -> str:
        """What a figure, or a line of a table, is called."""
        for table in self.tables:
            for number, row in enumerate(table.rows):
                if name == f"{table.name}-{number}":
                    return f"{table.title} : {row.label}"
        labels = {figure.name: figure.label for figure in self.figures}
        labels |= {move.name: move.title for move in self.moves}
        return labels.get(name, "Lignes")

    @property
    def fingerprint(self) -> str:
        """SHA-256 of all that is told, but the day on which it was counted."""
        return sha256(to_json(replace(self, made_on=self.day)).encode()).hexdigest()

    @property
    def closing(self) -> list[tuple]:
        """(heading, text) of the last chapters that the secretariat has written."""
        chapters = [
            ("Leçons et bonnes pratiques", "lessons"),
            ("Contribution aux indicateurs de la PONADEC", "ponadec"),
            ("Recommandations", "recommendations"),
            ("Travaux du sous-groupe", "workgroup"),
        ]
        return [
            (heading, self.narrative[name]) for heading, name in chapters if name in self.narrative
        ]

    @property
    def actions_with_text(self) -> list[ActionReport]:
        """Those with results or difficulties in words."""
        return [action for action in self.actions if action.results or action.difficulties]


def worth_telling(actions) -> list[ActionReport]:
    """The first ones with a text, and the first late ones."""
    texts = [action for action in actions if action.results or action.difficulties]
    late = [action for action in actions if action.is_late]
    return list(dict.fromkeys([*texts[:MOST_TOLD], *late[:MOST_TOLD]]))


def to_json(facts: BilanFacts) -> str:
    return msgspec.json.encode(facts, enc_hook=str).decode()


def from_json(text: str) -> BilanFacts:
    return msgspec.json.decode(text, type=BilanFacts, dec_hook=as_partial_date)


def as_partial_date(kind, value) -> PartialDate:
    """msgspec knows no PartialDate."""
    return kind(value)


@dataclass(frozen=True)
class Ground:
    """What the figures of a period and a scope are counted from: its conventions, and their groups."""

    listing: Listing
    day: date
    now: Period
    before: Period
    by_year: list[tuple[int, int]]
    # Keys, in the order of lists.
    keys: list[int]
    groups: list[tuple]

    def behind(self, name) -> tuple[str, "Entries"]:
        """(heading, entries) of a figure, a move or a line of a table: "nouvelles", "commune-3"."""
        lines, places = {}, Counter()
        for facet, _, label, members in self.groups:
            lines[f"{facet}-{places[facet]}"] = (f"{dict(TABLES)[facet]} : {label}", members)
            places[facet] += 1
        moved = self.now.moves
        if name in lines:
            heading, members = lines[name]
        elif name == "sans-nouvelles" or name in moved:
            heading = {key: title for key, title, _ in MOVES}.get(name, DEFINITIONS[name][0])
            found = silent(moved["en-vigueur"]) if name == "sans-nouvelles" else moved[name]
            members = set(found.order_by().values_list("pk", flat=True))
        else:
            # Actions, communes and countries are those of all its conventions.
            heading = DEFINITIONS[name][0] if name in DEFINITIONS else "Lignes"
            members = set(self.keys) if name in WHOLE else set()
        return heading, Entries([key for key in self.keys if key in members], self.now.extent)


# Figures that are those of all the conventions of a period.
WHOLE = ("conventions", "actions", "communes", "pays")


@dataclass(frozen=True)
class Entries:
    """Entries as a sequence: a paginator counts them, and those of one page are read."""

    keys: list[int]
    extent: Extent

    def __len__(self):
        return len(self.keys)

    def __getitem__(self, part):
        return list(read_entries(self.keys[part], self.extent))


def ground_of(first: int, last: int, data=None) -> Ground:
    """What may have been in force in some years, or of which an action is of them.

    Terms are those of the avenants signed by their end.
    """
    listing = convention_listing(data or QueryDict(), AnonymousUser())
    day = min(date(last, 12, 31), timezone.localdate())
    earlier = range(max(FIRST_YEAR, 2 * first - last - 1), first)
    with listing.index as index:
        within = listing.keys_found
        now = read_period(index, within, range(first, last + 1), day)
        return Ground(
            listing,
            day,
            now,
            before=read_period(index, within, earlier, date(first - 1, 12, 31)),
            by_year=[
                (year, len(of_period(within, [year])))
                for year in range(max(first, last - 9), last + 1)
            ],
            keys=index.ordered(now.keys, "date", 0, len(now.keys)),
            groups=groups_in(index, now.keys),
        )


def build_bilan(first: int, last: int, data=None, narrative=None) -> BilanFacts:
    """Count only what is published: the bilan is a public document.

    A convention belongs to the period if it may have been in force on one of its days, terms being
    those of the avenants signed by its end, or if one of its actions is of the period. `first` and
    `last` are years; `data` are filters as an address of the list of conventions gives them.
    """
    return count_up(ground_of(first, last, data), narrative or {})


def build_brief(ground: Ground) -> BilanFacts:
    """The same figures with the first of each long list, read without the others."""
    return count_up(ground, {}, most=MOST_TOLD)


def count_up(ground, narrative, most=None) -> BilanFacts:
    """`most`: how many of each long list are told; None is all."""
    now, before, keys, day = ground.now, ground.before, ground.keys, ground.day
    sums, of_groups = sums_of(keys, ground.groups, now.extent)
    (sums_before,) = sum_up(before.keys, [before.keys], before.extent)
    rates, moves = ExchangeRate.objects.known_on(day), now.moves
    acting = now.extent.actions(keys)
    if most:
        entries, rows = [], Convention.objects.filter(pk__in=keys).order_by()
        references = dict(rows.values_list("pk", "reference"))
    else:
        entries = list(read_entries(keys, now.extent))
        references = {entry.key: entry.reference for entry in entries}
    scope = [f"{f['label']} : {f['value']}" for f in ground.listing.active]
    quiet, indicators = silent(moves["en-vigueur"]), indicators_of(keys)
    practices = practices_of(acting)
    facts = BilanFacts(
        first=now.years.start,
        last=now.years.stop - 1,
        day=day,
        made_on=timezone.localdate(),
        scope=scope,
        query=address_of(ground.listing.query, []),
        figures=figures_of(now, before, sums, sums_before),
        by_year=ground.by_year,
        planned=sums.totals,
        paid=sums.paid,
        paid_before=sums_before.paid,
        rates=list(rates.values()),
        in_kind=in_kind_share(sums.totals, rates),
        moves=[
            Move(name, title, named(moves[name], most), moves[name].count() if most else None)
            for name, title, _ in MOVES
        ],
        tables=tables_of(ground.groups, of_groups, references),
        without=[] if scope else without_convention(now.communes),
        states=states_of(acting),
        actions=actions_to_report(acting, day),
        legal=legal_counts(keys, day),
        targets=targets(indicators[:most], now.years.stop - 1),
        silent=named(quiet, most),
        entries=entries,
        narrative=narrative,
        provenances=provenances(keys),
        practices=told_practices(practices[:most]),
        ponadec=[] if scope else told_of(now.years[-MOST_YEARS:]),
    )
    if not most:
        return facts
    counts = {"entries": len(keys), "silent": quiet.count(), "targets": indicators.count()}
    counts["practices"] = practices.count()
    counts = facts.sizes | counts
    return replace(facts, counts=counts, actions=worth_telling(facts.actions))


def years_with_conventions() -> list[int]:
    """Years, the latest first, whose bilan holds something: from the first date to this year."""
    years = set()
    for index in (CONVENTION_INDEX, ACTION_INDEX):
        with index:
            held = index.held["year"].items()
            years |= {int(year) for year, keys in held if keys.intersect(index.public)}
    return sorted((year for year in years if year <= timezone.localdate().year), reverse=True)
