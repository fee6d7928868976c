"""The inventory, the fiches, and files that take long: asked for, watched, fetched."""

import logging
from tempfile import TemporaryFile

from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from agreements.facets import PARAMETERS, convention_listing
from cooperation.caching import public_page, worked_out
from cooperation.jobs import is_abandoned, present_workers, progress_of, start
from cooperation.lists.pages import paginate
from cooperation.networks import network_of
from cooperation.records.gates import is_editable_by
from reports import making
from reports.accords import SHEETS
from reports.facts.inventory import Inventory, build_inventory
from reports.formats import FORMATS, write_report
from reports.forms import InventoryForm
from reports.models import Report
from reports.pdf import fiches
from reports.pdf.printing import write_inventory
from reports.pdf.rendering import PdfUnavailableError, RenderingError

logger = logging.getLogger(__name__)


class Pages:
    """The conventions of an inventory as a sequence: a page of it is read, and no more."""

    ordered = True

    def __init__(self, inventory):
        self.inventory = inventory
        self.places = [(group, key) for group in inventory.groups for key in group.keys]

    def __len__(self):
        return len(self.places)

    def __getitem__(self, part):
        """(label of the group where it begins on the page, entry) pairs."""
        places = self.places[part]
        found = {e.key: e for e in self.inventory.entries({key for _, key in places})}
        shown = [(group, found[key]) for group, key in places if key in found]
        before = [None, *(group for group, _ in shown)]
        return [
            (group.label if group is not previous else "", entry)
            for previous, (group, entry) in zip(before, shown, strict=False)
        ]


@public_page(reads=PARAMETERS)
def inventory(request) -> HttpResponseBase:
    """The inventory of any filtered list and period, in groups."""
    listing = convention_listing(request.GET, AnonymousUser())
    form = InventoryForm(request.GET)
    context = {"listing": listing, "form": form}
    if form.is_valid() and not listing.errors:
        asked = [listing.query, sorted(form.cleaned_data.items())]
        found = worked_out("inventory", *asked, make=lambda: asked_inventory(request.GET, form))
        context |= {
            "inventory": found,
            "gaps": worked_out("gaps", *asked, make=found.gaps),
            "page": paginate(request, Pages(found)),
        }
    return render(request, "reports/inventory.html", context)


def asked_inventory(data, form) -> Inventory:
    asked = form.cleaned_data
    return build_inventory(data, by=asked["par"], first=asked["de"], last=asked["a"])


def inventory_or_404(data, extension) -> tuple:
    """(the filters as an address, the form, the inventory) of what makes sense."""
    listing = convention_listing(data, AnonymousUser())
    form = InventoryForm(data)
    if extension not in FORMATS or listing.errors or not form.is_valid():
        raise Http404("Un filtre n’a pas de sens.")
    return listing.query, form, asked_inventory(data, form)


@public_page(reads=PARAMETERS)
def inventory_file(request, extension) -> HttpResponseBase:
    """The same figures as PDF, XLSX, ODS or CSV: at once, or by a worker where they are many."""
    query, form, found = inventory_or_404(request.GET, extension)
    if found.printed > FORMATS[extension].small:
        return long_report(
            request,
            extension,
            count=found.count,
            ask=f"{reverse('inventory_ask', args=[extension])}?{query}",
            back=f"{reverse('inventory')}?{query}",
        )
    return made_now(
        request,
        f"inventaire-{found.day}.{extension}",
        pdf=lambda file: write_inventory(found, file),
        sheets=lambda: SHEETS[form.cleaned_data["disposition"]](found),
    )


# Any visitor may ask, from a page that is kept and so bears no token of theirs.
@csrf_exempt
@require_POST
def inventory_ask(request, extension) -> HttpResponseBase:
    """Have a long inventory made by a worker."""
    query, form, found = inventory_or_404(request.GET, extension)
    if found.printed <= FORMATS[extension].small:
        return redirect(f"{reverse('inventory_file', args=[extension])}?{query}")
    asked = form.cleaned_data
    options = {"filters": query, "by": asked["par"], "first": asked["de"], "last": asked["a"]}
    options["layout"] = asked["disposition"]
    return asked_for(
        request,
        Report.Kind.INVENTORY,
        options,
        extension,
        filename=f"inventaire-{found.day}.{extension}",
        weight=found.printed,
    )


