"""The inventory: every published agreement, with its actions and its money."""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Prefetch

from actions.models import Action, BudgetLine
from agreements.models import Avenant, Convention
from cooperation.models import Partner
from cooperation.money import Total, totals


@dataclass(frozen=True)
class Entry:
    """One convention as reports show it."""

    convention: Convention
    actions: list[Action]
    totals: list[Total]


@dataclass(frozen=True)
class Inventory:
    entries: list[Entry]
    totals: list[Total]

    @property
    def action_count(self):
        return sum(len(entry.actions) for entry in self.entries)


def build_entries(conventions, *, actions, day=None) -> list[Entry]:
    """The conventions with those of the actions that belong to them, in six queries."""
    conventions = list(
        conventions.with_term(day).prefetch_related(
            "parties__partner", "themes", Prefetch("avenants", Avenant.objects.published())
        )
    )
    keys = [convention.pk for convention in conventions]
    actions_of, amounts_of = defaultdict(list), defaultdict(list)
    places = Prefetch("places", Partner.objects.published())
    for action in actions.filter(convention__in=keys).prefetch_related(places):
        actions_of[action.convention_id].append(action)
    lines = BudgetLine.objects.filter(convention__in=keys)
    for key, *row in lines.values_list("convention", "currency", "nature", "amount"):
        amounts_of[key].append(row)
    return [
        Entry(convention, actions_of[convention.pk], totals(amounts_of[convention.pk]))
        for convention in conventions
    ]


def build_inventory() -> Inventory:
    """Only what is published: the inventory is a public document."""
    conventions = Convention.objects.published()
    return Inventory(
        entries=build_entries(conventions, actions=Action.objects.published()),
        totals=BudgetLine.objects.published().totals(),
    )
