"""Conventions, who signs them, what changes them, and the papers they need."""

from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from cooperation.dates import not_before, period_label
from cooperation.fields import AmountField, CurrencyField, NumberField, PartialDateField
from cooperation.models import Document, Odd, Partner, Theme, User
from cooperation.money import format_money
from cooperation.records import (
    PublishedRecord,
    Record,
    RecordQuerySet,
    SearchableMixin,
    Status,
    published_has_date,
)
from cooperation.references import next_number, next_reference
from cooperation.roles import Role

NOT_MERGED = [status for status in Status.values if status != Status.MERGED]


class State(models.TextChoices):
    """Where a convention stands on a given day; never stored."""

    UPCOMING = "a-venir", "à venir"
    IN_FORCE = "en-vigueur", "en vigueur"
    ENDED = "expiree", "expirée"
    UNKNOWN = "terme-inconnu", "terme non renseigné"


def state_between(begin, term, day):
    """The State on a day of what lasts from `begin` to `term`, as far as they are known."""
    if begin and begin.first_day > day:
        return State.UPCOMING
    if term and term.last_day < day:
        return State.ENDED
    return State.IN_FORCE if begin and term else State.UNKNOWN


def dates_in_order(*, start, end, name, message):
    """end ≥ start as far as their precision tells: 2019-05 to 2019 is in order."""
    return models.CheckConstraint(
        condition=Q(**{f"{end}__gte": F(start)}) | Q(**{f"{start}__startswith": F(end)}),
        name=name,
        violation_error_message=message,
    )


class ConventionPartQuerySet(RecordQuerySet):
    """For what belongs to a convention: seen and changed by those who see and change it."""

    status_lookup = "convention__status"
    partner_lookup = "convention__parties__partner"
    delegate_lookup = "convention__delegations__user"


class ConventionQuerySet(RecordQuerySet):
    partner_lookup = "parties__partner"
    delegate_lookup = "delegations__user"

    def get_by_natural_key(self, reference):
        return self.get(reference=reference)

    def with_term(self, day=None):
        """Add `begin` and `term`, the days between which a convention is in force.

        It begins on its start or, where that is not known, on its signature; it ends as the last
        avenant signed by `day` (today unless told) says.
        """
        iso = str(day or timezone.localdate())
        known = Q(status=Status.PUBLISHED) | Q(convention__published_at__isnull=True)
        signed = Q(signed_on__isnull=True) | Q(signed_on__lte=iso)
        moves = Avenant.objects.filter(
            known, signed, convention=OuterRef("pk"), ends_on__isnull=False
        )
        latest = moves.order_by("-number").values("ends_on")[:1]
        return self.annotate(
            begin=Coalesce("starts_on", "signed_on"), term=Coalesce(Subquery(latest), "ends_on")
        )

    def in_state(self, state, day=None):
        """Conventions in one State on a day (today unless told)."""
        iso = str(day or timezone.localdate())
        started, upcoming = Q(begin__lte=iso), Q(begin__gt=iso)
        at_least, within = not_before("term", iso)
        lasting = Q(**at_least) | Q(**within)
        conditions = {
            State.UPCOMING: upcoming,
            State.IN_FORCE: started & lasting,
            State.ENDED: Q(term__isnull=False) & ~lasting,
            State.UNKNOWN: Q(term__isnull=True) & (started | Q(begin__isnull=True))
            | Q(begin__isnull=True) & lasting,
        }
        return self.with_term(day).filter(conditions[state])

    def overlapping(self, first, last=None):
        """Conventions that may have been in force on a day of a year, or of several.

        Terms are those of the avenants signed by the end. One whose end is not known counts from
        its beginning on; one whose beginning is not known does not count.
        """
        last = last or first
        begun = self.with_term(date(last, 12, 31)).filter(begin__lte=f"{last}-12-31")
        return begun.filter(Q(term__gte=str(first)) | Q(term__isnull=True))

    def matches(self, word):
        party = Partner.objects.filter(search_text__contains=word)
        parties = Party.objects.filter(partner__in=party.values("pk"))
        return super().matches(word) | Q(pk__in=parties.values("convention"))

    def with_party(self, **lookups):
        """Conventions that have a party so described: with_party(country="FR")."""
        parties = Party.objects.filter(partner__in=Partner.objects.filter(**lookups).values("pk"))
        return self.filter(pk__in=parties.values("convention"))

    def located_in(self, **lookups):
        """Conventions signed by a partner so described, or with an action in such a commune."""
        partners = Partner.objects.filter(**lookups).values("pk")
        signed = Party.objects.filter(partner__in=partners).values("convention")
        acting = self.model.objects.filter(actions__places__in=partners).order_by().values("pk")
        return self.filter(Q(pk__in=signed) | Q(pk__in=acting))


