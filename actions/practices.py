"""The pages of good practices: browsed by theme and ODD, drawn from an action in one tap, reviewed, printed."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.db import transaction
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from actions.filters import GoodPracticeFilter
from actions.forms import GoodPracticeForm
from actions.models import Action, GoodPractice, candidates, reasons_for
from cooperation.caching import public_page
from cooperation.entry.views import step_page
from cooperation.entry.workflow import open_steps, passages
from cooperation.lists.pages import PAGING, paginate
from cooperation.records.gates import is_editable_by, sees_all


@public_page(reads=[*GoodPracticeFilter.base_filters, *PAGING])
def practice_list(request) -> HttpResponseBase:
    """By theme, by ODD, by words."""
    visible = GoodPractice.objects.visible_to(request.user)
    filterset = GoodPracticeFilter(request.GET, queryset=visible, request=request)
    found = filterset.qs.select_related("action__convention").prefetch_related("themes")
    context = {
        "filterset": filterset,
        "page": paginate(request, found.defer("approach", "conditions", "search_text")),
        "may_draw": request.user.has_perm("actions.add_goodpractice"),
    }
    return render(request, "actions/practice_list.html", context)


@public_page
def practice_detail(request, reference) -> HttpResponseBase:
    user = request.user
    practice = get_object_or_404(
        GoodPractice.objects.visible_to(user).select_related("action__convention"),
        reference=reference,
    )
    editing = user.has_perm("actions.change_goodpractice") and is_editable_by(user, practice)
    context = {"practice": practice, "may_edit": editing}
    if editing or (user.is_authenticated and sees_all(user)):
        context |= {"steps": open_steps(practice, user), "passages": passages(practice)}
    return render(request, "actions/practice_detail.html", context)


@permission_required("actions.add_goodpractice", raise_exception=True)
@require_safe
def practice_candidates(request) -> HttpResponseBase:
    """Actions of the person's from which a practice could be drawn, each with the reason."""
    page = paginate(request, candidates(Action.objects.editable_by(request.user)))
    for action in page:
        action.reasons = reasons_for(action)
    return render(request, "actions/practice_candidates.html", {"page": page})


@permission_required("actions.add_goodpractice", raise_exception=True)
@require_POST
@transaction.atomic
def practice_draw(request, reference) -> HttpResponseBase:
    """A draft with what the action tells, to be completed."""
    editable = Action.objects.editable_by(request.user).select_related("convention")
    action = get_object_or_404(editable, reference=reference)
    practice = GoodPractice.drawn_from(action)
    messages.success(
        request, "Ce que l’action dit est repris : complétez, puis soumettez au secrétariat."
    )
    return redirect("practice_edit", practice.reference)


@login_required
@require_http_methods(["GET", "POST"])
@transaction.atomic
def practice_edit(request, reference) -> HttpResponseBase:
    editable = GoodPractice.objects.editable_by(request.user)
    practice = get_object_or_404(editable, reference=reference)
    form = GoodPracticeForm(request.POST or None, instance=practice, user=request.user)
    if form.is_valid():
        form.save()
        messages.success(request, "La bonne pratique est enregistrée.")
        return redirect(practice)
    return render(request, "actions/practice_form.html", {"form": form, "practice": practice})


def practice_step(request, reference, slug) -> HttpResponseBase:
    visible = GoodPractice.objects.visible_to(request.user)
    practice = get_object_or_404(visible, reference=reference)
    return step_page(request, slug, practice)
