"""Conventions and their actions as reports show them: plain facts, read some hundred at a time."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet
from django.urls import reverse

from actions.models import Action, BudgetLine, Disbursement
from agreements.models import Avenant, Convention, Party, nature_of, party_name
from cooperation.lists.exports import grouped
from cooperation.records.gates import Status
from cooperation.values.dates import PartialDate, period_label
from cooperation.values.money import Total, totals

# Conventions read by one set of queries.
CHUNK = 500
ROLES = dict(Party.Role.choices)
STATES = dict(Action.State.choices)


@dataclass(frozen=True)
class ActionLine:
    """An action in one line; what is not known is empty."""

    reference: str
    number: int
    title: str
    state: str
    progress: int | None
    period: str
    places: list[str]

    @property
    def facts(self) -> str:
        """« en cours, 40 % – 2019 – 2021 »"""
        progress = "" if self.progress is None else f"{self.progress} %"
        state = ", ".join(fact for fact in (STATES.get(self.state, ""), progress) if fact)
        return " – ".join(fact for fact in (state, self.period) if fact)


@dataclass(frozen=True)
class Entry:
    """A published convention: its term on a day, its planned and its paid amounts, its actions."""

    key: int
    reference: str
    title: str
    address: str
    kind: str
    begin: PartialDate | None
    term: PartialDate | None
    parties: list[str]
    # « avenant n° 1 (fin : 2010) »
    avenants: list[str]
    totals: list[Total]
    paid: list[Total]
    actions: list[ActionLine]

    @property
    def period(self) -> str:
        return period_label(self.begin, self.term)


@dataclass(frozen=True)
class Extent:
    """How much of conventions a report tells: all that is published, or that of some years."""

    day: date
    first: int | None = None
    last: int | None = None

    def actions(self, keys) -> QuerySet:
        """Those of the conventions so numbered."""
        published = Action.objects.published()
        if self.first:
            return published.under_way(self.first, self.last, within=keys)
        return published.filter(convention__pk__among=list(keys))

    def payments(self) -> QuerySet:
        published = Disbursement.objects.published().paid()
        if not self.first:
            return published
        return published.filter(paid_on__gte=str(self.first), paid_on__lte=f"{self.last}-12-31")


def read_entries(keys: Iterable[int], extent: Extent) -> Iterator[Entry]:
    """The published conventions so numbered, in that order, with terms as known on the day.

    Eleven queries for each CHUNK of conventions: memory does not grow with their number.
    """
    keys = list(keys)
    for start in range(0, len(keys), CHUNK):
        yield from read_some(keys[start : start + CHUNK], extent)


def read_some(keys, extent) -> Iterable:
    parties = grouped(
        Party.objects.filter(convention__in=keys)
        .order_by("pk")
        .values_list(
            *("convention", "role", "partner__name", "partner__short_name", "arrondissement__name")
        )
    )
    avenants = grouped(
        Avenant.objects.published()
        .filter(convention__in=keys)
        .order_by("number")
        .values_list("convention", "number", "ends_on")
    )
    planned, paid = (grouped(rows) for rows in amounts(keys, extent))
    for held, shared in zip((planned, paid), shared_amounts(keys, extent), strict=True):
        for one in shared:
            held[one.convention].append((one.currency, one.nature, one.amount))
    lines = action_lines(extent.actions(keys))
    # Looked up once: it costs as much as a row.
    path = reverse("convention_detail", args=["REFERENCE"])
    published = Convention.objects.published().with_term(extent.day).filter(pk__in=keys).order_by()
    found = {
        key: Entry(
            key=key,
            reference=reference,
            title=title,
            address=path.replace("REFERENCE", reference),
            kind=nature_of(kind, words),
            begin=begin,
            term=term,
            parties=[
                party_label(name, short_name, part, role)
                for role, name, short_name, part in parties[key]
            ],
            avenants=[
                f"avenant n° {number}" + (f" (fin : {end.label})" if end else "")
                for number, end in avenants[key]
            ],
            totals=totals(planned[key]),
            paid=totals(paid[key]),
            actions=lines[key],
        )
        for key, reference, title, kind, words, begin, term in published.values_list(
            "pk", "reference", "title", "kind", "kind_words", "begin", "term"
        )
    }
    return (found[key] for key in keys if key in found)


def party_label(name, short_name, arrondissement, role) -> str:
    """« Communauté des communes du Plateau (CCP), chef de file »"""
    label = party_name(f"{name} ({short_name})" if short_name else name, arrondissement)
    return f"{label}, {ROLES[role]}" if role else label


def amounts(keys, extent) -> tuple:
    """Planned, then paid (convention, currency, nature, amount) rows of the lines of some conventions."""
    lines = BudgetLine.objects.counted().filter(convention__in=keys).order_by()
    payments = extent.payments().filter(budget_line__convention__in=keys).order_by()
    return (
        lines.values_list("convention", "currency", "nature", "counted_amount"),
        payments.values_list(
            "budget_line__convention", "currency", "budget_line__nature", "amount"
        ),
    )


@dataclass(frozen=True)
class Shared:
    """A planned amount or a payment of a line that a convention shares with the one that holds it."""

    key: int
    line: int
    convention: int
    holder: int
    funder: str | None
    currency: str
    nature: str
    amount: Decimal


def shared_amounts(keys, extent) -> tuple[list[Shared], list[Shared]]:
    """Planned, then paid: what some conventions share of lines that others hold."""
    if not keys:
        return [], []
    lines = BudgetLine.objects.published().counted().filter(also_for__pk__among=keys).order_by()
    payments = extent.payments().filter(budget_line__also_for__pk__among=keys).order_by()
    of_line = ("pk", "also_for", "convention", "funder__slug")
    planned = lines.values_list("pk", *of_line, "currency", "nature", "counted_amount")
    of_payment = ("pk", *(f"budget_line__{name}" for name in of_line), "currency")
    paid = payments.values_list(*of_payment, "budget_line__nature", "amount")
    return [Shared(*row) for row in planned], [Shared(*row) for row in paid]


def once(shared, keys) -> list[Shared]:
    """Those of the conventions of a group, each once, without what one of the group holds."""
    found = {one.key: one for one in shared if one.convention in keys and one.holder not in keys}
    return list(found.values())


def action_lines(actions) -> dict:
    """{convention: [ActionLine, …]}"""
    places = grouped(
        actions.filter(places__status=Status.PUBLISHED)
        .order_by("places__name")
        .values_list("pk", "places__short_name", "places__name")
    )
    parts = grouped(
        actions.filter(arrondissements__isnull=False)
        .order_by("arrondissements__code")
        .values_list("pk", "arrondissements__name", "arrondissements__commune__name")
    )
    found = defaultdict(list)
    rows = actions.order_by("number").values_list(
        "convention",
        "pk",
        "reference",
        "number",
        "title",
        "state",
        "progress",
        "planned_start",
        "actual_start",
        "planned_end",
        "actual_end",
        "place_words",
    )
    for convention, key, *facts, start, real_start, end, real_end, words in rows:
        period = period_label(real_start or start, real_end or end)
        names = [short_name or name for short_name, name in places[key]]
        names += [f"{name} ({commune})" for name, commune in parts[key]]
        names += [words] if words else []
        found[convention].append(ActionLine(*facts, period, names))
    return found


@dataclass
class Sums:
    """What some conventions hold together: how many actions, and the amounts planned and paid."""

    actions: int
    totals: list[Total]
    paid: list[Total]


def sum_up(keys, groups, extent) -> list[Sums]:
    """The Sums of each of several sets of keys, all within `keys`; each row is read once."""
    keys, counts, numbers_of = list(keys), Counter(), defaultdict(list)
    planned, paid = ([defaultdict(int) for _ in groups] for _ in range(2))
    for number, group in enumerate(groups):
        for key in group:
            numbers_of[key].append(number)
    for start in range(0, len(keys), CHUNK):
        some = keys[start : start + CHUNK]
        acting = extent.actions(some).order_by()
        for key in acting.values_list("convention", flat=True):
            counts.update(numbers_of[key])
        for sums, rows in zip((planned, paid), amounts(some, extent), strict=True):
            for key, currency, nature, amount in rows:
                for number in numbers_of[key]:
                    sums[number][currency, nature] += amount
    for sums, shared in zip((planned, paid), shared_amounts(keys, extent), strict=True):
        for number, group in enumerate(groups if shared else ()):
            for one in once(shared, set(group)):
                sums[number][one.currency, one.nature] += one.amount
    return [Sums(counts[n], together(planned[n]), together(paid[n])) for n in range(len(groups))]


def given_together(keys) -> dict[int, dict[str, str]]:
    """{line: {slug: name} of all who give it} where several give one amount together."""
    found = defaultdict(dict)
    lines = BudgetLine.objects.serving(list(keys)).filter(joint_funders__isnull=False).order_by()
    for line, *pair in lines.values_list(
        "pk", "funder__slug", "funder__name", "joint_funders__slug", "joint_funders__name"
    ):
        for slug, name in (pair[:2], pair[2:]):
            if slug:
                found[line][slug] = name
    return found


def conventions_served(lines) -> Iterator[tuple[int, int]]:
    """(line, convention) of each convention that the lines so numbered serve."""
    if lines:
        found = BudgetLine.objects.filter(pk__in=list(lines)).order_by()
        yield from found.values_list("pk", "convention")
        yield from found.filter(also_for__isnull=False).values_list("pk", "also_for")


def joined(funders) -> str:
    """The value of those who give together, as a funder alone has its slug."""
    return "+".join(sorted(funders))


def given_by(keys, extent) -> dict[str, tuple[list[Total], list[Total]]]:
    """{slug of a funder: its own amounts planned, and paid} in some conventions.

    What several give together is no one’s part: it stands under the slugs of all of them, `joined`.
    """
    keys, planned, paid = list(keys), defaultdict(list), defaultdict(list)
    several = {line: joined(funders) for line, funders in given_together(keys).items()}
    for start in range(0, len(keys), CHUNK):
        some = keys[start : start + CHUNK]
        lines = BudgetLine.objects.counted().filter(convention__in=some, funder__isnull=False)
        for line, slug, *row in lines.order_by().values_list(
            "pk", "funder__slug", "currency", "nature", "counted_amount"
        ):
            planned[several.get(line, slug)].append(row)
        payments = extent.payments().filter(
            budget_line__convention__in=some, budget_line__funder__isnull=False
        )
        for line, slug, *row in payments.order_by().values_list(
            "budget_line", "budget_line__funder__slug", "currency", "budget_line__nature", "amount"
        ):
            paid[several.get(line, slug)].append(row)
    for given, shared in zip((planned, paid), shared_amounts(keys, extent), strict=True):
        for one in once(shared, set(keys)):
            if one.funder:
                row = (one.currency, one.nature, one.amount)
                given[several.get(one.line, one.funder)].append(row)
    return {slug: (totals(planned[slug]), totals(paid[slug])) for slug in {*planned, *paid}}


def together(sums) -> list:
    return totals((currency, nature, amount) for (currency, nature), amount in sums.items())
