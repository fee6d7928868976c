"""What happened to a record, and what restores from it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from cooperation.entry.forms import RestoreForm
from cooperation.entry.workflow import passages
from cooperation.lists.pages import paginate
from cooperation.records.base import Record
from cooperation.records.gates import is_editable_by, sees_all
from cooperation.records.history import events
from cooperation.roles import CORRECT


@login_required
@require_safe
def record_history(request, model, key) -> HttpResponseBase:
    """For those who see drafts, and for those whose record it is."""
    record = record_with_history(request.user, model, key)
    context = {
        "record": record,
        "restore_address": f"{request.path}retablir/",
        "page": paginate(request, events(record, request.user)),
        "passages": passages(record) if hasattr(record, "status") else [],
        "may_restore": may_restore(request.user, record),
    }
    return render(request, "cooperation/record_history.html", context)


@login_required
@require_POST
def history_restore(request, model, key) -> HttpResponseBase:
    """Give one field its former value, or bring a deleted line back: in the history as well."""
    record = record_with_history(request.user, model, key)
    if not may_restore(request.user, record):
        raise PermissionDenied
    form = RestoreForm(request.POST, events=events(record, request.user))
    try:
        with transaction.atomic():
            form.save()
            record.settle(request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, "C’est rétabli, et noté dans l’historique.")
    return redirect(f"{model._meta.model_name}_history", key)


def record_with_history(user, model, key) -> Record:
    visible = model.objects.visible_to(user)
    record = get_object_or_404(visible, **{model.address_field: key})
    if not (sees_all(user) or is_editable_by(user, record)):
        raise PermissionDenied
    return record


def may_restore(user, record) -> bool:
    unlocked = not record.is_locked or user.has_perm(CORRECT)
    permission = f"{record._meta.app_label}.change_{record._meta.model_name}"
    return unlocked and user.has_perm(permission) and is_editable_by(user, record)
