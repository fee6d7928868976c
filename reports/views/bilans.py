"""Bilans: by year as the registry stands, written by the secretariat, published for ever."""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cooperation.caching import public_page, worked_out
from cooperation.lists.pages import PAGING, paginate
from cooperation.records.gates import is_editable_by, sees_all
from cooperation.values.dates import FIRST_YEAR
from reports.facts.bilan import (
    BilanFacts,
    Entries,
    build_bilan,
    build_brief,
    from_json,
    ground_of,
    years_with_conventions,
)
from reports.formats import FORMATS
from reports.forms import BilanForm, CheckForm, NarrativeForm
from reports.models import Bilan, Edition, Report
from reports.pdf.printing import period_title, write_bilan
from reports.publishing import (
    CHANGED,
    PUBLISH,
    UNCHANGED,
    PublicationError,
    differences,
    facts_of,
)
from reports.spreadsheets import bilan_sheets
from reports.views.files import asked_for, download, long_report, made_now


@public_page
def bilan_list(request) -> HttpResponseBase:
    bilans = Bilan.objects.visible_to(request.user).prefetch_related("editions")
    context = {
        "years": years_with_conventions(),
        "bilans": bilans,
        "sees_drafts": sees_all(request.user),
        "may_write": request.user.has_perm("reports.add_bilan"),
    }
    return render(request, "reports/bilan_list.html", context)


def year_or_404(year) -> None:
    this_year = timezone.localdate().year
    if not FIRST_YEAR <= year <= this_year:
        raise Http404(f"Une année va de {FIRST_YEAR} à {this_year}.")


def published_for(year) -> Edition | None:
    """The latest edition on the whole country and just this year, or None."""
    editions = Edition.objects.filter(
        bilan__first_year=year, bilan__last_year=year, bilan__filters=""
    )
    return editions.order_by("-published_at").select_related("bilan").first()


@public_page(reads=PAGING)
def bilan(request, year) -> HttpResponseBase:
    """The figures of a year as the registry stands today."""
    year_or_404(year)
    facts, entries = worked_out("bilan", year, make=lambda: brief_of(year))
    context = {
        "bilan": facts,
        "rows": reverse("bilan_year_rows", args=[year]),
        "page": paginate(request, entries),
        "edition": published_for(year),
    }
    return render(request, "reports/bilan_year.html", context)


def brief_of(year) -> tuple[BilanFacts, Entries]:
    ground = ground_of(year, year)
    return build_brief(ground), Entries(ground.keys, ground.now.extent)


@public_page(reads=["de", *PAGING])
def bilan_year_rows(request, year) -> HttpResponseBase:
    year_or_404(year)
    heading, found = ground_of(year, year).behind(request.GET.get("de", ""))
    return rows_page(request, heading, found, reverse("bilan", args=[year]), str(year))


def frozen_rows_page(request, facts, back) -> HttpResponseBase:
    name = request.GET.get("de", "")
    return rows_page(request, facts.heading_of(name), facts.rows_of(name), back, facts.period)


def rows_page(request, heading, entries, back, period) -> HttpResponseBase:
    """The conventions behind one figure of a bilan."""
    context = {
        "heading": heading,
        "page": paginate(request, entries),
        "back": back,
        "period": period,
    }
    return render(request, "reports/bilan_rows.html", context)


@public_page
def bilan_file(request, year, extension) -> HttpResponseBase:
    """The published PDF of a year where there is one; else its figures as they stand."""
    year_or_404(year)
    if extension not in FORMATS:
        raise Http404
    edition = published_for(year)
    if edition and extension == "pdf":
        return edition_file(edition)
    facts = build_bilan(year, year)
    if facts.count > FORMATS[extension].small:
        return long_report(
            request,
            extension,
            count=facts.count,
            ask=reverse("bilan_ask", args=[year, extension]),
            back=reverse("bilan", args=[year]),
        )
    # Beside a published PDF, these are other figures: their name says of which day.
    name = f"bilan-{year}{f'-au-{facts.made_on}' if edition else ''}.{extension}"
    return made_now(
        request,
        name,
        pdf=lambda file: write_bilan(facts, file, title=period_title(year)),
        sheets=lambda: bilan_sheets(facts),
    )


