"""Lists that everybody chooses from: themes, arrondissements, ODD, exchange rates."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q, QuerySet
from django.utils import timezone

from cooperation.records.base import Record, SearchableMixin
from cooperation.records.gates import RecordQuerySet, SearchedQuerySet
from cooperation.values.fields import CurrencyField
from cooperation.values.money import Rate
from cooperation.values.places import BENIN
from cooperation.values.sectors import sector_choices


class KnownQuerySet(SearchedQuerySet):
    """Lists that everybody knows: public from the start, and everybody may choose from them."""

    def get_by_natural_key(self, key) -> models.Model:
        return self.get(**{self.model.address_field: key})

    def published(self) -> QuerySet:
        return self.all()

    def current(self) -> QuerySet:
        return self.all()

    def owned_by(self, user) -> QuerySet:
        return self.none()

    def linkable_by(self, user) -> QuerySet:
        return self.all()


class ThemeQuerySet(KnownQuerySet):
    def matches(self, word) -> Q:
        return Q(name__icontains=word) | Q(slug__contains=word)


class Theme(Record):
    """A field of cooperation, from the list that the secretariat keeps."""

    name = models.CharField("nom", max_length=80, unique=True)
    slug = models.SlugField(
        "adresse",
        max_length=80,
        unique=True,
        help_text="Ce que portent les liens et les recherches gardées : elle ne change plus ensuite.",
    )
    dac_code = models.CharField(
        "secteur CAD",
        max_length=5,
        choices=sector_choices,
        blank=True,
        help_text="Le code-secteur de l’OCDE le plus proche, pour les fichiers IATI ; vide, le "
        "thème y est « Secteur non spécifié ».",
    )

    objects = ThemeQuerySet.as_manager()

    address_field = "slug"

    class Meta:
        verbose_name = "thème"
        ordering = ["name"]

    def __str__(self):
        return self.name

    def natural_key(self) -> tuple:
        return (self.slug,)

    def clean(self) -> None:
        before = Theme.objects.filter(pk=self.pk).values_list("slug", flat=True).first()
        if before not in (None, self.slug):
            message = (
                "L’adresse d’un thème ne change plus : des liens et des recherches la portent."
            )
            raise ValidationError({"slug": message})

    @property
    def may_be_deleted(self) -> bool:
        return not self.conventions.exists()


class Arrondissement(SearchableMixin, Record):
    """A part of a commune of Benin, as the law lists them; it signs nothing by itself."""

    code = models.SlugField(
        "code",
        max_length=20,
        unique=True,
        help_text="Celui de la liste, par exemple « BJ-CO-OUE-05 ».",
    )
    name = models.CharField("nom", max_length=80)
    commune = models.ForeignKey(
        "cooperation.Partner",
        verbose_name="commune",
        on_delete=models.PROTECT,
        related_name="arrondissements",
        limit_choices_to={"kind": "commune", "country": BENIN},
    )

    objects = KnownQuerySet.as_manager()

    address_field = "code"
    search_also = ("commune",)

    class Meta:
        verbose_name = "arrondissement"
        ordering = ["code"]

    def __str__(self):
        return f"{self.name} ({self.commune})"

    def natural_key(self) -> tuple:
        return (self.code,)


class ExchangeRateQuerySet(RecordQuerySet):
    """Rates are public: every converted amount shows them."""

    def published(self) -> models.QuerySet:
        return self.all()

    def owned_by(self, user) -> models.QuerySet:
        return self.none()

    def known_on(self, day=None) -> dict:
        """{currency: Rate}: of each currency the latest rate of the day (today) or before."""
        rows = self.filter(day__lte=day or timezone.localdate()).order_by("day")
        return {row.currency: row.as_rate() for row in rows}


class ExchangeRate(Record):
    """What one euro was worth in another currency than XOF on a day, with its source."""

    currency = CurrencyField("monnaie")
    day = models.DateField("jour")
    per_euro = models.DecimalField(
        "unités pour un euro",
        max_digits=18,
        decimal_places=6,
        validators=[MinValueValidator(Decimal("0.000001"), "Le taux est supérieur à zéro.")],
    )

    objects = ExchangeRateQuerySet.as_manager()

    class Meta:
        verbose_name = "taux de change"
        verbose_name_plural = "taux de change"
        ordering = ["currency", "-day"]
        constraints = [
            models.UniqueConstraint(
                fields=["currency", "day"],
                name="exchangerate_unique_day",
                violation_error_message="Cette monnaie a déjà un taux ce jour-là.",
            ),
            models.CheckConstraint(
                condition=~Q(currency__in=["EUR", "XOF"]),
                name="exchangerate_not_at_parity",
                violation_error_message="L’euro et le franc CFA ont une parité fixe.",
            ),
            models.CheckConstraint(
                condition=~Q(source=""),
                name="exchangerate_has_source",
                violation_error_message="Dites d’où vient ce taux.",
            ),
            models.CheckConstraint(
                condition=Q(per_euro__gt=0),
                name="exchangerate_positive",
                violation_error_message="Le taux est supérieur à zéro.",
            ),
        ]

    def __str__(self):
        return f"1 EUR = {self.per_euro.normalize():f} {self.currency} le {self.day:%d/%m/%Y}"

    def as_rate(self) -> Rate:
        return Rate(self.currency, self.per_euro, self.day, self.source)


class Odd(models.Model):
    """One of the seventeen objectifs de développement durable of the United Nations."""

    number = models.PositiveSmallIntegerField("numéro", primary_key=True)
    name = models.CharField("nom", max_length=80)

    class Meta:
        verbose_name = "ODD"
        verbose_name_plural = "ODD"
        ordering = ["number"]

    def __str__(self):
        return f"ODD {self.number} – {self.name}"
