"""An import taken back as a whole: former values again, and what it added away."""

from collections import defaultdict
from collections.abc import Iterator

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max, ProtectedError

from cooperation.jobs import Progress
from cooperation.journal import hold_revision
from cooperation.models import Import, Partner
from cooperation.records.gates import is_editable_by
from cooperation.records.history import restore_fields
from cooperation.records.recording import BATCH, recorded_as
from cooperation.roles import CORRECT

State = Import.State


class UndoRefusedError(Exception):
    """Something that the import wrote has changed since; the arguments say what."""


def undo(job) -> None:
    """Take back all that an import wrote, or nothing where some of it has changed since."""
    reason = f"Annulation de l’import de « {job.filename} »."
    try:
        with transaction.atomic(), recorded_as(job.carried_out_by, reason):
            job = Import.objects.select_for_update().get(pk=job.pk)
            if job.state != State.UNDOING:
                return
            hold_revision()
            progress, done = Progress(job.reference, job.to_write), 0
            for rows in reversed_chunks(job):
                take_back(rows, job.carried_out_by)
                done += len(rows)
                progress.tell(done)
            take_back_partners(job.new_partners.values())
            job.state, job.notice = State.UNDONE, ""
            job.save()
    except (UndoRefusedError, ProtectedError, IntegrityError) as refusal:
        notice = "Rien n’est annulé : ces fiches ont changé depuis l’import. " + " ; ".join(
            refusal.args
        )
        Import.objects.filter(pk=job.pk).update(state=State.WRITTEN, notice=notice)


def reversed_chunks(job) -> Iterator:
    """Its written rows, the last first: what names another row before that one."""
    for written in reversed(job.written_turns()):
        first = job.rows.aggregate(last=Max("position"))["last"] + 1
        found = written.order_by("-position")
        while rows := list(found.filter(position__lt=first)[:BATCH]):
            first = rows[-1].position
            yield rows


def take_back(rows, by) -> None:
    """Former values again, then the added rows away: lines before the record they belong to."""
    for row in rows:
        for label, key, version, before, names in reversed(row.written["updated"]):
            (record,) = unchanged(label, {key: version}, by, names)
            try:
                restore_fields(record, names, type(record).history.get(pk=before))
            except ValidationError as error:
                raise UndoRefusedError(f"{record} : {' '.join(error.messages)}") from error
    created = defaultdict(dict)
    for row in rows:
        for label, key, version in row.written["created"]:
            created[label][key] = version
    # All is asked before anything goes: a convention is its agent's by its parties.
    for label, versions in created.items():
        unchanged(label, versions, by)
    for model in lines_first(map(apps.get_model, created)):
        take_back_rows(model, list(created[model._meta.label_lower]))


def lines_first(models) -> Iterator:
    """The models in an order in which their rows may go: whatever points to another goes before it."""
    left = set(models)
    while left:
        free = {
            model
            for model in left
            if not any(r.related_model in left - {model} for r in model._meta.related_objects)
        }
        yield from sorted(free, key=lambda model: model._meta.label_lower)
        left -= free


def unchanged(label, versions, by, names=None) -> list:
    """The records so numbered, if each is as it was left and the person may still change it.

    `names` are the fields to change; None to take the records away.
    """
    model = apps.get_model(label)
    records = list(model._base_manager.filter(pk__in=versions))
    if len(records) < len(versions):
        raise UndoRefusedError(f"{model._meta.verbose_name} : une fiche n’est plus là")
    for record in records:
        if record.version != versions[record.pk]:
            raise UndoRefusedError(f"{record._meta.verbose_name} « {record} » a changé")
        if not may_take_back(record, names, by):
            raise UndoRefusedError(f"{record._meta.verbose_name} « {record} » n’est plus à vous")
    return records


def may_take_back(record, names, by) -> bool:
    """The two gates, as they are now; what is published by now changes by a correction alone."""
    if by is None:
        return True
    whole = record
    while whole.part_of:
        whole = getattr(whole, whole.part_of)
    locked = record.is_locked if names is None else set(names) & set(record.locked_fields)
    return is_editable_by(by, whole) and (not locked or by.has_perm(CORRECT))


def take_back_rows(model, keys) -> None:
    """UndoRefusedError where something else has come to point at them."""
    for relation in model._meta.related_objects:
        found = relation.related_model._base_manager.filter(**{f"{relation.field.name}__in": keys})
        if joined := list(found[:10]):
            raise UndoRefusedError(*(f"{line._meta.verbose_name} « {line} »" for line in joined))
    model._default_manager.filter(pk__in=keys).take_back()


def take_back_partners(made) -> None:
    """Partners made for the import go too, unless somebody changed or named them since."""
    versions = dict(made)
    for partner in Partner.objects.filter(pk__in=versions):
        named = any(
            relation.related_model._base_manager.filter(**{relation.field.name: partner}).exists()
            for relation in Partner._meta.related_objects
        )
        if not (named or partner.is_published) and partner.version == versions[partner.pk]:
            Partner.objects.filter(pk=partner.pk).take_back()
