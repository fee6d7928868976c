import json

import pytest

from cooperation.models import ApiToken, Document
from cooperation.roles import Role
from tests.cooperation.rest.programs import Program
from tests.factories import make_user
from tests.workgroup.factories import (
    make_convened,
    make_draft,
    make_group,
    make_library,
    make_meeting,
    make_member,
    make_minutes,
    make_shared,
    tell_of_group,
)
from workgroup.models import (
    Draft,
    GroupMeeting,
    Minutes,
    MinutesStatus,
    MinutesVersion,
    Seat,
    SharedDocument,
)

MEETINGS, MINUTES = "/api/v1/group-meetings/", "/api/v1/minutes/"
TEXTS, LIBRARY = "/api/v1/official-texts/", "/api/v1/shared-documents/"


def rows(answer):
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


@pytest.fixture
def public(group):
    return tell_of_group(group)


def reader(user):
    return Program(user, scope=ApiToken.Scope.READ)


def test_a_program_reads_what_was_adopted_point_by_point(client, public):
    (minutes,) = rows(client.get(MINUTES))
    (version,) = minutes["adopted"]
    assert version["number"] == 2
    (point,) = version["content"]["points"]
    assert point["outcome"] == "On en parle, de Point 1."
    assert point["commitments"][0]["due_on"] == "2026-01-31"
    assert len(version["content"]["organisations"]) == 1
    (meeting,) = rows(client.get(MEETINGS))
    assert minutes["meeting"] == meeting["reference"]
    assert [one["duration"] for one in meeting["points"]] == [20]
    assert meeting["status"] == "a-eu-lieu"
    (text,) = rows(client.get(TEXTS))
    (shown,) = text["versions"]
    assert [one["heading"] for one in shown["sections"]] == ["Objet", "Fonctionnement"]
    (shared,) = rows(client.get(LIBRARY))
    assert shared["document"]
    assert shared["page"].endswith(f"/gtd/documents/{shared['uid']}/")


def test_who_comes_and_how_to_join_is_told_to_no_program(client, public):
    """Not even to a member's own token: what is copied by programs is not taken back."""
    name = GroupMeeting.objects.get().attendance.get().user.get_username()
    sitting = reader(make_member(public, Seat.CHAIR))
    for read in (client.get, sitting.get):
        for address in (MEETINGS, MINUTES, TEXTS, LIBRARY):
            text = json.dumps(read(address).json())
            for secret in ("exemple.bj/secret", "attendance", name):
                assert secret not in text, address
    assert "attendance" in MinutesVersion.objects.first().content


def test_what_is_prepared_is_for_those_who_write_it(client, group):
    conducting, member = make_member(group, Seat.SECRETARY), make_member(group)
    elsewhere = make_member(make_group())
    make_meeting(group, title="Préparée")
    make_minutes(make_convened(group, in_days=-3))
    make_draft(group, title="Écrit")
    shared = make_shared(group, conducting, title="Partagé")
    section = shared.version_to_write().sections.first()
    section.text = "Pas encore partagé."
    section.save()
    make_library(group, member, access=Document.Access.MEMBERS)
    expected = {
        client: (1, 0, 0, 0),
        reader(elsewhere): (1, 0, 0, 0),
        reader(make_user(Role.MEMBER)): (1, 0, 0, 0),
        reader(member): (2, 1, 1, 1),
        reader(conducting): (2, 1, 2, 1),
        reader(make_user(Role.SECRETARIAT)): (2, 1, 2, 1),
    }
    for program, counts in expected.items():
        found = [rows(program.get(one)) for one in (MEETINGS, MINUTES, TEXTS, LIBRARY)]
        assert tuple(map(len, found)) == counts
        # What is written is nobody's to copy before it is shared.
        told = json.dumps(found, ensure_ascii=False)
        assert ("Pas encore partagé." in told) == (counts[2] == 2)
        assert all(not one["adopted"] for one in found[1])


def test_a_copy_hears_of_what_is_adopted(client, group):
    minutes = make_minutes(make_convened(group, in_days=-30))
    by = make_member(group, Seat.SECRETARY)
    minutes.move_to(MinutesStatus.CORRECTED, by=by)
    mark = client.get(MINUTES).json()["mark"]
    assert not client.get(MINUTES, {"modified_since": mark}).json()["results"]
    Minutes.objects.update(corrected_until="2020-01-01")
    minutes.refresh_from_db()
    minutes.move_to(MinutesStatus.ADOPTED, by=by)
    (row,) = client.get(MINUTES, {"modified_since": mark}).json()["results"]
    assert (row["uid"], len(row["adopted"])) == (minutes.uid, 1)


def test_a_program_asks_for_a_group_and_a_year(client, public):
    tell_of_group()
    this_year = GroupMeeting.objects.first().starts_at.year
    for address in (MEETINGS, MINUTES):
        assert len(rows(client.get(address, {"group": public.slug}))) == 1
        assert len(rows(client.get(address, {"year": this_year}))) == 2
        assert not rows(client.get(address, {"year": this_year - 1}))
        assert client.get(address, {"year": "10" * 20}).status_code == 400
        assert client.get(address, {"group": "rien"}).status_code == 404
    assert len(rows(client.get(TEXTS, {"group": public.slug}))) == 1
    meeting = GroupMeeting.objects.filter(group=public).get()
    assert len(rows(client.get(MINUTES, {"meeting": meeting.reference}))) == 1
    assert {Draft.objects.count(), SharedDocument.objects.count()} == {2}


def test_a_copy_is_told_of_no_removal_of_what_it_could_not_read(client, group):
    """« removed » named each private paper, to anybody, the moment it was shared between members."""
    elsewhere, by = reader(make_user(Role.MEMBER)), make_member(group, Seat.SECRETARY)
    secretariat = reader(make_user(Role.SECRETARIAT))
    programs = (client.get, elsewhere.get)
    addresses = (MEETINGS, MINUTES, TEXTS, LIBRARY)
    marks = {address: client.get(address).json()["mark"] for address in addresses}
    private = make_library(group, by, access=Document.Access.MEMBERS)
    prepared = make_meeting(group)
    make_draft(group)
    make_minutes(make_convened(group, in_days=-3))
    for read in programs:
        for address, mark in marks.items():
            answer = read(f"{address}?modified_since={mark}").json()
            assert answer["removed"] == [], address
        assert read(f"{LIBRARY}{private.uid}/").status_code == 404
    # What was public and is not any more is told as gone.
    shared = make_library(group, by)
    shared.document.access = Document.Access.MEMBERS
    shared.document.save()
    assert client.get(f"{LIBRARY}{shared.uid}/").status_code == 410
    removed = client.get(f"{LIBRARY}?modified_since={marks[LIBRARY]}").json()["removed"]
    assert removed == [{"uid": shared.uid}]
    # And to those who read everything, all that is gone.
    prepared.delete()
    answer = secretariat.get(f"{MEETINGS}?modified_since={marks[MEETINGS]}").json()
    assert answer["removed"] == [{"reference": prepared.reference}]
