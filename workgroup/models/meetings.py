"""Meetings of a group: prepared, convened, held or cancelled; their agenda, who comes, who came."""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Max, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from cooperation.models import Document, Partner
from cooperation.models.counters import ReferenceCounter
from cooperation.records.base import (
    Identified,
    Record,
    SearchableMixin,
    SteppedRecord,
    VersionedModel,
)
from cooperation.records.gates import SearchMixin
from workgroup.deadlines import span_label
from workgroup.models.groups import GroupQuerySet, WorkingGroup, standing


class MeetingStatus(models.TextChoices):
    PREPARED = "preparation", "en préparation"
    CONVENED = "convoquee", "convoquée"
    HELD = "a-eu-lieu", "tenue"
    CANCELLED = "annulee", "annulée"


# The colour and the mark of each, beside its word.
TONES = {
    MeetingStatus.PREPARED: "plan",
    MeetingStatus.CONVENED: "go",
    MeetingStatus.HELD: "end",
    MeetingStatus.CANCELLED: "stop",
}


class GroupMeetingQuerySet(SearchMixin, GroupQuerySet):
    group_lookup = "group"

    def public(self) -> QuerySet:
        """What was announced: everybody reads that it was, and what became of it."""
        return self.filter(announced_at__isnull=False)

    def upcoming(self) -> QuerySet:
        """Not over yet, the next one first."""
        return self.filter(ends_at__gte=timezone.now()).order_by("starts_at", "pk")

    def took_place(self) -> QuerySet:
        """Over, and not cancelled: held, even where nobody has said so yet."""
        expected = Q(status=MeetingStatus.CONVENED, ends_at__lt=timezone.now())
        return self.filter(Q(status=MeetingStatus.HELD) | expected)