# Any visitor may ask, from a page that is kept and so bears no token of theirs.
@csrf_exempt
@require_POST
def bilan_ask(request, year, extension) -> HttpResponseBase:
    """Have a long bilan of a year made by a worker."""
    year_or_404(year)
    if extension not in FORMATS:
        raise Http404
    count = len(ground_of(year, year).keys)
    if count <= FORMATS[extension].small:
        return redirect("bilan_file", year, extension)
    return asked_for(
        request,
        Report.Kind.YEAR,
        {"year": year},
        extension,
        filename=f"bilan-{year}.{extension}",
        weight=count,
    )


@login_required
@permission_required("reports.add_bilan", raise_exception=True)
@require_http_methods(["GET", "POST"])
def bilan_start(request) -> HttpResponseBase:
    """Begin a bilan on a period and a scope."""
    year = timezone.localdate().year - 1
    initial = {"first_year": year, "last_year": year, **request.GET.dict()}
    form = BilanForm(request.POST or None, initial=initial)
    if form.is_valid():
        return redirect("bilan_write", form.save().reference)
    return render(request, "reports/bilan_form.html", {"form": form})


def says_why(view) -> Callable:
    """Where a bilan cannot be counted, a page that says why, and how to go on."""

    @wraps(view)
    def shown(request, *args, **kwargs):
        try:
            return view(request, *args, **kwargs)
        except PublicationError as error:
            return render(
                request, "reports/bilan_trouble.html", {"message": str(error)}, status=409
            )

    return shown


def bilan_or_404(request, reference) -> Bilan:
    return get_object_or_404(Bilan.objects.visible_to(request.user), reference=reference)


def edited_or_403(request, reference, permission="reports.change_bilan") -> Bilan:
    record = bilan_or_404(request, reference)
    if not request.user.has_perm(permission) or not is_editable_by(request.user, record):
        raise PermissionDenied
    return record


@public_page(reads=PAGING)
@says_why
def bilan_detail(request, reference) -> HttpResponseBase:
    """What is being written, for members; for others the edition in force."""
    record = bilan_or_404(request, reference)
    if not sees_all(request.user):
        return redirect(record.latest)
    facts = facts_of(record)
    latest = record.latest
    context = {
        "record": record,
        "bilan": facts.brief,
        "read": facts.fingerprint,
        "editions": record.editions.all(),
        "rows": reverse("bilan_rows", args=[reference]),
        "page": paginate(request, facts.entries),
        "may_write": request.user.has_perm("reports.change_bilan")
        and is_editable_by(request.user, record),
        "may_publish": request.user.has_perm(PUBLISH),
        "changes": differences(from_json(latest.facts), facts) if latest else None,
        "empty": [
            Bilan._meta.get_field(name).verbose_name
            for name in Bilan.NARRATIVE
            if not getattr(record, name)
        ],
    }
    return render(request, "reports/bilan_detail.html", context)


@login_required
@require_safe
@says_why
def bilan_rows(request, reference) -> HttpResponseBase:
    record = bilan_or_404(request, reference)
    if not sees_all(request.user):
        raise Http404
    return frozen_rows_page(request, facts_of(record), record.get_absolute_url())


@login_required
@require_http_methods(["GET", "POST"])
def bilan_write(request, reference) -> HttpResponseBase:
    """The narrative, in place; a script sends it as it is typed, the button without one."""
    record = edited_or_403(request, reference)
    form = NarrativeForm(request.POST or None, instance=record, user=request.user)
    is_quiet = request.headers.get("X-Autosave") == "1"
    if form.is_valid():
        if form.has_changed():
            record = form.save()
        if is_quiet:
            return JsonResponse({"version": record.version})
        messages.success(request, "Le texte est enregistré.")
        return redirect(record)
    if is_quiet:
        return JsonResponse({"errors": form.errors}, status=409)
    return render(request, "reports/bilan_write.html", {"form": form, "record": record})


