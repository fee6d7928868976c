"""Indicators of the PONADEC: what is measured, how, and what is aimed at, year by year."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q, QuerySet
from django.urls import reverse

from cooperation.models.counters import free_slug
from cooperation.records.base import Identified, Record
from cooperation.records.recording import RecordedQuerySet
from cooperation.roles import is_secretariat
from cooperation.values.dates import FIRST_YEAR
from cooperation.values.fields import MeasureField
from cooperation.values.money import format_number

LAST_YEAR = 2100


class Computed(models.TextChoices):
    """What the registry counts by itself, for any year; how is in reports/facts/ponadec.py."""

    IN_FORCE = "compte-en-vigueur", "conventions en vigueur"
    NEW = "compte-nouvelles", "nouvelles conventions"
    COMMUNES = "compte-communes", "communes qui ont une convention en vigueur"
    COUNTRIES = "compte-pays", "pays partenaires"
    CASH = "somme-numeraire", "numéraire mobilisé"
    IN_KIND = "somme-valorisation", "valorisation mobilisée"
    FINISHED = "part-achevees", "part des actions achevées"
    APPROVED = "part-approuvees", "part des conventions dont l’approbation est au dossier"
    MINUTES = "part-comptes-rendus", "part des comptes rendus envoyés à temps"
    PRACTICES = "compte-pratiques", "bonnes pratiques publiées"


def with_unit(number, unit) -> str:
    """« 34,5 % »; "" where there is no number."""
    return "" if number is None else f"{format_number(number)}\u00a0{unit}".strip()


# In what the registry counts; "" is a number of what the name says.
UNITS = {
    Computed.IN_FORCE: "",
    Computed.NEW: "",
    Computed.COMMUNES: "",
    Computed.COUNTRIES: "",
    Computed.CASH: "F CFA",
    Computed.IN_KIND: "F CFA",
    Computed.FINISHED: "%",
    Computed.APPROVED: "%",
    Computed.MINUTES: "%",
    Computed.PRACTICES: "",
}


class PonadecQuerySet(RecordedQuerySet):
    """Everybody reads them; the secretariat keeps them."""

    def visible_to(self, user) -> QuerySet:
        return self.all()

    def current(self) -> QuerySet:
        """All of it: none is withdrawn."""
        return self

    def editable_by(self, user) -> QuerySet:
        return self.all() if is_secretariat(user) else self.none()

    def get_by_natural_key(self, slug) -> models.Model:
        return self.get(slug=slug)


class PonadecIndicator(Record):
    """One indicator: official only once somebody says by which text it is."""

    name = models.CharField("intitulé", max_length=200, unique=True)
    slug = models.SlugField("adresse", max_length=80, unique=True, editable=False)
    definition = models.TextField(
        "définition", help_text="Ce qui est compté, et ce qui ne l’est pas."
    )
    formula = models.TextField(
        "calcul", help_text="En toutes lettres : ce qu’on additionne, ce qu’on divise par quoi."
    )
    unit = models.CharField(
        "unité",
        max_length=40,
        blank=True,
        help_text="F CFA, %, points… Vide : ce que dit l’intitulé.",
    )
    # What the registry counts for it; none where its values are entered.
    computed = models.CharField(
        "calculé par le registre", max_length=30, choices=Computed, blank=True, editable=False
    )
    official_source = models.CharField(
        "texte qui le rend officiel",
        max_length=250,
        blank=True,
        help_text="Vide : l’indicateur n’est pas officiel, et sa page le dit.",
    )

    objects = PonadecQuerySet.as_manager()

    address_field = "slug"
    derived_fields = ["unit"]

    class Meta:
        verbose_name = "indicateur de la PONADEC"
        verbose_name_plural = "indicateurs de la PONADEC"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["computed"],
                condition=~Q(computed=""),
                name="ponadecindicator_computed_once",
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("ponadec_detail", args=[self.slug])

    def natural_key(self) -> tuple:
        return (self.slug,)

    @property
    def may_be_deleted(self) -> bool:
        """What has been told of a year stays; so does what the registry counts."""
        return not (self.computed or self.years.exists())

    def prepare(self) -> bool:
        if not self.slug:
            self.slug = free_slug(PonadecIndicator.objects, self.name, "indicateur")
        if self.computed:
            self.unit = UNITS[Computed(self.computed)]
        return super().prepare()


class PonadecYearQuerySet(PonadecQuerySet):
    def get_by_natural_key(self, uid) -> models.Model:
        return self.get(uid=uid)


class PonadecYear(Identified, Record):
    """What an indicator is, and is to be, in one year: each number with the source that tells it."""

    indicator = models.ForeignKey(
        PonadecIndicator, on_delete=models.PROTECT, related_name="years", editable=False
    )
    year = models.PositiveSmallIntegerField(
        "année", validators=[MinValueValidator(FIRST_YEAR), MaxValueValidator(LAST_YEAR)]
    )
    value = MeasureField("valeur")
    value_source = models.CharField("source de la valeur", max_length=250, blank=True)
    target = MeasureField("cible")
    target_source = models.CharField("source de la cible", max_length=250, blank=True)

    objects = PonadecYearQuerySet.as_manager()

    part_of = "indicator"

    class Meta:
        verbose_name = "année d’un indicateur"
        verbose_name_plural = "années d’un indicateur"
        ordering = ["indicator", "year"]
        constraints = [
            models.UniqueConstraint(fields=["indicator", "year"], name="ponadecyear_once"),
            models.CheckConstraint(
                condition=Q(value=None) | ~Q(value_source=""),
                name="ponadecyear_value_has_source",
                violation_error_message="Dites d’où vient la valeur.",
            ),
            models.CheckConstraint(
                condition=Q(target=None) | ~Q(target_source=""),
                name="ponadecyear_target_has_source",
                violation_error_message="Dites d’où vient la cible.",
            ),
        ]

    def __str__(self):
        return f"{self.indicator}, {self.year}"

    def get_absolute_url(self) -> str:
        return self.indicator.get_absolute_url()

    @property
    def target_label(self) -> str:
        return with_unit(self.target, self.indicator.unit)

    @property
    def may_be_deleted(self) -> bool:
        """A number that was public is corrected or emptied, with its history; it does not go."""
        return False

    def clean(self) -> None:
        super().clean()
        if self.indicator.computed and self.value is not None:
            raise ValidationError(
                {"value": "Le registre calcule cet indicateur : sa valeur ne se saisit pas."}
            )
