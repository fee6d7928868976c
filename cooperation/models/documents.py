"""Files: signed texts, délibérations, reports."""

import hashlib
import secrets
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import models
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify

from cooperation import uploads
from cooperation.models.partners import Partner
from cooperation.records.base import PublishedRecord, SearchableMixin, published_has_date
from cooperation.records.gates import SearchedQuerySet, Status, sees_all
from cooperation.roles import reads_as_member
from cooperation.values.fields import LanguageField, PartialDateField
from cooperation.values.languages import FRENCH
from cooperation.values.text import clean_text


def sitting(user, group) -> Q:
    """Where a person sits today in the group that a path leads to."""
    held, today = f"{group}__mandates__", timezone.localdate()
    runs = Q(**{f"{held}ends_on": None}) | Q(**{f"{held}ends_on__gte": today})
    return runs & Q(**{f"{held}user": user.pk, f"{held}starts_on__lte": today})


class DocumentQuerySet(SearchedQuerySet):
    def visible_to(self, user) -> QuerySet:
        """The public: what is published and public. Others: also what is attached to records of theirs.

        What a group works on is seen by whoever sits there, drafts that are not shared by whoever
        conducts it.
        """
        if reads_as_member(user):
            return self.all()
        public = self.published().filter(access=Document.Access.PUBLIC)
        if not user.is_authenticated:
            return public
        at_work = Q(group_meetings__isnull=False) | Q(draft_versions__isnull=False)
        at_work |= Q(shared_documents__isnull=False)
        if sees_all(user):
            shared = ~Q(pk__in=self.model.objects.filter(at_work).order_by().values("pk"))
        else:
            shared = Q(conventions__delegations__user=user.pk)
        if user.partner_id is not None:
            shared |= Q(conventions__parties__partner=user.partner_id)
        shared |= sitting(user, "group_meetings__group") | sitting(user, "shared_documents__group")
        drafts = sitting(user, "draft_versions__draft__group")
        is_shared = Q(draft_versions__shared_at__isnull=False)
        shared |= drafts & (is_shared | Q(draft_versions__draft__group__mandates__conducts=True))
        attached = self.model.objects.filter(shared).order_by().values("pk")
        return public | self.owned_by(user) | self.filter(pk__in=attached)

    def attached(self) -> QuerySet:
        """Attached to something published: a convention, its legal dossier, an avenant of its own, a meeting."""
        held = self.model.objects.filter(
            Q(conventions__status=Status.PUBLISHED)
            | Q(legal_steps__convention__status=Status.PUBLISHED)
            | Q(avenants__status=Status.PUBLISHED, avenants__convention__status=Status.PUBLISHED)
            | Q(group_meetings__announced_at__isnull=False)
            | Q(draft_versions__shared_at__isnull=False)
            | Q(shared_documents__isnull=False)
        )
        # By keys, which are never NULL: a NOT IN over one NULL would leave everything public.
        return self.filter(pk__in=held.order_by().values("pk"))

    def release(self, by, reason) -> None:
        """Withdraw those that are published and attached to nothing published any more."""
        left = self.published().exclude(pk__in=self.model.objects.attached().values("pk"))
        for document in left.order_by("pk"):
            document.move_to(Status.WITHDRAWN, by=by, reason=reason)

    release.alters_data = True

    def publish(self, by) -> None:
        """Publish what is attached to something published, but for what was withdrawn for itself."""
        for document in self.filter(is_held_back=False).distinct():
            document.publish(by)

    publish.alters_data = True


def kept_as_it_came(file, storage) -> dict:
    """The facts of an original, once its bytes are stored."""
    file.seek(0)
    token = secrets.token_hex(16)
    stored = storage.save(f"originaux/{token[:2]}/{token}", File(file))
    file.seek(0)
    sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    name = clean_text(Path(file.name).name).replace("\n", " ").strip()[:200] or "original"
    return {"name": name, "size": file.size, "sha256": sha256, "stored": stored}


