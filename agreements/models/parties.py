"""Who is in a convention and as what, and to whom it is entrusted."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from agreements.models.parts import ConventionPartQuerySet
from cooperation.models import Arrondissement, Partner, User
from cooperation.records.base import Identified, Record
from cooperation.roles import Role
from cooperation.values.text import of


def party_name(partner, arrondissement) -> str:
    """« Kilibo, arrondissement de Ouessè », where it is one that the text engages; or the partner."""
    return f"{arrondissement}, arrondissement {of(partner)}" if arrondissement else partner


class PartyQuerySet(ConventionPartQuerySet):
    def get_by_natural_key(self, reference, slug, role) -> models.Model:
        return self.get(convention__reference=reference, partner__slug=slug, role=role)


class Party(Identified, Record):
    """A partner in a convention, and as what."""

    class Role(models.TextChoices):
        LEAD = "chef-de-file", "chef de file"
        SIGNATORY = "signataire", "signataire"
        FUNDER = "bailleur", "bailleur"
        SUPPORT = "appui-technique", "appui technique"
        OPERATOR = "operateur", "opérateur"
        OWNER = "maitre-ouvrage", "maître d’ouvrage"
        DELEGATED_OWNER = "maitre-ouvrage-delegue", "maître d’ouvrage délégué"
        BEARER = "association-porteuse", "association porteuse"
        SPONSOR = "parrain", "parrain"
        CONDITIONAL = "sous-condition", "partie sous condition"

    convention = models.ForeignKey(
        "agreements.Convention", on_delete=models.CASCADE, related_name="parties"
    )
    partner = models.ForeignKey(
        Partner, verbose_name="partenaire", on_delete=models.PROTECT, related_name="parties"
    )
    role = models.CharField(
        "rôle", max_length=30, choices=Role, blank=True, help_text="Vide s’il n’est pas connu."
    )
    note = models.CharField(
        "précision", max_length=200, blank=True, help_text="Par exemple le programme qui finance."
    )

    arrondissement = models.ForeignKey(
        Arrondissement,
        on_delete=models.PROTECT,
        related_name="parties",
        null=True,
        blank=True,
        help_text="Si c’est l’un d’eux, non toute la commune, que le texte engage.",
    )
    share = models.DecimalField(
        "part du financement, en %",
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        help_text="Si le texte fixe une clé de répartition : 86.",
    )

    objects = PartyQuerySet.as_manager()

    terms = ("partner", "role", "note", "arrondissement", "share")
    part_of = "convention"
    adds_terms = True

    class Meta:
        verbose_name = "partie"
        ordering = ["convention_id", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["convention", "partner", "role"],
                name="party_unique_role",
                violation_error_message="Ce partenaire a déjà ce rôle dans la convention.",
            ),
            models.CheckConstraint(
                condition=Q(share__isnull=True) | Q(share__gt=0, share__lte=100),
                name="party_share_is_percentage",
                violation_error_message="La part est un pourcentage : plus de 0, et 100 au plus.",
            ),
        ]

    def __str__(self):
        return f"{self.name}, {self.get_role_display() or 'partie'}"

    @property
    def name(self) -> str:
        return party_name(str(self.partner), self.arrondissement and self.arrondissement.name)

    def natural_key(self) -> tuple:
        return (self.convention.reference, self.partner.slug, self.role)

    def clean(self) -> None:
        if self.arrondissement and self.arrondissement.commune_id != self.partner_id:
            told = f"{self.arrondissement} n’est pas un arrondissement de ce partenaire."
            raise ValidationError({"arrondissement": told})

    @property
    def is_locked(self) -> bool:
        return self.convention.is_locked


class Delegation(Record):
    """One convention entrusted to one agent of another organisation, who edits it like its own."""

    convention = models.ForeignKey(
        "agreements.Convention", on_delete=models.CASCADE, related_name="delegations"
    )
    user = models.ForeignKey(
        User,
        verbose_name="agent",
        on_delete=models.PROTECT,
        related_name="delegations",
        limit_choices_to={"role": Role.COMMUNE, "is_active": True},
    )

    objects = ConventionPartQuerySet.as_manager()

    is_news = False
    part_of = "convention"

    class Meta:
        verbose_name = "délégation"
        ordering = ["convention_id", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["convention", "user"],
                name="delegation_unique",
                violation_error_message="Cet agent a déjà cette délégation.",
            ),
        ]

    def __str__(self):
        return str(self.user)
