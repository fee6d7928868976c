from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from actions.iati.activities import PUBLIC, activities_file, without_beginning
from actions.iati.organisations import organisations_file
from agreements.models import Convention
from cooperation.caching import kept_file, public_page

XML = "application/xml; charset=utf-8"


@require_safe
def iati_activities(request) -> HttpResponseBase:
    """Every published convention and its actions, IATI 2.03: the same for all who ask."""
    conventions = Convention.objects.all()
    return kept_file(request, "activities.xml", lambda: activities_file(conventions), XML)


@public_page
def iati_activity(request, reference) -> HttpResponseBase:
    """One of them; 404 where no date, without which IATI takes none, is known."""
    convention = get_object_or_404(Convention.objects.visible_to(PUBLIC), reference=reference)
    if without_beginning().filter(pk=convention.pk).exists():
        raise Http404
    content = b"".join(activities_file(Convention.objects.filter(pk=convention.pk)))
    return HttpResponse(content, content_type=XML)


@public_page
def iati_organisations(request) -> HttpResponseBase:
    return HttpResponse(organisations_file(), content_type=XML)
