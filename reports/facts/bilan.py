"""The bilan for the CNCD: what the registry tells of a period and a scope, as plain facts.

Facts are the same whether they were counted a moment ago or frozen in an edition: pages, PDF and
spreadsheets are made from them alone.
"""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_HALF_UP
from hashlib import sha256

import msgspec
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone
from pyroaring import BitMap

from actions.models import Action, Indicator
from agreements.facets import convention_listing
from agreements.models import Avenant, Convention, LegalStep, State
from agreements.watch import silent
from cooperation.lists.index import NONE
from cooperation.models import ExchangeRate, Partner
from cooperation.values.dates import FIRST_YEAR, period_label
from cooperation.values.money import Nature, Rate, Total, combine, format_number
from cooperation.values.places import BENIN, Departement
from reports.facts.definitions import DEFINITIONS
from reports.facts.entries import Entry, Extent, given_by, read_entries, sum_up
from reports.facts.figures import Figure, held
from reports.facts.inventory import address_of

# What conventions are told apart by, in the order of the chapters.
TABLES = [
    ("departement", "Départements"),
    ("commune", "Communes"),
    ("country", "Pays partenaires"),
    ("theme", "Thèmes"),
    ("odd", "Objectifs (ODD)"),
    ("funder", "Financeurs"),
]


@dataclass(frozen=True)
class Row:
    """The conventions of one value, by their references."""

    label: str
    references: list[str]
    actions: int
    planned: list[Total]
    paid: list[Total]


@dataclass(frozen=True)
class Table:
    name: str
    title: str
    rows: list[Row]


@dataclass(frozen=True)
class Named:
    """A convention in a list."""

    reference: str
    title: str
    period: str


@dataclass(frozen=True)
class Move:
    """What became of conventions in the period; `name` is that of the definition."""

    name: str
    title: str
    conventions: list[Named]


@dataclass(frozen=True)
class ActionReport:
    """An action of which there is more to tell than its state."""

    reference: str
    title: str
    convention: str
    state: str
    planned_end: str
    actual_end: str
    is_late: bool
    results: str
    difficulties: str


@dataclass(frozen=True)
class Target:
    """An indicator: values as people read them, with their unit; `progress` in per cent."""

    name: str
    unit: str
    convention: str
    baseline: str
    target: str
    target_on: str
    latest: str
    measured_on: str
    progress: int | None


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

    @property
    def count(self):
        return len(self.entries)

    @property
    def period(self):
        return str(self.first) if self.first == self.last else f"{self.first} – {self.last}"

    @property
    def rates_by_currency(self):
        return {rate.currency: rate for rate in self.rates}

    @property
    def late(self):
        return [action for action in self.actions if action.is_late]

    def rows_of(self, name):
        """The entries behind a figure, or a line of a table: "nouvelles", "commune-3"."""
        named = {move.name: [one.reference for one in move.conventions] for move in self.moves}
        for table in self.tables:
            for number, row in enumerate(table.rows):
                named[f"{table.name}-{number}"] = row.references
        named["sans-nouvelles"] = [one.reference for one in self.silent]
        wanted = set(named.get(name, ()))
        return [entry for entry in self.entries if entry.reference in wanted]

    def heading_of(self, name):
        """What a figure, or a line of a table, is called."""
        for table in self.tables:
            for number, row in enumerate(table.rows):
                if name == f"{table.name}-{number}":
                    return f"{table.title} : {row.label}"
        labels = {figure.name: figure.label for figure in self.figures}
        labels |= {move.name: move.title for move in self.moves}
        return labels.get(name, "Lignes")

    @property
    def fingerprint(self):
        """SHA-256 of all that is told, but the day on which it was counted."""
        return sha256(to_json(replace(self, made_on=self.day)).encode()).hexdigest()

    @property
    def closing(self):
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


def to_json(facts: BilanFacts) -> str:
    return msgspec.json.encode(facts, enc_hook=str).decode()


def from_json(text: str) -> BilanFacts:
    return msgspec.json.decode(text, type=BilanFacts, dec_hook=as_partial_date)


def as_partial_date(kind, value):
    """msgspec knows no PartialDate."""
    return kind(value)