class Document(SearchableMixin, PublishedRecord):
    """A file: a signed text, a délibération, a report. Its content never changes."""

    class Kind(models.TextChoices):
        CONVENTION = "convention", "convention signée"
        AVENANT = "avenant", "avenant signé"
        DELIBERATION = "deliberation", "délibération"
        APPROVAL = "approbation", "courrier ou arrêté de la tutelle"
        REPORT = "rapport", "rapport, compte rendu"
        STUDY = "etude", "étude, évaluation"
        PHOTO = "photo", "photographie"
        OTHER = "autre", "autre"

    class Access(models.TextChoices):
        PUBLIC = "public", "tout le monde"
        MEMBERS = "membres", "membres du sous-groupe"

    title = models.CharField("titre", max_length=200)
    kind = models.CharField("nature", max_length=20, choices=Kind)
    dated = PartialDateField("date du document")
    language = LanguageField("langue", default=FRENCH)
    access = models.CharField("visible par", max_length=10, choices=Access, default=Access.PUBLIC)
    file = models.FileField(
        "fichier",
        upload_to=uploads.stored_name,
        max_length=120,
        help_text=f"{uploads.ACCEPTED}, {uploads.MAX_BYTES // 2**20} Mo au plus.",
    )
    reference = models.CharField(max_length=16, unique=True, editable=False)
    content_type = models.CharField("type", max_length=100, editable=False)
    size = models.PositiveIntegerField("taille en octets", editable=False)
    sha256 = models.CharField("SHA-256", max_length=64, editable=False)
    pages = models.PositiveIntegerField("pages", null=True, editable=False)
    entered_by = models.ForeignKey(
        Partner,
        verbose_name="déposé par",
        on_delete=models.PROTECT,
        related_name="documents",
        null=True,
        editable=False,
    )

    # The files as they came, where what is served was made of them:
    # [{"name", "size": in bytes, "sha256", "stored": where}, …].
    originals = models.JSONField("originaux", default=list, editable=False)
    is_held_back = models.BooleanField("retiré pour lui-même", default=False, editable=False)

    objects = DocumentQuerySet.as_manager()

    moved_fields = [*PublishedRecord.moved_fields, "is_held_back"]
    steps_from = (Status.PUBLISHED, Status.WITHDRAWN)
    terms = ("title", "kind", "dated", "language", "file")

    class Meta:
        verbose_name = "document"
        ordering = ["-updated_at", "pk"]
        constraints = [published_has_date("document")]

    def __str__(self):
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("document_download", args=[self.reference])

    @property
    def may_be_deleted(self) -> bool:
        linked = (
            self.conventions,
            self.avenants,
            self.legal_steps,
            self.group_meetings,
            self.draft_versions,
            self.shared_documents,
        )
        return self.published_at is None and not any(records.exists() for records in linked)

    @property
    def is_attached(self) -> bool:
        return Document.objects.attached().filter(pk=self.pk).exists()

    def require_ready(self) -> None:
        if self.status == Status.WITHDRAWN and not self.is_attached:
            raise ValidationError(
                "Ce document n’est joint à aucune fiche publiée : joignez-le d’abord."
            )

    def move_to(self, status, *, by, reason="") -> None:
        """Withdrawn while something published holds it, it stays so until it is published by itself."""
        self.is_held_back = status == Status.WITHDRAWN and self.is_attached
        super().move_to(status, by=by, reason=reason)

    move_to.alters_data = True

    def holding_conventions(self) -> QuerySet:
        """Those to which it is attached, by themselves, their legal dossier or an avenant."""
        held = Q(documents=self) | Q(legal_steps__document=self) | Q(avenants__documents=self)
        conventions = self._meta.get_field("conventions").related_model
        return conventions.objects.filter(held).distinct()

    @property
    def download_name(self) -> str:
        return f"{slugify(self.title)[:80] or 'document'}{Path(self.file.name).suffix}"

    def clean_fields(self, exclude=None) -> None:
        super().clean_fields(exclude)
        if self.file and not self.file._committed:
            try:
                self.receive(self.file.file)
            except ValidationError as error:
                raise ValidationError({"file": error}) from error

    def receive(self, file) -> None:
        """Check an upload and take its facts; ValidationError where it is not acceptable."""
        self.content_type, self.pages, content = uploads.inspect(file)
        self.received = getattr(file, "originals", [] if content is file else [file])
        content.seek(0)
        self.sha256 = hashlib.file_digest(content, "sha256").hexdigest()
        content.seek(0)
        self.size = content.size
        self.file.file = content

    def prepare(self) -> bool:
        if not self.reference:
            self.reference = secrets.token_hex(8)
        return super().prepare()

    def save(self, *args, **kwargs) -> None:
        """The file first, then the row; if the row fails the file goes too."""
        new_file = bool(self.file) and not self.file._committed
        if new_file and not self.sha256:
            self.receive(self.file.file)
        storage = self.file.storage
        try:
            if new_file:
                self.originals = [kept_as_it_came(file, storage) for file in self.received]
            super().save(*args, **kwargs)
        except Exception:
            if new_file:
                for original in self.originals:
                    storage.delete(original["stored"])
            if new_file and self.file._committed:
                storage.delete(self.file.name)
            raise
