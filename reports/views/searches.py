"""The searches that a person keeps."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from reports.forms import SaveForm
from reports.searches import LISTS, address_of

TOLD = "Vous recevrez un message quand il y aura du nouveau."
UNTOLD = (
    "Cette recherche est gardée ; mais votre compte n’a pas d’adresse électronique où vous écrire : "
    "demandez au secrétariat de l’ajouter."
)


@login_required
@require_safe
def search_list(request) -> HttpResponseBase:
    """The searches that a person keeps."""
    searches = [(search, address_of(search)) for search in request.user.searches.all()]
    return render(request, "reports/search_list.html", {"searches": searches})


@login_required
@require_http_methods(["GET", "POST"])
def search_save(request, kind) -> HttpResponseBase:
    if kind not in LISTS:
        raise Http404
    listing = LISTS[kind][0](request.GET, request.user)
    form = SaveForm(request.POST or None, user=request.user, kind=kind, query=listing.query)
    if listing.errors:
        messages.error(request, "Un filtre n’a pas de sens : corrigez-le d’abord.")
        return redirect(f"{reverse(f'{kind}_list')}?{listing.query}")
    if form.is_valid():
        form.instance.remember(listing.keys_found)
        messages.success(request, TOLD if request.user.email else UNTOLD)
        return redirect("search_list")
    return render(request, "reports/search_form.html", {"form": form, "listing": listing})


@login_required
@require_POST
def search_delete(request, reference) -> HttpResponseBase:
    get_object_or_404(request.user.searches, reference=reference).delete()
    messages.success(request, "Cette recherche n’est plus suivie.")
    return redirect("search_list")
