"""One word planted in each private field of a group: a crawl by whoever does not sit there finds none."""

import re
from collections import Counter
from html import unescape
from io import BytesIO
from urllib.parse import urldefrag, urlsplit

import pytest
from django.test import Client
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from pypdf import PdfReader

from tests.factories import make_convention, make_document, make_user, published
from tests.workgroup.factories import (
    make_comment,
    make_convened,
    make_draft,
    make_group,
    make_mandate,
    make_meeting,
    make_member,
    make_minutes,
    make_shared,
)
from workgroup.models import (
    AgendaPoint,
    Answer,
    Attendance,
    CalendarKey,
    Commitment,
    Correction,
    Disposition,
    Draft,
    Minutes,
    MinutesStatus,
    Presence,
    Seat,
    SharedDocument,
)

# Too long to stand in a random token by chance.
MARK = "zqxprive"
# The pages that a crawl begins from, beside what they lead to.
STARTS = [
    "/",
    "/gtd/",
    "/gtd/reunions/",
    "/gtd/projets/",
    "/gtd/documents/",
    "/gtd/reunions.ics",
    "/gtd/flux.atom",
]
# Where no page leads.
DOORS = [
    "/api/v1/",
    *(
        f"/api/v1/{name}/{query}"
        for name in ("group-meetings", "minutes", "official-texts", "shared-documents", "documents")
        for query in ("", "?modified_since=2020-01-01")
    ),
    f"/conventions/?q={MARK}",
    f"/recherche/?q={MARK}",
    f"/gtd/documents/?q={MARK}",
    f"/absente/{MARK[:3]}/",
    "/ponadec/",
    "/ponadec.csv",
]
# Of each kind of page that the crawl comes upon by itself.
MOST_OF_A_KIND = 1


def word(name):
    return f"{MARK}{name}"


@pytest.fixture
def planted(group):
    """Every private field of a group holds a word of its own; the addresses of all its records."""
    secretary = make_member(
        group,
        Seat.SECRETARY,
        user=make_user(last_name=word("nom"), email=f"{word('adresse')}@exemple.bj"),
    )
    member = make_member(group, user=make_user(last_name=word("membre"), phone="0197"))
    coming = make_convened(group, joining_link=f"https://reunion.example/{word('lien')}")
    Attendance.objects.create(
        meeting=coming, user=member, answer=Answer.REPRESENTED, stand_in=word("remplacant")
    )
    prepared = make_meeting(group, title=word("preparation"), note=word("note"))
    AgendaPoint.objects.create(
        group=group, title=word("propose"), detail=word("detail"), proposed_by=member
    )
    held = make_convened(group, in_days=-40)
    minutes = make_minutes(held, opening=word("ouverture"), closing=word("cloture"))
    notes = held.points.get().notes
    notes.outcome, notes.decisions = word("dit"), word("decide")
    notes.save()
    Commitment.objects.create(
        group=group, point=held.points.get(), what=word("engage"), who=word("qui"), user=member
    )
    Attendance.objects.create(meeting=held, guest=word("invite"), presence=Presence.PRESENT)
    minutes.move_to(MinutesStatus.CORRECTED, by=secretary)
    correction = Correction.objects.create(
        minutes=minutes, author=member, text=word("correction"), proposed=word("corrige")
    )
    correction.move_to(Disposition.SET_ASIDE, by=secretary, reason=word("suite"))
    draft = make_draft(group, title=word("brouillon"), purpose=word("objet"))
    shared = make_shared(group, secretary, title=word("partage"))
    make_comment(shared, member, text=word("remarque"), proposed=word("texte"))
    official = make_shared(group, secretary, outcome="Transmis.")
    comment = make_comment(official, member, text=word("ancienne"))
    Draft.objects.filter(pk=official.pk).update(closes_on="2020-01-01")
    comment.draft.refresh_from_db()
    comment.move_to(Disposition.NOTED, by=secretary, reason=word("notee"))
    official.refresh_from_db()
    official.move_to("rendu-officiel", by=secretary)
    convention = make_convention(title="Convention lue", **published())
    library = SharedDocument.objects.create(
        group=group,
        kind="evaluation",
        title=word("etude"),
        summary=word("resume"),
        document=make_document(title=word("fichier"), access="membres", **published()),
        shared_by=member,
    )
    library.conventions.add(convention)
    key = CalendarKey.objects.create(user=member)
    records = [coming, prepared, held, minutes, correction, draft, shared, official, library]
    addresses = [record.get_absolute_url() for record in records]
    addresses += [library.document.get_absolute_url(), group.get_absolute_url()]
    for meeting in (coming, prepared, held):
        addresses += [
            reverse(name, args=[meeting.reference])
            for name in ("meeting_file", "agenda", "attendance", "minutes_write", "minutes_detail")
        ]
        addresses.append(reverse("fiche", args=["compte-rendu", meeting.reference]))
        addresses.append(reverse("fiche", args=["compte-rendu", f"{meeting.reference}-v1"]))
    for one in (draft, shared, official):
        addresses += [
            reverse(name, args=[one.reference])
            for name in ("draft_comments", "disposition_table", "draft_versions", "draft_write")
        ]
        addresses.append(reverse("fiche", args=["remarques", one.reference]))
    addresses += [
        reverse("groupmeeting_history", args=[coming.reference]),
        reverse("groupmeeting_history", args=[held.reference]),
        reverse("draft_history", args=[shared.reference]),
        reverse("shareddocument_history", args=[library.uid]),
    ]
    addresses += [reverse(n) for n in ("commitment_list", "letter_list", "import_list")]
    addresses.append(reverse("mandate_list", args=[group.slug]))
    return {"addresses": addresses, "key": key}