def build_bilan(first: int, last: int, data=None, narrative=None) -> BilanFacts:
    """Count only what is published: the bilan is a public document.

    A convention belongs to the period if it may have been in force on one of its days, terms being
    those of the avenants signed by its end, or if one of its actions is of the period. `data` are
    filters as an address of the list of conventions gives them.
    """
    listing = convention_listing(data or QueryDict(), AnonymousUser())
    extent = Extent(min(date(last, 12, 31), timezone.localdate()), first, last)
    years = range(first, last + 1)
    length = last - first + 1
    with listing.index as index:
        within = listing.keys_found
        found = of_period(index, within, years)
        previous = range(max(FIRST_YEAR, first - length), first)
        before = of_period(index, within, previous) if previous else BitMap()
        keys = index.ordered(found, "date", 0, len(found))
        by_year = [
            (year, len(of_period(index, within, [year])))
            for year in range(max(first, last - 9), last + 1)
        ]
        groups = [
            (name, value, label, members)
            for name, _ in TABLES
            for value, label in index.labels(name).items()
            if value not in (NONE, BENIN) and (members := index.held[name][value] & found)
        ]
        covered, covered_before = (held(index, "commune", some) for some in (found, before))
        abroad, abroad_before = (held(index, "country", some) for some in (found, before))
    query = address_of(listing.query, [])
    sums, *sums_of = sum_up(keys, [found, *(members for *_, members in groups)], extent)
    earlier = Extent(date(first - 1, 12, 31), previous.start, first - 1)
    (sums_before,) = sum_up(before, [before], earlier)
    conventions = Convention.objects.published()
    moves, moves_before = (
        moved(conventions.filter(pk__in=list(some)), years_, of_period_.day)
        for some, years_, of_period_ in ((found, years, extent), (before, previous, earlier))
    )

    def figure(name, count, count_before):
        # Of a period that begins before the first year of the registry nothing is said.
        known_before = count_before if len(previous) == length else None
        return Figure(name, count, None, known_before, DEFINITIONS[name])

    rates, given = ExchangeRate.objects.known_on(extent.day), given_by(keys, extent)
    acting = extent.actions().filter(convention__in=keys)
    states = Counter(acting.order_by().values_list("state", flat=True))
    labels = [*Action.State.choices, ("", "état non renseigné")]
    for (name, value, *_), of_group in zip(groups, sums_of, strict=True):
        if name == "funder":
            # Its own money, not that of all who fund the same conventions.
            of_group.totals, of_group.paid = given.get(value, ([], []))
    entries = list(read_entries(keys, extent))
    reference = {entry.key: entry.reference for entry in entries}
    return BilanFacts(
        first=first,
        last=last,
        day=extent.day,
        made_on=timezone.localdate(),
        scope=[f"{f['label']} : {f['value']}" for f in listing.active],
        query=query,
        figures=[
            figure("conventions", len(keys), len(before)),
            *(
                figure(name, len(moves[name]), len(moves_before[name]))
                for name, _, is_figure in MOVES
                if is_figure
            ),
            figure("actions", sums.actions, sums_before.actions),
            figure("communes", len(covered), len(covered_before)),
            figure("pays", len(abroad - {BENIN}), len(abroad_before - {BENIN})),
        ],
        by_year=by_year,
        planned=sums.totals,
        paid=sums.paid,
        paid_before=sums_before.paid,
        rates=list(rates.values()),
        in_kind=in_kind_share(sums.totals, rates),
        moves=[Move(name, title, named(moves[name])) for name, title, _ in MOVES],
        tables=[
            Table(
                name,
                title,
                [
                    Row(label, [reference[key] for key in members], s.actions, s.totals, s.paid)
                    for (group, _, label, members), s in zip(groups, sums_of, strict=True)
                    if group == name
                ],
            )
            for name, title in TABLES
        ],
        without=[] if listing.active else without_convention(covered),
        states=[(label, states[state]) for state, label in labels],
        actions=actions_to_report(acting, extent.day),
        legal=[
            (
                label,
                LegalStep.objects.filter(convention__in=keys, kind=kind)
                .filter(Q(done_on__isnull=True) | Q(done_on__lte=str(extent.day)))
                .values("convention")
                .distinct()
                .count(),
            )
            for kind, label in LegalStep.Kind.choices
        ],
        targets=targets(keys, last),
        silent=named(silent(moves["en-vigueur"])),
        entries=entries,
        narrative=narrative or {},
    )


def of_period(index, within, years):
    """Keys, among `within`, of the conventions of some years."""
    acting = Action.objects.published().under_way(years[0], years[-1]).order_by()
    of_actions = BitMap(acting.values_list("convention", flat=True).distinct())
    begun = Convention.objects.published().overlapping(years[0], years[-1]).order_by()
    return within & (BitMap(begun.values_list("pk", flat=True)) | of_actions)


# (name of the definition, title, whether it is one of the key figures)
MOVES = [
    ("en-vigueur", "Conventions en vigueur à la date d’arrêt", True),
    ("nouvelles", "Nouvelles conventions", True),
    ("renouvelees", "Conventions renouvelées ou prolongées", True),
    ("avenants-sans-date", "Conventions dont un avenant sans date change le terme", False),
    ("achevees", "Conventions arrivées à terme", True),
    ("a-echoir", "Conventions à échoir l’année suivante", False),
    ("terme-inconnu", "Conventions dont le terme n’est pas renseigné", True),
]


