"""The yearly bilan for the CNCD, as plain figures that a page or a PDF can show."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from actions.models import Action, BudgetLine, Disbursement, conventions_of_year
from agreements.models import Convention
from cooperation.money import Total
from reports.inventory import Entry, build_entries


@dataclass(frozen=True)
class Bilan:
    year: int
    entries: list[Entry]
    begun: int
    ending: int
    of_unknown_term: int
    actions_by_state: list[tuple[str, int]]
    commune_count: int
    budget: list[Total]
    budget_of_year: list[Total]
    disbursed: list[Total]

    @property
    def action_count(self):
        return sum(count for _, count in self.actions_by_state)


def build_bilan(year: int) -> Bilan:
    """Count only what is published: the bilan is a public document.

    A convention belongs to the year if it may have been in force on one of its days, terms being
    those of the avenants signed by 31 December, or if one of its actions is of the year.
    """
    conventions = conventions_of_year(year)
    actions = Action.objects.published().under_way(year)
    entries = build_entries(conventions, actions=actions, day=date(year, 12, 31))
    states = Counter(action.state for entry in entries for action in entry.actions)
    labels = [*Action.State.choices, ("", "état non renseigné")]
    lines = BudgetLine.objects.filter(convention__in=[entry.convention.pk for entry in entries])
    return Bilan(
        year=year,
        entries=entries,
        begun=sum(e.convention.begins_in(year) for e in entries),
        ending=sum(e.convention.ends_in(year) for e in entries),
        of_unknown_term=sum(not entry.convention.term for entry in entries),
        actions_by_state=[(label, states[state]) for state, label in labels],
        commune_count=len({p.pk for e in entries for a in e.actions for p in a.places.all()}),
        budget=lines.totals(),
        budget_of_year=lines.filter(year=year).totals(),
        disbursed=Disbursement.objects.published().in_year(year).totals(),
    )


def years_with_conventions() -> list[int]:
    """Years, the latest first, whose bilan holds something: from the first date to this year."""
    this_year = timezone.localdate().year
    years = set()
    conventions = Convention.objects.published().with_term()
    for begin, term in conventions.exclude(begin=None).values_list("begin", "term"):
        years.update(range(begin.year, (term.year if term else this_year) + 1))
    actions = Action.objects.published()
    for field in ("actual_start", "planned_start", "actual_end", "planned_end"):
        dates = actions.exclude(**{field: None}).values_list(field, flat=True)
        years.update(day.year for day in dates)
    return sorted((year for year in years if year <= this_year), reverse=True)
