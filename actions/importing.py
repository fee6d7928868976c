"""Lists of conventions, with what this app adds to them: amounts and who gives them."""

from decimal import Decimal

from django.db.models import QuerySet

from actions.models import BudgetLine
from agreements.importing import ConventionImporter, partner_names
from cooperation.importing.columns import Column, Facts, labelled, own_columns, partner
from cooperation.importing.lines import Lines
from cooperation.values.money import currency_choices, named_currency, split_amount

OFFERED = ["XOF", "EUR", "USD", "CAD", "CHF", "GBP", "CNY", "JPY", "NGN", "GHS"]
read_code = labelled(dict(currency_choices()))


def currency(text, importer) -> str:
    """An ISO 4217 code, or the name that people give to it."""
    return named_currency(text) or read_code(text, importer)


def amount(text, importer) -> Decimal | Facts:
    """An amount, with the currency that stands behind it if one does: « 5 000 F CFA »."""
    number, unit = split_amount(text)
    if not (unit and number):
        return amount_field.clean(text)
    return Facts(amount=amount_field.clean(number), currency=currency(unit, importer))


amount_field = BudgetLine._meta.get_field("amount").formfield(required=False)

# As a preview tells them: what it is worth, who gives it, then the rest.
FIRST = ("amount", "currency", "nature", "funder", "year", "label", "standing")
LINE_FIELDS = (
    *FIRST,
    *(name for name in BudgetLine.entered_fields() if name not in (*FIRST, "source")),
)


class FullConventionImporter(ConventionImporter):
    columns = (
        *ConventionImporter.columns,
        Column(
            "amount",
            "Montant",
            amount,
            group="budget_lines",
            help="Prévu pour toute la convention, dans sa monnaie d’origine : 1 123 884,50.",
        ),
        Column(
            "currency",
            "Monnaie",
            currency,
            group="budget_lines",
            help="Un code (XOF, EUR, USD…), ou FCFA, euro.",
            choices=lambda: OFFERED,
            also=("devise",),
        ),
        Column(
            "funder",
            "Financeur",
            partner,
            group="budget_lines",
            help="Qui donne ce montant.",
            choices=partner_names,
            also=("bailleur",),
        ),
        *own_columns(
            BudgetLine,
            group="budget_lines",
            without=["amount", "currency", "source"],
            label={"heading": "Libellé du montant"},
            nature={"heading": "Nature du montant"},
            year={"heading": "Année du montant"},
            standing={"heading": "Statut du montant"},
            last_year={"heading": "Dernière année du montant", "is_rare": True},
            most={"heading": "Montant au plus", "is_rare": True},
            span={"heading": "Durée du montant", "is_rare": True},
            exactness={"heading": "Précision du montant", "is_rare": True},
            origin={"heading": "Origine du montant", "is_rare": True},
            equivalent={"heading": "Équivalent du montant", "is_rare": True},
            equivalent_currency={"heading": "Monnaie de l’équivalent", "is_rare": True},
        ),
    )
    lines = (
        *ConventionImporter.lines,
        Lines(
            "budget_lines",
            BudgetLine,
            identity=("currency", "nature", "funder", "year"),
            fields=LINE_FIELDS,
            required=("amount", "currency"),
            label="le montant",
            shown=3,
        ),
    )

    def held_lines(self, record, kind) -> QuerySet:
        """Amounts of the convention as a whole; those of its actions are not in such a list."""
        lines = super().held_lines(record, kind)
        return lines.filter(action=None) if kind.model is BudgetLine else lines
