"""The sub-group and its commissions, and who sits there, from when to when."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from cooperation.models import Partner
from cooperation.models.counters import free_slug
from cooperation.records.base import Identified, Record
from cooperation.records.recording import RecordedQuerySet
from cooperation.roles import is_secretariat, reads_as_member


class Seat(models.TextChoices):
    """In what capacity a person sits in a group."""

    CHAIR = "presidence", "présidence"
    COCHAIR = "copresidence", "coprésidence"
    SECRETARY = "secretariat", "secrétariat"
    MEMBER = "membre", "membre"
    OBSERVER = "observation", "observation"


# Who conducts a group: convenes, writes the minutes, says what became of a remark.
CONDUCTING = (Seat.CHAIR, Seat.COCHAIR, Seat.SECRETARY)
# Who proposes and comments; observers read.
SPEAKING = (*CONDUCTING, Seat.MEMBER)
# Held by one person at a time.
SINGLE = (Seat.CHAIR, Seat.COCHAIR)


def last_day_of_year_from(day: date) -> date:
    """The last day of a year that begins on a day: 28 February where it begins on the 29th."""
    last_of_month = monthrange(day.year + 1, day.month)[1]
    if day.day > last_of_month:
        return date(day.year + 1, day.month, last_of_month)
    return day.replace(year=day.year + 1) - timedelta(days=1)


class GroupQuerySet(RecordedQuerySet):
    """For a group and all that belongs to one; `group_lookup` leads to the group."""

    group_lookup = "pk"

    def of_groups_where(self, user, seats=Seat.values) -> QuerySet:
        """Those of the groups where the person sits today in one of these capacities."""
        held = Mandate.objects.filter(user=user.pk, seat__in=seats).on(timezone.localdate())
        return self.filter(**{f"{self.group_lookup}__in": held.order_by().values("group")})

    def public(self) -> QuerySet:
        """What everybody reads."""
        return self.none()

    def current(self) -> QuerySet:
        """All of it: nothing of a group is merged, and what is withdrawn stays told."""
        return self

    def visible_to(self, user) -> QuerySet:
        """To whoever sits in the group: everything. An ended mandate opens no more than the public reads."""
        if reads_as_member(user):
            return self.all()
        if not user.is_authenticated:
            return self.public()
        return self.public() | self.of_groups_where(user)

    def editable_by(self, user) -> QuerySet:
        """The secretariat edits everything; whoever conducts a group, what is the group's."""
        if is_secretariat(user):
            return self.all()
        if not user.is_authenticated:
            return self.none()
        return self.of_groups_where(user, CONDUCTING)


class WorkingGroupQuerySet(GroupQuerySet):
    def public(self) -> QuerySet:
        return self.all()

    def editable_by(self, user) -> QuerySet:
        return self.all() if is_secretariat(user) else self.none()

    def conducted_by(self, user) -> QuerySet:
        """Groups whose meetings the person prepares."""
        return super().editable_by(user)

    def spoken_in_by(self, user) -> QuerySet:
        """Groups where the person proposes and comments."""
        return self.all() if is_secretariat(user) else self.of_groups_where(user, SPEAKING)


class WorkingGroup(Record):
    """A group that meets: the sub-group, or a commission."""

    class Kind(models.TextChoices):
        SUBGROUP = "sous-groupe", "sous-groupe"
        COMMISSION = "commission", "commission"

    name = models.CharField("nom", max_length=200, unique=True)
    kind = models.CharField("nature", max_length=20, choices=Kind, default=Kind.SUBGROUP)
    slug = models.SlugField("adresse", max_length=80, unique=True, editable=False)
    purpose = models.TextField("objet", blank=True)
    rules = models.TextField(
        "fonctionnement", blank=True, help_text="Qui participe, qui préside, ce que fait qui."
    )
    minutes_within = models.PositiveSmallIntegerField(
        "délai du compte rendu (jours)",
        default=14,
        help_text="Après la fin de la réunion ; deux semaines pour le sous-groupe.",
    )
    corrected_within = models.PositiveSmallIntegerField(
        "délai de correction (jours ouvrés)",
        default=5,
        help_text="Pendant lequel les membres corrigent un compte rendu qui leur est envoyé.",
    )

    objects = WorkingGroupQuerySet.as_manager()

    address_field = "slug"
    has_own_history = True

    class Meta:
        verbose_name = "groupe"
        ordering = ["name"]

    def __str__(self):
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("group_detail", args=[self.slug])

    @property
    def may_be_deleted(self) -> bool:
        return not (self.mandates.exists() or self.meetings.exists())

    def prepare(self) -> bool:
        if not self.slug:
            self.slug = free_slug(WorkingGroup.objects, self.name, "groupe")
        return super().prepare()

    def people(self, seats=Seat.values, day=None) -> QuerySet:
        """The active accounts of those who sit there on a day (default: today)."""
        held = self.mandates.filter(seat__in=seats).on(day or timezone.localdate())
        users = self._meta.get_field("mandates").related_model._meta.get_field("user")
        return users.related_model.objects.filter(
            is_active=True, pk__in=held.order_by().values("user")
        )

    def organisations(self, day=None) -> QuerySet:
        """The partners on whose behalf somebody sits there: the public reads them, and no name."""
        held = self.mandates.on(day or timezone.localdate()).exclude(partner=None)
        return Partner.objects.filter(pk__in=held.order_by().values("partner"))


