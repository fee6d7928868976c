"""Partners, documents, and whether the site is well."""

import logging
import sys
from collections import defaultdict

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.db.models import Count, Exists, OuterRef, Prefetch, QuerySet
from django.http import FileResponse, Http404, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_http_methods, require_safe

from cooperation.caching import public_page
from cooperation.entry.workflow import passages
from cooperation.exports import PARTNER_EXPORT
from cooperation.facets import PARAMETERS, partner_listing
from cooperation.importing.aside import kept_aside
from cooperation.importing.likely import MOST_TOLD, likely
from cooperation.lists.exports import export, feed
from cooperation.lists.listing import Rows
from cooperation.lists.pages import PER_PAGE, paginate
from cooperation.merging import PartnerMergeForm, followers
from cooperation.models import Contact, Document, Partner
from cooperation.records.gates import Status, is_editable_by, sees_all
from cooperation.values.money import totals
from cooperation.values.text import fold

logger = logging.getLogger(__name__)


@public_page(reads=PARAMETERS)
def partner_list(request) -> HttpResponseBase:
    listing = partner_listing(request.GET, request.user)
    visible = Partner.objects.visible_to(request.user).defer("aliases", "search_text")
    context = {"listing": listing, "page": paginate(request, Rows(listing, visible))}
    return render(request, "cooperation/partner_list.html", context)


@public_page(reads=PARAMETERS)
def partner_export(request, extension) -> HttpResponseBase:
    return export(request, partner_listing(request.GET, request.user), PARTNER_EXPORT, extension)


@public_page(reads=PARAMETERS)
def partner_feed(request) -> HttpResponseBase:
    return feed(request, partner_listing(request.GET, request.user), PARTNER_EXPORT)


@public_page
def partner_detail(request, slug) -> HttpResponseBase:
    user = request.user
    visible = Partner.objects.visible_to(user)
    gone = Partner.objects.filter(slug=slug, status=Status.MERGED).select_related("merged_into")
    for partner in gone:
        if visible.filter(pk=partner.merged_into_id).exists():
            return redirect(partner.merged_into, permanent=True)
    named = visible.prefetch_related(Prefetch("successor", visible), Prefetch("commune", visible))
    partner = get_object_or_404(named, slug=slug)
    conventions = partner.conventions.visible_to(user).current().distinct()
    actions = partner.actions_here.visible_to(user).current()
    may_edit = user.has_perm("cooperation.change_partner") and is_editable_by(user, partner)
    context = {
        "partner": partner,
        "may_edit": may_edit,
        "sees_history": may_edit or sees_all(user),
        "kept_aside": kept_aside(slug) if may_edit else [],
        "conventions": conventions.with_term().prefetch_related("parties__partner")[:PER_PAGE],
        "convention_count": conventions.count(),
        "given": given_by_year(partner.budget_lines.visible_to(user).counted()),
        "together": partner.given_together().visible_to(user),
        "arrondissements": partner.arrondissements.all(),
        "neighbours": neighbours(partner, conventions, visible),
        "nearby": nearby(partner, visible),
        "actions": actions.select_related("convention")[:PER_PAGE],
        "action_count": actions.count(),
        "memberships": partner.memberships.visible_to(user).select_related("member"),
        "joined": partner.joined.visible_to(user).select_related("grouping"),
        "merged": partner.merged.all(),
        "may_merge": may_edit and user.has_perm("cooperation.publish_partner"),
        "predecessors": partner.predecessors.visible_to(user),
        "contacts": Contact.objects.visible_to(user).filter(partner=partner),
    }
    return render(request, "cooperation/partner_detail.html", context)


@permission_required("cooperation.publish_partner", raise_exception=True)
@require_safe
def partner_doubles(request, slug) -> HttpResponse:
    """Who may be the same partner under another name; another one may be searched for."""
    standing = Partner.objects.editable_by(request.user).exclude(status=Status.MERGED)
    partner = get_object_or_404(standing, slug=slug)
    others = standing.exclude(pk=partner.pk)
    text = request.GET.get("q", "").strip()[:200]
    context = {"partner": partner, "text": text}
    if text:
        found = others.filter(search_text__contains=fold(text)).nearest(text)
        context["found"] = [(one, "") for one in found[:MOST_TOLD]]
    else:
        context["found"] = likely(partner.name, partner.country, others)
    return render(request, "cooperation/partner_doubles.html", context)


@permission_required("cooperation.publish_partner", raise_exception=True)
@require_http_methods(["GET", "POST"])
def partner_merge(request, slug, other) -> HttpResponseBase:
    """Two partners side by side, and the form that makes one of them."""
    standing = Partner.objects.editable_by(request.user).exclude(status=Status.MERGED)
    kept = get_object_or_404(standing, slug=slug)
    double = get_object_or_404(standing.exclude(pk=kept.pk), slug=other)
    form = PartnerMergeForm(request.POST or None, kept=kept, other=double)
    if form.is_valid():
        try:
            form.save(by=request.user)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, f"L’adresse de « {double} » mène désormais à cette fiche.")
            return redirect(kept)
    context = {"kept": kept, "other": double, "form": form, "followers": followers(double)}
    return render(request, "cooperation/partner_merge.html", context)


