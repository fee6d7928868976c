"""What every record of the registry has: two gates, a version, clean text and a history.

Who sees it and who may change it are two questions asked through the QuerySet, by pages, admin,
API, exports and documents alike.
"""

import secrets
from contextlib import contextmanager
from contextvars import ContextVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.db.models.signals import post_save, pre_save
from django.dispatch import receiver
from django.utils import timezone
from simple_history.models import HistoricalRecords
from simple_history.signals import post_create_historical_record

from cooperation.roles import Role
from cooperation.values.text import clean_text, fold, forbidden_characters

# Who changes records outside a request, and why: (user, reason).
_author = ContextVar("author", default=(None, ""))


@contextmanager
def recorded_as(user, reason):
    """All that is written within is in the history as this person's, with this reason."""
    token = _author.set((user, reason))
    try:
        yield
    finally:
        _author.reset(token)


class Recorder(HistoricalRecords):
    """Writes history rows with their author and reason, one by one or many at once."""

    def get_history_user(self, instance):
        return super().get_history_user(instance) or _author.get()[0]

    def get_change_reason_for_object(self, instance, history_type, using):
        own = super().get_change_reason_for_object(instance, history_type, using)
        return own or _author.get()[1] or None

    def record_many(self, records, kind):
        """One history row for each record, in a few queries; `kind` is "+", "~" or "-"."""
        model = type(records[0])
        history = model.history.model
        rows = history.objects.bulk_create(
            [
                history(
                    history_date=timezone.now(),
                    history_type=kind,
                    history_user=self.get_history_user(record),
                    history_change_reason=self.get_change_reason_for_object(record, kind, None),
                    **{
                        name.attname: getattr(record, name.attname)
                        for name in history.tracked_fields
                    },
                )
                for record in records
            ],
            batch_size=BATCH,
        )
        for field in getattr(history, "_history_m2m_fields", ()):
            self.record_links(model, field, dict(zip([r.pk for r in records], rows, strict=True)))
        post_create_historical_record.send(
            sender=model, history_instance=rows[-1], history_instances=rows
        )

    def record_links(self, model, field, rows):
        """Copy the many-to-many links of records beside their history rows: {record key: row}."""
        through = getattr(model, field.name).through
        linked = self.m2m_models[field]
        names = [column.attname for column in through._meta.fields]
        source = f"{field.m2m_field_name()}_id"
        found = through.objects.filter(**{f"{source}__in": list(rows)}).values(*names)
        linked.objects.bulk_create(
            [linked(history=rows[values[source]], **values) for values in found],
            batch_size=BATCH,
        )


recorder = Recorder(inherit=True)

# Rows written by one statement: below the number of parameters that SQLite takes.
BATCH = 500


class Status(models.TextChoices):
    """The steps from one to another are in workflow.py."""

    DRAFT = "brouillon", "brouillon"
    SUBMITTED = "soumis", "soumis au secrétariat"
    RETURNED = "renvoye", "renvoyé à la commune"
    PUBLISHED = "publie", "publié"
    WITHDRAWN = "retire", "retiré"
    MERGED = "fusionne", "fusionné"


# What its commune may still rewrite.
OPEN = (Status.DRAFT, Status.RETURNED)
NEVER_PUBLISHED = (Status.DRAFT, Status.SUBMITTED, Status.RETURNED)


def sees_all(user):
    """Members of the sub-group and the secretariat see drafts too."""
    return user.is_authenticated and (
        user.is_superuser or user.role in (Role.MEMBER, Role.SECRETARIAT)
    )


def is_editable_by(user, record):
    return type(record)._default_manager.editable_by(user).filter(pk=record.pk).exists()


