"""Searches that people keep: what is new in each, told by e-mail."""

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.urls import reverse

from actions.exports import ACTIONS
from actions.facets import action_listing
from agreements.exports import CONVENTIONS
from agreements.facets import convention_listing
from cooperation.exports import records
from cooperation.facets import partner_listing
from cooperation.models import SavedSearch
from cooperation.partner_exports import PARTNERS

LISTS = {
    "convention": (convention_listing, CONVENTIONS),
    "action": (action_listing, ACTIONS),
    "partner": (partner_listing, PARTNERS),
}
# Names in one message; beyond, a number.
NAMED = 20


def listing_of(search):
    """The list that a search describes, as its owner sees it today."""
    listing, _ = LISTS[search.kind]
    return listing(search.data, search.user)


def address_of(search):
    return f"{reverse(f'{search.kind}_list')}?{search.query}"


def send_alerts() -> int:
    """Write to each active owner of a search what it holds that it did not. Returns how many.

    A message that could not be sent is tried again at the next run; one that was, is not.
    """
    sent = 0
    searches = SavedSearch.objects.filter(user__is_active=True).exclude(user__email="")
    for search in searches.select_related("user"):
        with transaction.atomic():
            search = (
                SavedSearch.objects.select_for_update().select_related("user").get(pk=search.pk)
            )
            listing = listing_of(search)
            new = listing.keys_found - search.known_keys
            if listing.errors or listing.keys_found == search.known_keys:
                continue
            search.remember(listing.keys_found)
            if new:
                send_mail(*message(search, listing, new), None, [search.user.email])
                sent += 1
    return sent


def message(search, listing, new):
    """The subject and the text of a message."""
    _, kind = LISTS[search.kind]
    listing.found = [new]
    listing.count = len(new)
    lines = []
    for record in records(listing, kind.records(search.user)):
        heading, text = kind.entry(record)
        lines.append(f"- {heading} : {text}\n  {settings.SITE_URL}{record.get_absolute_url()}")
        if len(lines) == NAMED:
            break
    if len(new) > NAMED:
        lines.append(f"et {len(new) - NAMED} autres.")
    end = f"Toute la liste : {settings.SITE_URL}{address_of(search)}\n"
    end += f"Ne plus recevoir ces messages : {settings.SITE_URL}{reverse('search_list')}"
    return f"[Registre] Du nouveau : {search.name}", "\n".join([*lines, "", end])
