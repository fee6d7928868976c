"""Who signs, pays or acts, their official codes and their contacts."""

import re

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, When
from django.urls import reverse
from django.utils.text import slugify

from cooperation.models.counters import free_slug
from cooperation.records.base import (
    PublishedRecord,
    Record,
    SearchableMixin,
    merged_into_another,
    published_has_date,
)
from cooperation.records.gates import RecordQuerySet, Status
from cooperation.records.recording import RecordedQuerySet
from cooperation.values.codes import cog, other_code, siren
from cooperation.values.fields import YEAR_BOUNDS, PartialDateField
from cooperation.values.money import format_number
from cooperation.values.places import (
    BENIN,
    COMMUNES_OF_BENIN,
    Departement,
    country_choices,
    country_names,
)
from cooperation.values.text import fold


class PartnerQuerySet(RecordQuerySet):
    def get_by_natural_key(self, slug) -> models.Model:
        return self.get(slug=slug)

    def communes(self) -> QuerySet:
        """The communes of Benin."""
        return self.filter(kind=Partner.Kind.COMMUNE, country=BENIN)

    def nearest(self, text) -> QuerySet:
        """For choosing: the name itself, then those of which a word begins so, then the others.

        Among equals, those that the registry names already come first.
        """
        word = fold(text)
        rank = Case(
            When(slug=slugify(text), then=0),
            When(Q(search_text__startswith=word) | Q(search_text__contains=f" {word}"), then=1),
            default=2,
        )
        signing = Partner.conventions.through.objects.filter(partner=OuterRef("pk"))
        ranked = self.annotate(rank=rank, is_used=Exists(signing)).prefetch_related("codes")
        return ranked.order_by("rank", "-is_used", "name")

    def owned_by(self, user) -> QuerySet:
        """Oneself, whatever its status, and what one entered until it is published."""
        own = user.partner_id
        if own is None:
            return self.none()
        return self.filter(Q(pk=own) | Q(entered_by=own, status=Status.DRAFT))

    def linkable_by(self, user) -> QuerySet:
        """Anybody may be named as a party, under the name that stays."""
        return self.visible_to(user).exclude(status=Status.MERGED)


