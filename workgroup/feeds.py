"""What a group makes public, as it comes, for a program that follows: an Atom feed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape

from cooperation.lists.exports import NEWEST, REGISTER
from workgroup.models import Draft, GroupMeeting, MinutesVersion, SharedDocument

TITLE = "Sous-groupe : réunions, comptes rendus, textes officiels, documents partagés"


@dataclass(frozen=True)
class Entry:
    """One thing that became public, or changed."""

    at: datetime
    title: str
    text: str
    address: str


def entries() -> Iterator[Entry]:
    """What everybody reads, the latest of each kind."""
    meetings = GroupMeeting.objects.public().order_by("-updated_at")
    for one in meetings[:NEWEST]:
        told = one.cancelled_because or one.place
        yield Entry(
            one.updated_at,
            f"{one.title} : {one.state}",
            f"{one.when}. {told}",
            one.get_absolute_url(),
        )
    versions = MinutesVersion.objects.adopted().select_related("minutes__meeting")
    for one in versions.order_by("-made_at")[:NEWEST]:
        minutes = one.minutes
        yield Entry(one.made_at, str(minutes), "Compte rendu adopté.", minutes.get_absolute_url())
    for one in Draft.objects.public().order_by("-updated_at")[:NEWEST]:
        yield Entry(one.updated_at, f"Officiel : {one}", one.outcome, one.get_absolute_url())
    for one in SharedDocument.objects.public()[:NEWEST]:
        yield Entry(one.shared_at, str(one), one.summary, one.get_absolute_url())


def public_feed(page: str, own: str) -> str:
    """As XML. `page` is what people read of the same, `own` the address of the feed."""
    atom = Atom1Feed(
        title=TITLE,
        link=f"{settings.SITE_URL}{page}",
        description=TITLE,
        language="fr",
        feed_url=f"{settings.SITE_URL}{own}",
        author_name=REGISTER,
    )
    for one in sorted(entries(), key=lambda entry: entry.at, reverse=True)[:NEWEST]:
        link = f"{settings.SITE_URL}{one.address}"
        # Django calls every summary HTML: a text must be escaped to come out as typed.
        atom.add_item(one.title, link, escape(one.text), updateddate=one.at, unique_id=link)
    return atom.writeString("utf-8")
