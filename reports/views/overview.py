"""The home page, and lists of conventions seen as a whole."""

from collections import Counter

from django.contrib.auth.models import AnonymousUser
from django.http import QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from agreements.facets import CONVENTION_INDEX, PARAMETERS, convention_listing
from agreements.glances import add_glances
from agreements.models import Convention, ErrorNotice
from cooperation.caching import public_page, worked_out
from cooperation.lists.listing import Rows
from cooperation.lists.pages import paginate
from cooperation.models import Odd, Theme
from cooperation.records.gates import Status
from cooperation.roles import enters_for, is_secretariat
from reports.charts import charts_of, subject_of
from reports.facts.figures import build_home
from reports.overview import ending_first, map_of_tiles, places_of, timeline
from reports.tiles import AMOUNTS, NUMBERS


@public_page(reads=["tuiles"])
def home(request) -> HttpResponseBase:
    visible = Convention.objects.visible_to(request.user)
    recent = list(visible.with_term().order_by("-news_at").prefetch_related("parties__partner")[:5])
    add_glances(recent)
    # Whoever sees drafts too is led to the published ones that are counted.
    query = f"status={Status.PUBLISHED}" if request.user.is_authenticated else ""
    by_amount = request.GET.get("tuiles") == "montants"
    scale = AMOUNTS if by_amount else NUMBERS
    shown = worked_out("home", query, make=lambda: build_home(query))
    context = {
        "home": shown,
        "leading": leading(shown.figures),
        # What a tile counts is what its list shows.
        "agreed": shown.figures[0].query,
        "pending": pending(visible) if request.user.is_authenticated else [],
        "to_check": to_check(request.user),
        "notices": notices_for(request.user),
        "recent": recent,
        "by_amount": by_amount,
        "scale": scale,
        "blocks": map_of_tiles(scale),
        "ending": ending_first(visible.with_term())[:5],
    }
    return render(request, "reports/home.html", context)


def leading(figures) -> list[tuple]:
    """[(figure, address), …]: the three of the home page, each with what shows it in full."""
    found = {figure.name: figure for figure in figures}
    # The same conventions are behind all three.
    query = found["conventions"].query
    return [
        (found["conventions"], f"{reverse('convention_list')}?{query}"),
        (found["communes"], f"{reverse('overview_map')}?{query}"),
        (found["pays"], f"{reverse('overview_charts')}?{query}#country"),
    ]


def pending(visible) -> list[tuple]:
    """[(status, label, count), …] of the conventions that wait for somebody."""
    counts = Counter(visible.order_by().values_list("status", flat=True))
    return [
        (status.value, status.label, counts[status])
        for status in (Status.SUBMITTED, Status.RETURNED, Status.DRAFT)
        if counts[status]
    ]


def to_check(user) -> int:
    """How many published conventions of an agent's office wait for a word on whether they are right."""
    if enters_for(user) is None:
        return 0
    waiting = Convention.objects.published().filter(provenance=Convention.Provenance.TO_CHECK)
    return waiting.editable_by(user).count()


def notices_for(user) -> int:
    """How many readers wait for an answer of the person's office."""
    if not (enters_for(user) or is_secretariat(user)):
        return 0
    return ErrorNotice.objects.waiting().answerable_by(user).count()


@public_page(reads=PARAMETERS)
def overview_map(request) -> HttpResponseBase:
    """Where the listed conventions are."""
    listing = convention_listing(request.GET, request.user)
    by_amount = request.GET.get("cercles") == "montants"
    places = places_of(listing, reverse("convention_list"), by_amount)
    context = {"listing": listing, "places": places, "by_amount": by_amount}
    return render(request, "reports/overview_map.html", context)


@public_page(reads=PARAMETERS)
def overview_charts(request) -> HttpResponseBase:
    """The listed conventions by year, country, funder and place, and their money."""
    listing = convention_listing(request.GET, request.user)
    context = {"listing": listing, "charts": charts_of(listing)}
    return render(request, "reports/overview_charts.html", context)


@public_page(reads=PARAMETERS)
def overview_timeline(request) -> HttpResponseBase:
    """The listed conventions along the years, a page at a time."""
    listing = convention_listing(request.GET, request.user)
    visible = Convention.objects.visible_to(request.user).with_term(listing.day)
    page = paginate(request, Rows(listing, visible.defer("objectives", "note", "search_text")))
    context = {"listing": listing, "page": page, "timeline": timeline(list(page))}
    return render(request, "reports/overview_timeline.html", context)


@public_page
def theme_list(request) -> HttpResponseBase:
    """Themes and ODD, with how many published conventions each has."""
    with CONVENTION_INDEX as index:
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
def theme_detail(request, slug) -> HttpResponseBase:
    return subject_page(request, get_object_or_404(Theme, slug=slug), "theme", slug)


@public_page
def odd_detail(request, number) -> HttpResponseBase:
    return subject_page(request, get_object_or_404(Odd, number=number), "odd", str(number))


def subject_page(request, record, name, value) -> HttpResponseBase:
    """All that the registry holds of a theme or an ODD."""
    data = QueryDict(mutable=True)
    data[name] = value
    listing = convention_listing(data, request.user)
    visible = Convention.objects.visible_to(request.user).with_term()
    rows = Rows(listing, visible.prefetch_related("parties__partner"))
    conventions = rows[0:10] if listing.count else []
    add_glances(conventions)
    context = {
        "record": record,
        "listing": listing,
        "subject": subject_of(listing),
        "conventions": conventions,
        "query": data.urlencode(),
    }
    return render(request, "reports/subject.html", context)
