"""The ministry and the préfectures note what they receive and approve of their communes' conventions."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from agreements.forms import LegalStepForm
from agreements.models import Convention, LegalStep
from cooperation.entry.files import FilesField, keep_files
from cooperation.entry.forms import PageForm
from cooperation.entry.notices import agents_of, notify
from cooperation.lists.pages import paginate

SUPERVISE = "agreements.supervise_convention"
# What is theirs to note.
NOTED = (LegalStep.Kind.TRANSMISSION, LegalStep.Kind.APPROVAL)


class SupervisionForm(PageForm):
    """A transmission received, or what was decided of it, with its paper."""

    paper = FilesField(label="Le courrier ou l’arrêté", required=False)

    class Meta:
        model = LegalStep
        fields = ["kind", "done_on", "number", "result"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind.value, kind.label) for kind in NOTED]
        self.fields["done_on"].required = True

    deposit = LegalStepForm.deposit


def pending_of(user) -> QuerySet:
    """Conventions of the person's communes whose approval is not noted yet, the latest first."""
    approved = LegalStep.objects.filter(convention=OuterRef("pk"), kind=LegalStep.Kind.APPROVAL)
    supervised = Convention.objects.supervised_by(user)
    return supervised.filter(~Exists(approved)).order_by("-published_at", "pk")


@permission_required(SUPERVISE, raise_exception=True)
@require_safe
def supervised_list(request) -> HttpResponseBase:
    """What waits for the tutelle, with what is noted of each."""
    page = paginate(request, pending_of(request.user).prefetch_related("legal_steps"))
    return render(request, "agreements/supervised_list.html", {"page": page})


@permission_required(SUPERVISE, raise_exception=True)
@require_http_methods(["GET", "POST"])
@transaction.atomic
def supervised_step(request, reference) -> HttpResponseBase:
    """Into the legal dossier of a published convention, at once; its commune is told."""
    supervised = Convention.objects.supervised_by(request.user)
    convention = get_object_or_404(supervised, reference=reference)
    step = LegalStep(convention=convention, source="Noté par la tutelle")
    form = SupervisionForm(
        request.POST or None, request.FILES or None, instance=step, user=request.user
    )
    if form.is_valid():
        form.deposit(request.user)
        form.save()
        if step.document:
            step.document.publish(request.user)
        notify(
            agents_of(convention),
            "legal_step_noted",
            convention.get_absolute_url(),
            convention=convention,
            noted=step,
        )
        messages.success(request, "C’est noté dans le dossier légal de la convention.")
        return redirect(convention)
    keep_files(form)
    context = {
        "form": form,
        "title": "Noter une transmission ou une approbation",
        "back": convention,
        "has_files": True,
    }
    return render(request, "cooperation/page_form.html", context)
