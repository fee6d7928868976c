"""Lists of actions: what is done under a convention, where, when, and with what money."""

from collections import Counter
from dataclasses import replace

from django.core.exceptions import ValidationError

from actions.importing.money import BUDGET_LINES, budget_columns, drop_known_total
from actions.models import Action
from agreements.importing.layouts import ACTIONS, folded
from agreements.importing.parts import OWN_REFERENCE, OWNER, PartImporter, numbered
from cooperation.importing.columns import Column, arrondissement, own_columns, partner, several
from cooperation.models import Arrondissement, Partner, ReferenceCounter


def communes() -> list[str]:
    return list(Partner.objects.published().communes().values_list("name", flat=True))


def commune(text, importer) -> int:
    """A place of an action is a commune that is there."""
    key = partner(text, importer)
    if isinstance(key, dict) or importer.matcher.facts_of[key]["kind"] != Partner.Kind.COMMUNE:
        raise ValidationError(f"« {text[:60]} » n’est pas une commune du registre.")
    return key


def number_actions(records) -> None:
    """The numbers and references of new actions, whatever their conventions."""
    numbered(records, "actions")
    counts = Counter(record.convention.reference for record in records)
    references = {
        reference: iter(
            ReferenceCounter.next_references(Action.objects, f"{reference}-A", count, width=1)
        )
        for reference, count in counts.items()
    }
    for record in records:
        record.reference = next(references[record.convention.reference])


class ActionImporter(PartImporter):
    """A row is the action of its convention that has its title."""

    kind = "actions"
    label = "actions"
    model = Action
    permissions = ("actions.add_action", "actions.change_action")
    sheet_names = ("actions", "actions projets", "projets")
    layout = folded(ACTIONS)
    address, address_field = "action_detail", "reference"
    columns = (
        OWNER,
        *own_columns(Action, without=["number", "source"], title={"required": True}),
        Column(
            "places",
            "Communes",
            several(commune),
            help="Où elle a lieu ; séparées par des points-virgules.",
            choices=communes,
            also=("commune", "lieu"),
        ),
        Column(
            "arrondissements",
            "Arrondissements",
            several(arrondissement),
            help="« Takon », ou « Takon (Sakété) » ; séparés par des points-virgules.",
            is_rare=True,
        ),
        Column(
            "implementers",
            "Réalisée par",
            several(partner),
            help="Séparés par des points-virgules.",
            also=("maître d’ouvrage", "opérateur"),
        ),
        *budget_columns("budget_lines"),
        *own_columns(Action)[-1:],
        OWN_REFERENCE,
    )
    lines = (replace(BUDGET_LINES, shown=2, of="action"),)
    links = ("places", "arrondissements", "implementers")
    identity = ("title",)

    def complete(self, values, cells) -> None:
        """In a workbook, the currency of its accord is that of an action’s amounts too.

        And an action in an arrondissement is in its commune.
        """
        if parts := values["links"].get("arrondissements"):
            within = Arrondissement.objects.filter(pk__in=parts).order_by()
            communes = within.values_list("commune", flat=True)
            values["links"]["places"] = [*{*values["links"].get("places", ()), *communes}]
        named = self.own.line_of(values["fields"].get("convention"))
        for line in values["lines"]["budget_lines"]:
            if currency := self.own.currencies.get(named):
                line.setdefault("currency", currency)

    def find(self, values, line) -> Action | None:
        record = super().find(values, line)
        if record:
            drop_known_total(values, record.budget_lines.all())
        return record

    def prepare_new(self, records) -> None:
        number_actions(records)

    def reference_of(self, record) -> str:
        return record.reference
