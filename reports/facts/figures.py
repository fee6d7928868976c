"""Key figures: those of the home page, and how any report shows one."""

from dataclasses import dataclass

from actions.models import Action, BudgetLine
from agreements.models import Convention, State
from cooperation.models import Partner
from cooperation.values.money import Total
from cooperation.values.places import COMMUNES_OF_BENIN
from reports.facts.definitions import DEFINITIONS


@dataclass(frozen=True)
class Figure:
    """One count of a report. `name` is that of its definition; `query` finds its conventions.

    `before` is the same count of the period before, where there is one. `words` are its label and
    definition as they were frozen; None where they are those of today.
    """

    name: str
    count: int
    query: str | None = None
    before: int | None = None
    words: tuple[str, str] | None = None

    @property
    def label(self):
        return (self.words or DEFINITIONS[self.name])[0]

    @property
    def definition(self):
        return (self.words or DEFINITIONS[self.name])[1]


@dataclass(frozen=True)
class KeyFigures:
    """What is published, today."""

    conventions: int
    in_force: int
    of_unknown_term: int
    actions: int
    communes: int
    countries: int
    budget: list[Total]
    communes_of_benin: int = COMMUNES_OF_BENIN


def build_key_figures() -> KeyFigures:
    conventions = Convention.objects.published()
    covered = Partner.objects.communes().filter(
        conventions__in=conventions.values("pk")
    ) | Partner.objects.communes().filter(actions_here__in=Action.objects.published().values("pk"))
    parties = Partner.objects.filter(conventions__in=conventions.values("pk"))
    return KeyFigures(
        conventions=conventions.count(),
        in_force=conventions.in_state(State.IN_FORCE).count(),
        of_unknown_term=conventions.in_state(State.UNKNOWN).count(),
        actions=Action.objects.published().count(),
        communes=covered.distinct().count(),
        countries=parties.exclude(country="").values("country").distinct().order_by().count(),
        budget=BudgetLine.objects.published().totals(),
    )
