"""Drafts of terms of reference: shared before they are official, so that others enrich them."""

from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from cooperation.models import Document, Partner
from cooperation.models.counters import ReferenceCounter
from cooperation.records.base import (
    Identified,
    Record,
    SearchableMixin,
    SteppedRecord,
    new_uid,
)
from cooperation.records.gates import SearchMixin
from cooperation.roles import reads_as_member
from workgroup.deadlines import closing_of, days_left, deadline_label
from workgroup.models.groups import CONDUCTING, GroupQuerySet, WorkingGroup
from workgroup.models.remarks import Disposition, Remark, RemarkQuerySet


class DraftStatus(models.TextChoices):
    PREPARED = "en-preparation", "en préparation"
    OPEN = "partage", "partagé"
    OFFICIAL = "rendu-officiel", "officiel"
    WITHDRAWN = "retire-du-partage", "retiré du partage"


class DraftQuerySet(SearchMixin, GroupQuerySet):
    group_lookup = "group"

    def public(self) -> QuerySet:
        return self.filter(status=DraftStatus.OFFICIAL)

    def visible_to(self, user) -> QuerySet:
        """Members read what is shared; whoever conducts the group, what is prepared too."""
        if reads_as_member(user) or not user.is_authenticated:
            return super().visible_to(user)
        shared = self.of_groups_where(user).exclude(status=DraftStatus.PREPARED)
        return self.public() | shared | self.of_groups_where(user, CONDUCTING)

    def open(self) -> QuerySet:
        """Those that take remarks now, the first to close first."""
        today = timezone.localdate()
        return self.filter(status=DraftStatus.OPEN, closes_on__gte=today).order_by("closes_on")


class Draft(SearchableMixin, SteppedRecord):
    """A draft, in its versions; each remark has its answer before it becomes official."""

    group = models.ForeignKey(
        WorkingGroup, verbose_name="groupe", on_delete=models.PROTECT, related_name="drafts"
    )
    reference = models.CharField("référence", max_length=24, unique=True, editable=False)
    title = models.CharField("intitulé", max_length=250)
    purpose = models.TextField(
        "objet", blank=True, help_text="À quel appui il sert, et ce qu’on attend des remarques."
    )
    partner = models.ForeignKey(
        Partner,
        verbose_name="apporté par",
        on_delete=models.PROTECT,
        related_name="drafts",
        null=True,
        blank=True,
    )
    closes_on = models.DateField("remarques jusqu’au", null=True, editable=False)
    outcome = models.TextField(
        "ce qui en est fait",
        blank=True,
        help_text="Ce que le groupe en conclut : à écrire avant qu’il devienne officiel.",
    )
    status = models.CharField(
        "état", max_length=20, choices=DraftStatus, default=DraftStatus.PREPARED, editable=False
    )

    objects = DraftQuerySet.as_manager()

    moved_fields = ["status", "closes_on"]
    has_own_history = True
    search_also = ("reference",)

    class Meta:
        verbose_name = "projet de termes de référence"
        verbose_name_plural = "projets de termes de référence"
        ordering = ["-updated_at", "-pk"]
        permissions = [("share_draft", "Peut partager un projet et le rendre officiel")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status=DraftStatus.OPEN) | Q(closes_on__isnull=False),
                name="draft_open_has_deadline",
            ),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("draft_detail", args=[self.reference])

    @property
    def is_locked(self) -> bool:
        return self.status in (DraftStatus.OFFICIAL, DraftStatus.WITHDRAWN)

    @property
    def is_official(self) -> bool:
        return self.status == DraftStatus.OFFICIAL

    @property
    def may_be_deleted(self) -> bool:
        return self.status == DraftStatus.PREPARED and not self.comments.exists()

    @property
    def closes_at(self) -> datetime:
        """The first instant that is too late for a remark."""
        return closing_of(self.closes_on)

    @property
    def is_open(self) -> bool:
        return self.status == DraftStatus.OPEN and timezone.now() < self.closes_at

    @property
    def is_closed(self) -> bool:
        """Its remarks are in, and wait for their answers."""
        return self.status == DraftStatus.OPEN and not self.is_open

    @property
    def state(self) -> str:
        if self.is_open:
            return "ouvert aux remarques"
        return "remarques closes" if self.is_closed else self.get_status_display()

    @property
    def tone(self) -> str:
        if self.status == DraftStatus.OPEN:
            return "plan" if self.is_open else "doubt"
        tones = {DraftStatus.OFFICIAL: "go", DraftStatus.WITHDRAWN: "stop"}
        return tones.get(self.status, "end")

    @property
    def deadline(self) -> str:
        return deadline_label(self.closes_on)

    @property
    def days_left(self) -> int:
        return days_left(self.closes_on)

    @property
    def shared(self) -> "DraftVersion | None":
        """The version that members read."""
        return self.versions.filter(shared_at__isnull=False).last()

    @property
    def prepared(self) -> "DraftVersion | None":
        """The version that is being written."""
        return self.versions.filter(shared_at=None).last()

    @property
    def commenting_organisations(self) -> QuerySet:
        counted = self.comments.counted().exclude(partner=None)
        return Partner.objects.filter(pk__in=counted.order_by().values("partner"))

    def require_ready_for(self, status) -> None:
        version = self.prepared or self.shared
        has_text = version is not None and not version.is_empty
        if status in (DraftStatus.OPEN, DraftStatus.OFFICIAL) and not has_text:
            raise ValidationError("Écrivez d’abord une section, ou joignez le texte.")
        if status == DraftStatus.OPEN and (self.closes_on is None or self.days_left < 0):
            raise ValidationError("Donnez un dernier jour qui n’est pas passé.")
        if status == DraftStatus.OFFICIAL:
            if self.is_open:
                raise ValidationError(f"Il est ouvert aux remarques {self.deadline}.")
            if waiting := self.comments.waiting().count():
                raise ValidationError(
                    f"Remarques encore sans suite : {waiting}. Chacune doit avoir la sienne."
                )
            if not self.outcome.strip():
                raise ValidationError("Écrivez d’abord ce qui en est fait.")

    def move_to(self, status, *, by, reason="") -> None:
        """What is shared, or official, is the version that was prepared; its file with it."""
        super().move_to(status, by=by, reason=reason)
        version = self.prepared
        if version and status in (DraftStatus.OPEN, DraftStatus.OFFICIAL):
            version.shared_at = timezone.now()
            version.save(update_fields=["shared_at"])
        if status == DraftStatus.OFFICIAL and self.shared.document:
            self.shared.document.publish(by)

    move_to.alters_data = True

    def prepare(self) -> bool:
        if not self.reference:
            prefix = f"TDR-{timezone.localdate().year}-"
            (self.reference,) = ReferenceCounter.next_references(Draft.objects, prefix, width=3)
        return super().prepare()

    def version_to_write(self) -> "DraftVersion":
        """The one being prepared; else a new one, with the text of the last. The draft is held."""
        Draft.objects.select_for_update().filter(pk=self.pk).values_list("pk").first()
        if version := self.prepared:
            return version
        last = self.versions.last()
        version = DraftVersion.objects.create(
            draft=self,
            number=last.number + 1 if last else 1,
            document=last.document if last else None,
        )
        for section in last.sections.all() if last else ():
            DraftSection.objects.create(
                draft_version=version,
                anchor=section.anchor,
                position=section.position,
                heading=section.heading,
                text=section.text,
            )
        return version

    version_to_write.alters_data = True


