from collections import Counter

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agreements.facets import CONVENTIONS, convention_listing
from agreements.models import Convention
from cooperation.dates import FIRST_YEAR, LAST_YEAR
from cooperation.exports import attached
from cooperation.freshness import public_page
from cooperation.listing import Rows
from cooperation.models import Odd, Theme
from cooperation.pagination import paginate
from cooperation.records import Status
from reports.alerts import LISTS, address_of
from reports.bilan import build_bilan, years_with_conventions
from reports.figures import build_key_figures
from reports.forms import InventoryForm, SaveForm
from reports.inventory import build_inventory
from reports.overview import chart, maps, subject, timeline
from reports.pdf import PdfUnavailableError, render_pdf
from reports.spreadsheets import SPREADSHEETS

CHARTS = [
    ("year", "Conventions en vigueur par année"),
    ("theme", "Par thème"),
    ("country", "Par pays des parties"),
    ("funder", "Par financeur"),
    ("departement", "Par département"),
]


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
def overview_map(request):
    """Where the listed conventions are."""
    listing = convention_listing(request.GET, request.user)
    by_amount = request.GET.get("cercles") == "montants"
    drawn = maps(listing, reverse("convention_list"), by_amount)
    context = {"listing": listing, "maps": drawn, "by_amount": by_amount}
    return render(request, "reports/overview_map.html", context)


@public_page
def overview_charts(request):
    """The listed conventions by year, theme, country, funder."""
    listing = convention_listing(request.GET, request.user)
    address = reverse("convention_list")
    charts = [chart(listing, name, title, address) for name, title in CHARTS]
    return render(request, "reports/overview_charts.html", {"listing": listing, "charts": charts})


@public_page
def overview_timeline(request):
    """The listed conventions along the years, a page at a time."""
    listing = convention_listing(request.GET, request.user)
    visible = Convention.objects.visible_to(request.user).with_term(listing.day)
    page = paginate(request, Rows(listing, visible.defer("objectives", "note", "search_text")))
    context = {"listing": listing, "page": page, "timeline": timeline(list(page))}
    return render(request, "reports/overview_timeline.html", context)


@public_page
def theme_list(request):
    """Themes and ODD, with how many published conventions each has."""
    with CONVENTIONS as index:
        visible = index.visible_to(AnonymousUser())
        counts = {
            name: {value: len(keys & visible) for value, keys in index.held[name].items()}
            for name in ("theme", "odd")
        }
    context = {
        "themes": [(theme, counts["theme"].get(theme.slug, 0)) for theme in Theme.objects.all()],
        "odds": [(odd, counts["odd"].get(str(odd.number), 0)) for odd in Odd.objects.all()],
    }
    return render(request, "reports/theme_list.html", context)


@public_page
def theme_detail(request, slug):
    return subject_page(request, get_object_or_404(Theme, slug=slug), "theme", slug)


@public_page
def odd_detail(request, number):
    return subject_page(request, get_object_or_404(Odd, number=number), "odd", str(number))


def subject_page(request, record, name, value):
    """All that the registry holds of a theme or an ODD."""
    data = QueryDict(mutable=True)
    data[name] = value
    listing = convention_listing(data, request.user)
    visible = Convention.objects.visible_to(request.user).with_term()
    rows = Rows(listing, visible.prefetch_related("parties__partner"))
    context = {
        "record": record,
        "listing": listing,
        "subject": subject(listing, reverse("convention_list")),
        "conventions": rows[0:10] if listing.count else [],
        "query": data.urlencode(),
    }
    return render(request, "reports/subject.html", context)


@public_page
def inventory(request):
    """The inventory of any filtered list and period, in groups."""
    listing = convention_listing(request.GET, AnonymousUser())
    form = InventoryForm(request.GET)
    found = asked_inventory(request, form) if form.is_valid() and not listing.errors else None
    context = {"listing": listing, "form": form, "inventory": found}
    return render(request, "reports/inventory.html", context)


@public_page
def inventory_file(request, extension):
    """The same figures as PDF, XLSX, ODS or CSV."""
    listing = convention_listing(request.GET, AnonymousUser())
    form = InventoryForm(request.GET)
    if extension not in ("pdf", *SPREADSHEETS) or listing.errors or not form.is_valid():
        raise Http404("Un filtre n’a pas de sens.")
    found = asked_inventory(request, form)
    if extension == "pdf":
        return pdf(request, "inventaire", "reports/inventory_pdf.html", {"inventory": found})
    make, content_type = SPREADSHEETS[extension]
    return attached([make(found)], content_type, f"inventaire-{found.day}.{extension}")


def asked_inventory(request, form):
    asked = form.cleaned_data
    return build_inventory(request.GET, by=asked["par"], first=asked["de"], last=asked["a"])


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
