"""The chapters of a bilan, each counted by a function of its own."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP
from itertools import groupby
from operator import itemgetter

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from pyroaring import BitMap

from actions.models import Action, GoodPractice, Indicator
from agreements.models import Avenant, Convention, LegalStep, Meeting, State, by_signature
from cooperation.lists.index import NONE
from cooperation.models import Partner
from cooperation.values.dates import period_label
from cooperation.values.money import Nature, Total, combine, format_number
from cooperation.values.places import BENIN, Departement
from reports.facts.definitions import DEFINITIONS
from reports.facts.entries import (
    Extent,
    conventions_served,
    given_by,
    given_together,
    joined,
    sum_up,
)
from reports.facts.figures import Figure, held

# The facets by which conventions are grouped, in the order of the chapters.
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
    """What became of conventions in the period; `name` is that of the definition.

    `count` says how many they are where only the first are named.
    """

    name: str
    title: str
    conventions: list[Named]
    count: int | None = None

    @property
    def size(self) -> int:
        return len(self.conventions) if self.count is None else self.count


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
class Period:
    """Some years, and the keys of the conventions that belong to them; states are those of the day."""

    years: range
    day: date
    keys: BitMap
    communes: set[str]
    countries: set[str]

    @property
    def extent(self) -> Extent:
        return Extent(self.day, self.years.start, self.years.stop - 1)

    @property
    def moves(self) -> dict:
        """{name of a definition: conventions} of what became of them in these years."""
        return moved(
            Convention.objects.published().filter(pk__among=list(self.keys)), self.years, self.day
        )


def read_period(index, within, years, day) -> Period:
    """The conventions of some years among `within`, from the index of the list."""
    keys = of_period(within, years) if years else BitMap()
    countries = held(index, "country", keys) - {BENIN}
    return Period(years, day, keys, held(index, "commune", keys), countries)


def of_period(within, years) -> BitMap:
    """Keys, among `within`, of the conventions of some years."""
    keys = list(within)
    acting = Action.objects.published().under_way(years[0], years[-1], within=keys).order_by()
    of_actions = BitMap(acting.values_list("convention", flat=True).distinct())
    begun = Convention.objects.published().overlapping(years[0], years[-1])
    begun = begun.filter(pk__among=keys).order_by()
    return BitMap(begun.values_list("pk", flat=True)) | of_actions


def figures_of(now, before, sums, sums_before) -> list[Figure]:
    """The key figures of a period beside those of the one before.

    Where that one would begin before the registry’s first year, nothing is said of it.
    """
    is_comparable = len(before.years) == len(now.years)
    moves, moves_before = now.moves, before.moves
    counts = {
        "conventions": (len(now.keys), len(before.keys)),
        **{
            name: (moves[name].count(), moves_before[name].count())
            for name, _, is_figure in MOVES
            if is_figure
        },
        "actions": (sums.actions, sums_before.actions),
        "communes": (len(now.communes), len(before.communes)),
        "pays": (len(now.countries), len(before.countries)),
    }
    return [
        Figure(name, count, None, earlier if is_comparable else None, DEFINITIONS[name])
        for name, (count, earlier) in counts.items()
    ]


def groups_in(index, keys) -> list[tuple]:
    """[(facet, value, label, keys), …] of the groups that TABLES shows.

    Funders who give an amount together are a group of their own.
    """
    groups = [
        (name, value, label, members)
        for name, _ in TABLES
        for value, label in index.labels(name).items()
        if value not in (NONE, BENIN) and (members := index.held[name][value] & keys)
    ]
    several = given_together(keys)
    served, names = defaultdict(BitMap), {}
    for line, convention in conventions_served(several):
        if convention in keys:
            names[joined(several[line])] = " et ".join(sorted(several[line].values()))
            served[joined(several[line])].add(convention)
    return groups + [
        ("funder", value, f"{names[value]}, ensemble", members)
        for value, members in sorted(served.items())
    ]


def sums_of(keys, groups, extent) -> tuple:
    """(Sums of all, Sums of each group); a funder’s are its own money alone."""
    whole, *sums = sum_up(keys, [keys, *(members for *_, members in groups)], extent)
    given = given_by(keys, extent)
    for (name, value, *_), of_group in zip(groups, sums, strict=True):
        if name == "funder":
            of_group.totals, of_group.paid = given.get(value, ([], []))
    return whole, sums


def tables_of(groups, sums, references) -> list[Table]:
    """`references`: {key: reference} of the conventions."""
    rows = {name: [] for name, _ in TABLES}
    for (name, _, label, members), of_group in zip(groups, sums, strict=True):
        # One that was withdrawn a moment ago has no reference any more.
        named_here = [references[key] for key in members if key in references]
        row = Row(label, named_here, of_group.actions, of_group.totals, of_group.paid)
        rows[name].append(row)
    return [Table(name, title, rows[name]) for name, title in TABLES]


def states_of(actions) -> list[tuple[str, int]]:
    """How many of the actions are in each state, by its label."""
    counts = Counter(actions.order_by().values_list("state", flat=True))
    labels = [*Action.State.choices, ("", "état non renseigné")]
    return [(label, counts[state]) for state, label in labels]


def steps_held(day) -> QuerySet:
    """Legal steps done by the day, or on a day not known."""
    done = Q(done_on__isnull=True) | Q(done_on__lte=str(day))
    return LegalStep.objects.filter(done, result__in=LegalStep.COUNTED).order_by()


def legal_counts(keys, day) -> list[tuple[str, int]]:
    """How many of the conventions have each legal step."""
    steps = steps_held(day).filter(convention__in=keys)
    held_steps = steps.values_list("kind", "convention").distinct()
    counts = Counter(kind for kind, _ in held_steps)
    return [(kind.label, counts[kind]) for kind in LegalStep.EXPECTED]


def provenances(keys) -> list[tuple[str, int]]:
    """How many of the conventions are known how well."""
    found = Convention.objects.filter(pk__in=keys).order_by().values_list("provenance", flat=True)
    counts = Counter(found)
    labels = [*Convention.Provenance.choices, ("", "non renseignée")]
    return [(label, counts[value]) for value, label in labels]


# (name of the definition, title, whether it is one of the key figures)
MOVES = [
    ("en-vigueur", "Conventions en vigueur à la date d’arrêt", True),
    ("nouvelles", "Nouvelles conventions", True),
    ("renouvelees", "Conventions renouvelées ou prolongées", True),
    ("avenants-sans-date", "Conventions dont un avenant sans date change le terme", False),
    ("achevees", "Conventions arrivées à terme", True),
    ("a-echoir", "Conventions à échoir l’année suivante", False),
    ("terme-inconnu", "Conventions dont le terme n’est pas renseigné", True),
    ("reunies", "Conventions dont le suivi s’est réuni", False),
    ("sans-reunion", "Conventions dont le suivi ne s’est pas réuni", False),
]


def begun_in(years) -> Q:
    """Of conventions with their term: that they begin in some years."""
    return Q(begin__gte=str(years[0]), begin__lte=f"{years[-1]}-12-31")


def moved(conventions, years, day) -> dict:
    """{name of a definition: conventions} of what is in force, begins, is renewed, ends."""
    if not years:
        return {name: Convention.objects.none() for name, *_ in MOVES}
    first, last = str(years[0]), f"{years[-1]}-12-31"
    known, begun = conventions.with_term(day), begun_in(years)
    extended, undated = extensions(conventions, first, last)
    next_year = years[-1] + 1
    met = Meeting.objects.filter(held_on__gte=first, held_on__lte=last).values("convention")
    in_force = conventions.in_state(State.IN_FORCE, day)
    followed = ~Q(follow_up_body="") | ~Q(meeting_rhythm="")
    return {
        "en-vigueur": in_force,
        "nouvelles": known.filter(begun),
        "renouvelees": known.filter(begun & Q(predecessor__isnull=False) | Q(pk__in=extended)),
        "avenants-sans-date": known.filter(pk__in=undated),
        "achevees": known.filter(term__gte=first, term__lte=last),
        "a-echoir": known.filter(term__gte=str(next_year), term__lte=f"{next_year}-12-31"),
        "terme-inconnu": known.filter(term__isnull=True, has_no_term=False),
        "reunies": known.filter(pk__in=met),
        "sans-reunion": in_force.filter(followed).exclude(pk__in=met),
    }


def extensions(conventions, first, last) -> tuple:
    """Keys of the conventions that an avenant signed between two days gives a later term, or a
    first one; and of those to which one does so on a day that is not known.
    """
    avenants = Avenant.objects.published().filter(
        Q(signed_on__isnull=True) | Q(signed_on__lte=last),
        convention__in=conventions.order_by().values("pk"),
        ends_on__isnull=False,
    )
    rows = avenants.order_by("convention", "number").values_list(
        "convention",
        Coalesce("convention__ends_on", "convention__deduced_end"),
        "signed_on",
        "ends_on",
    )
    extended, undated = set(), set()
    for key, changes in groupby(rows, itemgetter(0)):
        term = None
        for _, own, signed, end in by_signature(changes, itemgetter(2)):
            before, term = term or own, end
            if before and end <= before:
                continue
            if not signed:
                undated.add(key)
            elif signed >= first:
                extended.add(key)
    return extended, undated


def named(conventions, most=None) -> list:
    """The conventions as lists name them; the first ones only, where `most` says how many."""
    rows = conventions.values_list("reference", "title", "begin", "term")[:most]
    return [
        Named(reference, title, period_label(begin, term)) for reference, title, begin, term in rows
    ]


def without_convention(covered) -> list[tuple]:
    """[(département, [commune, …]), …] of the communes of Benin that no convention names."""
    communes = Partner.objects.published().communes().exclude(slug__in=covered)
    found = {label: [] for _, label in Departement.choices}
    labels = dict(Departement.choices)
    for name, departement in communes.order_by("name").values_list("name", "departement"):
        found.setdefault(labels.get(departement, "Département non renseigné"), []).append(name)
    return [(label, names) for label, names in found.items() if names]


def actions_to_report(actions, day) -> list:
    """What was done, what was difficult, what is late on the day."""
    found, labels = [], dict(Action.State.choices)
    closed = (Action.State.DONE, Action.State.ABANDONED)
    rows = actions.order_by("convention__reference", "number").values_list(
        "reference",
        "title",
        "convention__reference",
        "state",
        "planned_end",
        "actual_end",
        "results",
        "difficulties",
    )
    for *names, state, end, done, results, difficulties in rows.iterator(chunk_size=5000):
        if done:
            is_late = bool(end) and done.first_day > end.last_day
        else:
            is_late = bool(end) and end.last_day < day and state not in closed
        if results or difficulties or is_late:
            found.append(
                ActionReport(
                    *names,
                    labels.get(state, "état non renseigné"),
                    end.label if end else "",
                    done.label if done else "",
                    is_late,
                    results,
                    difficulties,
                )
            )
    return found


def indicators_of(keys) -> QuerySet:
    return Indicator.objects.filter(convention__in=keys)


@dataclass(frozen=True)
class Practice:
    """A good practice drawn from an action of the period."""

    reference: str
    title: str
    action: str
    results: str


def practices_of(acting) -> QuerySet:
    """Published ones, by their title."""
    found = GoodPractice.objects.published().filter(action__in=acting.order_by().values("pk"))
    return found.order_by("title", "reference")


def told_practices(practices) -> list[Practice]:
    rows = practices.values_list("reference", "title", "action__title", "results")
    return [Practice(*row) for row in rows]


def targets(indicators, last) -> list:
    """Each indicator by its last value measured until the end of a year."""
    found = []
    for indicator in indicators.with_measurements().select_related("convention"):
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


def in_kind_share(sums, rates) -> int | None:
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