class GroupMeeting(SearchableMixin, SteppedRecord):
    """One meeting of a group, in a place, by a link, or both."""

    group = models.ForeignKey(
        WorkingGroup, verbose_name="groupe", on_delete=models.PROTECT, related_name="meetings"
    )
    reference = models.CharField("référence", max_length=24, unique=True, editable=False)
    title = models.CharField("intitulé", max_length=200)
    starts_at = models.DateTimeField("début")
    ends_at = models.DateTimeField("fin", help_text="Le délai du compte rendu court depuis elle.")
    place = models.CharField("lieu", max_length=200, blank=True)
    joining_link = models.URLField(
        "lien pour y assister",
        max_length=500,
        blank=True,
        help_text="Seuls les membres du groupe le voient.",
    )
    note = models.TextField(
        "précisions", blank=True, help_text="Elles partent avec la convocation."
    )
    documents = models.ManyToManyField(
        Document, verbose_name="documents", related_name="group_meetings", blank=True
    )
    status = models.CharField(
        "état",
        max_length=20,
        choices=MeetingStatus,
        default=MeetingStatus.PREPARED,
        editable=False,
    )
    announced_at = models.DateTimeField("convoquée le", null=True, editable=False)
    # How often what calendars hold of it has changed since it was convened.
    sequence = models.PositiveIntegerField("révision", default=0, editable=False)
    cancelled_because = models.CharField(
        "motif de l’annulation", max_length=2000, blank=True, editable=False
    )

    objects = GroupMeetingQuerySet.as_manager()

    moved_fields = ["status", "announced_at", "sequence", "cancelled_because"]
    has_own_history = True
    search_also = ("reference",)

    class Meta:
        verbose_name = "réunion"
        ordering = ["-starts_at", "-pk"]
        permissions = [("convene_groupmeeting", "Peut convoquer, annuler et clore une réunion")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="groupmeeting_ends_after_it_starts",
                violation_error_message="La réunion finit avant de commencer.",
            ),
        ]

    def __str__(self):
        return f"{self.title} du {timezone.localtime(self.starts_at):%d/%m/%Y}"

    def get_absolute_url(self) -> str:
        return reverse("meeting_detail", args=[self.reference])

    @property
    def is_locked(self) -> bool:
        """A cancelled one may still be changed, and convened again."""
        return self.status == MeetingStatus.HELD

    @property
    def may_be_written(self) -> bool:
        """Whether what happened there may still be noted: until its minutes are sent."""
        minutes = getattr(self, "minutes", None)
        return self.is_written and not (minutes and minutes.is_locked)

    @property
    def may_be_deleted(self) -> bool:
        return self.status == MeetingStatus.PREPARED

    @property
    def when(self) -> str:
        """The one wording of its hours, on pages, in letters and on paper."""
        return span_label(self.starts_at, self.ends_at)

    @property
    def state(self) -> str:
        """Its status in words; once it is over, nobody has said yet that it was held."""
        return "passée" if self.took_place and not self.is_locked else self.get_status_display()

    @property
    def tone(self) -> str:
        return TONES[MeetingStatus.HELD if self.took_place else self.status]

    @property
    def is_announced(self) -> bool:
        return self.announced_at is not None

    @property
    def is_over(self) -> bool:
        return self.ends_at <= timezone.now()

    @property
    def awaits_answers(self) -> bool:
        """Whether it is still to come, as it was announced."""
        return self.status == MeetingStatus.CONVENED and not self.is_over

    @property
    def took_place(self) -> bool:
        expected = self.status == MeetingStatus.CONVENED and self.is_over
        return self.status == MeetingStatus.HELD or expected

    @property
    def is_written(self) -> bool:
        """Whether its minutes may be written: from its first minute on."""
        has_begun = self.starts_at <= timezone.now()
        return self.status == MeetingStatus.HELD or (
            self.status == MeetingStatus.CONVENED and has_begun
        )

    @property
    def length(self) -> int:
        """In minutes."""
        return int((self.ends_at - self.starts_at).total_seconds() // 60)

    @property
    def planned_length(self) -> int:
        """What the points of its agenda take together, in minutes."""
        return sum(point.duration or 0 for point in self.points.all())

    @property
    def is_too_long(self) -> bool:
        return self.planned_length > self.length

    @property
    def minutes_due_on(self) -> date:
        """The day until whose end the minutes are in time."""
        return timezone.localdate(self.ends_at) + timedelta(days=self.group.minutes_within)

    @property
    def minutes_late_by(self) -> int:
        """Days since that day; none or less while they are in time."""
        return (timezone.localdate() - self.minutes_due_on).days

    def require_ready_for(self, status) -> None:
        if status == MeetingStatus.CONVENED:
            if not self.points.exists():
                raise ValidationError("Inscrivez d’abord un point à l’ordre du jour.")
            if not (self.place or self.joining_link):
                raise ValidationError("Dites d’abord où elle se tient, ou par quel lien.")
            if self.is_over:
                raise ValidationError("Sa date est passée : changez-la d’abord.")
        if status == MeetingStatus.HELD and self.starts_at > timezone.now():
            raise ValidationError("Elle n’a pas encore commencé.")
        if status == MeetingStatus.CANCELLED and hasattr(self, "minutes"):
            raise ValidationError("Son compte rendu est commencé : elle s’est tenue.")

    def set_status(self, status, by) -> None:
        if MeetingStatus.CANCELLED in (self.status, status):
            self.sequence += 1
        if status == MeetingStatus.CONVENED:
            self.announced_at = timezone.now()
        super().set_status(status, by)

    def move_to(self, status, *, by, reason="") -> None:
        """Its papers are published with it; what it was cancelled for is readable as long as it is."""
        self.cancelled_because = reason if status == MeetingStatus.CANCELLED else ""
        super().move_to(status, by=by, reason=reason)
        if self.is_announced:
            self.documents.all().publish(by)

    move_to.alters_data = True

    # What calendars hold.
    CALENDAR = ("title", "starts_at", "ends_at", "place", "joining_link", "note")

    def prepare(self) -> bool:
        if not self.reference:
            prefix = f"REUNION-{timezone.localdate(self.starts_at).year}-"
            (self.reference,) = ReferenceCounter.next_references(
                GroupMeeting.objects, prefix, width=3
            )
        elif self.status != MeetingStatus.PREPARED:
            kept = GroupMeeting.objects.filter(pk=self.pk).values_list(*self.CALENDAR).first()
            if kept and kept != tuple(getattr(self, name) for name in self.CALENDAR):
                self.sequence += 1
        return super().prepare()

    def agenda_from(self, other) -> None:
        """Take over the points of another meeting's agenda, in their order, without what they became."""
        for point in other.points.all():
            AgendaPoint.objects.create(
                group=self.group,
                meeting=self,
                title=point.title,
                detail=point.detail,
                duration=point.duration,
                brought_by=point.brought_by,
            )

    agenda_from.alters_data = True


class AgendaPointQuerySet(GroupQuerySet):
    group_lookup = "group"

    def public(self) -> QuerySet:
        return self.filter(meeting__announced_at__isnull=False)

    def in_box(self) -> QuerySet:
        """Proposed, and on no agenda yet."""
        return self.filter(meeting=None, set_aside_at=None)

    def left_over(self, group) -> QuerySet:
        """Not treated at a meeting, or of one that was cancelled, and not taken up since."""
        put_off = Q(notes__treatment=PointNotes.Treatment.PUT_OFF)
        lost = Q(meeting__status=MeetingStatus.CANCELLED)
        followed = AgendaPoint.objects.exclude(follows=None).exclude(
            meeting__status=MeetingStatus.CANCELLED
        )
        return self.filter(put_off | lost, group=group).exclude(
            pk__in=followed.order_by().values("follows")
        )


class AgendaPoint(Identified, Record):
    """A point of an agenda; without a meeting, one that a member proposes for the next."""

    group = models.ForeignKey(
        WorkingGroup, verbose_name="groupe", on_delete=models.PROTECT, related_name="points"
    )
    meeting = models.ForeignKey(
        GroupMeeting,
        verbose_name="réunion",
        on_delete=models.CASCADE,
        related_name="points",
        null=True,
        blank=True,
        editable=False,
    )
    position = models.PositiveSmallIntegerField("rang", default=0, editable=False)
    title = models.CharField("point", max_length=250)
    detail = models.TextField("précisions", blank=True)
    duration = models.PositiveSmallIntegerField("durée (minutes)", null=True, blank=True)
    brought_by = models.ForeignKey(
        Partner,
        verbose_name="apporté par",
        on_delete=models.PROTECT,
        related_name="agenda_points",
        null=True,
        blank=True,
    )
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="proposé par",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        editable=False,
    )
    # The point of a former meeting that it takes up.
    follows = models.ForeignKey(
        "self",
        verbose_name="reprend",
        on_delete=models.SET_NULL,
        related_name="followers",
        null=True,
        editable=False,
    )
    set_aside_at = models.DateTimeField("non inscrit le", null=True, editable=False)
    set_aside_because = models.CharField("pourquoi", max_length=500, blank=True, editable=False)

    objects = AgendaPointQuerySet.as_manager()

    part_of = "meeting"

    class Meta:
        verbose_name = "point de l’ordre du jour"
        verbose_name_plural = "points de l’ordre du jour"
        ordering = ["meeting", "position", "pk"]

    def __str__(self):
        return self.title

    @property
    def may_be_deleted(self) -> bool:
        """Nothing goes of what has been said: a point with notes stays."""
        return not (hasattr(self, "notes") or self.commitments.exists())

    def prepare(self) -> bool:
        """At the end of the agenda; the meeting is locked until it is there."""
        if self.meeting_id and not self.position:
            locked = GroupMeeting.objects.select_for_update().filter(pk=self.meeting_id)
            locked.values_list("pk").first()
            points = AgendaPoint.objects.filter(meeting=self.meeting_id)
            self.position = (points.aggregate(last=Max("position"))["last"] or 0) + 1
        return super().prepare()

    def move(self, step: int) -> None:
        """One place up (-1) or down (1); at an end it stays."""
        later = self.meeting.points.filter(position__gt=self.position).order_by("position")
        earlier = self.meeting.points.filter(position__lt=self.position).order_by("-position")
        other = (later if step > 0 else earlier).first()
        if other:
            self.position, other.position = other.position, self.position
            self.save(update_fields=["position"])
            other.save(update_fields=["position"])

    move.alters_data = True


