"""What every record of the registry has: two gates, a version, clean text and a history.

Who sees it and who may change it are two questions asked through the QuerySet, by pages, admin,
API, exports and documents alike.
"""

import secrets
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.signals import post_save, pre_save
from django.dispatch import receiver
from django.utils import timezone

from cooperation.records.gates import NEVER_PUBLISHED, NOT_MERGED, OPEN, Status
from cooperation.records.recording import recorded_because, recorder
from cooperation.values.fields import PartialDateField
from cooperation.values.text import clean_text, fold, forbidden_characters, is_blank


class VersionedModel(models.Model):
    """A row that two people may open at once, whose text is cleaned on every path to the database."""

    version = models.PositiveIntegerField("version", default=1, editable=False)
    updated_at = models.DateTimeField("modifié le", auto_now=True)

    # The moment that lists sort by and feeds tell.
    changed_field = "updated_at"
    # Fields that only the secretariat changes once the record is submitted or published.
    terms = ()
    # Whether the secretariat says why, when it corrects what is submitted or published.
    corrected_with_reason = False
    # What is told of such a field to those who may not change it any more.
    locked_message = "Cette fiche est publiée : demandez sa correction au secrétariat."
    # The field that names the record of which this is a line.
    part_of = None
    # The field that names the record with which it is public, where it has no publication of its own.
    public_through = None
    # Whether a change of such a row is news of the record that it is a line of.
    is_news = True
    # Whether no public page, file or answer shows such a row: what is kept of them stands as it changes.
    is_private = False
    # Whether adding such a row to a published convention changes its terms.
    adds_terms = False

    # Set by prepare(): what save(update_fields=…) must write too.
    derived_fields = []

    class Meta:
        abstract = True

    def save(self, *args, update_fields=None, **kwargs) -> None:
        """What prepare() locks to give a number stays locked until the row is there."""
        with transaction.atomic(savepoint=False):
            self.prepare()
            if not self._state.adding:
                self.version += 1
            if update_fields is not None:
                update_fields = {*update_fields, *self.derived_fields, "version", "updated_at"}
            super().save(*args, update_fields=update_fields, **kwargs)

    save.alters_data = True

    @classmethod
    def entered_fields(cls) -> list[str]:
        """Names of the fields that hold what people enter, links and files apart.

        In the order of the model, the source last. Pages, API, exports, imports and IATI files take
        them from here: a new field needs no word there.
        """
        fields = [
            field.name
            for field in cls._meta.concrete_fields
            if field.editable
            and not (field.primary_key or field.remote_field)
            and not isinstance(field, models.FileField)
        ]
        return sorted(fields, key=lambda name: name == "source")

    @property
    def changed_at(self) -> datetime:
        return getattr(self, self.changed_field)

    @classmethod
    def why_locked(cls) -> str:
        """The `locked_message` of the record, or of what it is a line of."""
        owner = cls
        while owner.part_of:
            owner = owner._meta.get_field(owner.part_of).related_model
        return owner.locked_message

    @property
    def is_locked(self) -> bool:
        """Whether the record, or the convention it belongs to, is submitted or published."""
        return False

    @property
    def locked_fields(self) -> tuple:
        return self.terms if self.is_locked else ()

    def prepare(self) -> bool:
        """Clean the text and fill what is derived from it; True where something is derived."""
        for field in self._meta.concrete_fields:
            if isinstance(field, models.CharField | models.TextField):
                value = getattr(self, field.attname)
                if isinstance(value, str) and value != (cleaned := clean_text(value)):
                    setattr(self, field.attname, cleaned)
        return bool(self.derived_fields)

    def clean_fields(self, exclude=None) -> None:
        errors = {}
        try:
            super().clean_fields(exclude)
        except ValidationError as error:
            errors = error.update_error_dict(errors)
        for field in self._meta.concrete_fields:
            value = getattr(self, field.attname)
            if field.name not in (exclude or ()) and isinstance(value, str):
                message = ""
                if characters := forbidden_characters(value):
                    message = f"Caractères interdits : {', '.join(characters)}. Retapez ce texte."
                elif value and is_blank(value):
                    message = "Ce texte ne contient que des caractères invisibles. Retapez-le."
                if message:
                    errors.setdefault(field.name, []).append(ValidationError(message))
        if errors:
            raise ValidationError(errors)