class Convention(SearchableMixin, PublishedRecord):
    """An agreement between local authorities of Benin or elsewhere and their partners."""

    class Kind(models.TextChoices):
        FRAMEWORK = "convention-cadre", "convention-cadre"
        CONVENTION = "convention", "convention de coopération"
        PARTNERSHIP = "accord", "accord de partenariat"
        TWINNING = "jumelage", "jumelage"
        PROTOCOL = "protocole", "protocole d’accord"
        FUNDING = "financement", "convention de financement"

    reference = models.CharField("référence", max_length=20, unique=True, editable=False)
    title = models.CharField("intitulé", max_length=250)
    kind = models.CharField(
        "nature",
        max_length=20,
        choices=Kind,
        blank=True,
        help_text="Vide si elle n’est pas connue.",
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
        help_text="Si le texte donne une durée au lieu d’une fin : "
        "la fin s’en déduit, le mois du début compris.",
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
        null=True,
        blank=True,
        help_text="La convention précédente du même partenariat.",
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
    note = models.TextField("remarques", blank=True)
    # Its start or else its signature, "" where neither is known: lists begin with the latest.
    sort_key = models.CharField(max_length=10, editable=False, default="")

    objects = ConventionQuerySet.as_manager()

    search_fields = ("title", "objectives", "reference", "note")
    derived_fields = ["search_text", "sort_key", "ends_on"]
    corrected_with_reason = True
    terms = (
        "title",
        "kind",
        "signed_on",
        "starts_on",
        "ends_on",
        "duration_months",
        "partnership_since",
        "objectives",
        "predecessor",
    )
    _history_m2m_fields = ["themes", "odds", "documents"]

    class Meta:
        verbose_name = "convention"
        ordering = ["-sort_key", "reference"]
        indexes = [models.Index(fields=["status", "-sort_key", "reference"])]
        permissions = [
            ("submit_convention", "Peut soumettre une convention"),
            ("publish_convention", "Peut publier une convention"),
            ("correct_convention", "Peut corriger une convention publiée"),
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
                condition=Q(predecessor__isnull=True) | ~Q(predecessor=F("pk")),
                name="convention_not_its_own_predecessor",
                violation_error_message="Une convention ne fait pas suite à elle-même.",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True, status__in=NOT_MERGED)
                | Q(merged_into__isnull=False, status=Status.MERGED) & ~Q(merged_into=F("pk")),
                name="convention_merged_into_another",
            ),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("convention_detail", args=[self.reference])

    def natural_key(self):
        return (self.reference,)

    def prepare(self):
        if not self.reference:
            prefix = f"CONV-{timezone.localdate().year}-"
            self.reference = next_reference(Convention.objects, prefix)
        if self.duration_months and self.starts_on and not self.ends_on:
            self.ends_on = self.starts_on.after_months(self.duration_months)
        self.sort_key = self.starts_on or self.signed_on or ""
        return super().prepare()

    def clean(self):
        if self.duration_months and self.starts_on and not self.ends_on:
            try:
                self.starts_on.after_months(self.duration_months)
            except ValueError:
                message = "Une durée demande un début au mois près (11/2019) et une fin avant 2101."
                raise ValidationError({"duration_months": message}) from None
        if self.pk and self.predecessor and self.pk in self.predecessor.lineage():
            message = "Cette convention précède déjà celle-ci : les deux se suivraient en rond."
            raise ValidationError({"predecessor": message})

    def lineage(self):
        """Primary keys of this convention and of those it follows, the latest first."""
        keys = []
        while self and self.pk not in keys:
            keys.append(self.pk)
            self = self.predecessor
        return keys

    def state_on(self, day=None):
        """The State on a day (today unless told), from what `with_term(day)` annotated."""
        return state_between(self.begin, self.term, day or timezone.localdate())

    @property
    def state(self):
        return self.state_on()

    @property
    def period(self):
        """From its beginning to its term, in French; "" where neither is known."""
        return period_label(self.begin, self.term)

    def begins_in(self, year):
        return bool(self.begin) and self.begin.year == year

    def ends_in(self, year):
        return bool(self.term) and self.term.year == year

    @property
    def distinct_partners(self):
        """The parties' partners, each once, in the order of entry."""
        return list(dict.fromkeys(party.partner for party in self.parties.all()))

    @property
    def missing_legal_steps(self):
        """Labels of the steps of a convention's legal life that the registry doesn't hold."""
        held = {step.kind for step in self.legal_steps.all()}
        return [label for kind, label in LegalStep.Kind.choices if kind not in held]

    def partnership(self, visible):
        """The chain of conventions that follow one another, oldest first, among `visible`."""
        keys = self.lineage()
        newer = [self.pk]
        while newer:
            following = Convention.objects.filter(predecessor__in=newer).exclude(pk__in=keys)
            newer = list(following.values_list("pk", flat=True))
            keys += newer
        return visible.filter(pk__in=keys).order_by(F("starts_on").asc(nulls_first=True), "pk")

    def require_ready(self):
        """ValidationError where the convention is not yet one."""
        if self.parties.values("partner").distinct().count() < 2:
            raise ValidationError("Une convention a au moins deux parties. Ajoutez la seconde.")

    @transaction.atomic
    def move_to(self, status, *, by, reason=""):
        """The first publication takes avenants, documents and new partners along.

        A withdrawal takes the documents that no other published convention holds.
        """
        first = self.published_at is None
        if status in (Status.SUBMITTED, Status.PUBLISHED):
            self.require_ready()
        super().move_to(status, by=by, reason=reason)
        if status == Status.PUBLISHED:
            if first:
                for avenant in self.avenants.all():
                    avenant.publish(by)
            self.publish_partners(by)
            self.publish_documents(by)
        elif status == Status.WITHDRAWN:
            elsewhere = Convention.objects.published().values("documents")
            for document in self.documents.published().exclude(pk__in=elsewhere):
                document.move_to(Status.WITHDRAWN, by=by, reason=reason)

    move_to.alters_data = True

    def publish_partners(self, by):
        """Whoever is named in a published convention is published with it."""
        named = (
            Q(parties__convention=self)
            | Q(legal_steps__convention=self)
            | Q(actions_led__convention=self)
            | Q(budget_lines__convention=self)
        )
        for partner in Partner.objects.filter(named).distinct():
            partner.publish(by)

    publish_partners.alters_data = True

    def publish_documents(self, by):
        """Whatever is attached to a published convention is published with it."""
        attached = (
            Q(conventions=self)
            | Q(legal_steps__convention=self)
            | Q(avenants__convention=self, avenants__status=Status.PUBLISHED)
        )
        for document in Document.objects.filter(attached).distinct():
            document.publish(by)

    publish_documents.alters_data = True


