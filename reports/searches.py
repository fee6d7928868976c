"""Searches that people keep: what is new in each, told by e-mail."""

import logging
from itertools import islice

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from actions.exports import ACTION_EXPORT
from actions.facets import action_listing
from agreements.exports import CONVENTION_EXPORT
from agreements.facets import convention_listing
from cooperation.entry.notices import compose, keep_in_site
from cooperation.exports import PARTNER_EXPORT
from cooperation.facets import partner_listing
from cooperation.lists.exports import records
from cooperation.lists.listing import Listing
from cooperation.models import SavedSearch, User

logger = logging.getLogger(__name__)

LISTS = {
    "convention": (convention_listing, CONVENTION_EXPORT),
    "action": (action_listing, ACTION_EXPORT),
    "partner": (partner_listing, PARTNER_EXPORT),
}
# Names in one message; beyond, a number.
NAMED = 20


def listing_of(search) -> Listing:
    """The list that a search describes, as its owner sees it today."""
    listing, _ = LISTS[search.kind]
    return listing(search.data, search.user)


def address_of(search) -> str:
    return f"{reverse(f'{search.kind}_list')}?{search.query}"


def send_searches() -> tuple[int, int]:
    """Write to each active owner of a search what it holds that it did not.

    Returns how many messages were sent, and how many failed: those are tried again at the next run,
    and keep nobody else from theirs.
    """
    sent = failed = 0
    searches = SavedSearch.objects.filter(user__is_active=True).exclude(user__email="")
    for key in searches.values_list("pk", flat=True):
        try:
            with transaction.atomic():
                sent += tell(SavedSearch.objects.select_for_update().get(pk=key))
        except Exception:
            logger.exception("saved search %s", key)
            failed += 1
    return sent, failed


def tell(search) -> bool:
    """Write what is new in one search; False where nothing is."""
    listing = listing_of(search)
    if listing.errors or listing.keys_found == search.known_keys:
        return False
    new = listing.keys_found - search.known_keys
    search.remember(listing.keys_found)
    if new:
        message = compose("saved_search", address_of(search), **new_in(search, listing, new))
        keep_in_site(User.objects.filter(pk=search.user_id), message, address_of(search))
        message.to(search.user.email).send()
    return bool(new)


def new_in(search, listing, new) -> dict:
    """What a message says of what is new: {"search", "found": [(title, text, link)], "others"}."""
    _, kind = LISTS[search.kind]
    listing.found = [new]
    listing.count = len(new)
    shown = islice(records(listing, kind.records(search.user)), NAMED)
    found = [
        (*kind.entry(record), f"{settings.SITE_URL}{record.get_absolute_url()}") for record in shown
    ]
    return {"search": search, "found": found, "others": max(0, len(new) - NAMED)}