class DraftVersionQuerySet(GroupQuerySet):
    group_lookup = "draft__group"

    def public(self) -> QuerySet:
        """The last one that was shared of a text that is official."""
        later = DraftVersion.objects.filter(
            draft=OuterRef("draft"), number__gt=OuterRef("number"), shared_at__isnull=False
        )
        official = self.filter(draft__status=DraftStatus.OFFICIAL, shared_at__isnull=False)
        return official.filter(~Exists(later))

    def visible_to(self, user) -> QuerySet:
        """Members read what was shared with them; whoever conducts the group, what is written too."""
        if reads_as_member(user) or not user.is_authenticated:
            return super().visible_to(user)
        shared = self.of_groups_where(user).filter(shared_at__isnull=False)
        return self.public() | shared | self.of_groups_where(user, CONDUCTING)


class DraftVersion(Identified, Record):
    """One state of a draft's text: in sections, or as a file."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField("version", editable=False)
    note = models.CharField("ce qui change", max_length=500, blank=True)
    document = models.ForeignKey(
        Document,
        verbose_name="texte joint",
        on_delete=models.PROTECT,
        related_name="draft_versions",
        null=True,
        editable=False,
    )
    shared_at = models.DateTimeField("partagée le", null=True, editable=False)

    objects = DraftVersionQuerySet.as_manager()

    part_of = "draft"
    is_private = True

    class Meta:
        verbose_name = "version d’un projet"
        verbose_name_plural = "versions d’un projet"
        ordering = ["draft", "number"]
        constraints = [
            models.UniqueConstraint(fields=["draft", "number"], name="draftversion_number"),
        ]

    def __str__(self):
        return f"version {self.number}"

    @property
    def is_empty(self) -> bool:
        return self.document is None and not self.sections.exists()


@dataclass(frozen=True)
class Paragraph:
    """One paragraph of a section: « 2.1 »."""

    number: str
    text: str
    place: int


class SectionQuerySet(GroupQuerySet):
    group_lookup = "draft_version__draft__group"

    def visible_to(self, user) -> QuerySet:
        """Those of the versions that the person reads."""
        versions = DraftVersion.objects.visible_to(user).order_by()
        return self.filter(draft_version__in=versions.values("pk"))


class DraftSection(Identified, Record):
    """A section; `anchor` tells it again in the next version."""

    draft_version = models.ForeignKey(
        DraftVersion, on_delete=models.CASCADE, related_name="sections"
    )
    anchor = models.CharField(max_length=16, default=new_uid, editable=False)
    position = models.PositiveSmallIntegerField("rang", editable=False)
    heading = models.CharField("titre", max_length=250)
    text = models.TextField("texte", help_text="Une ligne vide sépare deux paragraphes.")

    objects = SectionQuerySet.as_manager()

    part_of = "draft_version"
    is_private = True

    class Meta:
        verbose_name = "section"
        ordering = ["draft_version", "position", "pk"]

    def __str__(self):
        return f"{self.position}. {self.heading}"

    def replace_paragraph(self, quoted, proposed, number) -> bool:
        """Put other words in the place of the one paragraph so worded; of several, of that number.

        False where there is none, or where it cannot be told which. Nothing is saved.
        """
        paragraphs = self.paragraphs
        alike = [one for one in paragraphs if one.text == quoted]
        chosen = alike if len(alike) == 1 else [one for one in alike if one.number == number]
        if len(chosen) != 1:
            return False
        texts = [proposed if one is chosen[0] else one.text for one in paragraphs]
        self.text = "\n\n".join(texts)
        return True

    @property
    def paragraphs(self) -> list[Paragraph]:
        texts = [
            part.strip() for part in self.text.replace("\r\n", "\n").split("\n\n") if part.strip()
        ]
        return [Paragraph(f"{self.position}.{n}", text, n) for n, text in enumerate(texts, 1)]


class DraftCommentQuerySet(RemarkQuerySet):
    group_lookup = "draft__group"


class DraftComment(Remark):
    """A remark on a draft: on one of its paragraphs, which it keeps, or on the whole."""

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="comments")
    draft_version = models.ForeignKey(
        DraftVersion, on_delete=models.PROTECT, related_name="comments", editable=False
    )
    # The section by its anchor: a new version keeps it.
    anchor = models.CharField(max_length=16, blank=True, editable=False)
    clause = models.CharField(
        "article ou paragraphe", max_length=60, blank=True, help_text="Vide : l’ensemble."
    )

    objects = DraftCommentQuerySet.as_manager()

    class Meta(Remark.Meta):
        verbose_name = "remarque"
        ordering = ["draft", "clause", "sent_at", "pk"]
        permissions = [
            ("answer_draftcomment", "Peut dire quelle suite a une remarque"),
            ("satisfy_draftcomment", "Peut dire si la suite donnée à sa remarque lui convient"),
            ("withdraw_draftcomment", "Peut retirer sa remarque"),
        ]

    @property
    def group(self) -> WorkingGroup:
        return self.draft.group

    def get_absolute_url(self) -> str:
        return f"{reverse('draft_comments', args=[self.draft.reference])}#{self.uid}"

    @property
    def may_be_applied(self) -> bool:
        """Whether one tap puts its wording into the next version."""
        return bool(self.proposed and self.quoted and self.anchor) and self.draft.is_closed

    def require_ready_for(self, status) -> None:
        if status == Disposition.WITHDRAWN and not self.draft.is_open:
            raise ValidationError("La période est finie : votre remarque reste.")
        if status != Disposition.WITHDRAWN and self.draft.is_open:
            raise ValidationError(
                f"Les suites se donnent après la clôture : {self.draft.deadline}."
            )
        if self.draft.is_locked:
            raise ValidationError("Ce projet ne change plus : ses suites non plus.")

    def apply(self) -> None:
        """Put its wording in the place of the passage, in the version being prepared.

        ValidationError where the passage is not there any more as it was read.
        """
        version = self.draft.version_to_write()
        section = version.sections.filter(anchor=self.anchor).first()
        if section is None or not section.replace_paragraph(
            self.quoted, self.proposed, self.clause
        ):
            raise ValidationError(
                "Ce passage a changé depuis la remarque : écrivez vous-même le nouveau texte dans la "
                "version en préparation, puis retenez la remarque."
            )
        section.save_because(f"Remarque de {self.partner or self.author} appliquée.")
        self.adopted = self.proposed
        self.save(update_fields=["adopted"])

    apply.alters_data = True
