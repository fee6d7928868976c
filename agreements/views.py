from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.db.models import Prefetch
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from agreements.filters import ConventionFilter
from agreements.models import Avenant, Convention
from cooperation.freshness import public_page
from cooperation.models import Document, Partner
from cooperation.money import totals
from cooperation.pagination import paginate


@public_page
def convention_list(request):
    visible = Convention.objects.visible_to(request.user)
    filterset = ConventionFilter(request.GET, queryset=visible, request=request)
    found = filterset.qs.with_term(filterset.day).defer("objectives", "note", "search_text")
    page = paginate(request, found.prefetch_related("parties__partner", "themes"))
    for convention in page:
        convention.shown_state = convention.state_on(filterset.day)
    context = {"filterset": filterset, "page": page}
    return render(request, "agreements/convention_list.html", context)


@public_page
def convention_detail(request, reference):
    user = request.user
    visible = Convention.objects.visible_to(user).with_term()
    named = visible.prefetch_related("parties__partner")
    convention = get_object_or_404(named, reference=reference)
    avenants = Avenant.objects.visible_to(user)
    documents = Document.objects.visible_to(user)
    partners = Partner.objects.visible_to(user)
    lines = convention.budget_lines.select_related("action").prefetch_related(
        Prefetch("funder", partners), "disbursements"
    )
    context = {
        "convention": convention,
        "parties": convention.parties.all(),
        "partnership": convention.partnership(visible).prefetch_related(
            Prefetch("avenants", avenants.prefetch_related(Prefetch("documents", documents)))
        ),
        "legal_steps": convention.legal_steps.prefetch_related(
            Prefetch("partner", partners), Prefetch("document", documents)
        ),
        "axes": convention.axes.prefetch_related("actions", Prefetch("added_by", avenants)),
        "actions_without_axis": convention.actions.filter(axis=None),
        "action_count": convention.actions.count(),
        "budget_lines": lines,
        "totals": totals((line.currency, line.nature, line.amount) for line in lines),
        "documents": documents.filter(conventions=convention),
        "may_edit": user.has_perm("agreements.change_convention")
        and Convention.objects.editable_by(user).filter(pk=convention.pk).exists(),
    }
    return render(request, "agreements/convention_detail.html", context)


@require_POST
@permission_required("agreements.publish_convention", raise_exception=True)
def convention_publish(request, reference):
    editable = Convention.objects.editable_by(request.user)
    convention = get_object_or_404(editable, reference=reference)
    return published(request, convention, "La convention est publiée.", convention)


@require_POST
@permission_required("agreements.publish_convention", raise_exception=True)
def avenant_publish(request, reference, number):
    editable = Avenant.objects.editable_by(request.user).select_related("convention")
    avenant = get_object_or_404(editable, convention__reference=reference, number=number)
    return published(request, avenant, "L’avenant est publié.", avenant.convention)


def published(request, record, message, page):
    """Publish and say so, or say what is missing; back to the convention either way."""
    if request.POST.get("version") != str(record.version):
        messages.error(request, "Cette fiche a changé depuis que vous l’avez lue. Relisez-la.")
        return redirect(page)
    try:
        record.publish(by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, message)
    return redirect(page)
