"""What changes a convention."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from agreements.models.parts import ConventionPartQuerySet
from cooperation.models import Document
from cooperation.records.base import (
    Identified,
    PublishedRecord,
    dates_in_order,
    published_has_date,
)
from cooperation.records.gates import GONE, Status
from cooperation.records.references import next_number
from cooperation.values.dates import certainly_after
from cooperation.values.fields import (
    POSITIVE,
    AmountField,
    CurrencyField,
    NumberField,
    PartialDateField,
)
from cooperation.values.money import format_money


class AvenantQuerySet(ConventionPartQuerySet):
    status_lookup = "status"

    def get_by_natural_key(self, reference, number) -> models.Model:
        return self.get(convention__reference=reference, number=number)

    def published(self) -> QuerySet:
        return super().published().filter(convention__status=Status.PUBLISHED)

    def current(self) -> QuerySet:
        return super().current().exclude(convention__status__in=GONE)

    def last_signed(self) -> QuerySet:
        """Those than which no other of these is certainly signed later, the last one first.

        The signature decides which avenant is the last; the number does for the same day, and where a
        date is not known or not precise enough to tell. `by_signature` says the same of rows.
        """
        return self.filter(~Exists(self.signed_later())).order_by("-number")

    def signed_later(self) -> QuerySet:
        """Those of these certainly signed later than the outer avenant, of the same convention."""
        later = self.filter(convention=OuterRef("convention"), signed_on__gt=OuterRef("signed_on"))
        return later.exclude(signed_on__startswith=OuterRef("signed_on"))

    def contradicting(self) -> QuerySet:
        """Avenants certainly signed before their convention, or before one of a lower number."""
        overtaken = Exists(self.signed_later().filter(number__lt=OuterRef("number")))
        too_soon = Q(signed_on__lt=F("convention__signed_on"))
        too_soon &= ~Q(convention__signed_on__startswith=F("signed_on"))
        return self.filter(overtaken | too_soon)


def by_signature(avenants, signed_on) -> list:
    """Avenants of one convention, given by number, as they follow one another: the last one last.

    `signed_on(avenant)` is its signature, or None.
    """
    left, ordered = list(avenants), []
    while left:
        dates = [signed_on(avenant) for avenant in left]
        last = max(
            place
            for place, date in enumerate(dates)
            if not any(certainly_after(other, date) for other in dates)
        )
        ordered.append(left.pop(last))
    return ordered[::-1]


class Avenant(Identified, PublishedRecord):
    """A signed amendment: it extends the term, changes the budget or adds axes."""

    convention = models.ForeignKey(
        "agreements.Convention", on_delete=models.CASCADE, related_name="avenants"
    )
    number = NumberField(validators=[MinValueValidator(1), MaxValueValidator(99)])
    purpose = models.TextField("objet")
    signed_on = PartialDateField("signé")
    starts_on = PartialDateField("prend effet")
    ends_on = PartialDateField("nouvelle fin", help_text="Si l’avenant change la durée.")
    budget_change = AmountField(
        "changement du budget",
        null=True,
        blank=True,
        help_text="En plus, ou en moins avec le signe −.",
    )
    new_total = AmountField(
        "nouveau budget total",
        null=True,
        blank=True,
        validators=[POSITIVE],
        help_text="Si l’avenant le donne : une fois l’avenant publié, il remplace dans les totaux les "
        "montants prévus jusque-là dans cette monnaie.",
    )
    currency = CurrencyField("monnaie", blank=True)
    documents = models.ManyToManyField(
        Document, verbose_name="documents", related_name="avenants", blank=True
    )

    objects = AvenantQuerySet.as_manager()

    terms = (
        "number",
        "purpose",
        "signed_on",
        "starts_on",
        "ends_on",
        "budget_change",
        "new_total",
        "currency",
    )
    part_of = "convention"
    _history_m2m_fields = ["documents"]

    class Meta:
        verbose_name = "avenant"
        ordering = ["convention", "number"]
        constraints = [
            published_has_date("avenant"),
            models.UniqueConstraint(
                fields=["convention", "number"],
                name="avenant_unique_number",
                violation_error_message="La convention a déjà un avenant de ce numéro.",
            ),
            models.CheckConstraint(
                condition=Q(budget_change__isnull=True, new_total__isnull=True) | ~Q(currency=""),
                name="avenant_amounts_have_currency",
                violation_error_message="Choisissez la monnaie du changement de budget.",
            ),
            dates_in_order(
                start="starts_on",
                end="ends_on",
                name="avenant_ends_after_start",
                message="La nouvelle fin précède la prise d’effet. Corrigez l’une des deux dates.",
            ),
        ]

    def __str__(self):
        return f"avenant n° {self.number}"

    def require_ready(self) -> None:
        if not self.convention.is_published:
            raise ValidationError("Publiez d’abord la convention.")

    @transaction.atomic
    def move_to(self, status, *, by, reason="") -> None:
        """The avenant's documents come with it."""
        super().move_to(status, by=by, reason=reason)
        if status == Status.PUBLISHED:
            self.documents.all().publish(by)
        elif status == Status.WITHDRAWN:
            self.documents.all().release(by, reason)
        self.convention.settle_budget(by)

    move_to.alters_data = True

    def take_over(self, by) -> None:
        """Its new total takes the place of what was planned before in its currency.

        Amounts of actions stay: the rest of the new total becomes a line, unless lines that somebody
        entered detail it. A funder and a nature that were those of every line replaced stay too.
        """
        planned = self.convention.budget_lines.filter(currency=self.currency)
        before = planned.filter(action=None, counted_amount__isnull=False).exclude(set_by=self)
        replaced = list(before)
        for_actions = planned.filter(action__isnull=False).values_list("counted_amount", flat=True)
        rest = self.new_total - sum(filter(None, for_actions))
        if not self.set_lines.exists() and rest > 0:
            line = planned.model(convention=self.convention, amount=rest, currency=self.currency)
            line.label, line.set_by = f"Nouveau budget total (avenant n° {self.number})", self
            for name in ("funder_id", "nature"):
                values = {getattr(one, name) for one in replaced}
                if len(values) == 1:
                    setattr(line, name, values.pop())
            line.save_because(f"Total donné par l’{self}.", by)
        for line in self.set_lines.filter(superseded_by__isnull=False):
            line.superseded_by = None
            line.save_because(f"L’{self} fixe ce montant.", by)
        if self.set_lines.exists():
            for line in replaced:
                line.superseded_by = self
                line.save_because(f"Remplacé par l’{self}.", by)

    take_over.alters_data = True

    @property
    def budget_change_label(self) -> str:
        if self.budget_change is None:
            return ""
        sign = "+" if self.budget_change > 0 else ""
        return sign + format_money(self.budget_change, self.currency)

    @property
    def new_total_label(self) -> str:
        return "" if self.new_total is None else format_money(self.new_total, self.currency)

    @property
    def terms_label(self) -> str:
        """« signé : 2009 ; nouvelle fin : 2010 »: what it says, as far as it is known."""
        told = [
            ("signé", self.signed_on and self.signed_on.label),
            ("prend effet", self.starts_on and self.starts_on.label),
            ("nouvelle fin", self.ends_on and self.ends_on.label),
            ("budget", self.budget_change_label),
            ("nouveau budget total", self.new_total_label),
        ]
        return " ; ".join(f"{name} : {value}" for name, value in told if value)

    def natural_key(self) -> tuple:
        return (self.convention.reference, self.number)

    def prepare(self) -> bool:
        self.number = self.number or next_number(self.convention, self.convention.avenants)
        return super().prepare()

    def clean(self) -> None:
        start = self.convention.starts_on if self.convention_id else None
        if start and self.ends_on and self.ends_on.last_day < start.first_day:
            message = "La nouvelle fin précède le début de la convention. Corrigez-la."
            raise ValidationError({"ends_on": message})