class MandateQuerySet(GroupQuerySet):
    group_lookup = "group"

    def on(self, day) -> QuerySet:
        """Those that run on a day; their last day is one of them."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=day), starts_on__lte=day)

    def editable_by(self, user) -> QuerySet:
        """A mandate gives rights: the secretariat alone gives it."""
        return self.all() if is_secretariat(user) else self.none()


class Mandate(Identified, Record):
    """A person's seat in a group, on behalf of a partner, for a time: what it opens ends with it."""

    group = models.ForeignKey(
        WorkingGroup, verbose_name="groupe", on_delete=models.PROTECT, related_name="mandates"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="personne",
        on_delete=models.PROTECT,
        related_name="mandates",
    )
    seat = models.CharField("qualité", max_length=20, choices=Seat, default=Seat.MEMBER)
    partner = models.ForeignKey(
        Partner,
        verbose_name="pour",
        on_delete=models.PROTECT,
        related_name="mandates",
        null=True,
        blank=True,
        help_text="L’organisation au nom de laquelle elle siège.",
    )
    starts_on = models.DateField("depuis", default=timezone.localdate)
    ends_on = models.DateField(
        "jusqu’au",
        null=True,
        blank=True,
        help_text="Dernier jour compris. Vide : sans terme ; un an pour la coprésidence.",
    )
    # Whether its seat conducts the group: what documents are asked by, who know no seats.
    conducts = models.BooleanField(default=False, editable=False)

    objects = MandateQuerySet.as_manager()

    class Meta:
        verbose_name = "mandat"
        ordering = ["group", F("ends_on").desc(nulls_first=True), "starts_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="mandate_ends_after_it_starts",
                violation_error_message="Le mandat finit avant de commencer.",
            ),
        ]

    def __str__(self):
        return f"{self.user.get_full_name() or self.user.get_username()}, {self.get_seat_display()}"

    def get_absolute_url(self) -> str:
        return reverse("mandate_list", args=[self.group.slug])

    @property
    def may_be_deleted(self) -> bool:
        """One that has begun is ended, and stays readable."""
        return self._state.adding or self.starts_on > timezone.localdate()

    @property
    def is_over(self) -> bool:
        return self.ends_on is not None and self.ends_on < timezone.localdate()

    def prepare(self) -> bool:
        """The group is locked until the row is there: two people give no two overlapping mandates."""
        if self.seat == Seat.COCHAIR and self.ends_on is None:
            self.ends_on = last_day_of_year_from(self.starts_on)
        WorkingGroup.objects.select_for_update().filter(pk=self.group_id).values_list("pk").first()
        self.refuse_overlap()
        self.conducts = self.seat in CONDUCTING
        return super().prepare()

    def clean(self) -> None:
        super().clean()
        if self.seat == Seat.COCHAIR and self.ends_on is None and self.starts_on:
            self.ends_on = last_day_of_year_from(self.starts_on)
        if self.group_id and self.user_id and self.starts_on:
            self.refuse_overlap()

    def refuse_overlap(self) -> None:
        """ValidationError where somebody holds the same seat of one, or the person any seat, meanwhile."""
        others = Mandate.objects.filter(group=self.group_id).exclude(pk=self.pk)
        others = others.filter(Q(ends_on=None) | Q(ends_on__gte=self.starts_on))
        if self.ends_on:
            others = others.filter(starts_on__lte=self.ends_on)
        same_seat = Q(seat=self.seat) if self.seat in SINGLE else Q(pk=None)
        other = others.filter(same_seat | Q(user=self.user_id)).select_related("user").first()
        if other:
            until = f" jusqu’au {other.ends_on:%d/%m/%Y}" if other.ends_on else ", sans terme"
            raise ValidationError(
                f"{other} : mandat depuis le {other.starts_on:%d/%m/%Y}{until}. Les deux se chevauchent : "
                "mettez fin au premier, ou commencez le second après lui."
            )


@dataclass(frozen=True)
class Standing:
    """What a person may do in a group today: shown by pages; rows are narrowed by the same seats."""

    mandate: Mandate | None
    is_secretariat: bool
    reads_all: bool

    @property
    def sits(self) -> bool:
        return self.mandate is not None

    @property
    def reads(self) -> bool:
        """What the group keeps to itself."""
        return self.sits or self.reads_all

    @property
    def speaks(self) -> bool:
        return self.is_secretariat or (self.sits and self.mandate.seat in SPEAKING)

    @property
    def conducts(self) -> bool:
        return self.is_secretariat or (self.sits and self.mandate.seat in CONDUCTING)

    @property
    def partner(self) -> Partner | None:
        """On whose behalf."""
        return self.mandate and self.mandate.partner


def standing(user, group) -> Standing:
    mandates = Mandate.objects.filter(user=user.pk, group=group).on(timezone.localdate())
    mandate = mandates.select_related("partner").first() if user.is_authenticated else None
    return Standing(mandate, is_secretariat(user), reads_as_member(user))
