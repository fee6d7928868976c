"""What a row of a list, or the head of a page, tells of a convention at a glance: when, how much, how many."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import CharField, DecimalField, Value
from django.utils import timezone

from agreements.amounts import RELATIONS, counted
from agreements.models import Convention, State
from cooperation.values.money import UNSTATED, Nature, convert, format_money, totals
from cooperation.values.states import ActionState

# The years that the bars of a list share, so that rows compare; today is always on them.
FIRST_YEAR, YEARS_AHEAD = 1990, 5


@dataclass(frozen=True)
class Bar:
    """A length of time in per cent of the years shown; `added` is what avenants added to it."""

    start: float
    length: float
    # Where its end is not known, it is drawn as far as today, lighter.
    is_open: bool
    added: float
    today: float

    @property
    def added_from(self) -> float:
        return self.start + self.length


def part_of(day, first, last) -> float:
    """Where a day is between two others, in per cent."""
    return round(min(100, max(0, 100 * (day - first).days / max(1, (last - first).days))), 1)


def bar_of(convention, first, last) -> Bar | None:
    """The bar of a convention with its term between two days; None where its beginning is not known."""
    begin, term, today = convention.begin, convention.term, timezone.localdate()
    if not begin:
        return None
    start, now = part_of(begin.first_day, first, last), part_of(today, first, last)
    signed = convention.ends_on or convention.deduced_end
    extended = bool(signed and term and term > signed)
    end = signed if extended else term
    lasts = 100.0 if convention.has_no_term and not term else now
    until = part_of(end.last_day, first, last) if end else max(lasts, start)
    added = part_of(term.last_day, first, last) - until if extended else 0
    is_open = not end and not convention.has_no_term
    return Bar(start, max(1, round(until - start, 1)), is_open, round(added, 1), now)


def years_between(first, last) -> tuple[date, date]:
    """The days between which whole years are drawn."""
    return date(first, 1, 1), date(last, 12, 31)


def own_bar(convention) -> Bar | None:
    """From its beginning to its term, or to today where that is later or no term is known."""
    begin, term, today = convention.begin, convention.term, timezone.localdate()
    if not begin:
        return None
    return bar_of(convention, begin.first_day, max(term.last_day if term else today, today))


def end_of_bar(convention) -> str:
    """What `own_bar` reaches, in words."""
    term = convention.term
    if term and term.last_day >= timezone.localdate():
        return term.label
    return "sans terme" if convention.has_no_term and not term else "aujourd’hui"


def add_glances(conventions) -> None:
    """Give each of the conventions of a page its `bar`, `amounts` (Totals) and `action_count`."""
    found = Convention.objects.filter(pk__in=[one.pk for one in conventions]).order_by()
    own, shared = (
        counted(found, relation, "currency", "nature", "counted_amount") for relation in RELATIONS
    )
    # One query for all three: an action is a row without an amount.
    nothing = (Value("", CharField()), Value("", CharField()), Value(None, DecimalField()))
    acting = found.filter(actions__isnull=False).values_list("pk", *nothing)
    sums, actions = defaultdict(list), Counter()
    for key, *amount in own.union(shared, acting, all=True):
        if amount[-1] is None:
            actions[key] += 1
        else:
            sums[key].append(amount)
    years = years_between(FIRST_YEAR, timezone.localdate().year + YEARS_AHEAD)
    for convention in conventions:
        convention.bar = bar_of(convention, *years)
        convention.amounts = totals(sums[convention.pk])
        convention.action_count = actions[convention.pk]


@dataclass(frozen=True)
class Share:
    """What one giver brings to a total, in one nature; `percent` of it, and where it begins."""

    label: str
    nature: str
    amount: str
    start: float
    percent: float


@dataclass(frozen=True)
class Money:
    """The largest total of a convention, who gives it, and how much of it is paid."""

    label: str
    equivalent: str | None
    shares: list[Share]
    # In whole per cent; None where no payment is known.
    paid: int | None


def money_of(lines, sums) -> Money | None:
    """Of budget lines as a page tells them (`amounts.told`); None where nothing counts."""
    if not sums:
        return None
    largest = max(
        sums, key=lambda total: convert(total.amount, total.currency, "EUR") or total.amount
    )
    counted = [one for one in lines if one.is_counted and one.currency == largest.currency]
    given, paid = defaultdict(Decimal), Decimal(0)
    for line in counted:
        given[line.funder_label, line.nature] += line.counted_amount
        paid += sum(
            one.amount
            for one in line.disbursements.all()
            if one.is_paid and one.currency == line.currency
        )
    natures = dict(Nature.choices)
    shares, start = [], 0.0
    for (giver, nature), amount in sorted(given.items(), key=lambda one: -one[1]):
        part = round(float(100 * amount / largest.amount), 1)
        name = ", ".join(filter(None, [giver or "financeur non renseigné", natures.get(nature)]))
        label = format_money(amount, largest.currency)
        shares.append(Share(name, nature or UNSTATED, label, round(start, 1), part))
        start += part
    percent = round(100 * paid / largest.amount) if paid else None
    return Money(largest.label, largest.equivalent, shares, percent)


def time_left(convention) -> str:
    """« finit dans 34 jours », « finie depuis 2 ans », « finit en 2026 ».

    "" where no end is known, or where what was written did not come to be, or stopped.
    """
    term, today = convention.term, timezone.localdate()
    if convention.state not in (State.IN_FORCE, State.ENDED):
        return ""
    if not term:
        return "sans terme" if convention.has_no_term else ""
    if len(term) < 10 and term.first_day <= today <= term.last_day:
        return f"finit en {term.label}"
    days = (term.last_day - today).days
    return f"finit dans {span(days)}" if days >= 0 else f"finie depuis {span(-days)}"


def span(days) -> str:
    """« 34 jours », « 7 mois », « 3 ans »: as people say a length of time."""
    if days < 92:
        return f"{days} jour{'s' if days > 1 else ''}"
    months = round(days / 30.4)
    return f"{months} mois" if months < 24 else f"{days // 365} ans"


def states_of(actions) -> list[tuple]:
    """[(tone, label, how many), …] of some actions, the most first."""
    counts = Counter(action.state for action in actions)
    return [
        (ActionState(state).tone, ActionState(state).label, count)
        if state
        else ("", "état non renseigné", count)
        for state, count in counts.most_common()
    ]
