"""What groups share: found, read, shared, corrected."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from actions.models import Action
from agreements.models import Convention
from cooperation.caching import public_page
from cooperation.entry.files import deposit, keep_files
from cooperation.lists.pages import PAGING, paginate
from cooperation.models import Document
from workgroup.filters import SharedDocumentFilter
from workgroup.forms import SharedDocumentForm
from workgroup.models import SharedDocument, WorkingGroup

# What is a study among the documents of the registry; the rest is another paper there.
STUDIES = (SharedDocument.Kind.STUDY, SharedDocument.Kind.EVALUATION)


@public_page(reads=[*SharedDocumentFilter.base_filters, *PAGING])
def shared_list(request) -> HttpResponseBase:
    visible = SharedDocument.objects.visible_to(request.user)
    filterset = SharedDocumentFilter(request.GET, queryset=visible, request=request)
    found = filterset.qs.select_related("document", "partner")
    speaking = WorkingGroup.objects.none()
    if request.user.is_authenticated:
        speaking = WorkingGroup.objects.spoken_in_by(request.user)
    context = {"filterset": filterset, "page": paginate(request, found), "speaking": speaking}
    return render(request, "workgroup/shared_list.html", context)


@public_page
def shared_detail(request, key) -> HttpResponseBase:
    user = request.user
    visible = SharedDocument.objects.visible_to(user).select_related("document", "partner")
    shared = get_object_or_404(visible, uid=key)
    editable = user.is_authenticated and SharedDocument.objects.editable_by(user)
    context = {
        "shared": shared,
        "conventions": Convention.objects.visible_to(user).filter(shared_documents=shared),
        "actions": Action.objects.visible_to(user).filter(shared_documents=shared),
        "may_edit": editable and editable.filter(pk=shared.pk).exists(),
    }
    return render(request, "workgroup/shared_detail.html", context)


@login_required
@require_http_methods(["GET", "POST"])
@transaction.atomic
def shared_add(request, slug) -> HttpResponseBase:
    """At once for all who may read it: there is no approval."""
    group = get_object_or_404(WorkingGroup.objects.spoken_in_by(request.user), slug=slug)
    shared = SharedDocument(group=group, shared_by=request.user)
    form = SharedDocumentForm(
        request.POST or None, request.FILES or None, instance=shared, user=request.user
    )
    if form.is_valid():
        access = Document.Access
        shared.document = deposit(
            form.cleaned_data["file"],
            user=request.user,
            kind=Document.Kind.STUDY
            if form.cleaned_data["kind"] in STUDIES
            else Document.Kind.OTHER,
            title=form.cleaned_data["title"],
            access=access.MEMBERS if form.cleaned_data["for_members"] else access.PUBLIC,
        )
        form.save()
        shared.document.publish(request.user)
        messages.success(
            request, "Le document est partagé ; l’annonce part demain matin avec les autres."
        )
        return redirect(shared)
    keep_files(form)
    context = {"form": form, "title": "Partager un document", "back": group, "has_files": True}
    return render(request, "cooperation/page_form.html", context)


@login_required
@require_http_methods(["GET", "POST"])
@transaction.atomic
def shared_edit(request, key) -> HttpResponseBase:
    shared = get_object_or_404(SharedDocument.objects.editable_by(request.user), uid=key)
    form = SharedDocumentForm(request.POST or None, instance=shared, user=request.user)
    if form.is_valid():
        form.save()
        messages.success(request, "Le document partagé est corrigé.")
        return redirect(shared)
    context = {"form": form, "title": f"Modifier : {shared}", "back": shared}
    return render(request, "cooperation/page_form.html", context)
