"""Drafts that were deleted: who may bring one back, whole, with the lines that went with it."""

from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import Exists, OuterRef, QuerySet

from cooperation.records.base import DELETION
from cooperation.records.gates import is_editable_by
from cooperation.records.history import family, restore_line
from cooperation.roles import is_secretariat


def latest_rows(history) -> QuerySet:
    """The last row of each record."""
    newer = history.model.objects.filter(id=OuterRef("id"), history_id__gt=OuterRef("history_id"))
    return history.exclude(Exists(newer))


def deleted(model, user) -> QuerySet:
    """History rows of the drafts of a model that are gone and that a person may bring back.

    The secretariat: all; others: what they deleted themselves.
    """
    meta = model._meta
    if not user.has_perm(f"{meta.app_label}.add_{meta.model_name}"):
        return model.history.none()
    gone = latest_rows(model.history.all()).filter(
        history_type="-", history_change_reason__startswith=DELETION
    )
    gone = gone if is_secretariat(user) else gone.filter(history_user=user)
    return gone.select_related("history_user").order_by("-history_date", "-history_id")


def went_with(row) -> list:
    """The history rows of the deletion of a record, of its lines too: what others hang on first."""
    found = []
    for model, filters in family(row.instance_type, {"id": row.id}):
        rows = latest_rows(model.history.filter(**filters))
        found += rows.filter(history_type="-", history_change_reason=row.history_change_reason)
    return sorted(found, key=lambda one: (one.history_date, one.history_id), reverse=True)


@transaction.atomic
def restore_whole(row, by) -> tuple[models.Model, list[str]]:
    """Bring a deleted draft back with its lines; ValidationError, in French, where a rule refuses it.

    Returns it with the names of the links of which some are gone by now.
    """
    lacking = []
    for one in went_with(row):
        lacking += restore_line(one, one.prev_record, partly=True)
    record = row.instance_type.objects.get(pk=row.id)
    if not is_editable_by(by, record):
        raise PermissionDenied
    record.settle(by)
    return record, lacking
