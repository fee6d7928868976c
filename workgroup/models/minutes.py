"""Minutes of a meeting: written, sent to the members for correction, adopted; each version stays."""

from datetime import date
from hashlib import sha256

import orjson
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from cooperation.records.base import Identified, SteppedRecord
from workgroup.deadlines import deadline_label, working_days_after
from workgroup.models.groups import GroupQuerySet, WorkingGroup
from workgroup.models.meetings import AgendaPoint, GroupMeeting, MeetingStatus, Presence
from workgroup.models.remarks import Disposition, Remark, RemarkQuerySet


class MinutesStatus(models.TextChoices):
    WRITTEN = "redaction", "en rédaction"
    CORRECTED = "correction", "en correction"
    ADOPTED = "adopte", "adopté"


class MinutesQuerySet(GroupQuerySet):
    group_lookup = "meeting__group"

    def public(self) -> QuerySet:
        """What was adopted once: while it is taken up again, the adopted version stays."""
        return self.filter(pk__in=MinutesVersion.objects.adopted().values("minutes"))


class Minutes(Identified, SteppedRecord):
    """What a meeting said and decided. The public reads it once it is adopted."""

    meeting = models.OneToOneField(GroupMeeting, on_delete=models.PROTECT, related_name="minutes")
    opening = models.TextField("ouverture", blank=True)
    closing = models.TextField("clôture, divers", blank=True)
    status = models.CharField(
        "état",
        max_length=20,
        choices=MinutesStatus,
        default=MinutesStatus.WRITTEN,
        editable=False,
    )
    # When its first version went to the members: what the two weeks are counted to.
    sent_at = models.DateTimeField("envoyé le", null=True, editable=False)
    corrected_until = models.DateField("corrections jusqu’au", null=True, editable=False)

    objects = MinutesQuerySet.as_manager()

    moved_fields = ["status", "sent_at", "corrected_until"]
    part_of = "meeting"
    has_own_history = True

    class Meta:
        verbose_name = "compte rendu"
        verbose_name_plural = "comptes rendus"
        ordering = ["-meeting__starts_at", "-pk"]
        permissions = [("adopt_minutes", "Peut envoyer et adopter un compte rendu")]

    def __str__(self):
        return f"Compte rendu : {self.meeting}"

    def get_absolute_url(self) -> str:
        return reverse("minutes_detail", args=[self.meeting.reference])

    @property
    def is_locked(self) -> bool:
        return self.status != MinutesStatus.WRITTEN

    @property
    def may_be_deleted(self) -> bool:
        return False

    @property
    def deadline(self) -> str:
        """Until when members correct, in its one wording."""
        return deadline_label(self.corrected_until)

    @property
    def tone(self) -> str:
        tones = {MinutesStatus.WRITTEN: "plan", MinutesStatus.CORRECTED: "doubt"}
        return tones.get(self.status, "go")

    @property
    def is_open_to_corrections(self) -> bool:
        """Until the last second of its last day, in Porto-Novo."""
        return (
            self.status == MinutesStatus.CORRECTED and timezone.localdate() <= self.corrected_until
        )

    def require_ready_for(self, status) -> None:
        if status == MinutesStatus.CORRECTED:
            if not self.meeting.took_place:
                raise ValidationError("La réunion n’est pas finie : le compte rendu non plus.")
            points = self.meeting.points.select_related("notes")
            silent = [p for p in points if not (hasattr(p, "notes") and p.notes.treatment)]
            if silent:
                names = ", ".join(f"« {point} »" for point in silent)
                raise ValidationError(f"Dites si ces points ont été traités : {names}.")
        if status == MinutesStatus.ADOPTED:
            if self.is_open_to_corrections:
                raise ValidationError(
                    f"Les membres corrigent jusqu’au {self.corrected_until:%d/%m/%Y} inclus."
                )
            if waiting := self.corrections.waiting().count():
                raise ValidationError(f"Corrections encore sans suite : {waiting}.")
            if left_out := self.left_out():
                names = ", ".join(f"« {one} »" for one in left_out)
                raise ValidationError(
                    f"Retenu, mais absent du compte rendu : {names}. Reprenez la rédaction pour y "
                    "mettre le texte proposé, ou retenez ces corrections en partie."
                )

    def left_out(self) -> list["Correction"]:
        """Corrections that were retained, and whose proposed words are not there: members were told they would be."""
        content = self.content()
        texts = [self.opening, self.closing]
        for point in content["points"]:
            texts += [point["title"], point["outcome"], point["decisions"]]
            texts += [one["what"] for one in point["commitments"]]
        written = " ".join(" ".join(texts).split())
        retained = self.corrections.filter(status=Disposition.RETAINED).exclude(proposed="")
        return [one for one in retained if " ".join(one.proposed.split()) not in written]

    def set_status(self, status, by) -> None:
        super().set_status(status, by)
        if status == MinutesStatus.CORRECTED:
            self.sent_at = self.sent_at or timezone.now()
            days = self.meeting.group.corrected_within
            self.corrected_until = working_days_after(timezone.localdate(), days)

    def move_to(self, status, *, by, reason="") -> None:
        """What is sent, and what is adopted, is kept as a version; the meeting is over by then."""
        super().move_to(status, by=by, reason=reason)
        if status != MinutesStatus.WRITTEN:
            MinutesVersion.freeze(self, by)
        if status == MinutesStatus.CORRECTED and self.meeting.status != MeetingStatus.HELD:
            self.meeting.move_to(MeetingStatus.HELD, by=by)

    move_to.alters_data = True

    def content(self) -> dict:
        """All that its paper says, as plain facts; who came and who is in charge are for members."""
        meeting = self.meeting
        points = meeting.points.select_related("notes", "brought_by")
        return {
            "opening": self.opening,
            "closing": self.closing,
            "organisations": sorted({str(a.partner) for a in self.present() if a.partner}),
            "attendance": [
                {
                    "name": str(one),
                    "partner": str(one.partner or ""),
                    "presence": one.presence,
                    "stand_in": one.stand_in,
                }
                for one in meeting.attendance.exclude(presence="").select_related("user", "partner")
            ],
            "points": [
                {
                    "uid": point.uid,
                    "title": point.title,
                    "brought_by": str(point.brought_by or ""),
                    "outcome": point.notes.outcome if hasattr(point, "notes") else "",
                    "decisions": point.notes.decisions if hasattr(point, "notes") else "",
                    "treatment": point.notes.treatment if hasattr(point, "notes") else "",
                    "commitments": [
                        {"what": c.what, "who": c.who, "due_on": c.due_on and c.due_on.isoformat()}
                        for c in point.commitments.all()
                    ],
                }
                for point in points
            ],
        }

    def present(self) -> QuerySet:
        there = (Presence.PRESENT, Presence.REPRESENTED)
        return self.meeting.attendance.filter(presence__in=there).select_related("partner")