class PartyQuerySet(ConventionPartQuerySet):
    def get_by_natural_key(self, reference, slug, role):
        return self.get(convention__reference=reference, partner__slug=slug, role=role)


class Party(Record):
    """A partner in a convention, and as what."""

    class Role(models.TextChoices):
        LEAD = "chef-de-file", "chef de file"
        SIGNATORY = "signataire", "signataire"
        FUNDER = "bailleur", "bailleur"
        SUPPORT = "appui-technique", "appui technique"

    convention = models.ForeignKey(Convention, on_delete=models.CASCADE, related_name="parties")
    partner = models.ForeignKey(
        Partner, verbose_name="partenaire", on_delete=models.PROTECT, related_name="parties"
    )
    role = models.CharField(
        "rôle", max_length=20, choices=Role, blank=True, help_text="Vide s’il n’est pas connu."
    )
    note = models.CharField(
        "précision", max_length=200, blank=True, help_text="Par exemple le programme qui finance."
    )

    objects = PartyQuerySet.as_manager()

    terms = ("partner", "role", "note")
    part_of = "convention"
    adds_terms = True

    class Meta:
        verbose_name = "partie"
        ordering = ["convention", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["convention", "partner", "role"],
                name="party_unique_role",
                violation_error_message="Ce partenaire a déjà ce rôle dans la convention.",
            ),
        ]

    def __str__(self):
        return f"{self.partner}, {self.get_role_display() or 'partie'}"

    def natural_key(self):
        return (self.convention.reference, self.partner.slug, self.role)

    @property
    def is_locked(self):
        return self.convention.is_locked


class AvenantQuerySet(ConventionPartQuerySet):
    status_lookup = "status"

    def get_by_natural_key(self, reference, number):
        return self.get(convention__reference=reference, number=number)

    def published(self):
        return super().published().filter(convention__status=Status.PUBLISHED)


