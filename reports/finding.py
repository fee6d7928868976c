"""One search for all that the registry holds: a few records of each kind, and the lists of the others."""

from dataclasses import dataclass

from django.db.models import Prefetch
from django.http import QueryDict
from django.urls import reverse

from actions.facets import action_listing
from actions.models import Action, GoodPractice
from agreements.facets import convention_listing
from agreements.glances import add_glances
from agreements.models import Convention
from cooperation.facets import partner_listing
from cooperation.lists.listing import Listing, Rows
from cooperation.models import Document, Partner
from cooperation.values.text import search_words
from workgroup.models import Draft, GroupMeeting, SharedDocument

# Records of each kind on the page.
MOST_FOUND = 5
# Words that name a kind of record: « convention parakou » looks for no other kind.
KINDS = {
    "convention": "conventions",
    "conventions": "conventions",
    "accord": "conventions",
    "accords": "conventions",
    "action": "actions",
    "actions": "actions",
    "partenaire": "partenaires",
    "partenaires": "partenaires",
    "document": "documents",
    "documents": "documents",
    "pratique": "bonnes pratiques",
    "pratiques": "bonnes pratiques",
}


@dataclass(frozen=True)
class Group:
    """What is found of one kind; `address` is the list of all of it, "" where there is none."""

    name: str
    count: int
    records: list
    address: str = ""
    # {"words", "address", "count"} of close words, where nothing is found.
    meant: dict | None = None


def find(text, user) -> list[Group]:
    """The kinds in which something is found, or close words would find something."""
    words = search_words(text)
    named = {KINDS[word] for word in words if word in KINDS}
    # The names of kinds alone ask for all of them.
    kept = " ".join(word for word in words if word not in KINDS) if named else text
    groups = [
        make(kept, user) for name, make in GROUPS.items() if words and (not named or name in named)
    ]
    return [group for group in groups if group.count or group.meant]


def conventions(text, user) -> Group:
    visible = Convention.objects.visible_to(user).with_term()
    group = listed(
        "conventions",
        text,
        convention_listing(asked(text), user),
        visible.prefetch_related("parties__partner"),
    )
    add_glances(group.records)
    return group


def actions(text, user) -> Group:
    visible = Action.objects.visible_to(user).select_related("convention")
    places = Prefetch("places", Partner.objects.visible_to(user))
    listing = action_listing(asked(text), user)
    return listed("actions", text, listing, visible.prefetch_related(places))


def partners(text, user) -> Group:
    visible = Partner.objects.visible_to(user)
    return listed("partenaires", text, partner_listing(asked(text), user), visible)


def documents(text, user) -> Group:
    """They have no list of their own: each stands with its record. What a group shares is found as such."""
    visible = Document.objects.visible_to(user).filter(shared_documents=None)
    return searched("documents", text, visible.order_by("-pk"))


def practices(text, user) -> Group:
    visible = GoodPractice.objects.visible_to(user).current().select_related("action")
    return searched("bonnes pratiques", text, visible.order_by("title", "pk"))


def shared_documents(text, user) -> Group:
    return searched("documents partagés", text, SharedDocument.objects.visible_to(user))


def meetings(text, user) -> Group:
    """They are listed by date alone."""
    return searched("réunions", text, GroupMeeting.objects.visible_to(user))


def texts(text, user) -> Group:
    return searched("termes de référence", text, Draft.objects.visible_to(user))


def searched(name, text, visible) -> Group:
    """Of what has no index: found by the words that it holds."""
    found = visible.search(text)
    address = f"{reverse(ADDRESSES[name])}?{asked(text).urlencode()}" if name in ADDRESSES else ""
    return Group(name, found.count(), list(found[:MOST_FOUND]), address)


def listed(name, text, listing: Listing, visible) -> Group:
    address = f"{reverse(ADDRESSES[name])}?{asked(text).urlencode()}"
    records = Rows(listing, visible)[0:MOST_FOUND] if listing.count else []
    return Group(name, listing.count, records, address, listing.meant())


def asked(text) -> QueryDict:
    data = QueryDict(mutable=True)
    if text:
        data["q"] = text
    return data


GROUPS = {
    "conventions": conventions,
    "actions": actions,
    "partenaires": partners,
    "bonnes pratiques": practices,
    "documents partagés": shared_documents,
    "documents": documents,
    "réunions": meetings,
    "termes de référence": texts,
}
ADDRESSES = {
    "conventions": "convention_list",
    "actions": "action_list",
    "partenaires": "partner_list",
    "bonnes pratiques": "practice_list",
    "documents partagés": "shared_list",
}
