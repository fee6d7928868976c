"""What becomes of a remark, whatever text it is made on: its answer, and its author's word on it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from cooperation.entry.views import step_page
from workgroup.forms import SatisfactionForm


def remark_step(request, key, slug, model, steps) -> HttpResponseBase:
    remark = get_object_or_404(model.objects.visible_to(request.user), uid=key)
    return step_page(request, slug, remark, steps=steps)


@login_required
@require_POST
@transaction.atomic
def remark_satisfied(request, key, model) -> HttpResponseBase:
    """Its author says whether the answer suits them."""
    remark = get_object_or_404(model.objects.authored_by(request.user), uid=key)
    if not request.user.has_perm(f"workgroup.satisfy_{model._meta.model_name}"):
        raise PermissionDenied
    form = SatisfactionForm(request.POST)
    if form.is_valid():
        try:
            remark.say_satisfied(by=request.user, **form.cleaned_data)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, "C’est noté.")
    else:
        messages.error(request, "Dites si cette suite vous convient.")
    return redirect(remark)
