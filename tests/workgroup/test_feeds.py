"""The feed of what groups make public: each thing once, under the address that people read."""

from django.urls import reverse
from lxml import etree

from tests.factories import make_document, published
from tests.workgroup.factories import make_convened, make_meeting, make_minutes, make_shared
from workgroup.models import Draft, DraftStatus, MeetingStatus, MinutesStatus, SharedDocument

ATOM = "{http://www.w3.org/2005/Atom}"


def titles(client):
    content = client.get(reverse("group_feed")).content
    return [one.findtext(f"{ATOM}title") for one in etree.fromstring(content).iter(f"{ATOM}entry")]


def test_it_tells_what_became_public_and_nothing_else(client, group, member):
    make_meeting(group, title="En préparation")
    meeting = make_convened(group, title="Réunion de mars", in_days=-3)
    minutes = make_minutes(meeting)
    minutes.move_to(MinutesStatus.CORRECTED, by=member)
    cancelled = make_convened(group, title="Réunion d’avril")
    cancelled.move_to(MeetingStatus.CANCELLED, by=member, reason="Grève")
    make_shared(group, member, title="Projet partagé")
    SharedDocument.objects.create(
        group=group,
        kind="evaluation",
        title="Étude publique",
        document=make_document(**published()),
        shared_by=member,
    )
    assert titles(client) == [
        "Étude publique",
        "Réunion d’avril : annulée",
        "Réunion de mars : tenue",
    ]


def test_adopted_minutes_and_official_texts_come_in(client, group, member):
    minutes = make_minutes(make_convened(group, title="Réunion de mars", in_days=-3))
    minutes.move_to(MinutesStatus.CORRECTED, by=member)
    minutes.corrected_until = minutes.corrected_until.replace(year=2020)
    minutes.move_to(MinutesStatus.ADOPTED, by=member)
    draft = make_shared(group, member, title="Termes de référence", outcome="Transmis.")
    Draft.objects.filter(pk=draft.pk).update(closes_on="2020-01-01")
    draft.refresh_from_db()
    draft.move_to(DraftStatus.OFFICIAL, by=member)
    found = titles(client)
    assert found[0] == "Officiel : Termes de référence"
    assert any(title.startswith("Compte rendu : Réunion de mars") for title in found)