class PointNotesQuerySet(GroupQuerySet):
    group_lookup = "point__group"


class PointNotes(Record):
    """What the minutes say of one point, as it is being written: versions of the minutes keep it."""

    class Treatment(models.TextChoices):
        TREATED = "traite", "traité"
        PUT_OFF = "reporte", "non traité"

    point = models.OneToOneField(AgendaPoint, on_delete=models.CASCADE, related_name="notes")
    outcome = models.TextField("ce qui s’est dit", blank=True)
    decisions = models.TextField("décisions", blank=True)
    treatment = models.CharField("le point est", max_length=10, choices=Treatment, blank=True)

    objects = PointNotesQuerySet.as_manager()

    part_of = "point"
    is_private = True

    class Meta:
        verbose_name = "notes d’un point"
        verbose_name_plural = "notes d’un point"
        ordering = ["point"]

    def __str__(self):
        return str(self.point)


class Answer(models.TextChoices):
    YES = "viendra", "oui"
    NO = "ne-viendra-pas", "non"
    REPRESENTED = "envoie-quelqu-un", "représenté"


class Presence(models.TextChoices):
    PRESENT = "etait-la", "présent"
    REPRESENTED = "etait-represente", "représenté"
    EXCUSED = "excuse", "excusé"
    ABSENT = "absent", "absent"


