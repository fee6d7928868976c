"""With whose money, and what was really paid."""

from decimal import Decimal

from django.db import models
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Cast, Round

from actions.models.actions import Action, ConventionOrActionPart, ConventionPart
from agreements.models import Convention, ConventionPartQuerySet
from cooperation.models import Partner
from cooperation.records.base import Identified, Record, linked_index
from cooperation.values.fields import (
    POSITIVE,
    YEAR_BOUNDS,
    AmountField,
    CurrencyField,
    PartialDateField,
)
from cooperation.values.money import COUNTED, Nature, Standing, format_money, totals


def totals_of(groups) -> list:
    """money.totals of rows grouped by currency and nature.

    Summed as whole cents: SQLite would add decimals as floating-point numbers.
    """
    in_cents = Cast(Round(F("amount") * 100), models.BigIntegerField())
    rows = groups.annotate(cents=models.Sum(in_cents))
    return totals((currency, nature, Decimal(cents) / 100) for currency, nature, cents in rows)


class BudgetLineQuerySet(ConventionPartQuerySet):
    def counted(self) -> QuerySet:
        """Those that totals add."""
        return self.filter(standing__in=COUNTED)

    def totals(self) -> list:
        """Planned amounts that count, summed per currency and nature (money.Total)."""
        return totals_of(self.counted().order_by().values_list("currency", "nature"))


class BudgetLine(Identified, ConventionOrActionPart, ConventionPart):
    """One funder's money for a convention or for one of its actions."""

    convention = models.ForeignKey(
        Convention,
        verbose_name="convention",
        on_delete=models.PROTECT,
        related_name="budget_lines",
    )
    action = models.ForeignKey(
        Action,
        verbose_name="action",
        on_delete=models.PROTECT,
        related_name="budget_lines",
        db_index=False,
        null=True,
        blank=True,
        help_text="Vide si le montant vaut pour toute la convention. "
        "Un montant ne se saisit qu’à un seul niveau : les lignes s’additionnent.",
    )
    label = models.CharField("libellé", max_length=200, blank=True)
    funder = models.ForeignKey(
        Partner,
        verbose_name="financeur",
        on_delete=models.PROTECT,
        related_name="budget_lines",
        null=True,
        blank=True,
        help_text="Vide s’il n’est pas connu.",
    )
    year = models.PositiveSmallIntegerField(
        "année",
        null=True,
        blank=True,
        validators=YEAR_BOUNDS,
        help_text="Vide si le montant vaut pour toute la durée.",
    )
    nature = models.CharField(
        "nature",
        max_length=20,
        choices=Nature,
        blank=True,
        help_text="Numéraire ou valorisation ; vide si elle n’est pas connue.",
    )
    amount = AmountField("montant prévu", validators=[POSITIVE])
    currency = CurrencyField("monnaie")
    standing = models.CharField(
        "ce qu’est ce montant",
        max_length=20,
        choices=Standing,
        blank=True,
        help_text="Demandé, refusé ou estimé : montré à côté du total, pas compté dedans.",
    )

    objects = BudgetLineQuerySet.as_manager()

    terms = (
        "convention",
        "action",
        "label",
        "funder",
        "year",
        "nature",
        "amount",
        "currency",
        "standing",
    )

    class Meta:
        verbose_name = "ligne budgétaire"
        verbose_name_plural = "lignes budgétaires"
        ordering = ["convention", "pk"]
        indexes = [linked_index("action", "budgetline_of_action")]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0),
                name="budgetline_amount_positive",
                violation_error_message="Le montant doit être supérieur à zéro.",
            ),
        ]

    def __str__(self):
        return f"{self.label or 'budget'} : {self.amount_label}"

    @property
    def amount_label(self) -> str:
        return format_money(self.amount, self.currency)

    @property
    def is_counted(self) -> bool:
        return self.standing in COUNTED


class DisbursementQuerySet(ConventionPartQuerySet):
    status_lookup = "budget_line__convention__status"
    partner_lookup = "budget_line__convention__parties__partner"
    delegate_lookup = "budget_line__convention__delegations__user"

    def in_year(self, year) -> QuerySet:
        return self.filter(paid_on__startswith=str(year))

    def totals(self) -> list:
        """Paid amounts summed per currency and nature (money.Total)."""
        return totals_of(self.order_by().values_list("currency", "budget_line__nature"))


class Disbursement(Identified, Record):
    """Money really paid on a budget line, in the currency in which it was paid."""

    budget_line = models.ForeignKey(
        BudgetLine,
        verbose_name="ligne budgétaire",
        on_delete=models.PROTECT,
        related_name="disbursements",
    )
    paid_on = PartialDateField("date")
    amount = AmountField("montant payé", validators=[POSITIVE])
    currency = CurrencyField("monnaie")
    reference = models.CharField("référence", max_length=80, blank=True)

    objects = DisbursementQuerySet.as_manager()

    part_of = "budget_line"

    class Meta:
        verbose_name = "décaissement"
        ordering = ["budget_line", F("paid_on").asc(nulls_last=True), "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0),
                name="disbursement_amount_positive",
                violation_error_message="Le montant doit être supérieur à zéro.",
            ),
        ]

    def __str__(self):
        return f"décaissement de {self.amount_label}"

    @property
    def is_locked(self) -> bool:
        return self.budget_line.is_locked

    @property
    def amount_label(self) -> str:
        return format_money(self.amount, self.currency)