def text_of(response):
    """All that an answer says, unfolded and unpacked."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    if content.startswith(b"%PDF"):
        reader = PdfReader(BytesIO(content))
        return " ".join(page.extract_text() for page in reader.pages) + str(reader.metadata)
    return unescape(content.replace(b"\r\n ", b"").decode(errors="replace"))


def links_in(text):
    for address in re.findall(r'(?:href|src|action)="(/[^"]*)"', text):
        yield urldefrag(address)[0]


def kind_of(address):
    try:
        return resolve(urlsplit(address).path).view_name
    except Resolver404:
        return None


def crawled(client, addresses):
    """{address: text} of what can be read from there: these addresses, then a few of each kind of page."""
    found, kinds, waiting = {}, Counter(), []
    for address in addresses:
        found[address] = text_of(client.get(address))
        waiting += links_in(found[address])
    while waiting:
        address = waiting.pop(0)
        kind = kind_of(address)
        is_apart = kind in (None, "account_logout", "fiche") or kinds[kind] >= MOST_OF_A_KIND
        if address in found or is_apart:
            continue
        kinds[kind] += 1
        found[address] = text_of(client.get(address))
        waiting += links_in(found[address])
    return found


@pytest.mark.parametrize("who", ["visiteur", "sans mandat", "mandat fini", "autre groupe", "agent"])
def test_a_crawl_finds_none_of_what_a_group_keeps(pango, group, planted, who):
    client = Client()
    people = {
        "sans mandat": lambda: make_user(),
        "mandat fini": lambda: (
            make_mandate(group, ends_on=timezone.localdate().replace(year=2021)).user
        ),
        "autre groupe": lambda: make_member(make_group(), Seat.CHAIR),
        "agent": lambda: make_user("commune"),
    }
    if who in people:
        client.force_login(people[who]())
    found = crawled(client, [*planted["addresses"], *STARTS, *DOORS])
    assert len(found) > 60
    # Their own words in a form that comes back are theirs.
    leaks = {
        address: sorted(set(re.findall(f"{MARK}[a-z]+", text)))
        for address, text in found.items()
        if re.search(f"{MARK}[a-z]+", text)
    }
    assert not leaks


def test_the_words_are_there_for_those_who_sit(group, planted):
    """Or the crawl would find nothing because there is nothing."""
    client = Client()
    client.force_login(make_member(group, Seat.CHAIR))
    found = " ".join(crawled(client, [*planted["addresses"], *STARTS]).values())
    seen = set(re.findall(f"{MARK}([a-z]+)", found))
    assert {
        *("lien", "remplacant", "preparation", "note", "propose", "dit", "decide", "ouverture"),
        *("engage", "qui", "invite", "correction", "suite", "brouillon", "partage", "remarque"),
        *("texte", "ancienne", "notee", "etude", "resume", "membre", "nom"),
    } <= seen
    assert Minutes.objects.count() == 1