def moved(conventions, years, day):
    """{name of a definition: conventions} of what is in force, begins, is renewed, ends."""
    if not years:
        return {name: Convention.objects.none() for name, *_ in MOVES}
    first, last = str(years[0]), f"{years[-1]}-12-31"
    known = conventions.with_term(day)
    begun = Q(begin__gte=first, begin__lte=last)
    extended, undated = extensions(conventions, first, last)
    next_year = years[-1] + 1
    return {
        "en-vigueur": conventions.in_state(State.IN_FORCE, day),
        "nouvelles": known.filter(begun),
        "renouvelees": known.filter(begun & Q(predecessor__isnull=False) | Q(pk__in=extended)),
        "avenants-sans-date": known.filter(pk__in=undated),
        "achevees": known.filter(term__gte=first, term__lte=last),
        "a-echoir": known.filter(term__gte=str(next_year), term__lte=f"{next_year}-12-31"),
        "terme-inconnu": known.filter(term__isnull=True),
    }


def extensions(conventions, first, last):
    """Keys of the conventions that an avenant signed between two days gives a later term, or a
    first one; and of those to which one does so on a day that is not known.
    """
    avenants = Avenant.objects.published().filter(
        convention__in=conventions.order_by().values("pk"), ends_on__isnull=False
    )
    terms, extended, undated = {}, set(), set()
    for key, own, signed, end in avenants.order_by("convention", "number").values_list(
        "convention", "convention__ends_on", "signed_on", "ends_on"
    ):
        term = terms.get(key, own)
        if signed and signed > last:
            continue
        terms[key] = end
        if term and end <= term:
            continue
        if not signed:
            undated.add(key)
        elif signed >= first:
            extended.add(key)
    return extended, undated


def named(conventions):
    return [
        Named(reference, title, period_label(begin, term))
        for reference, title, begin, term in conventions.values_list(
            "reference", "title", "begin", "term"
        )
    ]


def without_convention(covered):
    """[(département, [commune, …]), …] of the communes of Benin that no convention names."""
    communes = Partner.objects.published().communes().exclude(slug__in=covered)
    found = {label: [] for _, label in Departement.choices}
    labels = dict(Departement.choices)
    for name, departement in communes.order_by("name").values_list("name", "departement"):
        found.setdefault(labels.get(departement, "Département non renseigné"), []).append(name)
    return [(label, names) for label, names in found.items() if names]


def actions_to_report(actions, day):
    """What was done, what was difficult, what is late on the day."""
    found = []
    for action in actions.select_related("convention").order_by("convention__reference", "number"):
        end, done = action.planned_end, action.actual_end
        open_states = (Action.State.DONE, Action.State.ABANDONED)
        if done:
            is_late = bool(end) and done.first_day > end.last_day
        else:
            is_late = bool(end) and end.last_day < day and action.state not in open_states
        if action.results or action.difficulties or is_late:
            found.append(
                ActionReport(
                    action.reference,
                    action.title,
                    action.convention.reference,
                    action.get_state_display() or "état non renseigné",
                    end.label if end else "",
                    done.label if done else "",
                    is_late,
                    action.results,
                    action.difficulties,
                )
            )
    return found


def targets(keys, last):
    """The indicators of the conventions, by their last value measured until the end of a year."""
    indicators = Indicator.objects.filter(convention__in=keys).with_measurements()
    found = []
    for indicator in indicators.select_related("convention"):
        measured = [m for m in indicator.totals_measured if m.measured_on <= f"{last}-12-31"]
        latest = measured[-1] if measured else None
        found.append(
            Target(
                indicator.name,
                indicator.unit,
                indicator.convention.reference,
                "" if indicator.baseline is None else format_number(indicator.baseline),
                "" if indicator.target is None else format_number(indicator.target),
                indicator.target_on.label if indicator.target_on else "",
                latest.value_label if latest else "",
                latest.measured_on.label if latest else "",
                indicator.progress_to(latest),
            )
        )
    return found


def in_kind_share(sums, rates):
    """Whole per cent of valorisation in the amounts of known nature, converted at the rates."""
    known, given = [], []
    for total in sums:
        parts = {n: a for n, a in total.parts.items() if n in (Nature.CASH, Nature.IN_KIND)}
        if parts:
            known.append(Total(total.currency, parts))
        if Nature.IN_KIND in parts:
            given.append(Total(total.currency, {Nature.IN_KIND: parts[Nature.IN_KIND]}))
    whole = combine(known, rates).euros
    if not whole:
        return None
    return int((100 * combine(given, rates).euros / whole).to_integral_value(ROUND_HALF_UP))


def years_with_conventions() -> list[int]:
    """Years, the latest first, whose bilan holds something: from the first date to this year."""
    this_year = timezone.localdate().year
    years = set()
    conventions = Convention.objects.published().with_term()
    for begin, term in conventions.exclude(begin=None).values_list("begin", "term"):
        years.update(range(begin.year, (term.year if term else this_year) + 1))
    actions = Action.objects.published()
    for name in ("actual_start", "planned_start", "actual_end", "planned_end"):
        dates = actions.exclude(**{name: None}).values_list(name, flat=True)
        years.update(day.year for day in dates)
    return sorted((year for year in years if year <= this_year), reverse=True)
