"""Key figures: counted once, for the home page, the inventory and the bilan."""

from dataclasses import dataclass

from django.http import QueryDict
from django.utils import timezone
from pyroaring import BitMap

from actions.models import Action, BudgetLine
from agreements.facets import CONVENTION_INDEX
from agreements.models import NO_AGREEMENT, State
from cooperation.lists.index import NONE
from cooperation.values.money import Total
from cooperation.values.places import BENIN
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
    def label(self) -> str:
        return (self.words or DEFINITIONS[self.name])[0]

    @property
    def definition(self) -> str:
        return (self.words or DEFINITIONS[self.name])[1]


# What is counted by state, by the name of its definition.
STATES = [
    ("en-vigueur", State.IN_FORCE),
    ("a-venir", State.UPCOMING),
    ("terme-passe", State.ENDED),
    ("dates-inconnues", State.UNKNOWN),
    ("suspendues", State.SUSPENDED),
    ("arretees", State.STOPPED),
]
AGREEMENTS = [state for _, state in STATES]
# Told where there are some.
RARE = ("suspendues", "arretees")


def count_in(index, found, day) -> dict[str, int]:
    """{name of a definition: count} of some conventions, from the index that lists use.

    `found` are their keys; states are those of the day.
    """
    states = index.values_on("state", day)
    unsigned = no_agreement(states) & found
    found = found - unsigned
    return {
        "sans-accord": len(unsigned),
        "conventions": len(found),
        **{name: len(states.get(state, BitMap()) & found) for name, state in STATES},
        "communes": len(held(index, "commune", found)),
        "pays": len(held(index, "country", found) - {BENIN}),
    }


def no_agreement(states) -> BitMap:
    """Keys of what nobody has signed, from the values of the facet of states: no figure counts it."""
    return BitMap().union(*(states.get(state, BitMap()) for state in NO_AGREEMENT))


def key_figures(counts, *, day, query, actions) -> list[Figure]:
    """The counts of `count_in` as every report begins with them; those of a list lead to it.

    `query` are its filters as an address says them, `actions` how many actions they have.
    """
    every = query if not counts["sans-accord"] else with_state(query, day, *AGREEMENTS)
    return [
        Figure("conventions", counts["conventions"], every),
        *(
            Figure(name, counts[name], with_state(query, day, state))
            for name, state in STATES
            if counts[name] or name not in RARE
        ),
        Figure("actions", actions),
        Figure("communes", counts["communes"]),
        Figure("pays", counts["pays"]),
    ]


def held(index, name, found) -> set[str]:
    """The values of a facet that some of the conventions have."""
    return {value for value, members in index.held[name].items() if members & found} - {NONE}


def with_state(query, day, *states) -> str:
    """The same list, narrowed to states on a day."""
    data = QueryDict(query, mutable=True)
    data.setlist("state", states)
    data["on"] = str(day)
    return data.urlencode()


@dataclass(frozen=True)
class Home:
    """All that is published, as it stands today: what the home page shows."""

    figures: list[Figure]
    budget: list[Total]


def build_home(query="") -> Home:
    """`query` is what the lists need to show the same to whoever reads: nothing, for a visitor."""
    actions = Action.objects.published().count()
    today = timezone.localdate()
    with CONVENTION_INDEX as index:
        counts = count_in(index, index.public, today)
    figures = key_figures(counts, day=today, query=query, actions=actions)
    return Home(figures, BudgetLine.objects.published().totals())
