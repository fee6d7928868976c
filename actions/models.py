"""What is done under a convention, with whose money, and what it gave."""

from decimal import ROUND_HALF_UP, Decimal

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Cast, Coalesce, Round
from django.urls import reverse

from agreements.models import (
    Avenant,
    Convention,
    ConventionPartQuerySet,
    dates_in_order,
)
from cooperation.dates import period_label
from cooperation.fields import (
    POSITIVE,
    AmountField,
    CurrencyField,
    MeasureField,
    NumberField,
    PartialDateField,
)
from cooperation.models import YEAR_BOUNDS, Partner
from cooperation.money import Nature, format_money, format_number, totals
from cooperation.records import Record, SearchableMixin
from cooperation.references import next_number, next_reference


def totals_of(groups):
    """money.totals of rows grouped by currency and nature.

    Summed as whole cents: SQLite would add decimals as floating-point numbers.
    """
    in_cents = Cast(Round(F("amount") * 100), models.BigIntegerField())
    rows = groups.annotate(cents=models.Sum(in_cents))
    return totals((currency, nature, Decimal(cents) / 100) for currency, nature, cents in rows)


class ConventionPart(Record):
    """Belongs to a convention's terms, and is published with it."""

    adds_terms = True
    corrected_with_reason = True
    part_of = "convention"

    class Meta:
        abstract = True

    @property
    def is_locked(self):
        return self.convention.is_locked


class AxisQuerySet(ConventionPartQuerySet):
    def get_by_natural_key(self, reference, number):
        return self.get(convention__reference=reference, number=number)


class Axis(ConventionPart):
    """A grouping of a convention's actions."""

    convention = models.ForeignKey(Convention, on_delete=models.CASCADE, related_name="axes")
    number = NumberField(validators=[MinValueValidator(1), MaxValueValidator(99)])
    title = models.CharField("intitulé", max_length=250)
    added_by = models.ForeignKey(
        Avenant,
        verbose_name="ajouté par l’avenant",
        on_delete=models.PROTECT,
        related_name="added_axes",
        null=True,
        blank=True,
    )

    objects = AxisQuerySet.as_manager()

    terms = ("number", "title", "added_by")

    class Meta:
        verbose_name = "axe"
        ordering = ["convention", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["convention", "number"],
                name="axis_unique_number",
                violation_error_message="La convention a déjà un axe de ce numéro.",
            ),
        ]

    def __str__(self):
        return f"{self.number}. {self.title}"

    def natural_key(self):
        return (self.convention.reference, self.number)

    def prepare(self):
        self.number = self.number or next_number(self.convention.axes)
        return super().prepare()

    def clean(self):
        if self.added_by and self.added_by.convention_id != self.convention_id:
            raise ValidationError({"added_by": "Cet avenant est celui d’une autre convention."})


class ActionQuerySet(ConventionPartQuerySet):
    def get_by_natural_key(self, reference):
        return self.get(reference=reference)

    def under_way(self, year):
        """Actions of the year, by their own dates or, where they have none, their convention's.

        One whose end is not known lasts as long as its convention is in force, and at least in the
        year of its start.
        """
        first, last = str(year), f"{year}-12-31"
        in_force = Q(convention__in=Convention.objects.overlapping(year).values("pk"))
        begun = Q(begin__isnull=True) | Q(begin__lte=last)
        started = Q(begin__startswith=first)
        return self.annotate(
            begin=Coalesce("actual_start", "planned_start"),
            finish=Coalesce("actual_end", "planned_end"),
        ).filter(
            Q(finish__gte=first) & begun | Q(finish__isnull=True) & begun & (in_force | started)
        )

    def matches(self, word):
        places = Partner.objects.published().filter(search_text__contains=word)
        here = Action.objects.filter(places__in=places.values("pk")).order_by()
        return super().matches(word) | Q(pk__in=here.values("pk"))


