"""The indicators of the PONADEC by year: what the registry counts, beside what was entered.

A figure that the bilan of the year tells too is the same here, and is read without the rest of it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from pyroaring import BitMap

from actions.models import Action, GoodPractice
from agreements.facets import CONVENTION_INDEX
from agreements.models import Convention, LegalStep, State
from cooperation.caching import worked_out
from cooperation.models import ExchangeRate
from cooperation.values.money import Nature, Total, combine, format_number
from cooperation.values.places import BENIN
from cooperation.values.states import ActionState
from reports.facts.chapters import begun_in, of_period, steps_held
from reports.facts.entries import Extent, sum_up
from reports.facts.figures import held, with_state
from workgroup.models import Computed, GroupMeeting, PonadecIndicator, PonadecYear, sent_in_time
from workgroup.models.ponadec import with_unit

# Years told of an indicator, the last of them included.
YEARS = 10
TENTH = Decimal("0.1")


def day_of(year) -> date:
    """The day on which a year is counted: its last one, or today."""
    return min(date(year, 12, 31), timezone.localdate())


@dataclass(frozen=True)
class Place:
    """A commune or a country behind a figure; its address lists its conventions."""

    label: str
    address: str

    def __str__(self):
        return self.label

    def get_absolute_url(self) -> str:
        return self.address

    @property
    def is_list(self) -> bool:
        """Of conventions: those who see drafts ask it for what is published."""
        return True


def in_force(year) -> QuerySet:
    return Convention.objects.published().in_state(State.IN_FORCE, day_of(year))


def begun(year) -> QuerySet:
    return Convention.objects.published().overlapping(year).filter(begun_in([year]))


def places_in_force(facet, year, without=()) -> list[Place]:
    """The values of a facet that the conventions in force have, in the order of their names."""
    keys = BitMap(in_force(year).order_by().values_list("pk", flat=True))
    address = reverse("convention_list")
    with CONVENTION_INDEX as index:
        labels = index.labels(facet)
        found = held(index, facet, keys) - set(without)
    query = with_state("", day_of(year), State.IN_FORCE)
    # A partner that was withdrawn since has no name any more, and no list.
    places = [
        Place(labels[value], f"{address}?{query}&{facet}={value}")
        for value in found
        if value in labels
    ]
    return sorted(places, key=str)


def communes(year) -> list[Place]:
    return places_in_force("commune", year)


def countries(year) -> list[Place]:
    return places_in_force("country", year, without=[BENIN])


def actions(year) -> QuerySet:
    return Action.objects.published().under_way(year).order_by("reference")


def is_finished(year) -> Q:
    return Q(state=ActionState.DONE)


def is_approved(year) -> Q:
    """Of conventions: that an approval is on file by the day of the year."""
    steps = steps_held(day_of(year)).filter(kind=LegalStep.Kind.APPROVAL)
    return Q(pk__in=steps.values("convention"))


def within(year) -> tuple[datetime, datetime]:
    """From the first moment of a year in Porto-Novo to that of the next."""
    zone = timezone.get_current_timezone()
    return datetime(year, 1, 1, tzinfo=zone), datetime(year + 1, 1, 1, tzinfo=zone)


def judged(year) -> QuerySet:
    """Meetings of the year that everybody knows of and whose minutes are sent, or late."""
    first, after = within(year)
    held_then = GroupMeeting.objects.public().took_place()
    held_then = held_then.filter(ends_at__gte=first, ends_at__lt=after)
    rows = held_then.select_related("group", "minutes")
    kept = [one.pk for one in rows if was_sent(one) or one.minutes_late_by > 0]
    return held_then.filter(pk__in=kept)


def was_sent(meeting) -> bool:
    return hasattr(meeting, "minutes") and meeting.minutes.sent_at is not None


def is_in_time(year) -> Q:
    rows = judged(year).select_related("group", "minutes")
    return Q(pk__in=[one.pk for one in rows if was_sent(one) and sent_in_time(one.minutes)])


def practices(year) -> QuerySet:
    first, after = within(year)
    found = GoodPractice.objects.published().order_by("title", "reference")
    return found.filter(published_at__gte=first, published_at__lt=after)


def paying(year) -> QuerySet:
    """Conventions of the year for which something is paid in it."""
    payments = Extent(day_of(year), year, year).payments()
    own = payments.order_by().values("budget_line__convention")
    shared = payments.exclude(budget_line__also_for=None).order_by()
    return Convention.objects.published().filter(
        Q(pk__in=own) | Q(pk__in=shared.values("budget_line__also_for"))
    )


def paid(year) -> tuple[list[int], list[Total]]:
    """Those of the bilan of the year for which something is paid in it, and how much."""
    keys = BitMap(paying(year).order_by().values_list("pk", flat=True))
    keys = of_period(keys, [year])
    (sums,) = sum_up(keys, [keys], Extent(day_of(year), year, year))
    return list(keys), sums.paid


def paying_in(nature, year) -> QuerySet:
    keys, _ = paid(year)
    payments = Extent(day_of(year), year, year).payments().filter(budget_line__nature=nature)
    lines = Q(pk__in=payments.order_by().values("budget_line__convention")) | Q(
        pk__in=payments.order_by().values("budget_line__also_for")
    )
    return Convention.objects.filter(lines, pk__in=keys).with_term(day_of(year))


@dataclass(frozen=True)
class Measure:
    """How an indicator is counted: its records; of a share, which of them count; or the nature summed.

    `of_day`: it stands as on the last day of the year, and not as the registry has it now.
    """

    records: Callable[[int], Sequence]
    share: Callable[[int], Q] | None = None
    nature: Nature | None = None
    of_day: bool = False


MEASURES = {
    Computed.IN_FORCE: Measure(in_force, of_day=True),
    Computed.NEW: Measure(begun),
    Computed.COMMUNES: Measure(communes, of_day=True),
    Computed.COUNTRIES: Measure(countries, of_day=True),
    Computed.CASH: Measure(lambda year: paying_in(Nature.CASH, year), nature=Nature.CASH),
    Computed.IN_KIND: Measure(lambda year: paying_in(Nature.IN_KIND, year), nature=Nature.IN_KIND),
    Computed.FINISHED: Measure(actions, share=is_finished),
    Computed.APPROVED: Measure(in_force, share=is_approved, of_day=True),
    Computed.MINUTES: Measure(judged, share=is_in_time),
    Computed.PRACTICES: Measure(practices),
}


def size_of(records) -> int:
    return records.count() if isinstance(records, QuerySet) else len(records)


@dataclass(frozen=True)
class Value:
    """What an indicator is in a year, and is to be. None where nothing tells it.

    `parts`: of a share, how many count and among how many; `apart`: what is paid and no part of it.
    """

    year: int
    unit: str
    number: Decimal | None
    source: str = ""
    target: Decimal | None = None
    target_source: str = ""
    parts: tuple[int, int] | None = None
    apart: str = ""
    is_computed: bool = False

    @property
    def figure(self) -> str:
        return "" if self.number is None else format_number(self.number)

    @property
    def label(self) -> str:
        """« 34,5 % »"""
        return with_unit(self.number, self.unit)

    @property
    def target_label(self) -> str:
        return with_unit(self.target, self.unit)


def measured(computed, year) -> tuple[Decimal | None, tuple[int, int] | None, str]:
    """(number, parts, apart) of what the registry counts of a year."""
    measure = MEASURES[computed]
    if measure.nature:
        return in_francs(paid(year)[1], measure.nature, day_of(year))
    records = measure.records(year)
    if measure.share is None:
        return Decimal(size_of(records)), None, ""
    parts = records.order_by().aggregate(
        counted=Count("pk", filter=measure.share(year)), among=Count("pk")
    )
    counted, among = parts["counted"], parts["among"]
    if not among:
        return None, (0, 0), ""
    share = (Decimal(100 * counted) / among).quantize(TENTH, ROUND_HALF_UP)
    return share, (counted, among), ""


def in_francs(sums, nature, day) -> tuple:
    """The part of one nature in XOF, rounded once; `apart`: what has no rate, or no such nature alone."""
    if not sums:
        return None, None, ""
    known = [Total(t.currency, {nature: t.parts[nature]}) for t in sums if nature in t.parts]
    combined = combine(known, ExchangeRate.objects.known_on(day))
    mixed = [
        Total(total.currency, {part: total.parts[part]})
        for part in (Nature.MIXED, "")
        for total in sums
        if part in total.parts
    ]
    apart = [f"sans taux de change : {total.label}" for total in combined.apart]
    apart += [f"sans nature distincte : {total.label}" for total in mixed]
    # Nothing that can be summed is not zero.
    francs = combined.francs or (None if apart else combined.francs)
    return francs, None, " ; ".join(apart)


def counted_in(computed, year) -> tuple:
    """What `measured` gives, counted once for a state of the registry."""
    return worked_out("ponadec", computed, year, make=lambda: measured(computed, year))


def values_of(indicators, years) -> dict[int, list[Value]]:
    """{key of an indicator: its Values, in the order of the years}; none is told of a year to come."""
    entered = {
        (one.indicator_id, one.year): one
        for one in PonadecYear.objects.filter(indicator__in=indicators, year__in=years)
    }
    return {
        indicator.pk: [
            value_in(indicator, year, entered.get((indicator.pk, year))) for year in years
        ]
        for indicator in indicators
    }


def moment_of(computed, year) -> str:
    """« au 31/12/2024 », or « pour 2024 » where the day is not what is asked."""
    return f"au {day_of(year):%d/%m/%Y}" if MEASURES[computed].of_day else f"pour {year}"


def targets_after(indicators, year) -> dict[int, list[Value]]:
    """{key of an indicator: what is aimed at in the years after}, the next first."""
    found = {indicator.pk: [] for indicator in indicators}
    later = PonadecYear.objects.filter(
        indicator__in=indicators, year__gt=year, target__isnull=False
    )
    for one in later.select_related("indicator").order_by("year"):
        aim = value_in(one.indicator, one.year, one)
        # Of a paper on years gone by: what has come since is told by the papers of those years.
        found[one.indicator_id].append(replace(aim, number=None, source="", parts=None, apart=""))
    return found


def value_in(indicator, year, entered) -> Value:
    number, source, parts, apart = None, "", None, ""
    if indicator.computed:
        if year <= timezone.localdate().year:
            number, parts, apart = counted_in(indicator.computed, year)
            source = f"calculé par le registre, {moment_of(indicator.computed, year)}"
    elif entered:
        number, source = entered.value, entered.value_source
    return Value(
        year,
        indicator.unit,
        number,
        source,
        entered.target if entered else None,
        entered.target_source if entered else "",
        parts,
        apart,
        bool(indicator.computed),
    )


def records_of(computed, year, *, among=False) -> Sequence:
    """The records that a figure counts, or those among which it counts them."""
    measure = MEASURES[computed]
    records = measure.records(year)
    return records if among or measure.share is None else records.filter(measure.share(year))


@dataclass(frozen=True)
class Told:
    """An indicator with its values of some years: in a bilan as they were counted that day."""

    slug: str
    name: str
    unit: str
    # In words.
    formula: str
    # "" where it is not official.
    official_source: str
    values: list[Value]
    # What is aimed at in later years.
    ahead: list[Value] = field(default_factory=list)

    @property
    def is_computed(self) -> bool:
        return any(value.is_computed for value in self.values)

    @property
    def aim(self) -> Value | None:
        """The target of the last year, else the next one after it, else the last one before."""
        aims = [value for value in self.values if value.target is not None]
        if aims and aims[-1] is self.values[-1]:
            return aims[-1]
        return next(iter([*self.ahead, *reversed(aims)]), None)

    @property
    def notes(self) -> list[str]:
        """« 2024 : 458 sur 1 964 » and whatever else a value does not say by itself."""
        told = [
            (
                value.year,
                "" if value.is_computed else value.source,
                f"{format_number(value.parts[0])} sur {format_number(value.parts[1])}"
                if value.parts
                else "",
                value.apart,
            )
            for value in self.values
        ]
        return [
            f"{year} : {' ; '.join(filter(None, words))}" for year, *words in told if any(words)
        ]


def told_of(years) -> list[Told]:
    """All indicators of which something is told in these years, or aimed at after them."""
    indicators = list(PonadecIndicator.objects.all())
    values, ahead = values_of(indicators, years), targets_after(indicators, years[-1])
    told = [
        Told(
            one.slug,
            one.name,
            one.unit,
            one.formula,
            one.official_source,
            values[one.pk],
            ahead[one.pk],
        )
        for one in indicators
    ]
    return [
        one
        for one in told
        if one.ahead or any(v.figure or v.target_label or v.apart for v in one.values)
    ]
