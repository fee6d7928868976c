"""The registry inside the pages of others, and what tells them how (oEmbed 1.0)."""

from collections.abc import Callable
from textwrap import wrap
from urllib.parse import urlsplit

from csp.decorators import csp_replace
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from actions.models import Action
from agreements.facets import PARAMETERS, convention_listing
from agreements.glances import add_glances
from agreements.models import Convention
from cooperation.caching import public_page
from cooperation.lists.listing import Rows
from cooperation.models import Partner
from reports.charts import CHARTS, Chart, chart_of
from reports.described import described, picture_of
from reports.embedding import HEIGHT, VIEWS, WIDTH, frame_of
from reports.overview import places_of, timeline

# Conventions of a list or of a timeline in a frame; the registry has the others.
MOST_SHOWN = 10
# Pixels.
SMALLEST, LARGEST = 200, 4000
# Of a chart as a picture: letters in a line of its title, and heights in pixels.
MOST_LETTERS, LINE, ROW, YEARS_HIGH = 62, 26, 30, 220
# {kind in an address: (model, by what its address names it)}
PICTURED = {
    "conventions": (Convention, "reference"),
    "actions": (Action, "reference"),
    "partenaires": (Partner, "slug"),
}
ANYBODY = AnonymousUser()


def framed(view) -> Callable:
    """A view that any page may hold in a frame. It asks for no account and shows what is public."""
    return xframe_options_exempt(csp_replace({"frame-ancestors": ["*"]})(view))


@framed
@public_page(reads=PARAMETERS)
def embedded(request, view) -> HttpResponseBase:
    """A list of conventions, its map or its timeline."""
    if view not in VIEWS:
        raise Http404
    listing = convention_listing(request.GET, ANYBODY)
    context = {"listing": listing, "view": view, "name": VIEWS[view]}
    if view == "carte":
        context["places"] = places_of(listing, reverse("convention_list"), by_amount=False)
    else:
        visible = Convention.objects.visible_to(ANYBODY).with_term()
        rows = Rows(listing, visible.prefetch_related("parties__partner"))
        conventions = rows[0:MOST_SHOWN] if listing.count else []
        add_glances(conventions)
        context["conventions"] = conventions
        context["timeline"] = timeline(conventions)
    return render(request, "reports/embedded.html", context)


@framed
@public_page(reads=PARAMETERS)
def embedded_chart(request, name) -> HttpResponseBase:
    listing, chart = chart_or_404(request, name)
    return render(
        request,
        "reports/embedded.html",
        {"listing": listing, "chart": chart, "view": "chiffres", "name": "overview_charts"},
    )


@framed
@public_page
def embedded_convention(request, reference) -> HttpResponseBase:
    visible = Convention.objects.visible_to(ANYBODY).with_term()
    convention = get_object_or_404(
        visible.prefetch_related("parties__partner"), reference=reference
    )
    add_glances([convention])
    return render(
        request, "reports/embedded.html", {"conventions": [convention], "convention": convention}
    )


@public_page(reads=PARAMETERS)
def chart_picture(request, name) -> HttpResponseBase:
    """A chart as an SVG file that stands alone."""
    _, chart = chart_or_404(request, name)
    title = wrap(chart.title, MOST_LETTERS)
    top = LINE * (len(title) + 3)
    height = top + (YEARS_HIGH if chart.years else ROW * len(chart.rows)) + 2 * LINE
    # [(row, how far down), …]; lines of the title likewise.
    context = {
        "chart": chart,
        "title": [(line, LINE * place) for place, line in enumerate(title, 1)],
        "rows": [(row, top + ROW * place) for place, row in enumerate(chart.rows)],
        "about": LINE * (len(title) + 1),
        "top": top,
        "years_high": YEARS_HIGH,
        "height": height,
        "site": urlsplit(settings.SITE_URL).netloc,
    }
    return render(request, "reports/chart.svg", context, content_type="image/svg+xml")


def chart_or_404(request, name) -> tuple:
    """The chart of the listed conventions, or one that says that they have none."""
    if name not in CHARTS:
        raise Http404
    listing = convention_listing(request.GET, ANYBODY)
    nothing = Chart(name, "Ces conventions n’ont rien à mettre en chiffres", "", [], [])
    return listing, chart_of(listing, name) or nothing


@public_page
def picture(request, kind, key) -> HttpResponseBase:
    """What stands beside the link of a published record elsewhere."""
    if kind not in PICTURED:
        raise Http404
    model, name = PICTURED[kind]
    record = get_object_or_404(pictured(model), **{name: key})
    try:
        return HttpResponse(picture_of(described(record)), content_type="image/png")
    except OSError as error:
        raise Http404("Ce serveur n’a pas de police pour dessiner une image.") from error


def pictured(model) -> QuerySet:
    """With all that a picture tells."""
    records = model.objects.visible_to(ANYBODY)
    if model is Convention:
        return records.with_term().prefetch_related("parties__partner")
    return records.select_related("convention") if model is Action else records


@require_safe
def share(request) -> HttpResponseBase:
    """The code to paste for a page of the registry, and what it shows."""
    frame = frame_of(request.GET.get("url", ""))
    if frame is None:
        raise Http404("Cette page n’a pas de vue à montrer ailleurs.")
    return render(request, "reports/share.html", {"frame": frame, "height": HEIGHT})


@require_safe
def oembed(request) -> HttpResponseBase:
    """oEmbed 1.0: the frame of an address, `maxwidth` and `maxheight` in pixels; JSON only."""
    if request.GET.get("format", "json") != "json":
        return HttpResponse("Seul le format json existe.", status=501)
    frame = frame_of(request.GET.get("url", ""))
    if frame is None:
        raise Http404("Cette adresse n’a pas de vue à montrer ailleurs.")
    width, height = (
        within(request.GET.get(name, ""), usual)
        for name, usual in (("maxwidth", WIDTH), ("maxheight", HEIGHT))
    )
    answer = JsonResponse(
        {
            "version": "1.0",
            "type": "rich",
            "title": frame.title,
            "provider_name": "Registre de la coopération décentralisée du Bénin",
            "provider_url": settings.SITE_URL,
            "cache_age": 3600,
            "html": frame.code(width, height),
            "width": width,
            "height": height,
        }
    )
    answer["Access-Control-Allow-Origin"] = "*"
    return answer


def within(asked, usual) -> int:
    """The usual size, or less where less is asked for."""
    most = int(asked) if asked.isdecimal() and len(asked) < 6 else usual
    return max(SMALLEST, min(most, usual, LARGEST))