class RecordedQuerySet(models.QuerySet):
    """Writes history, version and search text where Django's own bulk methods would skip them."""

    def update(self, **values):
        with transaction.atomic(using=self.db):
            keys = list(self.order_by().values_list("pk", flat=True))
            values = {"version": F("version") + 1, "updated_at": Now()} | values
            count = super().update(**values)
            records = list(self.model._base_manager.using(self.db).filter(pk__in=keys))
            for record in records:
                if record.prepare():
                    models.QuerySet(self.model, using=self.db).filter(pk=record.pk).update(
                        **{name: getattr(record, name) for name in record.derived_fields}
                    )
            if records:
                recorder.record_many(records, "~")
        return count

    update.alters_data = True

    def bulk_create(self, objs, *args, links=None, **kwargs):
        """`links`: {name of a many-to-many field: [(record, key of what it links), …]}."""
        if kwargs.get("ignore_conflicts") or kwargs.get("update_conflicts"):
            raise TypeError("Records are never overwritten without their history.")
        objs = list(objs)
        with transaction.atomic(using=self.db):
            for record in objs:
                record.prepare()
            created = super().bulk_create(objs, *args, **kwargs)
            for name, pairs in (links or {}).items():
                self.link_many(name, pairs)
            if created:
                recorder.record_many(created, "+")
        return created

    bulk_create.alters_data = True

    def link_many(self, name, pairs):
        field = self.model._meta.get_field(name)
        through = getattr(self.model, name).through
        source, target = f"{field.m2m_field_name()}_id", f"{field.m2m_reverse_field_name()}_id"
        through.objects.bulk_create(
            [through(**{source: record.pk, target: key}) for record, key in pairs],
            batch_size=BATCH,
        )

    link_many.alters_data = True

    def delete(self):
        for record in self:
            record.refuse_deletion()
        return super().delete()

    delete.alters_data = True
    delete.queryset_only = True

    def take_back(self):
        """Delete what an import wrote by mistake, lines of published records too.

        They stay in the history, and can be restored from there.
        """
        return super().delete()

    take_back.alters_data = True


class RecordQuerySet(RecordedQuerySet):
    """For every model entered by a commune and published by the secretariat."""

    # From a record to its publication status and to the partners who own it.
    status_lookup = "status"
    partner_lookup = "entered_by"
    # And to the agents to whom a single record is entrusted, where one can be.
    delegate_lookup = None

    def published(self):
        return self.filter(**{self.status_lookup: Status.PUBLISHED})

    def owned_by(self, user):
        """What belongs to the person's organisation, or is entrusted to the person."""
        lookups = {self.delegate_lookup: user.pk} if self.delegate_lookup else {}
        if user.partner_id is not None:  # or the lookup would match records without partners
            lookups[self.partner_lookup] = user.partner_id
        if not lookups:
            return self.none()
        # A subquery: a join on partners would return some records twice.
        owned = self.model.objects.filter(Q(*lookups.items(), _connector=Q.OR))
        return self.filter(pk__in=owned.order_by().values("pk"))

    def visible_to(self, user):
        if sees_all(user):
            return self.all()
        if not user.is_authenticated:
            return self.published()
        return self.published() | self.owned_by(user)

    def editable_by(self, user):
        if user.is_superuser or user.role == Role.SECRETARIAT:
            return self.all()
        if user.role == Role.COMMUNE:
            return self.owned_by(user)
        return self.none()

    def linkable_by(self, user):
        """What a person may attach a record of theirs to: what they may edit."""
        return self.editable_by(user)

    def search(self, text):
        """Records that hold every word of the text, in any order, accents and case aside.

        Only the first 200 characters count: nobody types more into a search box.
        """
        found = self
        for word in dict.fromkeys(fold(text[:200]).split()):
            found = found.filter(self.matches(word))
        return found

    def matches(self, word):
        """One folded word, as a condition; a model that finds more widens it."""
        return Q(search_text__contains=word)