def long_report(request, extension, *, count, ask, back) -> HttpResponseBase:
    """A page that says how a report of so many conventions is had: asked for, then fetched."""
    context = {"count": count, "extension": extension, "ask": ask, "back": back}
    return render(request, "reports/report_ask.html", context)


def asked_for(request, kind, options, extension, **facts) -> HttpResponseBase:
    try:
        report = making.ask(
            kind,
            options,
            extension,
            user=request.user,
            network=network_of(request),
            **facts,
        )
    except making.TooManyError:
        messages.error(
            request,
            "Trop de rapports attendent déjà. Revenez dans une heure, ou réduisez la liste.",
        )
        return redirect("inventory")
    return redirect(report)


def made_now(request, name, *, pdf=None, sheets=None) -> HttpResponseBase:
    """A file made while the person waits (formats.write_report), or a page that says why it cannot be."""
    extension = name.rpartition(".")[2]
    file = TemporaryFile()  # noqa: SIM115  the response closes it
    try:
        write_report(extension, file, pdf=pdf, sheets=sheets)
    except (PdfUnavailableError, RenderingError) as error:
        file.close()
        page = {"message": str(error), "html_address": request.path.rpartition(".")[0] + "/"}
        return render(request, "reports/pdf_unavailable.html", page, status=503)
    file.seek(0)
    content_type = FORMATS[extension].content_type
    return FileResponse(file, as_attachment=True, filename=name, content_type=content_type)


def report_or_404(request, reference) -> Report:
    return get_object_or_404(Report.objects.visible_to(request.user), reference=reference)


@require_safe
def report_detail(request, reference) -> HttpResponseBase:
    """How far a report is; then its file."""
    report = report_or_404(request, reference)
    context = {"report": report, "may_cancel": is_mine(request.user, report)}
    if report.is_busy:
        context |= {
            "progress": progress_of(reference),
            "has_worker": present_workers().exists(),
            "is_abandoned": is_abandoned(reference),
        }
    elif report.state == Report.State.READY and report.kind == Report.Kind.EDITION:
        return redirect("bilan_detail", report.options["bilan"])
    return render(request, "reports/report_detail.html", context)


def is_mine(user, report) -> bool:
    return user.is_authenticated and (
        is_editable_by(user, report) or report.watchers.contains(user)
    )


@require_POST
def report_cancel(request, reference) -> HttpResponseBase:
    report = report_or_404(request, reference)
    if not is_mine(request.user, report):
        raise PermissionDenied
    if making.cancel(report, request.user):
        messages.success(request, "Ce rapport n’est plus en préparation.")
    elif report.watchers.exists():
        messages.success(request, "Vous ne serez pas prévenu : d’autres attendent ce rapport.")
    else:
        messages.error(request, "Ce rapport n’était déjà plus en préparation.")
    return redirect(report)


@require_POST
def report_resume(request, reference) -> HttpResponse:
    """Take up a report on which nobody works any more."""
    report = report_or_404(request, reference)
    if report.is_busy and is_abandoned(reference):
        start(making.make, reference, is_small=False, priority=making.priority_of(report))
    return redirect(report)


@require_safe
@cache_control(private=True, no_cache=True)
def report_file(request, reference) -> HttpResponseBase:
    report = report_or_404(request, reference)
    if not report.file:
        raise Http404("Ce rapport n’est pas prêt.")
    return download(report.file, report.filename, FORMATS[report.extension].content_type)


def download(file, name, content_type) -> HttpResponseBase:
    """A file of ours as a download; 404 where it is gone from the disk."""
    try:
        opened = file.open()
    except FileNotFoundError as error:
        logger.exception("%s is missing", file.name)
        raise Http404("Ce fichier manque.") from error
    return FileResponse(opened, as_attachment=True, filename=name, content_type=content_type)


@require_safe
@cache_control(private=True, no_cache=True)
def fiche(request, kind, key) -> HttpResponseBase:
    """Two to four pages on a convention, an action or a partner, as this person sees it."""
    if kind not in fiches.FICHES:
        raise Http404
    sheet = fiches.FICHES[kind](key, request.user)
    return made_now(request, f"fiche-{key.lower()}.pdf", pdf=sheet.write)
