"""Lists of conventions, with what this app adds to them: amounts and who gives them."""

from actions.models import BudgetLine
from agreements.importing import ConventionImporter, partner_names
from cooperation.importing.columns import Column, labelled, partner, plain
from cooperation.importing.records import Lines
from cooperation.money import currency_choices
from cooperation.text import fold

SPOKEN = {"fcfa": "XOF", "f cfa": "XOF", "cfa": "XOF", "franc cfa": "XOF", "francs cfa": "XOF"}
SPOKEN |= {"euro": "EUR", "euros": "EUR", "dollar": "USD", "dollars": "USD"}


def currency(text, importer):
    """An ISO 4217 code, or the name that people give to it."""
    if text == "€":
        return "EUR"
    return SPOKEN.get(fold(text)) or labelled(dict(currency_choices()))(text, importer)


class FullConventionImporter(ConventionImporter):
    columns = (
        *ConventionImporter.columns,
        plain(
            BudgetLine,
            "amount",
            "Montant",
            group="budget_lines",
            help="Prévu pour toute la convention, dans sa monnaie d’origine.",
        ),
        Column(
            "currency",
            "Monnaie",
            currency,
            group="budget_lines",
            choices=lambda: [code for code, _ in currency_choices()][:20],
            also=("devise",),
        ),
        plain(BudgetLine, "nature", "Nature du montant", group="budget_lines"),
        Column(
            "funder",
            "Financeur",
            partner,
            group="budget_lines",
            choices=partner_names,
            also=("bailleur",),
        ),
        plain(BudgetLine, "year", "Année du montant", group="budget_lines"),
    )
    lines = (
        *ConventionImporter.lines,
        Lines(
            "budget_lines",
            BudgetLine,
            ("currency", "nature", "funder", "year"),
            ("amount", "currency", "nature", "funder", "year"),
            ("amount", "currency"),
            "le montant",
        ),
    )

    def held_lines(self, record, kind):
        """Amounts of the convention as a whole; those of its actions are not in such a list."""
        lines = super().held_lines(record, kind)
        return lines.filter(action=None) if kind.model is BudgetLine else lines