class AttendanceQuerySet(GroupQuerySet):
    group_lookup = "meeting__group"

    def coming(self) -> QuerySet:
        return self.filter(answer__in=(Answer.YES, Answer.REPRESENTED))


class Attendance(VersionedModel):
    """Whether a person comes to a meeting, and whether they came. Personal: only members see it."""

    meeting = models.ForeignKey(GroupMeeting, on_delete=models.CASCADE, related_name="attendance")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="personne",
        on_delete=models.PROTECT,
        related_name="attendance",
        null=True,
    )
    guest = models.CharField("invité", max_length=120, blank=True)
    partner = models.ForeignKey(
        Partner,
        verbose_name="pour",
        on_delete=models.PROTECT,
        related_name="attendance",
        null=True,
        blank=True,
    )
    answer = models.CharField("réponse", max_length=20, choices=Answer, blank=True)
    stand_in = models.CharField("représenté par", max_length=120, blank=True)
    answered_at = models.DateTimeField("répondu le", null=True, editable=False)
    presence = models.CharField("présence", max_length=20, choices=Presence, blank=True)

    objects = AttendanceQuerySet.as_manager()

    class Meta:
        verbose_name = "présence"
        ordering = ["meeting", "user__last_name", "user__username", "guest", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "user"], name="attendance_once"),
            models.CheckConstraint(
                condition=Q(user__isnull=False) ^ ~Q(guest=""), name="attendance_of_somebody"
            ),
            models.CheckConstraint(
                condition=~Q(answer=Answer.REPRESENTED) | ~Q(stand_in=""),
                name="attendance_says_by_whom",
                violation_error_message="Dites par qui vous êtes représenté.",
            ),
        ]

    def __str__(self):
        return self.guest or self.user.get_full_name() or self.user.get_username()

    @property
    def likely_presence(self) -> str:
        """What the list of those present begins with, from the answer."""
        return self.presence or {
            Answer.YES: Presence.PRESENT,
            Answer.REPRESENTED: Presence.REPRESENTED,
            Answer.NO: Presence.EXCUSED,
        }.get(self.answer, "")


def answer_for(meeting, user, answer, stand_in="", at: datetime | None = None) -> Attendance:
    """Note what a person answers; the last answer stands. ValidationError where it says not by whom.

    Within a transaction, which holds the meeting: two answers of a person are one line.
    """
    GroupMeeting.objects.select_for_update().filter(pk=meeting.pk).values_list("pk").first()
    attendance = Attendance.objects.filter(meeting=meeting, user=user).first() or Attendance(
        meeting=meeting, user=user
    )
    attendance.partner = standing(user, meeting.group).partner
    attendance.answer = answer
    attendance.stand_in = stand_in if answer == Answer.REPRESENTED else ""
    attendance.answered_at = at or timezone.now()
    attendance.full_clean()
    attendance.save()
    return attendance
