from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Prefetch
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agreements.completeness import assess, worst_first
from agreements.details import convention_details
from agreements.duplicates import doubles_of, likely_doubles
from agreements.excerpts import excerpts
from agreements.exports import CONVENTION_EXPORT
from agreements.facets import PARAMETERS, convention_listing
from agreements.forms import MergeForm
from agreements.glances import add_glances
from agreements.mine import heaps
from agreements.models import Avenant, Convention, Party
from agreements.queue import Queue
from agreements.selection import COUNTED, Selection, of_import, step_named
from agreements.watch import watch
from cooperation.caching import public_page
from cooperation.entry.views import step_page
from cooperation.entry.workflow import PUBLISH, open_steps, passages
from cooperation.importing.aside import kept_aside
from cooperation.lists.exports import calendar, export, feed
from cooperation.lists.listing import Rows
from cooperation.lists.pages import PER_PAGE, paginate
from cooperation.models import Import
from cooperation.records.gates import GONE, Status, is_editable_by, sees_all
from cooperation.roles import enters_for
from cooperation.values.text import clean_text


@public_page(reads=PARAMETERS)
def convention_list(request) -> HttpResponseBase:
    listing = convention_listing(request.GET, request.user)
    visible = Convention.objects.visible_to(request.user).with_term(listing.day)
    shown = visible.defer("objectives", "note", "search_text")
    named = ("convention", "partner__name", "partner__short_name")
    parties = Prefetch("parties", Party.objects.select_related("partner").only(*named))
    page = paginate(request, Rows(listing, shown.prefetch_related(parties)))
    add_glances(page)
    for convention in page:
        convention.shown_state = convention.state_on(listing.day)
    context = {"listing": listing, "page": page}
    if listing.words and len(page) <= PER_PAGE:
        context["excerpts"] = excerpts(page, listing.words, request.user)
    return render(request, "agreements/convention_list.html", context)


@login_required
@require_safe
def own_conventions(request) -> HttpResponseBase:
    """For those who enter conventions for an office."""
    if enters_for(request.user) is None:
        raise PermissionDenied
    found = heaps(request.user)
    context = {"heaps": found, "total": sum(heap.count for heap in found)}
    return render(request, "agreements/mine.html", context)


@permission_required(PUBLISH, raise_exception=True)
@require_safe
def queue(request) -> HttpResponseBase:
    """What waits for the secretariat."""
    return render(
        request, "agreements/queue.html", {"page": paginate(request, Queue(request.user))}
    )


@permission_required(PUBLISH, raise_exception=True)
@require_POST
def queue_selection(request) -> HttpResponseBase:
    """What a step would do to several records; then, confirmed, what it did to each."""
    step = step_named(request.POST.get("etape", ""))
    if step is None:
        raise Http404
    names = request.POST.getlist("fiche")
    if reference := clean_text(request.POST.get("import", "")):
        names = of_import(
            get_object_or_404(Import.objects.visible_to(request.user), reference=reference)
        )
    selection = Selection(request.user, step, names)
    if not selection.chosen:
        messages.error(request, "Cochez au moins une fiche.")
        return redirect("queue")
    reason = clean_text(request.POST.get("reason", "")).strip()
    context = {"selection": selection, "step": step, "reason": reason}
    if "confirme" in request.POST:
        if step.needs_reason and not reason:
            context["lacks_reason"] = True
        else:
            done = selection.carry_out(reason)
            if done:
                messages.success(request, f"{done} {COUNTED[step.slug][done > 1]}.")
            for one in selection.stopped:
                messages.error(request, f"{one.title} : {' '.join(one.obstacles)}")
            return redirect("queue")
    return render(request, "agreements/selection.html", context)


@public_page(reads=PARAMETERS)
def convention_export(request, extension) -> HttpResponseBase:
    return export(
        request, convention_listing(request.GET, request.user), CONVENTION_EXPORT, extension
    )


@public_page(reads=PARAMETERS)
def convention_feed(request) -> HttpResponseBase:
    return feed(request, convention_listing(request.GET, request.user), CONVENTION_EXPORT)


@public_page(reads=PARAMETERS)
def convention_calendar(request) -> HttpResponseBase:
    return calendar(request, convention_listing(request.GET, request.user), CONVENTION_EXPORT)


@public_page
def convention_detail(request, reference) -> HttpResponseBase:
    user = request.user
    context = convention_details(reference, user, PER_PAGE)
    if context is None:
        return gone_or_404(request, reference)
    if user.is_authenticated:
        context |= private_context(user, context["convention"], context["partnership"])
    return render(request, "agreements/convention_detail.html", context)