class Record(VersionedModel):
    """A row of the registry: its history is kept, and it names its source."""

    source = models.CharField(
        "source", max_length=250, blank=True, help_text="Le document d’où vient l’information."
    )

    history = recorder

    # Whether those who may change it read its history alone, and restore nothing from it: its steps
    # tell people, and what they were told cannot be undone without a word.
    has_own_history = False
    # What its address names it by.
    address_field = "reference"

    class Meta:
        abstract = True

    def save_because(self, reason, by=None, fields=None) -> None:
        """Save with a reason in the history, and its author where no request tells who."""
        self._change_reason = reason
        if by is not None:
            self._history_user = by
        try:
            self.save(update_fields=fields)
        finally:
            del self._change_reason
            if by is not None:
                del self._history_user

    save_because.alters_data = True

    def settle(self, by) -> None:
        """What follows from having been entered by somebody, lines and links too."""

    @property
    def may_be_deleted(self) -> bool:
        """Nothing that is published goes; nor what others still point to."""
        return not self.is_locked

    def may_be_deleted_by(self, user) -> bool:
        """Beside the permission and `editable_by`, which whoever asks has looked at."""
        return self.may_be_deleted

    def refuse_deletion(self) -> None:
        if not self.may_be_deleted:
            raise ValidationError("Ce qui est publié, ou utilisé ailleurs, ne se supprime pas.")

    def delete(self, *args, **kwargs) -> tuple:
        self.refuse_deletion()
        return super().delete(*args, **kwargs)

    delete.alters_data = True


@receiver(pre_save)
def prepare_loaded(instance, raw, **kwargs) -> None:
    """loaddata does not call save()."""
    if raw and isinstance(instance, VersionedModel):
        instance.prepare()
        instance.updated_at = instance.updated_at or timezone.now()


@receiver(post_save)
def record_loaded(instance, raw, created, **kwargs) -> None:
    """Nor does loaddata write history."""
    if raw and isinstance(instance, Record):
        recorder.create_historical_record(instance, "+" if created else "~")


def new_uid() -> str:
    return secrets.token_hex(8)


class Identified(models.Model):
    """A line of a record, that programs know by an identifier of its own."""

    uid = models.CharField(
        "identifiant",
        max_length=16,
        unique=True,
        editable=False,
        default=new_uid,
        help_text="Identifiant dans le registre ; ne change jamais.",
    )

    address_field = "uid"

    class Meta:
        abstract = True

    def natural_key(self) -> tuple:
        """What a file of content names it by, where the line has no number of its own."""
        return (self.uid,)


# How the history tells that a draft was deleted.
DELETION = "Suppression"


class SteppedRecord(Record):
    """A record that goes from status to status by the steps of a table (entry/workflow.py)."""

    # What a step writes.
    moved_fields = ["status"]
    # Where it stands when it takes a step of its own; None: anywhere the table says.
    steps_from = None

    class Meta:
        abstract = True

    def require_ready_for(self, status) -> None:
        """ValidationError, in French, where the record lacks what that status asks for."""

    def set_status(self, status, by) -> None:
        """What changes with the status, beside itself; nothing is saved yet."""
        self.status = status

    def move_to(self, status, *, by, reason="") -> None:
        """Change the status, with who did it and why in the history."""
        self.require_ready_for(status)
        self.set_status(status, by)
        self.save_because(reason, by, self.moved_fields)

    move_to.alters_data = True


