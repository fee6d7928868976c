"""What the registry told a person: kept in the site, for those whom a message does not reach."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import QuerySet
from django.utils import timezone

# How long a person finds it again.
KEPT_FOR = timedelta(days=365)


class NoticeQuerySet(QuerySet):
    def unread(self) -> QuerySet:
        return self.filter(read_at=None)

    def forget_old(self) -> None:
        self.filter(sent_at__lt=timezone.now() - KEPT_FOR).delete()


class Notice(models.Model):
    """One message to one person; `address` is the page that it leads to."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices"
    )
    subject = models.CharField("objet", max_length=500)
    text = models.TextField("texte")
    address = models.TextField("page")
    sent_at = models.DateTimeField("le", auto_now_add=True)
    read_at = models.DateTimeField("lu le", null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = "nouvelle"
        ordering = ["-sent_at", "-pk"]
        indexes = [models.Index(fields=["user", "read_at"], name="notice_unread")]

    def __str__(self):
        return self.subject
