"""The papers that a convention needs."""

from django.db import models

from agreements.models.parts import ConventionPartQuerySet
from cooperation.models import Document, Partner
from cooperation.records.base import Identified, Record
from cooperation.values.fields import PartialDateField


class LegalStep(Identified, Record):
    """A step of a convention's legal life: délibération, transmission to the préfet, approval."""

    class Kind(models.TextChoices):
        DELIBERATION = "deliberation", "délibération du conseil"
        TRANSMISSION = "transmission", "transmission à la tutelle"
        APPROVAL = "approbation", "approbation de la tutelle"
        AUTHORISATION = "autorisation", "autorisation de signer"
        RATIFICATION = "ratification", "ratification après signature"
        STATE = "accord-etat", "accord de l’État"

    class Result(models.TextChoices):
        GRANTED = "accorde", "adopté, accordé"
        REFUSED = "refuse", "refusé"
        ADJOURNED = "ajourne", "ajourné"

    # What the law asks of every convention; the others are those of some.
    EXPECTED = (Kind.DELIBERATION, Kind.TRANSMISSION, Kind.APPROVAL)
    # A step that was refused or put off is told, and still missing.
    COUNTED = ("", Result.GRANTED)

    convention = models.ForeignKey(
        "agreements.Convention", on_delete=models.CASCADE, related_name="legal_steps"
    )
    kind = models.CharField("étape", max_length=20, choices=Kind)
    partner = models.ForeignKey(
        Partner,
        verbose_name="collectivité",
        on_delete=models.PROTECT,
        related_name="legal_steps",
        null=True,
        blank=True,
        help_text="Celle dont le conseil a délibéré.",
    )
    done_on = PartialDateField("date")
    number = models.CharField("numéro ou référence", max_length=80, blank=True)
    organ = models.CharField(
        "organe", max_length=120, blank=True, help_text="Conseil, bureau exécutif, collège…"
    )
    result = models.CharField(
        "issue", max_length=20, choices=Result, blank=True, help_text="Vide si elle n’est pas dite."
    )
    votes_for = models.PositiveSmallIntegerField("voix pour", null=True, blank=True)
    votes_against = models.PositiveSmallIntegerField("voix contre", null=True, blank=True)
    abstentions = models.PositiveSmallIntegerField("abstentions", null=True, blank=True)
    document = models.ForeignKey(
        Document,
        verbose_name="document",
        on_delete=models.PROTECT,
        related_name="legal_steps",
        null=True,
        blank=True,
    )

    objects = ConventionPartQuerySet.as_manager()

    terms = (
        "kind",
        "partner",
        "done_on",
        "number",
        "organ",
        "result",
        "votes_for",
        "votes_against",
        "abstentions",
        "document",
    )
    part_of = "convention"

    class Meta:
        verbose_name = "étape légale"
        verbose_name_plural = "dossier légal"
        ordering = ["convention_id", "pk"]

    def __str__(self):
        return self.get_kind_display()

    @property
    def is_locked(self) -> bool:
        return self.convention.is_locked

    @property
    def locked_fields(self) -> list[str]:
        """What is still empty may be filled in: the approval often comes after the publication."""
        return [name for name in super().locked_fields if getattr(self, name)]
