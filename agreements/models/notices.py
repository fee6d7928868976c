"""What readers say is wrong with a record: anybody may, without an account."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from cooperation.roles import is_secretariat

# What one network may send in a day, and what one record may have unanswered.
MOST_A_DAY, MOST_WAITING = 5, 20


class ErrorNoticeQuerySet(models.QuerySet):
    def answerable_by(self, user) -> QuerySet:
        """Those about what the person may edit: the secretariat answers all."""
        if is_secretariat(user):
            return self
        editable = self.model._meta.get_field("convention").related_model.objects.editable_by(user)
        return self.filter(convention__in=editable.order_by().values("pk"))

    def waiting(self) -> QuerySet:
        return self.filter(answered_at=None)


class ErrorNotice(models.Model):
    """A reader’s word on a published convention, read by the secretariat and its communes alone.

    The e-mail address is there for the answer: it is erased as the answer leaves.
    """

    convention = models.ForeignKey(
        "agreements.Convention", on_delete=models.CASCADE, related_name="error_notices"
    )
    text = models.TextField(
        "ce qui ne va pas",
        max_length=2000,
        help_text="Ce que la fiche dit, ce qui est juste, et d’où vous le savez.",
    )
    reply_to = models.EmailField(
        "votre adresse électronique",
        blank=True,
        help_text="Pour vous répondre, si vous le voulez. Elle n’est ni publiée ni gardée ensuite.",
    )
    sent_at = models.DateTimeField("envoyé le", auto_now_add=True)
    # Of the day alone (networks.py): enough to bound what one sends.
    network = models.CharField(max_length=32, blank=True, editable=False)
    answer = models.TextField(
        "réponse", max_length=2000, blank=True, help_text="Ce qui a été corrigé, ou pourquoi pas."
    )
    answered_at = models.DateTimeField("répondu le", null=True, editable=False)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="répondu par",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        editable=False,
    )

    objects = ErrorNoticeQuerySet.as_manager()

    class Meta:
        verbose_name = "signalement"
        ordering = [F("answered_at").desc(nulls_first=True), "sent_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answer="")
                | Q(answered_at__isnull=False, reply_to="") & ~Q(answer=""),
                name="errornotice_answered_or_waiting",
            ),
        ]

    def __str__(self):
        return f"signalement du {timezone.localtime(self.sent_at):%d/%m/%Y}"

    def close(self, answer, by) -> str:
        """Keep the answer and forget whom it goes to; returns that address, or ""."""
        address, self.reply_to = self.reply_to, ""
        self.answer, self.answered_at, self.answered_by = answer, timezone.now(), by
        self.save()
        return address

    close.alters_data = True
