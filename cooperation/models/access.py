"""How people come to an account: they ask for one, or are invited."""

import secrets
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q, QuerySet
from django.utils import timezone

from cooperation.models.jobs import new_reference
from cooperation.models.partners import Partner
from cooperation.models.tokens import digest_of
from cooperation.roles import Role

# How long an invitation opens an account.
OPEN_FOR = timedelta(days=7)
# How long what a person wrote of themselves is kept once it is answered.
KEPT_FOR = timedelta(days=365)
# Requests that one network may send in a day: an office has several people.
MOST_REQUESTS_A_DAY = 5


class AccessRequestQuerySet(QuerySet):
    def waiting(self) -> QuerySet:
        return self.filter(answered_at=None)

    def forget_old(self) -> None:
        """Personal data of people who may have no account."""
        self.filter(answered_at__lt=timezone.now() - KEPT_FOR).delete()


class AccessRequest(models.Model):
    """Somebody of a commune or organisation asks for an account; the secretariat invites or refuses."""

    reference = models.CharField(max_length=16, unique=True, editable=False, default=new_reference)
    partner = models.ForeignKey(
        Partner,
        verbose_name="commune ou organisation",
        on_delete=models.PROTECT,
        related_name="access_requests",
    )
    name = models.CharField("prénom et nom", max_length=150)
    function = models.CharField(
        "fonction", max_length=120, help_text="Par exemple : point focal, secrétaire exécutif."
    )
    email = models.EmailField(
        "adresse électronique", help_text="L’invitation y arrive : la vôtre, que vous lisez."
    )
    phone = models.CharField(
        "téléphone",
        max_length=30,
        blank=True,
        help_text="Le secrétariat peut appeler pour vérifier que c’est bien vous.",
    )
    network = models.CharField(max_length=32, blank=True, editable=False)
    asked_at = models.DateTimeField("demandé le", auto_now_add=True)
    answered_at = models.DateTimeField("répondu le", null=True, editable=False)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    refusal = models.CharField("motif du refus", max_length=500, blank=True)

    objects = AccessRequestQuerySet.as_manager()

    class Meta:
        verbose_name = "demande d’accès"
        verbose_name_plural = "demandes d’accès"
        ordering = ["asked_at", "pk"]

    def __str__(self):
        return f"{self.name}, {self.partner}"

    @property
    def days(self) -> int:
        return (timezone.now() - self.asked_at).days

    def answer(self, user, refusal="") -> bool:
        """By an invitation, or by a refusal with its reason; False where it is answered already."""
        self.answered_at, self.answered_by, self.refusal = timezone.now(), user, refusal
        facts = {"answered_at": self.answered_at, "answered_by": user, "refusal": refusal}
        return bool(AccessRequest.objects.waiting().filter(pk=self.pk).update(**facts))

    answer.alters_data = True


class InvitationQuerySet(QuerySet):
    def unanswered(self) -> QuerySet:
        """Neither taken up nor withdrawn, over or not."""
        return self.filter(account=None, withdrawn_at=None)

    def forget_old(self) -> None:
        """Those that nobody took up."""
        self.filter(account=None, expires_at__lt=timezone.now() - KEPT_FOR).delete()

    def open(self) -> QuerySet:
        return self.unanswered().filter(expires_at__gt=timezone.now())


class Invitation(models.Model):
    """A link by which one person makes their account, with the role that the secretariat chose."""

    reference = models.CharField(max_length=16, unique=True, editable=False, default=new_reference)
    email = models.EmailField("adresse électronique")
    name = models.CharField("prénom et nom", max_length=150, blank=True)
    role = models.CharField("rôle", max_length=20, choices=Role, default=Role.COMMUNE)
    partner = models.ForeignKey(
        Partner,
        verbose_name="commune ou organisation",
        on_delete=models.PROTECT,
        related_name="invitations",
        null=True,
        blank=True,
        help_text="Celle pour laquelle un agent communal saisit.",
    )
    digest = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", editable=False
    )
    sent_at = models.DateTimeField("envoyée le", editable=False)
    expires_at = models.DateTimeField("valable jusqu’au", editable=False)
    withdrawn_at = models.DateTimeField("retirée le", null=True, editable=False)
    account = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="invitation",
    )

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = "invitation"
        ordering = ["-sent_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(role=Role.COMMUNE) | Q(partner__isnull=False),
                name="invitation_agent_has_partner",
                violation_error_message="Choisissez la commune de cet agent.",
            ),
        ]

    def __str__(self):
        return self.email

    def give(self) -> str:
        """Save with a new secret, good for seven days, which is told here and never again."""
        secret = secrets.token_urlsafe(24)
        self.digest = digest_of(secret)
        self.sent_at = timezone.now()
        self.expires_at = self.sent_at + OPEN_FOR
        # Whoever takes it up meanwhile is not undone.
        self.save(update_fields=["digest", "sent_at", "expires_at"] if self.pk else None)
        return secret

    give.alters_data = True

    @classmethod
    def known_by(cls, secret: str) -> "Invitation | None":
        """The one that a link is of, whether or not it still opens an account."""
        return cls.objects.filter(digest=digest_of(secret)).first()

    @property
    def is_over(self) -> bool:
        return self.expires_at <= timezone.now()

    @property
    def is_open(self) -> bool:
        return self.account_id is None and self.withdrawn_at is None and not self.is_over
