"""Bilans that the secretariat writes, their frozen editions, and reports that take long to make."""

import hashlib

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q, QuerySet
from django.db.models.fields.files import FieldFile
from django.urls import reverse

from cooperation.models import Partner, ReferenceCounter, User
from cooperation.models.jobs import Job, JobQuerySet
from cooperation.records.base import Record
from cooperation.records.gates import RecordQuerySet, sees_all
from cooperation.roles import is_secretariat
from cooperation.values.fields import YEAR_BOUNDS


class BilanQuerySet(RecordQuerySet):
    """The public reads what has an edition; members what is being written too."""

    def published(self) -> QuerySet:
        return self.filter(pk__in=Edition.objects.order_by().values("bilan"))

    def visible_to(self, user) -> QuerySet:
        return self.all() if sees_all(user) else self.published()

    def owned_by(self, user) -> models.QuerySet:
        return self.none()

    def editable_by(self, user) -> QuerySet:
        return self.all() if is_secretariat(user) else self.none()


def narrative(label, help_text) -> models.TextField:
    return models.TextField(label, blank=True, max_length=50_000, help_text=help_text)


class Bilan(Record):
    """The report to the CNCD on a period and a scope: its figures come from the registry.

    What is written here goes around them; an edition freezes both.
    """

    reference = models.CharField("référence", max_length=20, unique=True, editable=False)
    title = models.CharField("titre", max_length=200)
    first_year = models.PositiveSmallIntegerField("de (année)", validators=YEAR_BOUNDS)
    last_year = models.PositiveSmallIntegerField("à (année)", validators=YEAR_BOUNDS)
    # As in the address of the list of conventions.
    filters = models.CharField("filtres", max_length=2000, blank=True)
    summary = narrative(
        "Synthèse",
        "Une page qui se lit seule : cinq constats, trois recommandations, un chiffre.",
    )
    progress_note = narrative(
        "Réalisations, retards et difficultés", "Ce qui s’est fait, ce qui a tardé, pourquoi."
    )
    money_note = narrative("Financement", "Fonds propres, cofinancements, temps valorisé.")
    lessons = narrative(
        "Leçons et bonnes pratiques",
        "Contexte, démarche, résultat mesuré, conditions pour refaire ailleurs.",
    )
    ponadec = narrative(
        "Indicateurs de la PONADEC", "Ce que la coopération décentralisée y apporte."
    )
    recommendations = narrative(
        "Recommandations", "Celles qui ont été suivies, et les nouvelles : qui, quand."
    )
    workgroup = narrative("Travaux du sous-groupe", "Réunions, études, projets de textes.")

    NARRATIVE = (
        "summary",
        "progress_note",
        "money_note",
        "lessons",
        "ponadec",
        "recommendations",
        "workgroup",
    )

    objects = BilanQuerySet.as_manager()

    address_field = "reference"

    class Meta:
        verbose_name = "bilan"
        ordering = ["-last_year", "-first_year", "reference"]
        permissions = [("publish_bilan", "Peut publier un bilan")]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_year__gte=F("first_year")),
                name="bilan_period_in_order",
                violation_error_message="La période finit avant de commencer. "
                "Corrigez l’une des deux années.",
            ),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("bilan_detail", args=[self.reference])

    def prepare(self) -> bool:
        if not self.reference:
            (self.reference,) = ReferenceCounter.next_references(
                Bilan.objects, f"bilan-{self.last_year}-", width=1
            )
        return super().prepare()

    @property
    def may_be_deleted(self) -> bool:
        return not self.editions.exists()

    @property
    def latest(self) -> "Edition | None":
        """The edition in force, or None."""
        return self.editions.first()

    @property
    def period(self) -> str:
        if self.first_year == self.last_year:
            return str(self.first_year)
        return f"{self.first_year} – {self.last_year}"


class Boundary(models.Model):
    """Where a commune ends, drawn on the map of Benin; brought by `load_boundaries`, and replaced whole."""

    commune = models.OneToOneField(
        Partner, verbose_name="commune", on_delete=models.CASCADE, related_name="boundary"
    )
    # An SVG path in the pixels of the frame (drawing.BENIN).
    path = models.TextField("tracé")
    source = models.CharField("source", max_length=250)

    class Meta:
        verbose_name = "limite de commune"
        verbose_name_plural = "limites de communes"
        ordering = ["commune"]

    def __str__(self):
        return str(self.commune)


class FrozenQuerySet(models.QuerySet):
    """Rows that are added, and never change."""

    def update(self, **values) -> None:
        raise ValidationError("Une édition publiée ne change pas. Publiez-en une nouvelle.")

    def bulk_create(self, objs, *args, **kwargs) -> list:
        if kwargs.get("ignore_conflicts") or kwargs.get("update_conflicts"):
            raise ValidationError("Une édition publiée ne change pas. Publiez-en une nouvelle.")
        return super().bulk_create(objs, *args, **kwargs)

    def delete(self) -> None:
        raise ValidationError("Une édition publiée ne se supprime pas.")

    def visible_to(self, user) -> QuerySet:
        """An edition is public from the first."""
        return self.all()


class FrozenFile(FieldFile):
    """A file that stays as long as its row."""

    def delete(self, save=True) -> None:
        raise ValidationError("Une édition publiée ne se supprime pas.")


