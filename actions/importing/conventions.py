"""Lists of conventions, with what this app adds to them: amounts and who gives them."""

from django.db.models import QuerySet

from actions.importing.actions import number_actions
from actions.importing.money import BUDGET_LINES, amounts, budget_columns, drop_known_total
from actions.models import Action, BudgetLine
from agreements.importing.conventions import ConventionImporter
from agreements.models import Convention
from cooperation.importing.columns import Column, Facts, Several, parts_of
from cooperation.importing.lines import Lines


def titles(text, importer) -> Several:
    """« Forer ; Former »: what is done under a convention, by its titles."""
    return Several(Facts(title=TITLE.clean(part)) for part in parts_of(text))


TITLE = Action._meta.get_field("title").formfield()
ACTIONS = Column(
    "titles",
    "Actions",
    titles,
    group="actions",
    help="Leurs intitulés, séparés par « ; ». Le reste s’importe comme une liste d’actions.",
    is_rare=True,
)
AMOUNTS = Column(
    "amounts",
    "Montants",
    amounts,
    group="budget_lines",
    help="Plusieurs dans une cellule, séparés par « ; » : chacun est compté comme prévu.",
    is_rare=True,
)


class FullConventionImporter(ConventionImporter):
    columns = (*ConventionImporter.columns, *budget_columns("budget_lines"), AMOUNTS, ACTIONS)
    lines = (
        *ConventionImporter.lines,
        BUDGET_LINES,
        Lines("actions", Action, ("title",), ("title",), ("title",), "l’action", ("title",)),
    )

    def prepare_lines(self, lines, kind) -> None:
        if kind.model is Action:
            number_actions(lines)

    def complete(self, values, cells) -> None:
        super().complete(values, cells)
        told = {line.get("currency") for line in values["lines"]["budget_lines"]}
        # What other sheets tell of this row is in the currency that it names.
        self.own.currencies[self.line] = told.pop() if len(told) == 1 else None

    def tell_parts(self, values, line) -> None:
        new = [one for one in values["lines"]["budget_lines"] if one["key"] is None]
        self.own.coming[line] += new

    def find(self, values, line) -> Convention | None:
        record = super().find(values, line)
        if record:
            drop_known_total(values, BudgetLine.objects.serving([record.pk]))
        return record

    def held_lines(self, record, kind) -> QuerySet:
        """Amounts of the convention as a whole; those of its actions are not in such a list."""
        lines = super().held_lines(record, kind)
        return lines.filter(action=None) if kind.model is BudgetLine else lines
