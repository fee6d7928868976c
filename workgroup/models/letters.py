"""Messages of a group: to whom, why, and what became of each."""

import secrets
from datetime import timedelta

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from cooperation.roles import is_secretariat
from workgroup.models.groups import WorkingGroup


def new_token() -> str:
    return secrets.token_urlsafe(32)


# A letter that a program took and never told of again is sent anew after this.
LOST_AFTER = timedelta(minutes=15)
# How long a group finds again what was written to whom.
KEPT_FOR = timedelta(days=365)


class LetterStatus(models.TextChoices):
    WAITING = "attente", "en attente"
    TAKEN = "pris", "en cours d’envoi"
    SENT = "envoye", "envoyé"
    HELD = "retenu", "retenu"
    REFUSED = "refuse", "refusé par le serveur"
    UNREACHED = "sans-adresse", "sans adresse électronique"


# Those whose reader knows of them: an account without an address reads them in the site.
HEARD = (LetterStatus.TAKEN, LetterStatus.SENT, LetterStatus.UNREACHED)
# Those that did not reach whom they were written to.
NOT_REACHED = (LetterStatus.REFUSED, LetterStatus.UNREACHED)


class LetterQuerySet(QuerySet):
    def visible_to(self, user) -> QuerySet:
        """One's own; the secretariat reads all."""
        return self if is_secretariat(user) else self.filter(user=user.pk)

    def about(self, record) -> QuerySet:
        about_type = ContentType.objects.get_for_model(record)
        return self.filter(about_type=about_type, about_key=record.pk)

    def forget_old(self) -> None:
        self.filter(written_at__lt=timezone.now() - KEPT_FOR).delete()

    def due(self) -> QuerySet:
        now = timezone.now()
        lost = Q(status=LetterStatus.TAKEN, taken_at__lt=now - LOST_AFTER)
        return self.filter(Q(status=LetterStatus.WAITING, due_at__lte=now) | lost)


class Letter(models.Model):
    """One message to one person about one thing. It is composed as it leaves: a bundle of changes is one.

    `key` tells the occasion: the same person gets one letter of a name for each.
    """

    group = models.ForeignKey(WorkingGroup, on_delete=models.PROTECT, related_name="letters")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="letters"
    )
    name = models.CharField("modèle", max_length=40)
    key = models.CharField("occasion", max_length=120)
    about_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+")
    about_key = models.PositiveBigIntegerField()
    about = GenericForeignKey("about_type", "about_key")
    written_at = models.DateTimeField("écrit le", auto_now_add=True)
    due_at = models.DateTimeField("part le")
    status = models.CharField(
        "état", max_length=20, choices=LetterStatus, default=LetterStatus.WAITING
    )
    because = models.CharField("raison", max_length=500, blank=True)
    taken_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField("parti le", null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    subject = models.CharField("objet", max_length=500, blank=True)
    text = models.TextField("texte", blank=True)

    objects = LetterQuerySet.as_manager()

    class Meta:
        verbose_name = "courriel"
        ordering = ["-written_at", "-pk"]
        indexes = [models.Index(fields=["status", "due_at"], name="letter_due")]
        constraints = [
            models.UniqueConstraint(fields=["user", "name", "key"], name="letter_once"),
        ]

    def __str__(self):
        return self.subject or f"{self.name} ({self.key})"

    def take(self) -> bool:
        """Claim it: of several programs that send, one does."""
        now = timezone.now()
        free = Letter.objects.due().filter(pk=self.pk)
        return bool(free.update(status=LetterStatus.TAKEN, taken_at=now))

    take.alters_data = True

    def settle(self, status, because="") -> None:
        self.status, self.because = status, because
        if status == LetterStatus.SENT:
            self.sent_at = timezone.now()
        self.save()

    settle.alters_data = True


class CalendarKey(models.Model):
    """What opens a person's calendar without signing in; another key closes the former."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="calendar_key"
    )
    token = models.CharField(max_length=43, unique=True, default=new_token)
    made_at = models.DateTimeField("depuis", auto_now_add=True)

    class Meta:
        verbose_name = "adresse de calendrier"
        verbose_name_plural = "adresses de calendrier"
        ordering = ["user"]

    def __str__(self):
        return f"calendrier de {self.user}"

    def get_absolute_url(self) -> str:
        return reverse("personal_calendar", args=[self.token])


class RefusedLetters(models.Model):
    """A kind of letter that a person does not want any more."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="refused_letters"
    )
    name = models.CharField("modèle", max_length=40)
    refused_at = models.DateTimeField("depuis", auto_now_add=True)

    class Meta:
        verbose_name = "courriels refusés"
        verbose_name_plural = "courriels refusés"
        ordering = ["user", "name"]
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], name="refusedletters_once"),
        ]

    def __str__(self):
        return self.name
