"""Pages about the API: personal tokens, its description for programs and for people."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST
from drf_spectacular.renderers import OpenApiJsonRenderer

from cooperation.caching import public_page
from cooperation.rest.docs import overview, readable
from cooperation.rest.forms import TokenForm
from cooperation.rest.schema import api_description


@login_required
@require_http_methods(["GET", "POST"])
def token_list(request) -> HttpResponseBase:
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
def token_revoke(request, reference) -> HttpResponseBase:
    token = get_object_or_404(request.user.api_tokens, reference=reference)
    request.user.api_tokens.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())
    messages.success(request, f"Le jeton « {token} » ne sert plus.")
    return redirect("token_list")


@public_page
def api_schema(request) -> HttpResponseBase:
    """The description of the API, for programs: OpenAPI 3.1."""
    content = OpenApiJsonRenderer().render(api_description())
    return HttpResponse(content, content_type="application/vnd.oai.openapi+json")


@public_page
def api_docs(request) -> HttpResponseBase:
    """The same description, for people: what the API is, then each resource on a page of its own."""
    return render(request, "cooperation/api_docs.html", overview(api_description()))


@public_page
def api_docs_resource(request, name) -> HttpResponseBase:
    context = readable(api_description(), name)
    if context is None:
        raise Http404
    return render(request, "cooperation/api_docs_resource.html", context)