class VersionedModel(models.Model):
    """A row that two people may open at once, whose text is cleaned on every path to the database."""

    version = models.PositiveIntegerField("version", default=1, editable=False)
    updated_at = models.DateTimeField("modifié le", auto_now=True)

    # Fields that only the secretariat changes once the record is submitted or published.
    terms = ()
    # Whether the secretariat says why, when it corrects what is submitted or published.
    corrected_with_reason = False
    # The field that names the record of which this is a line.
    part_of = None
    # Whether adding such a row to a published convention changes its terms.
    adds_terms = False

    # Set by prepare(): what save(update_fields=…) must write too.
    derived_fields = []

    class Meta:
        abstract = True

    def save(self, *args, update_fields=None, **kwargs):
        self.prepare()
        if not self._state.adding:
            self.version += 1
        if update_fields is not None:
            update_fields = {*update_fields, *self.derived_fields, "version", "updated_at"}
        super().save(*args, update_fields=update_fields, **kwargs)

    save.alters_data = True

    @property
    def is_locked(self):
        """Whether the record, or the convention it belongs to, is submitted or published."""
        return False

    @property
    def locked_fields(self):
        return self.terms if self.is_locked else ()

    def prepare(self):
        """Clean the text and fill what is derived from it; True where something is derived."""
        for field in self._meta.concrete_fields:
            if isinstance(field, models.CharField | models.TextField):
                value = getattr(self, field.attname)
                if isinstance(value, str) and value != (cleaned := clean_text(value)):
                    setattr(self, field.attname, cleaned)
        return bool(self.derived_fields)

    def clean_fields(self, exclude=None):
        errors = {}
        try:
            super().clean_fields(exclude)
        except ValidationError as error:
            errors = error.update_error_dict(errors)
        for field in self._meta.concrete_fields:
            value = getattr(self, field.attname)
            if field.name not in (exclude or ()) and isinstance(value, str):
                characters = forbidden_characters(value)
                if characters:
                    message = f"Caractères interdits : {', '.join(characters)}. Retapez ce texte."
                    errors.setdefault(field.name, []).append(ValidationError(message))
        if errors:
            raise ValidationError(errors)


class Record(VersionedModel):
    """A row of the registry: its history is kept, and it names its source."""

    source = models.CharField(
        "source", max_length=250, blank=True, help_text="Le document d’où vient l’information."
    )

    history = recorder

    # What its address names it by.
    address_field = "reference"

    class Meta:
        abstract = True

    def save_because(self, reason, by=None, fields=None):
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

    @property
    def may_be_deleted(self):
        """Nothing that is published goes; nor what others still point to."""
        return not self.is_locked

    def refuse_deletion(self):
        if not self.may_be_deleted:
            raise ValidationError("Ce qui est publié, ou utilisé ailleurs, ne se supprime pas.")

    def delete(self, *args, **kwargs):
        self.refuse_deletion()
        return super().delete(*args, **kwargs)

    delete.alters_data = True


@receiver(pre_save)
def prepare_loaded(instance, raw, **kwargs):
    """loaddata does not call save()."""
    if raw and isinstance(instance, VersionedModel):
        instance.prepare()
        instance.updated_at = instance.updated_at or timezone.now()


@receiver(post_save)
def record_loaded(instance, raw, created, **kwargs):
    """Nor does loaddata write history."""
    if raw and isinstance(instance, Record):
        recorder.create_historical_record(instance, "+" if created else "~")


def new_uid():
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


class PublishedRecord(Record):
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

    class Meta:
        abstract = True

    @property
    def is_published(self):
        return self.status == Status.PUBLISHED

    @property
    def is_locked(self):
        return self.status not in OPEN

    def move_to(self, status, *, by, reason=""):
        """Change the status, with who did it and why in the history."""
        self.status = status
        if status == Status.PUBLISHED:
            self.published_at = timezone.now()
            self.published_by = by
        self.save_because(reason, by, ["status", "published_at", "published_by"])

    move_to.alters_data = True

    def publish(self, by):
        """Make the record public. Publishing it again changes nothing."""
        if not self.is_published:
            self.move_to(Status.PUBLISHED, by=by)

    publish.alters_data = True


class SearchableMixin(models.Model):
    """Keeps `search_text`, the folded text of `search_fields`, for searches without accents."""

    search_text = models.TextField(editable=False, default="")
    search_fields = ()
    derived_fields = ["search_text"]

    class Meta:
        abstract = True

    def prepare(self):
        derived = super().prepare()
        self.search_text = fold(" ".join(str(getattr(self, name)) for name in self.search_fields))
        return derived


def published_has_date(model):
    """The constraint of each PublishedRecord."""
    return models.CheckConstraint(
        condition=Q(status__in=[*NEVER_PUBLISHED, Status.MERGED]) | Q(published_at__isnull=False),
        name=f"{model}_published_has_date",
    )


def linked_index(field, name):
    """The index of a link that most rows leave empty.

    Of an index that holds the empty ones too, SQLite believes that any value finds as many rows.
    """
    return models.Index(fields=[field], condition=Q(**{f"{field}__isnull": False}), name=name)
