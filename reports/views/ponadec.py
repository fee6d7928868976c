"""Indicators of the PONADEC: a year at a glance, each along the years, and the records behind a figure."""

from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from cooperation.caching import public_page
from cooperation.lists.pages import PAGING, paginate
from cooperation.records.gates import Status, sees_all
from cooperation.values.dates import FIRST_YEAR
from reports.charts import bar
from reports.facts.ponadec import YEARS, moment_of, records_of, told_of, values_of
from reports.formats import FORMATS
from reports.spreadsheets import ponadec_rows
from reports.views.files import made_now
from workgroup.models import PonadecIndicator


def year_asked(request) -> int:
    """The year in the address, where it is one that can be told; this one otherwise."""
    this_year, asked = timezone.localdate().year, request.GET.get("an", "")
    year = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) == 4 else this_year
    return min(max(year, FIRST_YEAR), this_year)


def years_until(last) -> range:
    return range(max(FIRST_YEAR, last - YEARS + 1), last + 1)


@public_page(reads=["an"])
def ponadec_list(request) -> HttpResponseBase:
    """All indicators in one year, each beside the year before and its target."""
    year = year_asked(request)
    indicators = list(PonadecIndicator.objects.visible_to(request.user))
    values = values_of(indicators, years_until(year)[-2:])
    context = {
        "year": year,
        "rows": [(one, values[one.pk][-1], values[one.pk][:-1]) for one in indicators],
        # Earlier and later ones are reached from one to the next.
        "years": reversed(years_until(min(year + YEARS // 2, timezone.localdate().year))),
        "files": [(f.extension, f.label) for f in FORMATS.values() if f.write_tables],
        "may_add": request.user.has_perm("workgroup.add_ponadecindicator"),
    }
    return render(request, "reports/ponadec_list.html", context)


@public_page(reads=["an"])
def ponadec_detail(request, slug) -> HttpResponseBase:
    """One indicator: what it counts, ten years of it, what is aimed at."""
    indicator = get_object_or_404(PonadecIndicator.objects.visible_to(request.user), slug=slug)
    last, this_year = year_asked(request), timezone.localdate().year
    values = values_of([indicator], years_until(last))[indicator.pk]
    most = max((value.number or 0 for value in values), default=0) or 1
    entered = {one.year: one for one in indicator.years.visible_to(request.user)}
    may_edit = request.user.has_perm("workgroup.change_ponadecindicator")
    context = {
        "indicator": indicator,
        "rows": [
            (value, bar(value.number, most) if value.number else "", entered.get(value.year))
            for value in reversed(values)
        ],
        "ahead": [
            one
            for year, one in sorted(entered.items())
            if year > this_year and (one.target is not None or may_edit)
        ],
        "earlier": values[0].year - 1 if values[0].year > FIRST_YEAR else None,
        "later": min(last + YEARS, this_year) if last < this_year else None,
        "may_edit": may_edit,
        "sees_history": request.user.is_authenticated and sees_all(request.user),
    }
    return render(request, "reports/ponadec_detail.html", context)


@public_page(reads=["parmi", *PAGING])
def ponadec_records(request, slug, year) -> HttpResponseBase:
    """The records that a figure of the registry counts; `parmi`: those among which it counts them."""
    indicator = get_object_or_404(PonadecIndicator.objects.visible_to(request.user), slug=slug)
    if not (indicator.computed and FIRST_YEAR <= year <= timezone.localdate().year):
        raise Http404
    (value,) = values_of([indicator], [year])[indicator.pk]
    among = "parmi" in request.GET and value.parts is not None
    found = records_of(indicator.computed, year, among=among)
    context = {
        "indicator": indicator,
        "value": value,
        "among": among,
        "moment": moment_of(indicator.computed, year),
        # Whoever sees drafts too is led to what is counted.
        "published": f"&status={Status.PUBLISHED}" if request.user.is_authenticated else "",
        "page": paginate(request, found),
    }
    return render(request, "reports/ponadec_records.html", context)


@public_page(reads=["an"])
def ponadec_file(request, extension) -> HttpResponseBase:
    """Ten years of all indicators, for a spreadsheet: what the pages tell, with each source."""
    if extension not in FORMATS or FORMATS[extension].write_tables is None:
        raise Http404
    year = year_asked(request)
    tables = [("PONADEC", ponadec_rows(told_of(years_until(year))))]
    return made_now(request, f"ponadec-{year}.{extension}", sheets=lambda: tables)