@login_required
@require_safe
@cache_control(private=True, no_cache=True)
@says_why
def bilan_preview(request, reference) -> HttpResponseBase:
    """The PDF as it would be published, marked as a draft."""
    record = bilan_or_404(request, reference)
    if not sees_all(request.user):
        raise Http404
    facts = facts_of(record)
    if facts.count <= FORMATS["pdf"].small:
        return made_now(
            request,
            f"{reference}-projet.pdf",
            pdf=lambda file: write_bilan(facts, file, title=record.title),
        )
    options = {"bilan": reference, "version": record.version}
    return asked_for(
        request,
        Report.Kind.BILAN,
        options,
        "pdf",
        filename=f"{reference}-projet.pdf",
        weight=facts.count,
    )


@login_required
@require_POST
@says_why
def bilan_publish(request, reference) -> HttpResponseBase:
    """Freeze the next edition of what was read on the page."""
    record = edited_or_403(request, reference, PUBLISH)
    facts = facts_of(record)
    if request.POST.get("read") != facts.fingerprint:
        messages.error(request, CHANGED)
        return redirect(record)
    if "sure" not in request.POST:
        messages.error(request, "Cochez que vous avez relu l’aperçu : rien n’est publié.")
        return redirect(record)
    latest = record.latest
    if latest and not differences(from_json(latest.facts), facts):
        messages.error(request, UNCHANGED)
        return redirect(record)
    options = {"bilan": reference, "read": facts.fingerprint}
    return asked_for(
        request,
        Report.Kind.EDITION,
        options,
        "pdf",
        filename=f"Édition de {record}"[:100],
        weight=facts.count,
    )


def edition_or_404(request, reference, number) -> Edition:
    visible = Edition.objects.visible_to(request.user).select_related("bilan")
    return get_object_or_404(visible, bilan__reference=reference, number=number)


@public_page(reads=PAGING)
def edition_detail(request, reference, number) -> HttpResponseBase:
    """A published edition, from what was frozen."""
    edition = edition_or_404(request, reference, number)
    facts = from_json(edition.facts)
    context = {
        "edition": edition,
        "bilan": facts.brief,
        "editions": edition.bilan.editions.all(),
        "rows": reverse("edition_rows", args=[reference, number]),
        "page": paginate(request, facts.entries),
    }
    return render(request, "reports/edition_detail.html", context)


@public_page(reads=["de", *PAGING])
def edition_rows(request, reference, number) -> HttpResponse:
    edition = edition_or_404(request, reference, number)
    return frozen_rows_page(request, from_json(edition.facts), edition.get_absolute_url())


@public_page
def edition_download(request, reference, number, extension) -> HttpResponseBase:
    """What was frozen, byte for byte: PDF, figures as JSON, rows as CSV."""
    edition = edition_or_404(request, reference, number)
    if extension == "pdf":
        return edition_file(edition)
    contents = {"json": ("application/json", edition.facts), "csv": ("text/csv", edition.rows)}
    if extension not in contents:
        raise Http404
    kind, text = contents[extension]
    name = f"{edition.mark.lower()}.{extension}"
    return HttpResponse(
        text.encode(),
        content_type=f"{kind}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def edition_file(edition) -> HttpResponseBase:
    return download(edition.pdf, f"{edition.mark.lower()}.pdf", FORMATS["pdf"].content_type)


# It changes nothing, and visitors get no cookie.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def edition_check(request) -> HttpResponseBase:
    """Whether a PDF in hand is the one that was published."""
    asked = request.POST if request.method == "POST" else request.GET or None
    form = CheckForm(asked, request.FILES or None)
    context = {"form": form}
    if asked is not None and form.is_valid():
        context |= form.verdict()
    return render(request, "reports/edition_check.html", context)