class Partner(SearchableMixin, PublishedRecord):
    """Who signs, pays or acts: a local authority, a grouping, a donor, an association…"""

    class Kind(models.TextChoices):
        COMMUNE = "commune", "commune"
        GROUPING = "groupement", "groupement de collectivités"
        AUTHORITY = "collectivite", "autre collectivité territoriale"
        ASSOCIATION = "association-collectivites", "association de collectivités"
        STATE = "etat", "État, ministère ou organisme public"
        DONOR = "bailleur", "bailleur de fonds"
        PROGRAMME = "programme", "programme ou projet d’appui"
        NGO = "ong", "ONG ou association"
        FOUNDATION = "fondation", "fondation"
        INSTITUTE = "institut", "établissement d’enseignement, de santé ou de recherche"
        COMPANY = "entreprise", "entreprise ou bureau d’études"

    class Replacement(models.TextChoices):
        MERGER = "fusion", "fusion"
        DIVISION = "scission", "scission"
        LEGAL_FORM = "forme-juridique", "changement de forme juridique"
        NAME = "nouveau-nom", "changement de nom"
        DISSOLUTION = "dissolution", "dissolution"

    name = models.CharField("nom", max_length=200)
    short_name = models.CharField("sigle", max_length=40, blank=True)
    slug = models.SlugField(
        "adresse",
        max_length=80,
        unique=True,
        editable=False,
        help_text="Ne change jamais.",
        error_messages={"unique": "Un partenaire de ce nom est déjà là."},
    )
    kind = models.CharField(
        "nature",
        max_length=30,
        choices=Kind,
        blank=True,
        help_text="Vide si elle n’est pas connue.",
    )
    country = models.CharField(
        "pays",
        max_length=2,
        choices=country_choices,
        blank=True,
        help_text="Vide pour une organisation de plusieurs pays, ou s’il n’est pas connu.",
    )
    departement = models.CharField(
        "département", max_length=20, choices=Departement, blank=True, help_text="Au Bénin."
    )
    commune = models.ForeignKey(
        "self",
        verbose_name="commune du siège",
        on_delete=models.PROTECT,
        related_name="seated_partners",
        null=True,
        blank=True,
        limit_choices_to={"kind": Kind.COMMUNE},
    )
    aliases = models.TextField(
        "autres noms",
        blank=True,
        help_text="Un par ligne : anciens noms, autres orthographes. La recherche les trouve.",
    )
    has_special_status = models.BooleanField("commune à statut particulier", default=False)
    successor = models.ForeignKey(
        "self",
        verbose_name="remplacé par",
        on_delete=models.PROTECT,
        related_name="predecessors",
        null=True,
        blank=True,
        help_text="Si ce partenaire a fusionné ou changé de nom.",
    )
    replaced_on = PartialDateField(
        "remplacé ou disparu le", help_text="Le jour où il a cessé d’exister sous cette forme."
    )
    replacement_cause = models.CharField(
        "cause du remplacement", max_length=30, choices=Replacement, blank=True
    )
    merged_into = models.ForeignKey(
        "self",
        verbose_name="fusionné avec",
        on_delete=models.PROTECT,
        related_name="merged",
        null=True,
        editable=False,
    )
    members = models.ManyToManyField(
        "self",
        verbose_name="membres",
        related_name="groupings",
        symmetrical=False,
        through="Membership",
        through_fields=("grouping", "member"),
    )
    website = models.URLField("site internet", blank=True)
    population = models.PositiveIntegerField(
        "population", null=True, blank=True, validators=[MaxValueValidator(2_000_000_000)]
    )
    population_year = models.PositiveSmallIntegerField(
        "année du recensement", null=True, blank=True, validators=YEAR_BOUNDS
    )
    latitude = models.DecimalField(
        "latitude",
        max_digits=6,
        decimal_places=3,
        null=True,
        blank=True,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
        help_text="En degrés décimaux, vers le nord.",
    )
    longitude = models.DecimalField(
        "longitude",
        max_digits=6,
        decimal_places=3,
        null=True,
        blank=True,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
        help_text="En degrés décimaux, vers l’est.",
    )
    entered_by = models.ForeignKey(
        "self",
        verbose_name="saisi par",
        on_delete=models.PROTECT,
        related_name="entered_partners",
        null=True,
        editable=False,
    )

    objects = PartnerQuerySet.as_manager()

    address_field = "slug"
    steps_from = ()
    terms = (
        "name",
        "short_name",
        "kind",
        "country",
        "departement",
        "commune",
        "has_special_status",
        "successor",
        "replaced_on",
        "replacement_cause",
        "population",
        "population_year",
        "latitude",
        "longitude",
    )

    class Meta:
        verbose_name = "partenaire"
        ordering = ["name", "pk"]
        permissions = [("publish_partner", "Peut publier un partenaire")]
        constraints = [
            published_has_date("partner"),
            models.CheckConstraint(
                condition=Q(departement="") | Q(country=BENIN),
                name="partner_departement_of_benin",
                violation_error_message="Seul un partenaire du Bénin a un département.",
            ),
            models.CheckConstraint(
                condition=~Q(kind="commune", country=BENIN) | ~Q(departement=""),
                name="partner_commune_has_departement",
                violation_error_message="Choisissez le département de cette commune.",
            ),
            models.CheckConstraint(
                condition=merged_into_another(), name="partner_merged_into_another"
            ),
            models.CheckConstraint(
                condition=Q(successor__isnull=True) | ~Q(successor=F("pk")),
                name="partner_not_its_own_successor",
                violation_error_message="Un partenaire ne se remplace pas lui-même.",
            ),
        ]

    def __str__(self):
        return f"{self.name} ({self.short_name})" if self.short_name else self.name

    @property
    def told_apart(self) -> str:
        """Its name with what tells homonyms apart: « Sainte-Colombe – commune, France, FR-COG 17319 »."""
        facts = [
            self.get_kind_display(),
            self.get_departement_display() if self.departement else self.country_name,
            *(str(code) for code in self.codes.all()[:1]),
        ]
        known = ", ".join(fact for fact in facts if fact)
        return f"{self} – {known}" if known else str(self)

    def given_together(self) -> QuerySet:
        """Amounts that count and that it gives with others, none of whom has a part of their own."""
        counted = self.budget_lines.model.objects.counted()
        # Two conditions that an index answers each: one join for both would read all amounts.
        first = self.budget_lines.exclude(joint_funders=None).order_by().values("pk")
        joining = self.budget_lines_joined.order_by().values("pk")
        return counted.filter(Q(pk__in=first) | Q(pk__in=joining))

    def get_absolute_url(self) -> str:
        return reverse("partner_detail", args=[self.slug])

    def natural_key(self) -> tuple:
        return (self.slug,)

    @property
    def may_be_deleted(self) -> bool:
        """Foreign keys refuse by themselves; these relations would lose a name without a word."""
        linked = (
            self.groupings,
            self.actions_here,
            self.actions_led,
            self.budget_lines_joined,
        )
        return not self.is_published and not any(records.exists() for records in linked)

    @property
    def country_name(self) -> str:
        return country_names().get(self.country, "")

    @property
    def population_label(self) -> str:
        return format_number(self.population)

    @property
    def brief(self) -> str:
        """The short form for lists: « CCP », « Parakou »."""
        return self.short_name or self.name

    def prepare(self) -> bool:
        if not self.slug:
            self.slug = self.free_slug()
        return super().prepare()

    def clean(self) -> None:
        super().clean()
        if self.kind == self.Kind.COMMUNE and self.country == BENIN:
            others = Partner.objects.communes().current().exclude(pk=self.pk)
            if others.count() >= COMMUNES_OF_BENIN:
                raise ValidationError(
                    {
                        "name": f"Le Bénin a {COMMUNES_OF_BENIN} communes, et toutes sont déjà dans le "
                        "registre : choisissez celle dont c’est un autre nom, et ajoutez-lui ce nom."
                    }
                )

    def free_slug(self, promised=()) -> str:
        return free_slug(Partner.objects, self.name, "partenaire", promised)