class Avenant(PublishedRecord):
    """A signed amendment: it extends the term, changes the budget or adds axes."""

    convention = models.ForeignKey(Convention, on_delete=models.CASCADE, related_name="avenants")
    number = NumberField(validators=[MinValueValidator(1), MaxValueValidator(99)])
    purpose = models.TextField("objet")
    signed_on = PartialDateField("signé")
    starts_on = PartialDateField("prend effet")
    ends_on = PartialDateField("nouvelle fin", help_text="Si l’avenant change la durée.")
    budget_change = AmountField(
        "changement du budget",
        null=True,
        blank=True,
        help_text="En plus, ou en moins avec le signe −.",
    )
    currency = CurrencyField("monnaie", blank=True)
    documents = models.ManyToManyField(
        Document, verbose_name="documents", related_name="avenants", blank=True
    )

    objects = AvenantQuerySet.as_manager()

    terms = (
        "number",
        "purpose",
        "signed_on",
        "starts_on",
        "ends_on",
        "budget_change",
        "currency",
    )
    part_of = "convention"
    _history_m2m_fields = ["documents"]

    class Meta:
        verbose_name = "avenant"
        ordering = ["convention", "number"]
        constraints = [
            published_has_date("avenant"),
            models.UniqueConstraint(
                fields=["convention", "number"],
                name="avenant_unique_number",
                violation_error_message="La convention a déjà un avenant de ce numéro.",
            ),
            models.CheckConstraint(
                condition=Q(budget_change__isnull=True) | ~Q(currency=""),
                name="avenant_budget_has_currency",
                violation_error_message="Choisissez la monnaie du changement de budget.",
            ),
            dates_in_order(
                start="starts_on",
                end="ends_on",
                name="avenant_ends_after_start",
                message="La nouvelle fin précède la prise d’effet. Corrigez l’une des deux dates.",
            ),
        ]

    def __str__(self):
        return f"avenant n° {self.number}"

    @transaction.atomic
    def move_to(self, status, *, by, reason=""):
        """The convention comes first; the avenant's documents come with it."""
        if status in (Status.SUBMITTED, Status.PUBLISHED) and not self.convention.is_published:
            raise ValidationError("Publiez d’abord la convention.")
        super().move_to(status, by=by, reason=reason)
        if status == Status.PUBLISHED:
            for document in self.documents.all():
                document.publish(by)

    move_to.alters_data = True

    @property
    def budget_change_label(self):
        if self.budget_change is None:
            return ""
        sign = "+" if self.budget_change > 0 else ""
        return sign + format_money(self.budget_change, self.currency)

    def natural_key(self):
        return (self.convention.reference, self.number)

    def prepare(self):
        self.number = self.number or next_number(self.convention.avenants)
        return super().prepare()

    def clean(self):
        start = self.convention.starts_on
        if start and self.ends_on and self.ends_on.last_day < start.first_day:
            message = "La nouvelle fin précède le début de la convention. Corrigez-la."
            raise ValidationError({"ends_on": message})


class LegalStep(Record):
    """A step of a convention's legal life: délibération, transmission to the préfet, approval."""

    class Kind(models.TextChoices):
        DELIBERATION = "deliberation", "délibération du conseil"
        TRANSMISSION = "transmission", "transmission à la tutelle"
        APPROVAL = "approbation", "approbation de la tutelle"

    convention = models.ForeignKey(Convention, on_delete=models.CASCADE, related_name="legal_steps")
    kind = models.CharField("étape", max_length=20, choices=Kind)
    partner = models.ForeignKey(
        Partner,
        verbose_name="collectivité",
        on_delete=models.PROTECT,
        related_name="legal_steps",
        null=True,
        blank=True,
        help_text="Celle dont le conseil a délibéré.",
    )
    done_on = PartialDateField("date")
    number = models.CharField("numéro ou référence", max_length=80, blank=True)
    document = models.ForeignKey(
        Document,
        verbose_name="document",
        on_delete=models.PROTECT,
        related_name="legal_steps",
        null=True,
        blank=True,
    )

    objects = ConventionPartQuerySet.as_manager()

    terms = ("kind", "partner", "done_on", "number", "document")
    part_of = "convention"

    class Meta:
        verbose_name = "étape légale"
        verbose_name_plural = "dossier légal"
        ordering = ["convention", "pk"]

    def __str__(self):
        return self.get_kind_display()

    @property
    def is_locked(self):
        return self.convention.is_locked

    @property
    def locked_fields(self):
        """What is still empty may be filled in: the approval often comes after the publication."""
        return [name for name in super().locked_fields if getattr(self, name)]


class Delegation(Record):
    """One convention entrusted to one agent of another organisation, who edits it like its own."""

    convention = models.ForeignKey(Convention, on_delete=models.CASCADE, related_name="delegations")
    user = models.ForeignKey(
        User,
        verbose_name="agent",
        on_delete=models.PROTECT,
        related_name="delegations",
        limit_choices_to={"role": Role.COMMUNE, "is_active": True},
    )

    objects = ConventionPartQuerySet.as_manager()

    part_of = "convention"

    class Meta:
        verbose_name = "délégation"
        ordering = ["convention", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["convention", "user"],
                name="delegation_unique",
                violation_error_message="Cet agent a déjà cette délégation.",
            ),
        ]

    def __str__(self):
        return str(self.user)


class Digest(models.Model):
    """A weekly digest that was sent: one row a week, so that it is sent once."""

    week = models.CharField("semaine", max_length=8, unique=True)
    sent_at = models.DateTimeField("envoyé le", auto_now_add=True)

    class Meta:
        verbose_name = "récapitulatif"
        ordering = ["-week"]

    def __str__(self):
        return self.week
