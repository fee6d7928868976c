"""Pages about the site itself: help and its guides, contact, accessibility, privacy, legal notice."""

from functools import cache

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from agreements.glances import Bar, Money, Share
from agreements.models import Convention, State
from cooperation.caching import public_page
from cooperation.values.money import Nature
from cooperation.values.states import ActionState
from reports.prose import guide_as_html
from reports.tiles import NUMBERS, Block, Tile

# {name in the address: (title, file)} of the guides that people read.
GUIDES = {
    "commune": ("Guide de l’agent communal", "guide-commune.md"),
    "secretariat": ("Guide du secrétariat", "guide-secretariat.md"),
    "gtd": ("Guide du sous-groupe", "guide-sous-groupe.md"),
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


# Made-up figures: what each part looks like in each of its states.
BARS = [
    ("un terme passé", Bar(10, 30, is_open=False, added=0, today=80)),
    ("prolongé par un avenant", Bar(40, 25, is_open=False, added=20, today=80)),
    ("dont la fin n’est pas connue", Bar(60, 20, is_open=True, added=0, today=80)),
]
MONEY = Money(
    label="100 000 €",
    equivalent="65 595 700 F CFA",
    shares=[
        Share("Ville, numéraire", Nature.CASH, "60 000 €", 0, 60),
        Share("Commune, valorisation", Nature.IN_KIND, "25 000 €", 60, 25),
        Share("Agence", "non-precisee", "15 000 €", 85, 15),
    ],
    paid=65,
)
TILES = [
    Block(
        "Département",
        5,
        [Tile("Commune", "commune", own, 0) for own in (0, 1, 2, 4, 7)]
        + [Tile("Par un groupement", "commune", 0, 2)],
    )
]


@login_required
@require_safe
def parts(request) -> HttpResponseBase:
    """Every part that pages are built of, in every state: for those who build and judge them."""
    context = {
        "states": State,
        "action_states": ActionState,
        "provenances": [Convention(provenance=value) for value in Convention.Provenance],
        "bars": BARS,
        "money": MONEY,
        "blocks": TILES,
        "scale": NUMBERS,
    }
    return render(request, "about/parts.html", context)
