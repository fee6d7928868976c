"""Lists of conventions, with what this app adds to them: amounts and who gives them."""

from django.db.models import QuerySet

from actions.importing.money import BUDGET_LINES, amounts, budget_columns, drop_known_total
from actions.models import BudgetLine
from agreements.importing.conventions import ConventionImporter
from agreements.models import Convention
from cooperation.importing.columns import Column

AMOUNTS = Column(
    "amounts",
    "Montants",
    amounts,
    group="budget_lines",
    help="Plusieurs dans une cellule, séparés par « ; » : chacun est compté comme prévu.",
    is_rare=True,
)


class FullConventionImporter(ConventionImporter):
    columns = (*ConventionImporter.columns, *budget_columns("budget_lines"), AMOUNTS)
    lines = (
        *ConventionImporter.lines,
        BUDGET_LINES,
    )

    def complete(self, values, cells) -> None:
        super().complete(values, cells)
        told = {line.get("currency") for line in values["lines"]["budget_lines"]}
        # What other sheets tell of this row is in the currency that it names.
        self.own.currencies[self.line] = told.pop() if len(told) == 1 else None

    def find(self, values, line) -> Convention | None:
        record = super().find(values, line)
        if record:
            drop_known_total(values, BudgetLine.objects.serving([record.pk]))
        return record

    def held_lines(self, record, kind) -> QuerySet:
        """Amounts of the convention as a whole; those of its actions are not in such a list."""
        lines = super().held_lines(record, kind)
        return lines.filter(action=None) if kind.model is BudgetLine else lines
