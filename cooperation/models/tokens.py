"""Keys by which programs act for a person, and what was answered to them."""

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import QuerySet
from django.utils import timezone

from cooperation.models.jobs import new_reference

# So that people, and programs that look for lost keys, recognise one.
MARK = "rcd_"


def digest_of(token: str) -> str:
    """What is kept of a token: 256 random bits need no salt."""
    return hashlib.sha256(token.encode()).hexdigest()


class ApiTokenQuerySet(models.QuerySet):
    def usable(self) -> QuerySet:
        """Neither revoked nor over, of people who have an account."""
        over = models.Q(expires_on__lt=timezone.localdate())
        return self.filter(revoked_at=None, user__is_active=True).exclude(over)


class ApiToken(models.Model):
    """Lets a program act as a person: all that the person sees and, if they say so, may enter."""

    class Scope(models.TextChoices):
        READ = "lecture", "lire ce que je vois"
        WRITE = "saisie", "lire, et saisir ce que je peux saisir"

    reference = models.CharField(max_length=16, unique=True, editable=False, default=new_reference)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens"
    )
    name = models.CharField("nom", max_length=80, help_text="Pour le reconnaître : « suivi eau ».")
    scope = models.CharField("permet de", max_length=10, choices=Scope, default=Scope.READ)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField("créé le", auto_now_add=True)
    expires_on = models.DateField(
        "valable jusqu’au",
        null=True,
        blank=True,
        help_text="Vide : jusqu’à ce que vous le révoquiez.",
    )
    used_on = models.DateField("servi le", null=True, editable=False)
    revoked_at = models.DateTimeField("révoqué le", null=True, editable=False)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = "jeton"
        ordering = ["user", "-created_at", "pk"]

    def __str__(self):
        return self.name

    def give(self) -> str:
        """Save with a new secret, which is told here and never again."""
        token = MARK + secrets.token_urlsafe(32)
        self.digest = digest_of(token)
        self.save()
        return token

    give.alters_data = True

    @classmethod
    def known_by(cls, token: str) -> "ApiToken | None":
        """The one in use today that a secret is of, or None."""
        today = timezone.localdate()
        usable = cls.objects.usable().select_related("user")
        found = usable.filter(digest=digest_of(token)).first()
        if found and found.used_on != today:
            cls.objects.filter(pk=found.pk).update(used_on=today)
        return found

    @property
    def is_over(self) -> bool:
        return bool(self.expires_on) and self.expires_on < timezone.localdate()


class IdempotentResponse(models.Model):
    """What a write was answered under its idempotency key: the same again is answered the same.

    Programs choose their keys; a form has one of its own (entry/once.py).
    """

    # How long an answer is kept under its key.
    KEPT = timedelta(days=7)

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="idempotent_responses"
    )
    key = models.CharField("clé", max_length=100)
    fingerprint = models.CharField("empreinte", max_length=64)
    status = models.PositiveSmallIntegerField("statut HTTP")
    headers = models.JSONField("en-têtes", default=dict)
    body = models.TextField("réponse")
    created_at = models.DateTimeField("le", auto_now_add=True, db_index=True)

    class Meta:
        verbose_name = "réponse donnée"
        db_table = "cooperation_answered"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="answered_once"),
        ]

    def __str__(self):
        return self.key

    @classmethod
    def forget_old(cls) -> None:
        cls.objects.filter(created_at__lt=timezone.now() - cls.KEPT).delete()