class FrozenFileField(models.FileField):
    attr_class = FrozenFile


class Edition(models.Model):
    """A bilan as it was published: PDF, figures and rows, each with its SHA-256, for ever."""

    bilan = models.ForeignKey(Bilan, on_delete=models.PROTECT, related_name="editions")
    number = models.PositiveSmallIntegerField("édition", editable=False)
    published_at = models.DateTimeField("publiée le", editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="publiée par",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        editable=False,
    )
    # As they were that day: what its cover bears, BILAN-2025-1-E2, and the title.
    mark = models.CharField("numéro", max_length=40, unique=True, editable=False)
    title = models.CharField("titre", max_length=200, editable=False)
    # What it changes against the edition before, line by line.
    changes = models.JSONField("ce qui change", default=list, editable=False)
    # reports.bilan.BilanFacts as JSON, byte for byte as it was sealed.
    facts = models.TextField("chiffres et textes", editable=False)
    facts_sha256 = models.CharField("SHA-256 des chiffres", max_length=64, editable=False)
    rows = models.TextField("lignes", editable=False)
    rows_sha256 = models.CharField("SHA-256 des lignes", max_length=64, editable=False)
    pdf = FrozenFileField("PDF", upload_to="bilans/", max_length=120, editable=False)
    pdf_sha256 = models.CharField("SHA-256 du PDF", max_length=64, unique=True, editable=False)
    pages = models.PositiveIntegerField("pages", editable=False)

    objects = FrozenQuerySet.as_manager()

    class Meta:
        verbose_name = "édition"
        base_manager_name = "objects"
        ordering = ["bilan", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["bilan", "number"], name="edition_unique_number"),
        ]

    def __str__(self):
        return self.mark

    def save(self, *args, **kwargs) -> None:
        if not self._state.adding:
            raise ValidationError("Une édition publiée ne change pas. Publiez-en une nouvelle.")
        super().save(*args, **kwargs | {"force_insert": True})

    save.alters_data = True

    def get_absolute_url(self) -> str:
        return reverse("edition_detail", args=[self.bilan.reference, self.number])

    def delete(self, *args, **kwargs) -> None:
        raise ValidationError("Une édition publiée ne se supprime pas.")

    delete.alters_data = True

    @property
    def is_latest(self) -> bool:
        return not Edition.objects.filter(bilan=self.bilan_id, number__gt=self.number).exists()

    @property
    def is_intact(self) -> bool:
        """Whether all that is kept still has the sums of its publication."""
        try:
            with self.pdf.open() as file:
                pdf = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            return False
        return (
            pdf == self.pdf_sha256
            and digest(self.facts) == self.facts_sha256
            and digest(self.rows) == self.rows_sha256
        )


def digest(text) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


class ReportKind(models.TextChoices):
    INVENTORY = "inventaire", "inventaire"
    YEAR = "annee", "bilan d’une année"
    BILAN = "bilan", "bilan en préparation"
    EDITION = "edition", "publication d’un bilan"


class ReportState(models.TextChoices):
    WAITING = "attente", "en attente"
    MAKING = "en-cours", "en cours"
    READY = "pret", "prêt"
    CANCELLED = "annule", "annulé"
    FAILED = "echec", "échoué"


class ReportQuerySet(JobQuerySet):
    def visible_to(self, user) -> QuerySet:
        """Made of what is public; its address is only known to those who asked."""
        return self.all() if sees_all(user) else self.filter(kind__in=Report.PUBLIC)

    def editable_by(self, user) -> QuerySet:
        if not user.is_authenticated:
            return self.none()
        if is_secretariat(user):
            return self.all()
        return self.filter(user=user)


class Report(Job):
    """A file that takes long to make: made once for all who ask for the same."""

    Kind, State = ReportKind, ReportState

    PUBLIC = (Kind.INVENTORY, Kind.YEAR)
    BUSY = (State.WAITING, State.MAKING)

    kind = models.CharField("rapport", max_length=20, choices=Kind)
    options = models.JSONField("demande", default=dict)
    extension = models.CharField("format", max_length=5)
    # What it was asked for, on which state of the registry: the same is made once.
    key = models.CharField("clé", max_length=64, db_index=True)
    state = models.CharField("état", max_length=20, choices=State, default=State.WAITING)
    watchers = models.ManyToManyField(User, verbose_name="à prévenir", related_name="+")
    file = models.FileField("fichier", upload_to="rapports/", max_length=120, blank=True)
    filename = models.CharField("nom du fichier", max_length=100)
    pages = models.PositiveIntegerField("pages", null=True)
    # Whence a visitor asked, as a code of that day which tells no address; "" for people known.
    network = models.CharField("réseau", max_length=32, default="", editable=False)
    finished_at = models.DateTimeField("fini le", null=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = "rapport"
        ordering = ["-created_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["key"],
                condition=Q(state__in=[ReportState.WAITING, ReportState.MAKING, ReportState.READY]),
                name="report_made_once",
            ),
        ]

    def __str__(self):
        return self.filename

    def get_absolute_url(self) -> str:
        return reverse("report_detail", args=[self.reference])

    @property
    def is_busy(self) -> bool:
        return self.state in self.BUSY
