"""What is due on a budget line, what was really paid, and what was spent of it."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q, QuerySet

from actions.models.actions import ConventionPart
from actions.models.funding import BudgetLine, totals_of
from agreements.models import ConventionPartQuerySet
from cooperation.models import Partner
from cooperation.records.base import Identified, Record, linked_index
from cooperation.values.fields import POSITIVE, AmountField, CurrencyField, PartialDateField
from cooperation.values.money import format_money


class OfBudgetLineQuerySet(ConventionPartQuerySet):
    status_lookup = "budget_line__convention__status"
    partner_lookup = "budget_line__convention__parties__partner"
    delegate_lookup = "budget_line__convention__delegations__user"


class Instalment(Identified, ConventionPart):
    """A part of a line that its text promises for a day, or under a condition; in the line's currency.

    It adds nothing to the line: it says when its money is due.
    """

    budget_line = models.ForeignKey(
        BudgetLine,
        verbose_name="ligne budgétaire",
        on_delete=models.PROTECT,
        related_name="instalments",
    )
    amount = AmountField("montant attendu", validators=[POSITIVE])
    expected_on = PartialDateField("attendu")
    condition = models.CharField(
        "condition",
        max_length=250,
        blank=True,
        help_text="Ce dont le versement dépend : un rapport, une contrepartie.",
    )

    objects = OfBudgetLineQuerySet.as_manager()

    part_of = "budget_line"
    terms = ("amount", "expected_on", "condition")

    class Meta:
        verbose_name = "échéance de versement"
        verbose_name_plural = "échéances de versement"
        ordering = ["budget_line_id", F("expected_on").asc(nulls_last=True), "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0),
                name="instalment_amount_positive",
                violation_error_message="Le montant doit être supérieur à zéro.",
            ),
        ]

    def __str__(self):
        when = f" attendus {self.expected_on.label}" if self.expected_on else ""
        return f"{self.amount_label}{when}"

    @property
    def is_locked(self) -> bool:
        return self.budget_line.is_locked

    @property
    def currency(self) -> str:
        """That of its line, of which it is a part."""
        return self.budget_line.currency

    @property
    def amount_label(self) -> str:
        return format_money(self.amount, self.currency)


class DisbursementQuerySet(OfBudgetLineQuerySet):
    def in_year(self, year) -> QuerySet:
        return self.filter(paid_on__startswith=str(year))

    def paid(self) -> QuerySet:
        """What a funder paid: what was spent of it is the same money again."""
        return self.filter(kind=Disbursement.Kind.PAID)

    def totals(self) -> list:
        """Paid amounts summed per currency and nature (money.Total)."""
        return totals_of(self.paid().order_by().values_list("currency", "budget_line__nature"))


class Disbursement(Identified, Record):
    """Money really paid on a budget line, or spent of what was paid, in the currency of the payment."""

    class Kind(models.TextChoices):
        PAID = "verse", "versé par le financeur"
        SPENT = "depense", "dépensé sur place"

    budget_line = models.ForeignKey(
        BudgetLine,
        verbose_name="ligne budgétaire",
        on_delete=models.PROTECT,
        related_name="disbursements",
    )
    kind = models.CharField(
        "versé ou dépensé",
        max_length=20,
        choices=Kind,
        default=Kind.PAID,
        help_text="Ce qui est dépensé est montré à côté de ce qui est versé, sans s’y ajouter.",
    )
    paid_on = PartialDateField("date")
    amount = AmountField("montant payé", validators=[POSITIVE])
    currency = CurrencyField("monnaie")
    reference = models.CharField("référence", max_length=80, blank=True)
    payee = models.ForeignKey(
        Partner,
        verbose_name="payé à",
        on_delete=models.PROTECT,
        related_name="payments_received",
        db_index=False,
        null=True,
        blank=True,
        help_text="Qui a reçu l’argent ; vide s’il n’est pas connu.",
    )
    instalment = models.ForeignKey(
        Instalment,
        verbose_name="échéance",
        on_delete=models.PROTECT,
        related_name="payments",
        db_index=False,
        null=True,
        blank=True,
        help_text="L’échéance que ce versement règle.",
    )

    objects = DisbursementQuerySet.as_manager()

    part_of = "budget_line"

    class Meta:
        verbose_name = "décaissement"
        ordering = ["budget_line_id", F("paid_on").asc(nulls_last=True), "pk"]
        indexes = [
            linked_index("payee", "disbursement_payee"),
            linked_index("instalment", "disbursement_instalment"),
        ]
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
    def is_paid(self) -> bool:
        return self.kind == self.Kind.PAID

    @property
    def amount_label(self) -> str:
        return format_money(self.amount, self.currency)

    def clean(self) -> None:
        if self.instalment and self.instalment.budget_line_id != self.budget_line_id:
            raise ValidationError({"instalment": "Cette échéance est celle d’une autre ligne."})
