"""Partners, documents, and whether the site is well."""

import logging

from django.db import DatabaseError, connection
from django.db.models import Prefetch
from django.http import FileResponse, Http404, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from cooperation.filters import PartnerFilter
from cooperation.freshness import public_page
from cooperation.models import Contact, Document, Partner
from cooperation.pagination import paginate

logger = logging.getLogger(__name__)


@public_page
def partner_list(request):
    filterset = PartnerFilter(
        request.GET, queryset=Partner.objects.visible_to(request.user), request=request
    )
    context = {
        "filterset": filterset,
        "page": paginate(request, filterset.qs.defer("aliases", "search_text")),
    }
    return render(request, "cooperation/partner_list.html", context)


@public_page
def partner_detail(request, slug):
    user = request.user
    visible = Partner.objects.visible_to(user)
    named = visible.prefetch_related(Prefetch("successor", visible), Prefetch("commune", visible))
    partner = get_object_or_404(named, slug=slug)
    conventions = partner.conventions.visible_to(user).with_term().distinct()
    context = {
        "partner": partner,
        "conventions": conventions.prefetch_related("parties__partner", "themes"),
        "actions": partner.actions_here.visible_to(user).select_related("convention"),
        "members": partner.members.visible_to(user),
        "groupings": partner.groupings.visible_to(user),
        "predecessors": partner.predecessors.visible_to(user),
        "contacts": Contact.objects.visible_to(user).filter(partner=partner),
    }
    return render(request, "cooperation/partner_detail.html", context)


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