def official_code(scheme: str, text: str) -> str:
    """The code as its list writes it, or as it was typed, without spaces, where we know no rule of it.

    ValueError, in French, for what is no code of the list.
    """
    known = {
        PartnerCode.Scheme.SIREN: siren,
        PartnerCode.Scheme.COG: cog,
        PartnerCode.Scheme.OTHER: other_code,
    }
    return known[scheme](text) if scheme in known else re.sub(r"\s", "", text)


def code_label(scheme: str, code: str) -> str:
    """« FR-SIREN 214502346 »; a code of another list names that list itself: « NIS 31022 »."""
    return code if scheme == PartnerCode.Scheme.OTHER else f"{scheme} {code}"


class PartnerCodeQuerySet(RecordedQuerySet):
    def get_by_natural_key(self, scheme, code) -> models.Model:
        return self.get(scheme=scheme, code=code)


class PartnerCode(Record):
    """An official code of a partner: one per list of codes."""

    class Scheme(models.TextChoices):
        COMMUNE = "BJ-COM", "code de commune (INStaD, Bénin)"
        IFU = "BJ-IFU", "IFU (Bénin)"
        SIREN = "FR-SIREN", "SIREN (France)"
        COG = "FR-COG", "code officiel géographique (INSEE, France)"
        IATI = "IATI", "identifiant IATI"
        OTHER = "AUTRE", "autre liste (son nom, puis le code)"

    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="codes")
    scheme = models.CharField("liste", max_length=10, choices=Scheme)
    code = models.CharField("code", max_length=60)

    objects = PartnerCodeQuerySet.as_manager()

    terms = ("scheme", "code")
    part_of = "partner"

    class Meta:
        verbose_name = "code officiel"
        verbose_name_plural = "codes officiels"
        ordering = ["scheme", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["scheme", "code"],
                name="partnercode_unique",
                violation_error_message="Ce code est déjà celui d’un autre partenaire.",
            ),
        ]

    def __str__(self):
        return code_label(self.scheme, self.code)

    def natural_key(self) -> tuple:
        return (self.scheme, self.code)

    def clean(self) -> None:
        try:
            self.code = official_code(self.scheme, self.code)
        except ValueError as error:
            raise ValidationError({"code": str(error)}) from error

    @property
    def is_locked(self) -> bool:
        return self.partner.is_locked
