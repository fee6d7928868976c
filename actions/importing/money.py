"""Lists of amounts and payments, and how the cells of all lists are read that tell an amount."""

import re
from decimal import Decimal

from django.core.exceptions import ValidationError

from actions.models import Action, BudgetLine, Disbursement
from agreements.importing.cells import partner_names
from agreements.importing.parts import OWNER, PartImporter
from cooperation.importing.columns import (
    Column,
    Facts,
    Several,
    labelled,
    own_columns,
    partner,
    parts_of,
    read_each,
)
from cooperation.importing.lines import Lines, same
from cooperation.values.money import (
    currency_choices,
    format_money,
    named_currency,
    split_amount,
)
from cooperation.values.text import fold

OFFERED = ["XOF", "EUR", "USD", "CAD", "CHF", "GBP", "CNY", "JPY", "NGN", "GHS"]
read_code = labelled(dict(currency_choices()), asks=False)


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


# Those of a record; two are the same if their currency, nature, giver and year are.
BUDGET_LINES = Lines(
    "budget_lines",
    BudgetLine,
    identity=("currency", "nature", "funder", "year"),
    fields=LINE_FIELDS,
    required=("amount", "currency"),
    label="le montant",
    shown=3,
)


def amounts(text, importer) -> Several:
    """« 250 EUR don ; 500 EUR puits »: several amounts in one cell, each with its words behind."""
    return Several(read_each(amount_in_words, parts_of(text), importer))


AMOUNT_IN_WORDS = r"([\d\s.,]+?)\s*(F ?CFA|[^\W\d]+|€)(?:[\s,:]+(.+))?"


def amount_in_words(text, importer) -> Facts:
    told = re.fullmatch(AMOUNT_IN_WORDS, text, re.DOTALL | re.IGNORECASE)
    if told is None:
        raise ValidationError(
            f"« {text[:60]} » n’est pas un montant avec sa monnaie : 250 EUR, don."
        )
    value, unit, words = told.groups()
    if words and re.match(r"[-–à]?\s*\d", words):
        raise ValidationError(f"« {text[:60]} » dit deux montants : séparez-les, ou écrivez-en un.")
    facts = Facts(amount=amount_field.clean(value.strip()), currency=currency(unit, importer))
    return facts | {"label": words} if words else facts


def amount_columns(group="", help="") -> tuple[Column, ...]:
    """The columns of an amount, of a list of them or of the lines of a record."""
    return (
        Column("amount", "Montant", amount, group=group, help=help, required=not group),
        Column(
            "currency",
            "Monnaie",
            currency,
            group=group,
            help="Un code (XOF, EUR, USD…), ou FCFA, euro.",
            choices=lambda: OFFERED,
            also=("devise",),
        ),
        Column(
            "funder",
            "Financeur",
            partner,
            group=group,
            help="Qui donne ce montant.",
            choices=partner_names,
            also=("bailleur",),
        ),
    )


