"""What a group shares: studies, evaluations, national orientations, papers of the CNCD. Nobody validates it."""

from django.conf import settings
from django.db import models
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from actions.models import Action
from agreements.models import Convention
from cooperation.models import Document, Partner, Theme
from cooperation.records.base import Identified, Record, SearchableMixin
from cooperation.records.gates import SearchMixin
from workgroup.models.groups import GroupQuerySet, WorkingGroup


class SharedDocumentQuerySet(SearchMixin, GroupQuerySet):
    group_lookup = "group"

    def public(self) -> QuerySet:
        return self.filter(document__access=Document.Access.PUBLIC)

    def editable_by(self, user) -> QuerySet:
        """Whoever conducts the group, and who shared it as long as they sit there."""
        own = self.of_groups_where(user).filter(shared_by=user.pk) if user.pk else self.none()
        return super().editable_by(user) | own


class SharedDocument(Identified, SearchableMixin, Record):
    """A paper that a member shares for the knowledge of the others, and what it is about."""

    class Kind(models.TextChoices):
        STUDY = "etude-partagee", "étude"
        EVALUATION = "evaluation", "évaluation"
        ORIENTATION = "orientation", "orientation nationale"
        CNCD = "travaux-cncd", "travaux de la CNCD"
        OTHER = "autre-document", "autre"

    group = models.ForeignKey(
        WorkingGroup, verbose_name="groupe", on_delete=models.PROTECT, related_name="library"
    )
    kind = models.CharField("nature", max_length=20, choices=Kind)
    title = models.CharField("titre", max_length=200)
    summary = models.TextField(
        "résumé", blank=True, help_text="Ce qu’on y apprend, en quelques phrases."
    )
    partner = models.ForeignKey(
        Partner,
        verbose_name="produit par",
        on_delete=models.PROTECT,
        related_name="shared_documents",
        null=True,
        blank=True,
    )
    document = models.ForeignKey(
        Document, on_delete=models.PROTECT, related_name="shared_documents", editable=False
    )
    conventions = models.ManyToManyField(
        Convention, verbose_name="conventions", related_name="shared_documents", blank=True
    )
    actions = models.ManyToManyField(
        Action, verbose_name="actions", related_name="shared_documents", blank=True
    )
    themes = models.ManyToManyField(
        Theme, verbose_name="thèmes", related_name="shared_documents", blank=True
    )
    shared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
    )
    shared_at = models.DateTimeField("partagé le", default=timezone.now, editable=False)
    # The day whose digest told of it.
    announced_on = models.DateField("annoncé le", null=True, editable=False)

    objects = SharedDocumentQuerySet.as_manager()

    _history_m2m_fields = ["conventions", "actions", "themes"]
    has_own_history = True
    public_through = "document"

    class Meta:
        verbose_name = "document partagé"
        verbose_name_plural = "documents partagés"
        ordering = ["-shared_at", "-pk"]

    def __str__(self):
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("shared_detail", args=[self.uid])

    @property
    def may_be_deleted(self) -> bool:
        """What was shared is in others' hands: it stays, or its file is withdrawn with its reason."""
        return False


def shared_about(record, user) -> QuerySet:
    """What a person sees of what was shared about a convention, or about an action."""
    about = Q(conventions=record.pk) if isinstance(record, Convention) else Q(actions=record.pk)
    found = SharedDocument.objects.visible_to(user).filter(about)
    return found.select_related("document", "partner")