def given_by_year(lines) -> list[tuple]:
    """[(years or "", [Total, …]), …]: what a partner gives alone, by the years it is planned for."""
    by_years = defaultdict(list)
    alone = lines.filter(joint_funders=None)
    for first, last, *line in alone.values_list(
        "year", "last_year", "currency", "nature", "counted_amount"
    ):
        by_years[first or 9999, last or first].append(line)
    return [
        (
            "" if first == 9999 else " – ".join(map(str, dict.fromkeys([first, last]))),
            totals(by_years[first, last]),
        )
        for first, last in sorted(by_years, key=lambda years: (years[0], years[1] or 0))
    ]


def neighbours(partner, conventions, visible) -> QuerySet:
    """The partners with most conventions in common."""
    with_us = visible.filter(conventions__in=conventions.order_by().values("pk"))
    shared = Count("conventions", distinct=True)
    return with_us.exclude(pk=partner.pk).annotate(shared=shared).order_by("-shared", "name")[:12]


def nearby(partner, visible) -> QuerySet:
    """The other communes of the same département that are in a convention or an action."""
    if partner.kind != Partner.Kind.COMMUNE or not partner.departement:
        return visible.none()
    around = visible.communes().filter(departement=partner.departement).exclude(pk=partner.pk)
    # Each asked apart: joined, every convention of a commune would stand beside each of its actions.
    signing = Partner.conventions.through.objects.filter(
        partner=OuterRef("pk"), convention__status=Status.PUBLISHED
    )
    acting = Partner.actions_here.through.objects.filter(
        partner=OuterRef("pk"), action__convention__status=Status.PUBLISHED
    )
    return around.filter(Exists(signing) | Exists(acting))


@require_safe
def document_download(request, reference) -> HttpResponseBase:
    """Always a download, never shown in place: nothing in a file runs on our pages."""
    document = Document.objects.visible_to(request.user).filter(reference=reference).first()
    if document is None:
        return withdrawn_or_404(request, reference)
    try:
        file = document.file.open("rb")
    except FileNotFoundError as error:
        logger.exception("document %s has lost its file", reference)
        raise Http404("Ce fichier manque.") from error
    response = FileResponse(
        file,
        as_attachment=True,
        filename=document.download_name,
        content_type=document.content_type,
    )
    response["Cache-Control"] = "private, no-cache"
    return response


@require_safe
def original_download(request, reference, number) -> HttpResponseBase:
    """A file as it came, for those who may change the document: what hides in it is not for the public."""
    document = get_object_or_404(Document.objects.editable_by(request.user), reference=reference)
    if not request.user.has_perm("cooperation.change_document"):
        raise PermissionDenied
    originals = dict(enumerate(document.originals, 1))
    if number not in originals:
        raise Http404
    original = originals[number]
    try:
        file = document.file.storage.open(original["stored"])
    except FileNotFoundError as error:
        logger.exception("document %s has lost its original %s", reference, number)
        raise Http404("Ce fichier manque.") from error
    response = FileResponse(
        file,
        as_attachment=True,
        filename=original["name"],
        content_type="application/octet-stream",
    )
    response["Cache-Control"] = "private, no-store"
    return response


def withdrawn_or_404(request, reference) -> HttpResponseBase:
    """Whoever kept the address of a document that was public learns why it is so no more."""
    public = Document.objects.filter(access=Document.Access.PUBLIC, status=Status.WITHDRAWN)
    document = get_object_or_404(public, reference=reference)
    context = {"passage": passages(document)[0]}
    return render(request, "cooperation/document_gone.html", context, status=410)


def not_found(request, **kwargs) -> None:
    raise Http404


@require_safe
def healthz(request) -> HttpResponseBase:
    """200 while the database answers, 503 otherwise."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "database unavailable"}, status=503)
    return JsonResponse({"status": "ok"})


AWAY = "Le registre ne répond pas pour le moment. Réessayez dans une minute."
RETRY_AFTER = "30"


def server_error(request) -> HttpResponseBase:
    """The page of an error that nobody foresaw; 503 where the database is away, full or busy.

    Neither asks the database for anything.
    """
    is_away = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    status = 503 if is_away else 500
    if request.path.startswith("/api/"):
        facts = {"type": "about:blank", "status": status}
        facts |= {"title": "Service Unavailable" if is_away else "Internal Server Error"}
        facts |= {"detail": AWAY} if is_away else {}
        response = JsonResponse(facts, status=status, content_type="application/problem+json")
    else:
        response = HttpResponse(render_to_string(f"{status}.html", {"away": AWAY}), status=status)
    if is_away:
        response["Retry-After"] = RETRY_AFTER
    return response