class PublishedRecord(SteppedRecord):
    """A record with a status of its own: a draft until the secretariat publishes it."""

    status = models.CharField(
        "statut", max_length=20, choices=Status, default=Status.DRAFT, editable=False
    )
    published_at = models.DateTimeField("publié le", null=True, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="publié par",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        editable=False,
    )

    moved_fields = ["status", "published_at", "published_by"]

    class Meta:
        abstract = True

    @property
    def is_published(self) -> bool:
        return self.status == Status.PUBLISHED

    @property
    def is_locked(self) -> bool:
        return self.status not in OPEN

    def require_ready(self) -> None:
        """ValidationError, in French, where the record can be neither submitted nor published yet."""

    def require_ready_for(self, status) -> None:
        if status in (Status.SUBMITTED, Status.PUBLISHED):
            self.require_ready()

    def set_status(self, status, by) -> None:
        super().set_status(status, by)
        if status == Status.PUBLISHED:
            self.published_at = timezone.now()
            self.published_by = by

    def delete(self, *args, **kwargs) -> tuple:
        """The lines that go with it have its reason, and come back with it (deleted.py)."""
        with recorded_because(f"{DELETION} de « {self} »."):
            return super().delete(*args, **kwargs)

    delete.alters_data = True

    def publish(self, by) -> None:
        """Make the record public. Publishing it again changes nothing."""
        if not self.is_published:
            self.move_to(Status.PUBLISHED, by=by)

    publish.alters_data = True


class FollowedMixin(models.Model):
    """Knows when last something was heard of it: a change of its own, or of any of its lines.

    The journal (journal.py) moves it.
    """

    news_at = models.DateTimeField("dernière nouvelle", default=timezone.now, editable=False)
    changed_field = "news_at"

    class Meta:
        abstract = True


class SearchableMixin(models.Model):
    """Keeps `search_text`, the folded text of all that is entered in words, and of `search_also`."""

    search_text = models.TextField(editable=False, default="")
    search_also = ()
    derived_fields = ["search_text"]

    class Meta:
        abstract = True

    def prepare(self) -> bool:
        derived = super().prepare()
        names = [*self.searched_fields(), *self.search_also]
        self.search_text = fold(" ".join(str(getattr(self, name)) for name in names))
        return derived

    @classmethod
    def searched_fields(cls) -> list[str]:
        """Entered in words: neither chosen from a list, nor an address, nor where it comes from."""
        fields = (cls._meta.get_field(name) for name in cls.entered_fields() if name != "source")
        return [
            field.name
            for field in fields
            if isinstance(field, models.CharField | models.TextField)
            and not isinstance(field, models.URLField | PartialDateField)
            and not field.choices
        ]


def dates_in_order(*, start, end, name, message) -> models.CheckConstraint:
    """end ≥ start as far as their precision tells: 2019-05 to 2019 is in order."""
    return models.CheckConstraint(
        condition=Q(**{f"{end}__gte": F(start)}) | Q(**{f"{start}__startswith": F(end)}),
        name=name,
        violation_error_message=message,
    )


def published_has_date(model) -> models.CheckConstraint:
    """The constraint of each PublishedRecord."""
    return models.CheckConstraint(
        condition=Q(status__in=[*NEVER_PUBLISHED, Status.MERGED]) | Q(published_at__isnull=False),
        name=f"{model}_published_has_date",
    )


def merged_into_another() -> Q:
    """The condition of a record that two are made one of: merged, and then into another one."""
    merged = Q(merged_into__isnull=False, status=Status.MERGED) & ~Q(merged_into=F("pk"))
    return Q(merged_into__isnull=True, status__in=NOT_MERGED) | merged


def linked_index(field, name) -> models.Index:
    """The index of a link that most rows leave empty.

    Of an index that holds the empty ones too, SQLite believes that any value finds as many rows.
    """
    return models.Index(fields=[field], condition=Q(**{f"{field}__isnull": False}), name=name)
