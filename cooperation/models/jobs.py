"""Long work in the background."""

import secrets

from django.conf import settings
from django.db import models
from django.db.models import QuerySet

from cooperation.roles import is_secretariat


def new_reference() -> str:
    return secrets.token_hex(8)


class WorkerPresence(models.Model):
    """A worker, and when it was last seen: one that is not seen any more has lost its task."""

    name = models.CharField("ouvrier", max_length=64, unique=True)
    seen_at = models.DateTimeField("vu le")

    class Meta:
        verbose_name = "ouvrier"
        ordering = ["name"]

    def __str__(self):
        return self.name


class JobQuerySet(models.QuerySet):
    """A job is for who asked for it; the secretariat sees all."""

    def visible_to(self, user) -> QuerySet:
        if not user.is_authenticated:
            return self.none()
        if is_secretariat(user):
            return self.all()
        return self.filter(user=user)

    def editable_by(self, user) -> QuerySet:
        return self.visible_to(user)


class Job(models.Model):
    """Something that may take long: who asked for it, and what became of it."""

    reference = models.CharField(max_length=16, unique=True, editable=False, default=new_reference)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="demandé par",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
    )
    created_at = models.DateTimeField("demandé le", auto_now_add=True)
    failure = models.TextField("ce qui a échoué", blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        abstract = True
