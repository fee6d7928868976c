"""A remark on a text that a group works on, its disposition, and whether its author is satisfied."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q, QuerySet
from django.utils import timezone

from cooperation.models import Partner
from cooperation.records.base import Identified, SteppedRecord
from cooperation.roles import is_secretariat
from workgroup.models.groups import GroupQuerySet


class Disposition(models.TextChoices):
    """What a group answers to a remark."""

    OPEN = "attend", "sans suite encore"
    RETAINED = "acceptee", "retenue"
    PARTLY = "acceptee-en-partie", "retenue en partie"
    NOTED = "notee", "notée"
    SET_ASIDE = "refusee", "écartée"
    WITHDRAWN = "retiree", "retirée par son auteur"


class Satisfaction(models.TextChoices):
    YES = "satisfait", "satisfait"
    NO = "insatisfait", "pas satisfait"


class RemarkQuerySet(GroupQuerySet):
    """Remarks on what a group works on: its conductors answer them, their author speaks for them."""

    def waiting(self) -> QuerySet:
        return self.filter(status=Disposition.OPEN)

    def counted(self) -> QuerySet:
        """But those that their author withdrew."""
        return self.exclude(status=Disposition.WITHDRAWN)

    def answered(self) -> QuerySet:
        return self.exclude(status__in=(Disposition.OPEN, Disposition.WITHDRAWN))

    def answerable_by(self, user) -> QuerySet:
        return super().editable_by(user)

    def authored_by(self, user) -> QuerySet:
        """A person's own, as long as they sit in the group or act for the secretariat."""
        if not user.is_authenticated:
            return self.none()
        groups = self if is_secretariat(user) else self.of_groups_where(user)
        return groups.filter(author=user.pk)

    def editable_by(self, user) -> QuerySet:
        return self.answerable_by(user) | self.authored_by(user)


class Remark(Identified, SteppedRecord):
    """Who says what of which passage, and proposes which wording; what the group answers."""

    class Kind(models.TextChoices):
        GENERAL = "fond", "sur le fond"
        TECHNICAL = "technique", "technique"
        EDITORIAL = "redaction", "rédaction"
        QUESTION = "question", "question"

    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="auteur",
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
    )
    partner = models.ForeignKey(
        Partner,
        verbose_name="pour",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        editable=False,
    )
    sent_at = models.DateTimeField("envoyée le", default=timezone.now, editable=False)
    kind = models.CharField("nature", max_length=20, choices=Kind, default=Kind.GENERAL)
    quoted = models.TextField("passage", blank=True, editable=False)
    text = models.TextField("remarque")
    proposed = models.TextField("texte que vous proposez", blank=True)
    status = models.CharField(
        "suite",
        max_length=20,
        choices=Disposition,
        default=Disposition.OPEN,
        editable=False,
    )
    answer = models.TextField("pourquoi", blank=True, editable=False)
    adopted = models.TextField("texte retenu", blank=True, editable=False)
    satisfied = models.CharField(
        "l’auteur est", max_length=12, choices=Satisfaction, blank=True, editable=False
    )
    unsatisfied_because = models.CharField(
        "ce qui ne convient pas", max_length=2000, blank=True, editable=False
    )

    # Read by the members of its group alone.
    is_private = True
    moved_fields = ["status", "answer", "adopted", "satisfied", "unsatisfied_because"]

    class Meta:
        abstract = True
        ordering = ["sent_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(satisfied="") | ~Q(status=Disposition.OPEN),
                name="%(class)s_satisfied_once_answered",
            ),
        ]

    def __str__(self):
        return self.text[:80]

    @property
    def may_be_deleted(self) -> bool:
        """What has an answer stays; no page deletes one, undoing an import does."""
        return self.status == Disposition.OPEN

    @property
    def is_waiting(self) -> bool:
        return self.status == Disposition.OPEN

    @property
    def is_answered(self) -> bool:
        return self.status not in (Disposition.OPEN, Disposition.WITHDRAWN)

    def set_status(self, status, by) -> None:
        """Another disposition asks its author anew, and retains no wording by itself."""
        super().set_status(status, by)
        self.satisfied = self.unsatisfied_because = self.adopted = ""

    def move_to(self, status, *, by, reason="") -> None:
        self.answer = reason
        super().move_to(status, by=by, reason=reason)

    move_to.alters_data = True

    def say_satisfied(self, satisfied, *, by, because="") -> None:
        """Its author's word on the answer. ValidationError, in French, where there is none to speak of."""
        if not self.is_answered:
            raise ValidationError("Cette remarque n’a pas encore de suite.")
        if satisfied == Satisfaction.NO and not because.strip():
            raise ValidationError("Dites ce qui ne convient pas : le groupe le lira.")
        self.satisfied = satisfied
        self.unsatisfied_because = because.strip() if satisfied == Satisfaction.NO else ""
        self.save_because("", by, ["satisfied", "unsatisfied_because"])

    say_satisfied.alters_data = True
