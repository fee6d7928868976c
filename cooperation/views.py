"""Partners, documents, what happened to a record, and whether the site is well."""

import logging
from collections import defaultdict

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction
from django.db.models import Count, Prefetch, Q
from django.http import FileResponse, Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from drf_spectacular.renderers import OpenApiJsonRenderer

from cooperation.caching import public_page
from cooperation.entry.workflow import passages
from cooperation.exports import PARTNERS
from cooperation.facets import partner_listing
from cooperation.forms import RestoreForm, TokenForm
from cooperation.lists.exports import export, feed
from cooperation.lists.listing import Rows
from cooperation.models import Contact, Document, Partner
from cooperation.records.base import Status, is_editable_by, sees_all
from cooperation.records.history import events
from cooperation.rest.pagination import paginate
from cooperation.rest.schema import api_description, overview, readable
from cooperation.roles import CORRECT
from cooperation.values.money import totals

logger = logging.getLogger(__name__)


@public_page
def partner_list(request):
    listing = partner_listing(request.GET, request.user)
    visible = Partner.objects.visible_to(request.user).defer("aliases", "search_text")
    context = {"listing": listing, "page": paginate(request, Rows(listing, visible))}
    return render(request, "cooperation/partner_list.html", context)


@public_page
def partner_export(request, extension):
    return export(request, partner_listing(request.GET, request.user), PARTNERS, extension)


@public_page
def partner_feed(request):
    return feed(request, partner_listing(request.GET, request.user), PARTNERS)


@public_page
def partner_detail(request, slug):
    user = request.user
    visible = Partner.objects.visible_to(user)
    named = visible.prefetch_related(Prefetch("successor", visible), Prefetch("commune", visible))
    partner = get_object_or_404(named, slug=slug)
    conventions = partner.conventions.visible_to(user).with_term().distinct()
    may_edit = user.has_perm("cooperation.change_partner") and is_editable_by(user, partner)
    context = {
        "partner": partner,
        "may_edit": may_edit,
        "sees_history": may_edit or sees_all(user),
        "conventions": conventions.prefetch_related("parties__partner"),
        "given": given_by_year(partner.budget_lines.visible_to(user)),
        "neighbours": neighbours(partner, conventions, visible),
        "nearby": nearby(partner, visible),
        "actions": partner.actions_here.visible_to(user).select_related("convention"),
        "members": partner.members.visible_to(user),
        "groupings": partner.groupings.visible_to(user),
        "predecessors": partner.predecessors.visible_to(user),
        "contacts": Contact.objects.visible_to(user).filter(partner=partner),
    }
    return render(request, "cooperation/partner_detail.html", context)


def given_by_year(lines):
    """[(year or None, [Total, …]), …]: what a partner gives, by the year it is planned for."""
    by_year = defaultdict(list)
    for year, *line in lines.values_list("year", "currency", "nature", "amount"):
        by_year[year].append(line)
    return [
        (year, totals(by_year[year]))
        for year in sorted(by_year, key=lambda year: (year is None, year or 0))
    ]


def neighbours(partner, conventions, visible):
    """The partners with most conventions in common."""
    with_us = visible.filter(conventions__in=conventions.order_by().values("pk"))
    shared = Count("conventions", distinct=True)
    return with_us.exclude(pk=partner.pk).annotate(shared=shared).order_by("-shared", "name")[:12]


def nearby(partner, visible):
    """The other communes of the same département that are in a convention or an action."""
    if partner.kind != Partner.Kind.COMMUNE or not partner.departement:
        return visible.none()
    around = visible.communes().filter(departement=partner.departement).exclude(pk=partner.pk)
    signing = Q(conventions__status=Status.PUBLISHED)
    acting = Q(actions_here__convention__status=Status.PUBLISHED)
    return around.filter(signing | acting).distinct()


@require_safe
def document_download(request, reference):
    """Always a download, never shown in place: nothing in a file runs on our pages."""
    document = get_object_or_404(Document.objects.visible_to(request.user), reference=reference)
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


@login_required
@require_safe
def record_history(request, model, key):
    """For those who see drafts, and for those whose record it is."""
    record = record_with_history(request.user, model, key)
    context = {
        "record": record,
        "restore_address": f"{request.path}retablir/",
        "page": paginate(request, events(record, request.user)),
        "passages": passages(record) if hasattr(record, "status") else [],
        "may_restore": may_restore(request.user, record),
    }
    return render(request, "cooperation/record_history.html", context)


@login_required
@require_POST
def history_restore(request, model, key):
    """Give one field its former value, or bring a deleted line back: in the history as well."""
    record = record_with_history(request.user, model, key)
    if not may_restore(request.user, record):
        raise PermissionDenied
    form = RestoreForm(request.POST, events=events(record, request.user))
    try:
        with transaction.atomic():
            form.save()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, "C’est rétabli, et noté dans l’historique.")
    return redirect(f"{model._meta.model_name}_history", key)


def record_with_history(user, model, key):
    visible = model.objects.visible_to(user)
    record = get_object_or_404(visible, **{model.address_field: key})
    if not (sees_all(user) or is_editable_by(user, record)):
        raise PermissionDenied
    return record


def may_restore(user, record):
    unlocked = not record.is_locked or user.has_perm(CORRECT)
    permission = f"{record._meta.app_label}.change_{record._meta.model_name}"
    return unlocked and user.has_perm(permission) and is_editable_by(user, record)


def not_found(request, **kwargs):
    raise Http404


@require_safe
def healthz(request):
    """200 while the database answers, 503 otherwise."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "database unavailable"}, status=503)
    return JsonResponse({"status": "ok"})


@login_required
@require_http_methods(["GET", "POST"])
def token_list(request):
    """The tokens of a person; a new one is shown in the answer to its form, and never again."""
    form, secret = TokenForm(request.POST or None, user=request.user), ""
    if form.is_valid():
        secret = form.instance.give()
        form = TokenForm(user=request.user)
    context = {"form": form, "secret": secret, "tokens": request.user.api_tokens.all()}
    response = render(request, "cooperation/token_list.html", context)
    response["Cache-Control"] = "no-store"
    return response


@login_required
@require_POST
def token_revoke(request, reference):
    token = get_object_or_404(request.user.api_tokens, reference=reference)
    request.user.api_tokens.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())
    messages.success(request, f"Le jeton « {token} » ne sert plus.")
    return redirect("token_list")


@public_page
def api_schema(request):
    """The description of the API, for programs: OpenAPI 3.1."""
    content = OpenApiJsonRenderer().render(api_description())
    return HttpResponse(content, content_type="application/vnd.oai.openapi+json")


@public_page
def api_docs(request):
    """The same description, for people: what the API is, then each resource on a page of its own."""
    return render(request, "cooperation/api_docs.html", overview(api_description()))


@public_page
def api_docs_resource(request, name):
    context = readable(api_description(), name)
    if context is None:
        raise Http404
    return render(request, "cooperation/api_docs_resource.html", context)
