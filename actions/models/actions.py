"""What is done under a convention."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.urls import reverse

from agreements.models import Avenant, Convention, ConventionPartQuerySet
from cooperation.models import Arrondissement, Partner, ReferenceCounter
from cooperation.records.base import (
    FollowedMixin,
    Identified,
    Record,
    SearchableMixin,
    dates_in_order,
)
from cooperation.records.references import next_number
from cooperation.values.dates import period_label
from cooperation.values.fields import NumberField, PartialDateField
from cooperation.values.states import ActionState


class ConventionPart(Record):
    """Belongs to a convention's terms, and is published with it."""

    adds_terms = True
    corrected_with_reason = True
    part_of = "convention"

    class Meta:
        abstract = True

    @property
    def is_locked(self) -> bool:
        return self.convention.is_locked


class AxisQuerySet(ConventionPartQuerySet):
    def get_by_natural_key(self, reference, number) -> models.Model:
        return self.get(convention__reference=reference, number=number)


class Axis(Identified, ConventionPart):
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

    def natural_key(self) -> tuple:
        return (self.convention.reference, self.number)

    def prepare(self) -> bool:
        self.number = self.number or next_number(self.convention, self.convention.axes)
        return super().prepare()

    def clean(self) -> None:
        if self.added_by and self.added_by.convention_id != self.convention_id:
            raise ValidationError({"added_by": "Cet avenant est celui d’une autre convention."})


class ActionQuerySet(ConventionPartQuerySet):
    def get_by_natural_key(self, reference) -> models.Model:
        return self.get(reference=reference)

    def under_way(self, first, last=None, within=None) -> QuerySet:
        """Actions of a year, or of several, by their own dates or else by their convention's.

        `within` are the keys of the only conventions asked about: no other one is then looked at.
        One of which an end is not known is under way as long as its convention is in force, and at
        least in the year of the date that is known.
        """
        last = last or first
        asked, conventions = self, Convention.objects.overlapping(first, last)
        if within is not None:
            keys = list(within)
            asked = self.filter(convention__pk__among=keys)
            conventions = conventions.filter(pk__among=keys)
        in_force = Q(convention__in=conventions.values("pk"))
        first, last = str(first), f"{last}-12-31"
        dated = Q(begin__gte=first, begin__lte=last) | Q(finish__gte=first, finish__lte=last)
        begun, unfinished = Q(begin__lte=last), Q(finish__gte=first)
        no_begin, no_finish = Q(begin__isnull=True), Q(finish__isnull=True)
        return asked.annotate(
            begin=Coalesce("actual_start", "planned_start"),
            finish=Coalesce("actual_end", "planned_end"),
        ).filter(
            begun & unfinished
            | (begun & no_finish | no_begin & unfinished | no_begin & no_finish)
            & (in_force | dated)
        )


class Action(FollowedMixin, SearchableMixin, ConventionPart):
    """A unit of work under a convention: where, when, by whom, with what result."""

    State = ActionState

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
    arrondissements = models.ManyToManyField(
        Arrondissement,
        verbose_name="arrondissements",
        related_name="actions",
        blank=True,
        help_text="S’ils sont connus ; leurs communes s’ajoutent d’elles-mêmes.",
    )
    place_words = models.CharField(
        "lieu précis",
        max_length=250,
        blank=True,
        help_text="Village, quartier, école, centre de santé…",
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

    terms = ("convention", "axis", "number", "title")
    _history_m2m_fields = ["places", "arrondissements", "implementers"]

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

    def get_absolute_url(self) -> str:
        return reverse("action_detail", args=[self.reference])

    def natural_key(self) -> tuple:
        return (self.reference,)

    def prepare(self) -> bool:
        self.number = self.number or next_number(self.convention, self.convention.actions)
        if not self.reference:
            (self.reference,) = ReferenceCounter.next_references(
                Action.objects, f"{self.convention.reference}-A", width=1
            )
        return super().prepare()

    def clean(self) -> None:
        if self.axis and self.axis.convention_id != self.convention_id:
            raise ValidationError({"axis": "Cet axe est celui d’une autre convention."})

    @property
    def tone(self) -> str:
        """How pages draw its state."""
        return ActionState(self.state).tone if self.state else ""

    def settle(self, by) -> None:
        """An action in an arrondissement is in its commune: lists, maps and figures go by communes."""
        inside = self.arrondissements.order_by().values("commune")
        self.places.add(*Partner.objects.filter(pk__in=inside).exclude(actions_here=self))

    settle.alters_data = True

    @property
    def exact_place(self) -> str:
        """Where in its communes: « Takon (Sakété), école de Takon »; "" if nothing is known."""
        return ", ".join(filter(None, [*map(str, self.arrondissements.all()), self.place_words]))

    @property
    def planned_period(self) -> str:
        """As it was planned; "" if nothing is known."""
        return period_label(self.planned_start, self.planned_end)

    @property
    def period(self) -> str:
        """What is known of its dates, the real ones before the planned ones; "" if nothing is."""
        return period_label(
            self.actual_start or self.planned_start, self.actual_end or self.planned_end
        )


class ConventionOrActionPart(Record):
    """Belongs to a convention as a whole or, with its `action`, to one of its actions."""

    class Meta:
        abstract = True

    @property
    def is_locked(self) -> bool:
        return (self.action or self).convention.is_locked

    def prepare(self) -> bool:
        if self.action and not self.convention_id:
            self.convention_id = self.action.convention_id
        return super().prepare()

    def clean(self) -> None:
        if self.action and self.convention_id not in (None, self.action.convention_id):
            raise ValidationError({"action": "Cette action est celle d’une autre convention."})


def conventions_of_year(year) -> models.Q:
    """Published conventions of a year's bilan: in force in it, or with an action of it."""
    published = Convention.objects.published()
    acting = Action.objects.published().under_way(year).values("convention")
    return published.filter(Q(pk__in=published.overlapping(year).values("pk")) | Q(pk__in=acting))
