from collections import Counter

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agreements.models import Convention
from cooperation.dates import FIRST_YEAR, LAST_YEAR
from cooperation.freshness import public_page
from cooperation.records import Status
from reports.alerts import LISTS, address_of
from reports.bilan import build_bilan, years_with_conventions
from reports.figures import build_key_figures
from reports.forms import SaveForm
from reports.inventory import build_inventory
from reports.pdf import PdfUnavailableError, render_pdf


@public_page
def home(request):
    visible = Convention.objects.visible_to(request.user)
    recent = visible.with_term().order_by("-updated_at")
    context = {
        "figures": build_key_figures(),
        "pending": pending(visible) if request.user.is_authenticated else [],
        "recent": recent.prefetch_related("parties__partner", "themes")[:5],
    }
    return render(request, "reports/home.html", context)


def pending(visible):
    """[(status, label, count), …] of the conventions that wait for somebody."""
    counts = Counter(visible.order_by().values_list("status", flat=True))
    return [
        (status.value, status.label, counts[status])
        for status in (Status.SUBMITTED, Status.RETURNED, Status.DRAFT)
        if counts[status]
    ]


@public_page
def inventory(request):
    return render(request, "reports/inventory.html", {"inventory": build_inventory()})


@require_safe
def inventory_pdf(request):
    return pdf(
        request, "inventaire", "reports/inventory_pdf.html", {"inventory": build_inventory()}
    )


@public_page
def bilan_list(request):
    return render(request, "reports/bilan_list.html", {"years": years_with_conventions()})


@public_page
def bilan(request, year):
    return render(request, "reports/bilan.html", {"bilan": bilan_or_404(year)})


@require_safe
def bilan_pdf(request, year):
    return pdf(request, f"bilan-{year}", "reports/bilan_pdf.html", {"bilan": bilan_or_404(year)})


def bilan_or_404(year):
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Http404(f"Une année va de {FIRST_YEAR} à {LAST_YEAR}.")
    return build_bilan(year)


def pdf(request, name, template, context):
    """The PDF as a download, or a page that says what the machine lacks."""
    try:
        content = render_pdf(template, context | {"made_on": timezone.localdate()})
    except PdfUnavailableError as error:
        page = {"message": str(error), "html_address": request.path.removesuffix(".pdf") + "/"}
        return render(request, "reports/pdf_unavailable.html", page, status=503)
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}.pdf"'},
    )


@login_required
@require_safe
def search_list(request):
    """The searches that a person keeps."""
    searches = [(search, address_of(search)) for search in request.user.searches.all()]
    return render(request, "reports/search_list.html", {"searches": searches})


@login_required
@require_http_methods(["GET", "POST"])
def search_save(request, kind):
    if kind not in LISTS:
        raise Http404
    listing = LISTS[kind][0](request.GET, request.user)
    form = SaveForm(request.POST or None, user=request.user, kind=kind, query=listing.query)
    if listing.errors:
        messages.error(request, "Un filtre n’a pas de sens : corrigez-le d’abord.")
        return redirect(f"{reverse(f'{kind}_list')}?{listing.query}")
    if form.is_valid():
        form.instance.remember(listing.keys_found)
        messages.success(request, "Vous recevrez un message quand il y aura du nouveau.")
        return redirect("search_list")
    return render(request, "reports/search_form.html", {"form": form, "listing": listing})


@login_required
@require_POST
def search_delete(request, reference):
    get_object_or_404(request.user.searches, reference=reference).delete()
    messages.success(request, "Cette recherche n’est plus suivie.")
    return redirect("search_list")
