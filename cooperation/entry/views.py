"""What happened to a record, and what restores from it."""

from itertools import chain

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cooperation.entry.forms import DeletedForm, RestoreForm, StepForm
from cooperation.entry.workflow import STEPS, carry_out, open_steps, passages
from cooperation.lists.pages import paginate
from cooperation.models import Document
from cooperation.records.base import PublishedRecord, Record
from cooperation.records.deleted import deleted, went_with
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
        "steps": open_steps(record, request.user) if isinstance(record, PublishedRecord) else [],
    }
    return render(request, "cooperation/record_history.html", context)


@login_required
@require_POST
def history_restore(request, model, key) -> HttpResponseBase:
    """Give one field its former value, or bring a deleted line back: in the history as well."""
    record = record_with_history(request.user, model, key)
    if not may_restore(request.user, record):
        raise PermissionDenied
    form = RestoreForm(request.POST, events=events(record, request.user), user=request.user)
    try:
        with transaction.atomic():
            form.save()
            record.settle(request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, "C’est rétabli, et noté dans l’historique.")
    return redirect(f"{model._meta.model_name}_history", key)


def document_step(request, reference, slug) -> HttpResponseBase:
    documents = Document.objects.visible_to(request.user)
    document = get_object_or_404(documents, reference=reference)
    return step_page(request, slug, document)


def page_of(record) -> str:
    """Where one reads of a record: the address of a document is a download."""
    if isinstance(record, Document):
        return reverse("document_history", args=[record.reference])
    return record.get_absolute_url()


@login_required
@require_http_methods(["GET", "POST"])
def step_page(
    request, slug, record, *, steps=STEPS, owner=None, template="cooperation/step.html", **context
) -> HttpResponseBase:
    """What a step of a table does, what the record still lacks, its reason, and the button that takes it.

    `owner` is the record on whose page it is told (default: itself).
    """
    step = steps.get(slug)
    if step is None:
        raise Http404
    if not step.may_be_taken_by(request.user, record):
        raise PermissionDenied
    owner = owner or record
    back = page_of(owner)
    form = StepForm(request.POST or None, step=step, initial={"version": record.version})
    if form.is_valid():
        try:
            done = carry_out(step, record, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, done)
            return redirect(back)
    context |= {"step": step, "record": record, "owner": owner, "back": back, "form": form}
    try:
        record.require_ready_for(step.target)
    except ValidationError as error:
        context["blocking"] = error.messages
    return render(request, template, context)


@login_required
@require_http_methods(["GET", "POST"])
def deleted_list(request, models) -> HttpResponseBase:
    """Drafts that were deleted, the latest first, and what brings one back."""
    rows = {model: deleted(model, request.user) for model in models}
    if request.method == "POST":
        form = DeletedForm(request.POST, rows=rows)
        try:
            record, lacking = form.save(by=request.user)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return redirect("deleted_list")
        messages.success(request, f"« {record} » est de retour ({record.get_status_display()}).")
        if lacking:
            messages.warning(request, f"Sans ce qui n’existe plus : {', '.join(lacking)}.")
        return redirect(page_of(record))
    found = sorted(chain(*rows.values()), key=lambda row: row.history_date, reverse=True)
    page = paginate(request, found)
    for row in page:
        row.kind, row.label = (
            row.instance_type._meta.verbose_name,
            row.instance_type._meta.label_lower,
        )
        row.line_count = len(went_with(row)) - 1
    return render(request, "cooperation/deleted_list.html", {"page": page})


def record_with_history(user, model, key) -> Record:
    visible = model.objects.visible_to(user)
    record = get_object_or_404(visible, **{model.address_field: key})
    if not (is_editable_by(user, record) or (sees_all(user) and not model.has_own_history)):
        raise PermissionDenied
    return record


def may_restore(user, record) -> bool:
    unlocked = not record.has_own_history and (not record.is_locked or user.has_perm(CORRECT))
    permission = f"{record._meta.app_label}.change_{record._meta.model_name}"
    return unlocked and user.has_perm(permission) and is_editable_by(user, record)
