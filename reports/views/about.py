"""Pages about the site itself: help and its guides, contact, accessibility, privacy, legal notice."""

from functools import cache

from django.conf import settings
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.safestring import SafeString

from cooperation.caching import public_page
from reports.prose import guide_as_html

# {name in the address: (title, file)} of the guides that people read.
GUIDES = {
    "commune": ("Guide de l’agent communal", "guide-commune.md"),
    "secretariat": ("Guide du secrétariat", "guide-secretariat.md"),
}


@cache
def guide_html(name) -> SafeString:
    text = (settings.BASE_DIR / "docs" / GUIDES[name][1]).read_text(encoding="utf-8")
    # Its own title is that of the page.
    return guide_as_html(text.partition("\n")[2])


@public_page
def help_home(request) -> HttpResponseBase:
    return render(request, "about/help.html", {"guides": GUIDES.items()})


@public_page
def guide(request, name) -> HttpResponseBase:
    if name not in GUIDES:
        raise Http404
    return render(request, "about/guide.html", {"title": GUIDES[name][0], "text": guide_html(name)})


@public_page
def contact(request) -> HttpResponseBase:
    return render(request, "about/contact.html", {"publisher": settings.PUBLISHER})


@public_page
def accessibility(request) -> HttpResponseBase:
    return render(request, "about/accessibility.html", {"publisher": settings.PUBLISHER})


@public_page
def privacy(request) -> HttpResponseBase:
    return render(request, "about/privacy.html", {"publisher": settings.PUBLISHER})


@public_page
def legal_notice(request) -> HttpResponseBase:
    context = {"publisher": settings.PUBLISHER, "licence": settings.DATA_LICENCE}
    return render(request, "about/legal_notice.html", context)
