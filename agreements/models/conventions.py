"""Conventions: what they say, who sees them, what may be done with them."""

from collections import defaultdict
from functools import lru_cache

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from agreements.models.avenants import Avenant
from agreements.models.legal import LegalStep
from agreements.models.terms import ConventionQuerySet, State, state_between
from cooperation.models import Document, Odd, Partner, ReferenceCounter, Theme
from cooperation.records.base import (
    FollowedMixin,
    PublishedRecord,
    SearchableMixin,
    dates_in_order,
    linked_index,
    merged_into_another,
    published_has_date,
)
from cooperation.records.gates import Status
from cooperation.records.references import convention_prefix
from cooperation.roles import enters_for
from cooperation.values.dates import LAST_YEAR, PartialDate, period_label
from cooperation.values.fields import PartialDateField


@lru_cache(maxsize=10_000)
def nature_of(kind, words) -> str:
    """« pacte de jumelage (jumelage) »: the words of the text, and the nature where it is one of ours."""
    label = "" if kind == Convention.Kind.OTHER else dict(Convention.Kind.choices).get(kind, "")
    return f"{words} ({label})" if words and label else words or label


class Convention(FollowedMixin, SearchableMixin, PublishedRecord):
    """An agreement between local authorities of Benin or elsewhere and their partners."""

    class Kind(models.TextChoices):
        FRAMEWORK = "convention-cadre", "convention-cadre"
        CONVENTION = "convention", "convention de coopération"
        PARTNERSHIP = "accord", "accord de partenariat"
        TWINNING = "jumelage", "jumelage"
        PROTOCOL = "protocole", "protocole d’accord"
        FUNDING = "financement", "convention de financement"
        CHARTER = "charte", "charte"
        FRIENDSHIP_PACT = "pacte-amitie", "pacte d’amitié"
        FRIENDSHIP = "accord-amitie", "accord d’amitié"
        DECLARATION = "declaration-intention", "déclaration d’intention"
        LETTER = "lettre-intention", "lettre d’intention"
        MEMORANDUM = "memorandum", "mémorandum d’entente"
        PROGRAMME = "programme", "programme"
        APPLICATION = "convention-application", "convention d’application"
        TRIANGULAR = "triangulaire", "coopération triangulaire"
        STEDENBAND = "stedenband", "jumelage flamand (stedenband)"
        OTHER = "autre", "autre, selon le texte"

    class Rhythm(models.TextChoices):
        MONTHLY = "mensuel", "chaque mois"
        QUARTERLY = "trimestriel", "chaque trimestre"
        HALF_YEARLY = "semestriel", "deux fois par an"
        YEARLY = "annuel", "chaque année"
        EVERY_TWO_YEARS = "biennal", "tous les deux ans"

    class Provenance(models.TextChoices):
        TO_CHECK = "a-verifier", "à vérifier"
        CONFIRMED = "confirmee", "confirmée par la commune"
        ON_FILE = "sur-piece", "établie sur pièce"

    reference = models.CharField("référence", max_length=20, unique=True, editable=False)
    title = models.CharField("intitulé", max_length=250)
    kind = models.CharField(
        "nature",
        max_length=30,
        choices=Kind,
        blank=True,
        help_text="Vide si elle n’est pas connue.",
    )
    kind_words = models.CharField(
        "nature selon le texte",
        max_length=120,
        blank=True,
        help_text="Les mots du texte, s’ils en disent une autre.",
    )
    own_number = models.CharField(
        "numéro de l’accord",
        max_length=80,
        blank=True,
        help_text="Celui que le texte porte, par exemple « 2015-012/DAF ».",
    )
    partners = models.ManyToManyField(
        Partner, verbose_name="parties", through="Party", related_name="conventions"
    )
    signed_on = PartialDateField("signée")
    starts_on = PartialDateField("début")
    ends_on = PartialDateField("fin")
    duration_months = models.PositiveSmallIntegerField(
        "durée en mois",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(600)],
        help_text="Si le texte donne une durée au lieu d’une fin : la fin s’en déduit, "
        "à compter du début ou, s’il n’est pas connu, de la signature.",
    )
    # What the duration gives, where the text gives no end: it follows the dates as they are mended.
    deduced_end = PartialDateField("fin déduite de la durée", editable=False)
    has_no_term = models.BooleanField(
        "sans terme",
        default=False,
        help_text="Par nature : un jumelage, un accord-cadre ouvert. En vigueur depuis son début.",
    )
    partnership_since = PartialDateField(
        "partenariat depuis",
        help_text="Si les parties coopéraient déjà avant cette convention.",
    )
    objectives = models.TextField("objectifs", blank=True)
    themes = models.ManyToManyField(
        Theme, verbose_name="thèmes", related_name="conventions", blank=True
    )
    odds = models.ManyToManyField(Odd, verbose_name="ODD", related_name="conventions", blank=True)
    predecessor = models.ForeignKey(
        "self",
        verbose_name="fait suite à",
        on_delete=models.PROTECT,
        related_name="successors",
        db_index=False,
        null=True,
        blank=True,
        help_text="La convention précédente du même partenariat.",
    )
    framework = models.ForeignKey(
        "self",
        verbose_name="relève de",
        on_delete=models.PROTECT,
        related_name="applications",
        db_index=False,
        null=True,
        blank=True,
        help_text="Le cadre, la charte ou le programme dont ce texte est une application.",
    )
    documents = models.ManyToManyField(
        Document, verbose_name="documents", related_name="conventions", blank=True
    )
    merged_into = models.ForeignKey(
        "self",
        verbose_name="fusionnée avec",
        on_delete=models.PROTECT,
        related_name="merged",
        null=True,
        editable=False,
    )
    results = models.TextField("résultats", blank=True)
    difficulties = models.TextField("difficultés", blank=True)
    recommendations = models.TextField("recommandations", blank=True)
    note = models.TextField("remarques", blank=True)
    unnamed_parties = models.CharField(
        "autres parties, en toutes lettres",
        max_length=250,
        blank=True,
        help_text="Celles que le texte ne nomme pas : « une troisième ville », « les communes riveraines ».",
    )
    follow_up_body = models.CharField(
        "comité de suivi",
        max_length=250,
        blank=True,
        help_text="Qui suit la convention : son nom, qui y siège.",
    )
    meeting_rhythm = models.CharField(
        "se réunit",
        max_length=20,
        choices=Rhythm,
        blank=True,
        help_text="Vide si le texte ne le dit pas.",
    )
    provenance = models.CharField(
        "provenance",
        max_length=20,
        choices=Provenance,
        blank=True,
        help_text="À vérifier : d’une source publique. Établie sur pièce : le texte signé est joint.",
    )
    # Its start or else its signature, "" where neither is known: lists begin with the latest.
    sort_key = models.CharField(max_length=10, editable=False, default="")

    objects = ConventionQuerySet.as_manager()

    search_also = ("reference",)
    derived_fields = ["search_text", "sort_key", "deduced_end"]
    corrected_with_reason = True
    locked_message = (
        "Cette convention est publiée : ses termes changent par un avenant, ou par une correction à "
        "demander au secrétariat."
    )
    terms = (
        "title",
        "kind",
        "kind_words",
        "own_number",
        "signed_on",
        "starts_on",
        "ends_on",
        "duration_months",
        "has_no_term",
        "partnership_since",
        "objectives",
        "predecessor",
        "framework",
    )
    _history_m2m_fields = ["themes", "odds", "documents"]

    class Meta:
        verbose_name = "convention"
        ordering = ["-sort_key", "reference"]
        indexes = [
            models.Index(fields=["status", "-sort_key", "reference"]),
            models.Index(fields=["status", "-news_at"]),
            linked_index("predecessor", "convention_followed"),
            linked_index("framework", "convention_applied"),
        ]
        permissions = [
            ("submit_convention", "Peut soumettre une convention"),
            ("publish_convention", "Peut publier une convention"),
            ("correct_convention", "Peut corriger une convention publiée"),
            ("supervise_convention", "Peut noter ce que la tutelle reçoit et approuve"),
        ]
        constraints = [
            published_has_date("convention"),
            dates_in_order(
                start="starts_on",
                end="ends_on",
                name="convention_ends_after_start",
                message="La fin précède le début. Corrigez l’une des deux dates.",
            ),
            models.CheckConstraint(
                condition=~Q(kind="autre") | ~Q(kind_words=""),
                name="convention_other_kind_in_words",
                violation_error_message="Une autre nature se dit dans les mots du texte.",
            ),
            models.CheckConstraint(
                condition=Q(has_no_term=False)
                | Q(ends_on__isnull=True, duration_months__isnull=True),
                name="convention_without_term_has_no_end",
                violation_error_message="Sans terme, une convention n’a ni fin ni durée : choisissez.",
            ),
            models.CheckConstraint(
                condition=Q(predecessor__isnull=True) | ~Q(predecessor=F("pk")),
                name="convention_not_its_own_predecessor",
                violation_error_message="Une convention ne fait pas suite à elle-même.",
            ),
            models.CheckConstraint(
                condition=Q(framework__isnull=True) | ~Q(framework=F("pk")),
                name="convention_not_its_own_framework",
                violation_error_message="Une convention ne relève pas d’elle-même.",
            ),
            models.CheckConstraint(
                condition=merged_into_another(),
                name="convention_merged_into_another",
            ),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("convention_detail", args=[self.reference])

    def natural_key(self) -> tuple:
        return (self.reference,)

    def may_be_deleted_by(self, user) -> bool:
        """Whoever was entrusted with a convention edits it; it is not theirs to delete."""
        own = enters_for(user)
        is_theirs = own is None or self.parties.filter(partner=own).exists()
        return is_theirs and super().may_be_deleted_by(user)

    def prepare(self) -> bool:
        if not self.reference:
            (self.reference,) = ReferenceCounter.next_references(
                Convention.objects, convention_prefix()
            )
        self.deduced_end = None if self.ends_on else self.end_of_duration()
        self.sort_key = self.starts_on or self.signed_on or ""
        return super().prepare()

    def clean(self) -> None:
        try:
            self.end_of_duration()
        except ValueError:
            message = f"Avec cette durée, la fin viendrait après {LAST_YEAR} : vérifiez-la."
            raise ValidationError({"duration_months": message}) from None
        if self.pk and self.predecessor and self.pk in self.predecessor.lineage():
            message = "Cette convention précède déjà celle-ci : les deux se suivraient en rond."
            raise ValidationError({"predecessor": message})
        if self.pk and self.framework and self.pk in self.framework.lineage("framework"):
            message = "Cette convention relève déjà de celle-ci : les deux tourneraient en rond."
            raise ValidationError({"framework": message})

    def end_of_duration(self) -> PartialDate | None:
        """The end that its duration gives; ValueError beyond the years of the registry."""
        begin = self.starts_on or self.signed_on
        if not (begin and self.duration_months):
            return None
        return begin.after_months(self.duration_months)

    def lineage(self, link="predecessor") -> list[int]:
        """Primary keys of this convention and of those it follows, or it is under, the nearest first."""
        keys = []
        while self and self.pk not in keys:
            keys.append(self.pk)
            self = getattr(self, link)
        return keys

    def tree(self, visible) -> list[tuple[int, "Convention"]]:
        """(depth, convention) of the framework over all and what is under it, among `visible`.

        Empty where nothing is over it or under it.
        """
        keys = self.lineage("framework")[-1:]
        newer = keys
        while newer:
            under = Convention.objects.filter(framework__in=newer).exclude(pk__in=keys)
            newer = list(under.order_by().values_list("pk", flat=True))
            keys += newer
        children = defaultdict(list)
        found = {convention.pk: convention for convention in visible.filter(pk__in=keys)}
        for convention in sorted(found.values(), key=lambda one: (one.sort_key, one.reference)):
            over = convention.framework_id
            children[over if over in found else None].append(convention)
        rows, ahead = [], [(0, convention) for convention in reversed(children[None])]
        while ahead:
            depth, convention = ahead.pop()
            rows.append((depth, convention))
            ahead += [(depth + 1, one) for one in reversed(children[convention.pk])]
        return rows if len(rows) > 1 else []

    def state_on(self, day=None) -> State:
        """The State on a day (today unless told), from what `with_term(day)` annotated."""
        day = day or timezone.localdate()
        return state_between(self.begin, self.term, day, self.has_no_term, self.situation)

    @property
    def nature(self) -> str:
        """As the text says it, then as the registry does; "" where it is not known."""
        return nature_of(self.kind, self.kind_words)

    @property
    def is_endless(self) -> bool:
        """Whether it lasts until an avenant gives it a term; from what `with_term` annotated."""
        return self.has_no_term and not self.term

    @property
    def planned_end_label(self) -> str:
        """The end that it gives itself, with how it is known; "" where it gives none."""
        if self.ends_on:
            return self.ends_on.label
        if self.deduced_end:
            return f"{self.deduced_end.label} (déduite de la durée de {self.duration_months} mois)"
        return "sans terme" if self.has_no_term else ""

    @property
    def state(self) -> State:
        return self.state_on()

    @property
    def period(self) -> str:
        """From its beginning to its term, in French; "" where neither is known."""
        told = period_label(self.begin, self.term)
        return ", ".join(filter(None, [told, "sans terme"])) if self.is_endless else told

    @property
    def distinct_partners(self) -> list:
        """The parties' partners, each once, in the order of entry."""
        return list(dict.fromkeys(party.partner for party in self.parties.all()))

    @property
    def legal_gaps(self) -> list[tuple[str, str]]:
        """(step, what is known of it) of the steps that the law asks and the registry does not hold."""
        results = defaultdict(set)
        for step in self.legal_steps.all():
            results[step.kind].add(step.result)
        return [
            (kind.label, "à obtenir" if results[kind] else "non renseignée")
            for kind in LegalStep.EXPECTED
            if results[kind].isdisjoint(LegalStep.COUNTED)
        ]

    def partnership(self, visible) -> list["Convention"]:
        """The chain of conventions that follow one another, oldest first, among `visible`, as this one is."""
        keys = self.lineage()
        newer = [self.pk]
        while newer:
            following = Convention.objects.filter(predecessor__in=newer).exclude(pk__in=keys)
            newer = list(following.order_by().values_list("pk", flat=True))
            keys += newer
        chain = visible.filter(pk__in=keys).order_by(F("starts_on").asc(nulls_first=True), "pk")
        return [self if one == self else one for one in chain]

    def require_ready(self) -> None:
        """ValidationError where the convention is not yet one."""
        if self.parties.values("partner").distinct().count() < 2:
            raise ValidationError("Une convention a au moins deux parties. Ajoutez la seconde.")

    @transaction.atomic
    def move_to(self, status, *, by, reason="") -> None:
        """The first publication takes avenants, documents and new partners along.

        A withdrawal takes the documents that nothing published holds any more.
        """
        first = self.published_at is None
        super().move_to(status, by=by, reason=reason)
        if status == Status.PUBLISHED:
            if first:
                for avenant in self.avenants.all():
                    avenant.publish(by)
            self.publish_partners(by)
            self.publish_documents(by)
        elif status == Status.WITHDRAWN:
            self.documents_ever_held().release(by, reason)

    move_to.alters_data = True

    def settle(self, by) -> None:
        """Its agent among the parties; what it holds, and no more, published with it."""
        mine = Convention.objects.editable_by(by).filter(pk=self.pk)
        # An agent who forgets their own commune among the parties would lose sight of the entry.
        if (own := enters_for(by)) and not self.is_locked and not mine.exists():
            self.parties.create(partner=own)
        self.settle_budget(by)
        if self.is_published:
            self.publish_documents(by)
            self.documents_ever_held().release(by, "N’est plus joint à une fiche publiée.")
            if by.has_perm("agreements.publish_convention"):
                self.publish_partners(by)

    settle.alters_data = True

    def settle_budget(self, by) -> None:
        """Planned amounts as the last signed of its published avenants with a new total sets them."""
        telling = self.avenants.filter(status=Status.PUBLISHED, new_total__isnull=False)
        last = [
            telling.filter(currency=currency).last_signed().first()
            for currency in telling.order_by().values_list("currency", flat=True).distinct()
        ]
        for line in self.budget_lines.filter(superseded_by__isnull=False):
            if line.superseded_by not in last and line.set_by in [None, *last]:
                line.superseded_by = None
                line.save_because("L’avenant qui le remplaçait ne compte plus.", by)
        for avenant in last:
            avenant.take_over(by)
        for line in self.budget_lines.filter(set_by__isnull=False, superseded_by__isnull=True):
            if line.set_by not in last:
                line.superseded_by = line.set_by
                line.save_because("L’avenant qui le fixait ne compte plus.", by)

    settle_budget.alters_data = True

    def publish_partners(self, by) -> None:
        """Whoever is named in a published convention is published with it."""
        named = (
            Q(parties__convention=self)
            | Q(legal_steps__convention=self)
            | Q(actions_led__convention=self)
            | Q(budget_lines__convention=self)
            | Q(budget_lines_passed__convention=self)
            | Q(budget_lines_joined__convention=self)
            | Q(payments_received__budget_line__convention=self)
        )
        for partner in Partner.objects.filter(named).distinct():
            partner.publish(by)

    publish_partners.alters_data = True

    def documents_ever_held(self) -> QuerySet:
        """Attached to the convention, its avenants or its legal dossier, now or before."""
        held = Q(conventions=self) | Q(legal_steps__convention=self) | Q(avenants__convention=self)
        for name, rows in (
            ("historicalconvention_documents__document", Convention.history.filter(id=self.pk)),
            ("historicalavenant_documents__document", Avenant.history.filter(convention=self)),
            ("document", LegalStep.history.filter(convention=self)),
        ):
            rows = rows.filter(**{f"{name}__isnull": False}).order_by()
            held |= Q(pk__in=rows.values(name))
        return Document.objects.filter(pk__in=Document.objects.filter(held).order_by().values("pk"))

    def attached_documents(self) -> QuerySet:
        """What is published with it: its own documents, those of its legal dossier and its avenants."""
        return Document.objects.filter(
            Q(conventions=self)
            | Q(legal_steps__convention=self)
            | Q(avenants__convention=self, avenants__status=Status.PUBLISHED)
        )

    def publish_documents(self, by) -> None:
        self.attached_documents().publish(by)

    publish_documents.alters_data = True