class Action(SearchableMixin, ConventionPart):
    """A unit of work under a convention: where, when, by whom, with what result."""

    class State(models.TextChoices):
        PLANNED = "prevue", "prévue"
        UNDER_WAY = "en-cours", "en cours"
        DONE = "achevee", "achevée"
        SUSPENDED = "suspendue", "suspendue"
        ABANDONED = "abandonnee", "abandonnée"

    reference = models.CharField("référence", max_length=30, unique=True, editable=False)
    convention = models.ForeignKey(
        Convention, verbose_name="convention", on_delete=models.PROTECT, related_name="actions"
    )
    axis = models.ForeignKey(
        Axis,
        verbose_name="axe",
        on_delete=models.PROTECT,
        related_name="actions",
        null=True,
        blank=True,
        help_text="Vide si le texte ne dit pas de quel axe relève l’action.",
    )
    number = NumberField(validators=[MinValueValidator(1), MaxValueValidator(999)])
    title = models.CharField("intitulé", max_length=250)
    description = models.TextField("description", blank=True)
    places = models.ManyToManyField(
        Partner,
        verbose_name="communes",
        related_name="actions_here",
        blank=True,
        limit_choices_to={"kind": Partner.Kind.COMMUNE},
        help_text="Où l’action a lieu.",
    )
    planned_start = PartialDateField("début prévu")
    planned_end = PartialDateField("fin prévue")
    actual_start = PartialDateField("début réel")
    actual_end = PartialDateField("fin réelle")
    state = models.CharField(
        "état", max_length=20, choices=State, blank=True, help_text="Vide s’il n’est pas connu."
    )
    progress = models.PositiveSmallIntegerField(
        "avancement",
        null=True,
        blank=True,
        validators=[MaxValueValidator(100)],
        help_text="En pour cent, de 0 à 100.",
    )
    implementers = models.ManyToManyField(
        Partner,
        verbose_name="réalisée par",
        related_name="actions_led",
        blank=True,
    )
    beneficiaries = models.TextField("bénéficiaires", blank=True)
    results = models.TextField("résultats", blank=True)
    difficulties = models.TextField("difficultés", blank=True)

    objects = ActionQuerySet.as_manager()

    search_fields = ("title", "description", "beneficiaries", "results")
    terms = ("convention", "axis", "number", "title")
    _history_m2m_fields = ["places", "implementers"]

    class Meta:
        verbose_name = "action"
        ordering = ["convention", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["convention", "number"],
                name="action_unique_number",
                violation_error_message="La convention a déjà une action de ce numéro.",
            ),
            models.CheckConstraint(
                condition=Q(progress__isnull=True) | Q(progress__lte=100),
                name="action_progress_is_percentage",
                violation_error_message="L’avancement va de 0 à 100.",
            ),
            dates_in_order(
                start="planned_start",
                end="planned_end",
                name="action_planned_end_after_start",
                message="La fin prévue précède le début prévu. Corrigez l’une des deux dates.",
            ),
            dates_in_order(
                start="actual_start",
                end="actual_end",
                name="action_actual_end_after_start",
                message="La fin réelle précède le début réel. Corrigez l’une des deux dates.",
            ),
        ]

    def __str__(self):
        return f"{self.number}. {self.title}"

    def get_absolute_url(self):
        return reverse("action_detail", args=[self.reference])

    def natural_key(self):
        return (self.reference,)

    def prepare(self):
        self.number = self.number or next_number(self.convention.actions)
        if not self.reference:
            self.reference = next_reference(Action.objects, f"{self.convention.reference}-A", 1)
        return super().prepare()

    def clean(self):
        if self.axis and self.axis.convention_id != self.convention_id:
            raise ValidationError({"axis": "Cet axe est celui d’une autre convention."})

    @property
    def period(self):
        """What is known of its dates, the real ones before the planned ones; "" if nothing is."""
        return period_label(
            self.actual_start or self.planned_start, self.actual_end or self.planned_end
        )


def conventions_of_year(year):
    """Published conventions of a year's bilan: in force in it, or with an action of it."""
    published = Convention.objects.published()
    acting = Action.objects.published().under_way(year).values("convention")
    return published.filter(Q(pk__in=published.overlapping(year).values("pk")) | Q(pk__in=acting))


class BudgetLineQuerySet(ConventionPartQuerySet):
    def totals(self):
        """Planned amounts summed per currency and nature (money.Total)."""
        return totals_of(self.order_by().values_list("currency", "nature"))


class BudgetLine(ConventionPart):
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

    objects = BudgetLineQuerySet.as_manager()

    terms = ("convention", "action", "label", "funder", "year", "nature", "amount", "currency")

    class Meta:
        verbose_name = "ligne budgétaire"
        verbose_name_plural = "lignes budgétaires"
        ordering = ["convention", "pk"]
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
    def is_locked(self):
        return (self.action or self).convention.is_locked

    @property
    def amount_label(self):
        return format_money(self.amount, self.currency)

    def prepare(self):
        if self.action and not self.convention_id:
            self.convention_id = self.action.convention_id
        return super().prepare()

    def clean(self):
        if self.action and self.convention_id not in (None, self.action.convention_id):
            raise ValidationError({"action": "Cette action est celle d’une autre convention."})


class DisbursementQuerySet(ConventionPartQuerySet):
    status_lookup = "budget_line__convention__status"
    partner_lookup = "budget_line__convention__parties__partner"
    delegate_lookup = "budget_line__convention__delegations__user"

    def in_year(self, year):
        return self.filter(paid_on__startswith=str(year))

    def totals(self):
        """Paid amounts summed per currency and nature (money.Total)."""
        return totals_of(self.order_by().values_list("currency", "budget_line__nature"))


