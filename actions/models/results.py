"""What it changed, in numbers."""

from decimal import ROUND_HALF_UP, Decimal

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q, QuerySet

from actions.models.actions import Action, ConventionOrActionPart
from agreements.models import Convention, ConventionPartQuerySet
from cooperation.models import Partner
from cooperation.records.base import Identified, Record, linked_index
from cooperation.values.fields import MeasureField, PartialDateField
from cooperation.values.money import format_number


class IndicatorQuerySet(ConventionPartQuerySet):
    def with_measurements(self) -> QuerySet:
        """With measured values, the earliest first, and their places."""
        places = models.Prefetch("place", Partner.objects.published())
        values = Measurement.objects.order_by("measured_on", "pk").prefetch_related(places)
        return self.prefetch_related(models.Prefetch("measurements", values))


def progress_between(baseline, target, value) -> int | None:
    """Whole per cent of the way from the baseline (0 if not given) to the target, or None."""
    start = baseline or Decimal(0)
    if target is None or target == start:
        return None
    return int((100 * (value - start) / (target - start)).to_integral_value(ROUND_HALF_UP))


class Indicator(Identified, ConventionOrActionPart):
    """What an action, or a whole convention, wants to change, in numbers."""

    convention = models.ForeignKey(
        Convention, verbose_name="convention", on_delete=models.PROTECT, related_name="indicators"
    )
    action = models.ForeignKey(
        Action,
        verbose_name="action",
        on_delete=models.PROTECT,
        related_name="indicators",
        db_index=False,
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
        indexes = [linked_index("action", "indicator_of_action")]

    def __str__(self):
        return f"{self.name} ({self.unit})"

    def clean(self) -> None:
        super().clean()
        if self.baseline is not None and self.baseline == self.target:
            raise ValidationError(
                {"target": "La cible est la valeur de départ : rien à atteindre."}
            )

    @property
    def totals_measured(self) -> list:
        """Dated values for everybody and everywhere; splits by sex or place are not added up."""
        return [
            measured
            for measured in self.measurements.all()
            if not measured.sex and not measured.place_id
        ]

    @property
    def latest(self) -> "Measurement | None":
        """The last such value, or None."""
        return self.totals_measured[-1] if self.totals_measured else None

    @property
    def progress(self) -> int | None:
        """How far the last value is on the way to the target."""
        return self.progress_to(self.latest)

    def progress_to(self, measured) -> int | None:
        """progress_between, or None where nothing is measured."""
        if measured is None:
            return None
        return progress_between(self.baseline, self.target, measured.value)

    @property
    def bar(self) -> int:
        """The progress as a bar can show it: 0 to 100."""
        return min(max(self.progress, 0), 100)


class Measurement(Identified, Record):
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
        ordering = ["indicator_id", F("measured_on").asc(nulls_last=True), "pk"]
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
    def is_locked(self) -> bool:
        return self.indicator.is_locked

    @property
    def value_label(self) -> str:
        return format_number(self.value)