def private_context(user, convention, partnership) -> dict:
    """What people with an account may do here, and what is still to be done."""
    # The avenants of a draft go with it: they have no step of their own.
    for avenant in (a for shown in partnership if shown.is_published for a in shown.avenants.all()):
        avenant.open_steps = open_steps(avenant, user)
    editing = user.has_perm("agreements.change_convention") and is_editable_by(user, convention)
    if not (editing or sees_all(user)):
        return {}
    notices = convention.error_notices.waiting().answerable_by(user)
    return {
        "may_edit": editing,
        "error_notices": notices.count() if editing else 0,
        "may_confirm": may_confirm(user, convention),
        "may_supervise": Convention.objects.supervised_by(user).filter(pk=convention.pk).exists(),
        "sees_history": True,
        "steps": open_steps(convention, user),
        "assessment": assess(convention),
        "passages": passages(convention),
        "kept_aside": kept_aside(
            convention.reference, *convention.merged.values_list("reference", flat=True)
        ),
        "set_aside": convention.iati_activities.exclude(elements=""),
        "doubles": doubles_of(convention, Convention.objects.visible_to(user)),
    }


def gone_or_404(request, reference) -> HttpResponseBase:
    """Whoever kept the address of a merged or withdrawn convention learns where it went, or why."""
    gone = get_object_or_404(
        Convention.objects.select_related("merged_into"),
        reference=reference,
        status__in=GONE,
        published_at__isnull=False,
    )
    if gone.status == Status.MERGED and gone.merged_into.is_published:
        return redirect(f"{gone.merged_into.get_absolute_url()}?fusion={reference}", permanent=True)
    context = {"gone": gone, "passage": passages(gone)[0]}
    return render(request, "agreements/gone.html", context, status=410)


@login_required
@require_POST
def convention_confirm(request, reference) -> HttpResponseBase:
    """Its own people say that what came from a public source is right: one tap, kept in its history."""
    visible = Convention.objects.visible_to(request.user)
    convention = get_object_or_404(visible, reference=reference)
    if not may_confirm(request.user, convention):
        raise PermissionDenied
    if request.POST.get("version") != str(convention.version):
        messages.error(request, "Cette fiche a changé depuis que vous l’avez lue. Relisez-la.")
        return redirect(convention)
    convention.provenance = Convention.Provenance.CONFIRMED
    convention.save_because("Confirmée par la commune.", request.user, ["provenance"])
    messages.success(request, "La fiche est confirmée par la commune.")
    return redirect(convention)


def may_confirm(user, convention) -> bool:
    """An agent of a party, while it waits."""
    return (
        convention.provenance == Convention.Provenance.TO_CHECK
        and enters_for(user) is not None
        and user.has_perm("agreements.change_convention")
        and is_editable_by(user, convention)
    )


def convention_step(request, reference, slug) -> HttpResponseBase:
    visible = Convention.objects.visible_to(request.user)
    convention = get_object_or_404(visible, reference=reference)
    template, lacks = "agreements/step.html", assess(convention)
    return step_page(request, slug, convention, template=template, assessment=lacks)


def avenant_step(request, reference, number, slug) -> HttpResponseBase:
    avenants = Avenant.objects.visible_to(request.user).select_related("convention")
    avenant = get_object_or_404(avenants, convention__reference=reference, number=number)
    return step_page(request, slug, avenant, owner=avenant.convention)


@permission_required("agreements.publish_convention", raise_exception=True)
@require_safe
def watch_list(request) -> HttpResponseBase:
    """The secretariat's list: what is late or about to end, and the least complete first."""
    editable = Convention.objects.editable_by(request.user)
    context = {"points": watch(editable), "page": paginate(request, worst_first(editable))}
    return render(request, "agreements/watch_list.html", context)


@permission_required("agreements.publish_convention", raise_exception=True)
@require_safe
def double_list(request) -> HttpResponseBase:
    """Conventions that may be one, for the secretariat to look at side by side."""
    pairs = likely_doubles(Convention.objects.editable_by(request.user))
    context = {"page": paginate(request, pairs)}
    return render(request, "agreements/double_list.html", context)


@permission_required("agreements.publish_convention", raise_exception=True)
@require_http_methods(["GET", "POST"])
def convention_merge(request, reference, other) -> HttpResponseBase:
    """Two conventions side by side, and the form that makes one of them."""
    editable = Convention.objects.editable_by(request.user).exclude(status=Status.MERGED)
    kept = get_object_or_404(editable.with_term(), reference=reference)
    double = get_object_or_404(editable.exclude(pk=kept.pk).with_term(), reference=other)
    form = MergeForm(request.POST or None, kept=kept, other=double)
    if form.is_valid():
        try:
            form.save(by=request.user)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, f"{double.reference} mène désormais à cette fiche.")
            return redirect(kept)
    context = {"kept": kept, "other": double, "form": form}
    return render(request, "agreements/convention_merge.html", context)