class MinutesVersionQuerySet(QuerySet):
    def adopted(self) -> QuerySet:
        return self.filter(status=MinutesStatus.ADOPTED).order_by()

    def visible_to(self, user) -> QuerySet:
        """The last adopted one of each minutes: what everybody reads, members here too."""
        later = MinutesVersion.objects.adopted().filter(
            minutes=OuterRef("minutes"), number__gt=OuterRef("number")
        )
        return self.adopted().filter(~Exists(later))


class MinutesVersion(models.Model):
    """The minutes as they were sent, or adopted. Never changes."""

    minutes = models.ForeignKey(Minutes, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField("version")
    status = models.CharField("état", max_length=20, choices=MinutesStatus)
    content = models.JSONField("contenu")
    sha256 = models.CharField("SHA-256", max_length=64)
    made_at = models.DateTimeField("du", auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )

    objects = MinutesVersionQuerySet.as_manager()

    class Meta:
        verbose_name = "version d’un compte rendu"
        verbose_name_plural = "versions d’un compte rendu"
        ordering = ["minutes", "number"]
        constraints = [
            models.UniqueConstraint(fields=["minutes", "number"], name="minutesversion_number"),
        ]

    def __str__(self):
        return f"version {self.number} du {timezone.localtime(self.made_at):%d/%m/%Y}"

    def save(self, *args, **kwargs) -> None:
        if not self._state.adding:
            raise ValidationError("Une version d’un compte rendu ne change pas.")
        super().save(*args, **kwargs)

    @classmethod
    def freeze(cls, minutes, by) -> "MinutesVersion":
        content = minutes.content()
        digest = sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()
        return cls.objects.create(
            minutes=minutes,
            number=minutes.versions.count() + 1,
            status=minutes.status,
            content=content,
            sha256=digest,
            made_by=by,
        )


class CorrectionQuerySet(RemarkQuerySet):
    group_lookup = "minutes__meeting__group"


class Correction(Remark):
    """What a member asks to be changed in minutes that were sent."""

    minutes = models.ForeignKey(Minutes, on_delete=models.PROTECT, related_name="corrections")
    point = models.ForeignKey(
        AgendaPoint,
        verbose_name="point",
        on_delete=models.PROTECT,
        related_name="corrections",
        null=True,
        blank=True,
    )

    objects = CorrectionQuerySet.as_manager()

    class Meta(Remark.Meta):
        verbose_name = "correction"
        permissions = [
            ("answer_correction", "Peut dire quelle suite a une correction"),
            ("satisfy_correction", "Peut dire si la suite donnée à sa correction lui convient"),
            ("withdraw_correction", "Peut retirer sa correction"),
        ]

    @property
    def group(self) -> WorkingGroup:
        return self.minutes.meeting.group

    def require_ready_for(self, status) -> None:
        if status == Disposition.WITHDRAWN and not self.minutes.is_open_to_corrections:
            raise ValidationError("La période est finie : votre correction reste.")
        if self.minutes.status == MinutesStatus.ADOPTED:
            raise ValidationError("Le compte rendu est adopté : ses suites ne changent plus.")

    def get_absolute_url(self) -> str:
        return f"{self.minutes.get_absolute_url()}#{self.uid}"


class CommitmentStatus(models.TextChoices):
    OPEN = "en-cours", "en cours"
    KEPT = "fait", "tenu"
    PARTLY = "fait-en-partie", "tenu en partie"
    DROPPED = "abandonne", "abandonné"


class CommitmentQuerySet(GroupQuerySet):
    group_lookup = "group"

    def open(self) -> QuerySet:
        return self.filter(status=CommitmentStatus.OPEN)

    def late(self, day: date | None = None) -> QuerySet:
        """Open after their day."""
        return self.open().filter(due_on__lt=day or timezone.localdate())

    def closable_by(self, user) -> QuerySet:
        """Whoever conducts the group, and who took it on as long as they sit there."""
        own = (
            self.of_groups_where(user).filter(user=user.pk)
            if user.is_authenticated
            else self.none()
        )
        return self.editable_by(user) | own


class Commitment(Identified, SteppedRecord):
    """What somebody took on at a meeting: what, who, by when, and what became of it."""

    group = models.ForeignKey(
        WorkingGroup, on_delete=models.PROTECT, related_name="commitments", editable=False
    )
    point = models.ForeignKey(
        AgendaPoint,
        verbose_name="pris au point",
        on_delete=models.PROTECT,
        related_name="commitments",
        null=True,
        editable=False,
    )
    what = models.CharField("quoi", max_length=500)
    who = models.CharField("qui", max_length=200, help_text="L’organisation ou la fonction.")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="membre chargé",
        on_delete=models.PROTECT,
        related_name="commitments",
        null=True,
        blank=True,
        help_text="Cette personne reçoit les rappels et dit ce qu’il en est.",
    )
    due_on = models.DateField("pour le", null=True, blank=True)
    status = models.CharField(
        "état",
        max_length=20,
        choices=CommitmentStatus,
        default=CommitmentStatus.OPEN,
        editable=False,
    )
    note = models.CharField("ce qu’il en est", max_length=2000, blank=True, editable=False)

    objects = CommitmentQuerySet.as_manager()

    moved_fields = ["status", "note"]
    is_private = True

    class Meta:
        verbose_name = "engagement"
        ordering = ["due_on", "pk"]
        permissions = [("close_commitment", "Peut dire ce qu’un engagement est devenu")]

    def __str__(self):
        return self.what

    def get_absolute_url(self) -> str:
        return f"{reverse('commitment_list')}#{self.uid}"

    @property
    def may_be_deleted(self) -> bool:
        return self.status == CommitmentStatus.OPEN and self.point is not None

    @property
    def is_late(self) -> bool:
        return self.status == CommitmentStatus.OPEN and bool(
            self.due_on and self.due_on < timezone.localdate()
        )

    @property
    def days_late(self) -> int:
        return (timezone.localdate() - self.due_on).days

    def move_to(self, status, *, by, reason="") -> None:
        self.note = reason
        super().move_to(status, by=by, reason=reason)

    move_to.alters_data = True


def awaited_minutes(meetings) -> QuerySet:
    """Meetings that took place and whose members have no minutes yet, the latest first."""
    held = meetings.took_place().filter(Q(minutes=None) | Q(minutes__sent_at=None))
    return held.select_related("group").order_by("-starts_at", "-pk")


def missing_minutes(meetings) -> list[tuple[GroupMeeting, int]]:
    """[(meeting, days since the last day in time), …] of those whose minutes are late, the latest first."""
    late = ((meeting, meeting.minutes_late_by) for meeting in awaited_minutes(meetings))
    return [(meeting, days) for meeting, days in late if days > 0]


def sent_in_time(minutes) -> bool:
    """Whether the members had them by the last day."""
    return (
        minutes.sent_at is not None
        and timezone.localdate(minutes.sent_at) <= minutes.meeting.minutes_due_on
    )
