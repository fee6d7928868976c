"""Good practices: what an action taught, for whoever would do the same elsewhere."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from actions.models.actions import Action
from actions.models.results import Measurement
from agreements.models import Convention
from cooperation.models import Document, Odd, ReferenceCounter, Theme
from cooperation.records.base import PublishedRecord, SearchableMixin, published_has_date
from cooperation.records.gates import SearchedQuerySet, Status
from cooperation.values.states import ActionState


class GoodPracticeQuerySet(SearchedQuerySet):
    """Entered and changed by those whose action it is; public while its convention is."""

    partner_lookup = "action__convention__parties__partner"
    delegate_lookup = "action__convention__delegations__user"

    def published(self) -> QuerySet:
        return super().published().filter(action__convention__status=Status.PUBLISHED)

    def get_by_natural_key(self, reference) -> models.Model:
        return self.get(reference=reference)


class GoodPractice(SearchableMixin, PublishedRecord):
    """A lesson drawn from an action: its context, what was done, what came of it, when it can be done again."""

    reference = models.CharField("référence", max_length=20, unique=True, editable=False)
    action = models.ForeignKey(
        Action, verbose_name="tirée de l’action", on_delete=models.PROTECT, related_name="practices"
    )
    title = models.CharField("intitulé", max_length=250)
    context = models.TextField(
        "contexte", blank=True, help_text="Où, pour qui, devant quelle difficulté."
    )
    approach = models.TextField(
        "démarche", blank=True, help_text="Ce qui a été fait, par qui, dans quel ordre."
    )
    results = models.TextField(
        "résultats", blank=True, help_text="Ce qui a changé, et comment on le sait."
    )
    conditions = models.TextField(
        "conditions pour la reprendre",
        blank=True,
        help_text="Ce qu’il faut pour que cela marche ailleurs, et ce qui a failli échouer.",
    )
    themes = models.ManyToManyField(
        Theme, verbose_name="thèmes", related_name="practices", blank=True
    )
    odds = models.ManyToManyField(Odd, verbose_name="ODD", related_name="practices", blank=True)

    objects = GoodPracticeQuerySet.as_manager()

    corrected_with_reason = True
    terms = ("title", "context", "approach", "results", "conditions")
    _history_m2m_fields = ["themes", "odds"]

    class Meta:
        verbose_name = "bonne pratique"
        verbose_name_plural = "bonnes pratiques"
        ordering = ["-updated_at", "pk"]
        constraints = [published_has_date("goodpractice")]

    def __str__(self):
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("practice_detail", args=[self.reference])

    def natural_key(self) -> tuple:
        return (self.reference,)

    @property
    def convention(self) -> Convention:
        return self.action.convention

    @property
    def may_be_deleted(self) -> bool:
        return self.published_at is None

    def prepare(self) -> bool:
        if not self.reference:
            prefix = f"BP-{timezone.localdate().year}-"
            (self.reference,) = ReferenceCounter.next_references(
                GoodPractice.objects, prefix, width=3
            )
        return super().prepare()

    def require_ready(self) -> None:
        lacking = [
            str(self._meta.get_field(name).verbose_name)
            for name in ("context", "approach", "results", "conditions")
            if not getattr(self, name).strip()
        ]
        if lacking:
            raise ValidationError(f"Il manque encore : {', '.join(lacking)}.")
        if not self.convention.is_published:
            raise ValidationError("Sa convention n’est pas publiée.")

    @classmethod
    def drawn_from(cls, action) -> "GoodPractice":
        """A draft that carries over what the action tells; what it does not tell stays empty."""
        places = [str(place) for place in action.places.all()]
        told = [
            f"Où : {', '.join([*places, action.exact_place] if action.exact_place else places)}."
            if places or action.exact_place
            else "",
            f"Quand : {action.period}." if action.period else "",
            f"Pour qui : {action.beneficiaries}" if action.beneficiaries else "",
        ]
        practice = cls.objects.create(
            action=action,
            title=action.title,
            context="\n".join(filter(None, told)),
            approach=action.description,
            results=action.results,
            conditions=action.difficulties and f"Difficultés rencontrées : {action.difficulties}",
            source=action.source,
        )
        practice.themes.set(action.convention.themes.all())
        practice.odds.set(action.convention.odds.all())
        return practice


def candidates(actions) -> QuerySet:
    """Finished actions with results and no practice yet; those that were evaluated first.

    `is_evaluated`: a study or an evaluation is among the documents of its convention.
    """
    measured = Measurement.objects.filter(indicator__action=OuterRef("pk"))
    studies = Document.objects.filter(conventions=OuterRef("convention"), kind=Document.Kind.STUDY)
    return (
        actions.filter(state=ActionState.DONE, practices=None)
        .annotate(is_measured=Exists(measured), is_evaluated=Exists(studies))
        .filter(~Q(results="") | Q(is_measured=True))
        .order_by("-is_evaluated", "-is_measured", "-news_at", "pk")
    )


def reasons_for(action) -> str:
    """Why an action among the candidates is proposed: « achevée, avec résultats mesurés, évaluée »."""
    told = ["achevée", "avec résultats mesurés" if action.is_measured else "avec résultats"]
    if action.is_evaluated:
        told.append("une évaluation est jointe à sa convention")
    return ", ".join(told)