class Disbursement(Record):
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
    def is_locked(self):
        return self.budget_line.is_locked

    @property
    def amount_label(self):
        return format_money(self.amount, self.currency)


class IndicatorQuerySet(ConventionPartQuerySet):
    def with_measurements(self):
        """With measured values, the earliest first, and their places."""
        places = models.Prefetch("place", Partner.objects.published())
        values = Measurement.objects.order_by("measured_on", "pk").prefetch_related(places)
        return self.prefetch_related(models.Prefetch("measurements", values))


class Indicator(Record):
    """What an action, or a whole convention, wants to change, in numbers."""

    convention = models.ForeignKey(
        Convention, verbose_name="convention", on_delete=models.PROTECT, related_name="indicators"
    )
    action = models.ForeignKey(
        Action,
        verbose_name="action",
        on_delete=models.PROTECT,
        related_name="indicators",
        null=True,
        blank=True,
        help_text="Vide si l’indicateur vaut pour toute la convention.",
    )
    name = models.CharField("indicateur", max_length=200)
    unit = models.CharField("unité", max_length=60, help_text="Ménages, hectares, %…")
    baseline = MeasureField("valeur de départ")
    baseline_on = PartialDateField("date de la valeur de départ")
    target = MeasureField("cible")
    target_on = PartialDateField("échéance de la cible")

    objects = IndicatorQuerySet.as_manager()

    terms = ("name", "unit", "baseline", "baseline_on", "target", "target_on")
    corrected_with_reason = True
    part_of = "convention"

    class Meta:
        verbose_name = "indicateur"
        ordering = ["convention", "pk"]

    def __str__(self):
        return f"{self.name} ({self.unit})"

    @property
    def is_locked(self):
        return (self.action or self).convention.is_locked

    def prepare(self):
        if self.action and not self.convention_id:
            self.convention_id = self.action.convention_id
        return super().prepare()

    def clean(self):
        if self.action and self.convention_id not in (None, self.action.convention_id):
            raise ValidationError({"action": "Cette action est celle d’une autre convention."})
        if self.baseline is not None and self.baseline == self.target:
            raise ValidationError(
                {"target": "La cible est la valeur de départ : rien à atteindre."}
            )

    @property
    def totals_measured(self):
        """Dated values for everybody and everywhere; splits by sex or place are not added up."""
        return [
            measured
            for measured in self.measurements.all()
            if not measured.sex and not measured.place_id
        ]

    @property
    def latest(self):
        """The last such value, or None."""
        return self.totals_measured[-1] if self.totals_measured else None

    @property
    def progress(self):
        """Whole per cent of the way from the baseline (0 if not given) to the target, or None."""
        start = self.baseline or Decimal(0)
        if self.latest is None or self.target is None or self.target == start:
            return None
        share = 100 * (self.latest.value - start) / (self.target - start)
        return int(share.to_integral_value(ROUND_HALF_UP))

    @property
    def bar(self):
        """The progress as a bar can show it: 0 to 100."""
        return min(max(self.progress, 0), 100)


class Measurement(Record):
    """A value of an indicator at a date, with where it comes from."""

    class Sex(models.TextChoices):
        WOMEN = "femmes", "femmes"
        MEN = "hommes", "hommes"

    indicator = models.ForeignKey(
        Indicator,
        verbose_name="indicateur",
        on_delete=models.CASCADE,
        related_name="measurements",
    )
    value = MeasureField("valeur", null=False, blank=False)
    measured_on = PartialDateField("date de la mesure")
    sex = models.CharField("sexe", max_length=10, choices=Sex, blank=True, help_text="Vide : tous.")
    place = models.ForeignKey(
        Partner,
        verbose_name="commune",
        on_delete=models.PROTECT,
        related_name="measurements",
        null=True,
        blank=True,
        limit_choices_to={"kind": Partner.Kind.COMMUNE},
        help_text="Vide : partout.",
    )

    class QuerySet(ConventionPartQuerySet):
        status_lookup = "indicator__convention__status"
        partner_lookup = "indicator__convention__parties__partner"
        delegate_lookup = "indicator__convention__delegations__user"

    objects = QuerySet.as_manager()

    part_of = "indicator"

    class Meta:
        verbose_name = "mesure"
        ordering = ["indicator", F("measured_on").asc(nulls_last=True), "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(measured_on=None),
                name="measurement_has_date",
                violation_error_message="Donnez la date de la mesure.",
            ),
            models.CheckConstraint(
                condition=~Q(source=""),
                name="measurement_has_source",
                violation_error_message="Dites d’où vient cette valeur.",
            ),
        ]

    def __str__(self):
        return f"{self.value_label} {self.indicator.unit}"

    @property
    def is_locked(self):
        return self.indicator.is_locked

    @property
    def value_label(self):
        return format_number(self.value)
