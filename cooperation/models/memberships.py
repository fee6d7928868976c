"""Who is a member of which grouping, from when to when, and why it began or ended."""

from django.db import models
from django.db.models import F, Q, QuerySet

from cooperation.models.partners import Partner
from cooperation.records.base import Identified, Record, dates_in_order
from cooperation.records.gates import RecordQuerySet, Status
from cooperation.values.dates import period_label
from cooperation.values.fields import PartialDateField


class MembershipQuerySet(RecordQuerySet):
    """Seen by who sees the grouping and the member, changed by who changes the grouping."""

    status_lookup = "grouping__status"

    def get_by_natural_key(self, uid) -> models.Model:
        return self.get(uid=uid)

    def published(self) -> QuerySet:
        return super().published().filter(member__status=Status.PUBLISHED)

    def visible_to(self, user) -> QuerySet:
        partners = Partner.objects.visible_to(user).order_by().values("pk")
        return self.filter(grouping__in=partners, member__in=partners)

    def owned_by(self, user) -> QuerySet:
        return self.filter(grouping__in=Partner.objects.owned_by(user).order_by().values("pk"))


class Membership(Identified, Record):
    """A local authority in a grouping of them; one that left and came back has two."""

    grouping = models.ForeignKey(
        Partner,
        verbose_name="groupement",
        on_delete=models.CASCADE,
        related_name="memberships",
    )
    member = models.ForeignKey(
        Partner, verbose_name="membre", on_delete=models.PROTECT, related_name="joined"
    )
    since = PartialDateField("depuis", help_text="Vide si ce n’est pas connu.")
    until = PartialDateField("jusqu’à", help_text="Vide tant qu’il en est membre.")
    cause = models.CharField(
        "cause",
        max_length=150,
        blank=True,
        help_text="De l’entrée ou de la sortie : « délibération du 12 mars 2010 », « dissolution ».",
    )

    objects = MembershipQuerySet.as_manager()

    terms = ("member", "since", "until", "cause")
    part_of = "grouping"
    adds_terms = True

    class Meta:
        verbose_name = "membre"
        ordering = ["grouping", "member__name", F("since").asc(nulls_first=True), "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["grouping", "member", "since"],
                name="membership_unique_since",
                violation_error_message="Ce membre y est déjà, depuis la même date.",
            ),
            models.UniqueConstraint(
                fields=["grouping", "member"],
                condition=Q(since__isnull=True),
                name="membership_unique_undated",
                violation_error_message="Ce membre y est déjà.",
            ),
            models.CheckConstraint(
                condition=~Q(member=F("grouping")),
                name="membership_of_another",
                violation_error_message="Un groupement n’est pas membre de lui-même.",
            ),
            dates_in_order(
                start="since",
                end="until",
                name="membership_ends_after_start",
                message="La sortie précède l’entrée. Corrigez l’une des deux dates.",
            ),
        ]

    def __str__(self):
        return f"{self.member} – {self.grouping}"

    @property
    def is_locked(self) -> bool:
        return self.grouping.is_locked

    @property
    def told(self) -> str:
        """« depuis 2003 », « 2003 – 2010, dissolution », or "" where nothing is known."""
        return ", ".join(filter(None, [period_label(self.since, self.until), self.cause]))