def budget_columns(group="") -> tuple[Column, ...]:
    """Those of a budget line, what few lists have last."""
    return (
        *amount_columns(
            group, "Prévu pour toute la convention, dans sa monnaie d’origine : 1 123 884,50."
        ),
        *own_columns(
            BudgetLine,
            group=group,
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


def drop_known_total(values, held) -> None:
    """An amount that only says what all those that a record has come to is no new one.

    ValidationError where it says another sum: which of them has changed is not known.
    """
    told = values["lines"]["budget_lines"]
    if len(told) != 1 or not told[0].keys() <= {"amount", "currency", "funder"}:
        return
    (line,), held = told, list(held)
    if not held:
        return
    counted = [one for one in held if one.counted_amount and one.currency == line["currency"]]
    total = sum(one.counted_amount for one in counted)
    if total == line["amount"]:
        told.clear()
    elif not any(same(one, line, BUDGET_LINES.identity) for one in held):
        raise ValidationError(
            f"La fiche a {len(held)} montants ({format_money(total, line['currency'])} en tout) : "
            "changez-les un par un, dans la fiche ou par la liste des montants."
        )


def owned_action(text, importer) -> int:
    found = Action.objects.editable_by(importer.user).filter(reference=text.upper())
    key = found.values_list("pk", flat=True).first()
    if key is None:
        raise ValidationError(f"« {text[:40]} » n’est la référence d’aucune action à vous.")
    return key


class BudgetLineImporter(PartImporter):
    """A row is the amount of its convention, or action, in one currency, of one nature and funder."""

    kind = "montants"
    label = "montants"
    model = BudgetLine
    permissions = ("actions.add_budgetline", "actions.change_budgetline")
    title_field = "label"
    sheet_names = ("montants", "budget")
    columns = (
        OWNER,
        Column("action", "Action", owned_action, help="Sa référence, si c’est le sien."),
        *budget_columns(),
    )
    identity = ("action", "currency", "nature", "funder", "year", "label")

    def tell_parts(self, values, line) -> None:
        if values["record"] is None:
            facts = values["fields"]
            self.own.coming[self.own.place_of(facts["convention"])].append(facts)


def as_told(text, importer) -> str:
    return text


class DisbursementImporter(PartImporter):
    """A row is a payment on the one budget line that its cells tell."""

    kind = "versements"
    label = "versements"
    model = Disbursement
    permissions = ("actions.add_disbursement", "actions.change_disbursement")
    title_field = "reference"
    sheet_names = ("versements", "paiements", "decaissements")
    columns = (
        OWNER,
        Column(
            "line_label", "Ligne : libellé", as_told, help="S’il faut choisir entre ses lignes."
        ),
        Column("funder", "Ligne : financeur", partner, also=("financeur", "bailleur")),
        *amount_columns()[:2],
        Column("payee", "Payé à", partner, help="Qui a reçu l’argent.", choices=partner_names),
        *own_columns(Disbursement, without=["amount", "currency"], paid_on={"also": ("versé le",)}),
    )
    identity = ("paid_on", "amount", "currency", "reference")

    def find(self, values, line) -> Disbursement | None:
        facts = values["fields"]
        owner, label = facts.pop("convention"), facts.pop("line_label", "")
        funder = facts.pop("funder", None)
        facts["budget_line"] = self.line_of(owner, label, funder)
        if isinstance(facts["budget_line"], dict):
            return None
        held = Disbursement.objects.filter(budget_line=facts["budget_line"])
        # Each payment is that of one row: the same may have been paid twice.
        found = [
            one
            for one in held
            if ("record", one.pk) not in self.seen and same(one, facts, self.identity)
        ]
        return found[0] if found else None

    def line_of(self, owner, label, funder) -> int | dict:
        """The one line of a convention that a row tells, there already or in the same file.

        ValidationError where it may be another.
        """
        lines = [] if isinstance(owner, dict) else BudgetLine.objects.filter(convention=owner)
        found = [
            (line.pk, str(line))
            for line in lines
            if (not label or fold(line.label) == fold(label))
            if (not funder or line.funder_id == funder)
        ]
        for facts in self.own.coming.get(self.own.place_of(owner), ()):
            giver, name = facts.get("funder"), facts.get("label", "")
            if (not label or fold(name) == fold(label)) and (not funder or giver == funder):
                told = f"{name or 'montant'} ({format_money(facts['amount'], facts['currency'])})"
                known = {"convention": owner, "label": name, "funder": giver}
                known |= {"amount": facts["amount"], "currency": facts["currency"]}
                part = {"part": BudgetLine._meta.label_lower, "facts": known, "title": told}
                found.append((part, told))
        if len(found) == 1:
            return found[0][0]
        told = " ; ".join(told for _, told in found[:5])
        raise ValidationError(
            f"Dites sur laquelle de ses lignes, par son libellé et son financeur : {told}."
            if found
            else "La convention n’a pas de telle ligne budgétaire : ajoutez-la d’abord."
        )

    def check_row(self, values, record, line) -> None:
        """The same payment may be there twice: the preview shows both."""
        if record:
            self.seen["record", record.pk] = line

    def reference_of(self, record) -> str:
        return record.budget_line.convention.reference
