"""The whole life of a meeting through its pages, with what each person reads and may do."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cooperation.models import Document
from cooperation.roles import Role
from tests.factories import make_user
from tests.workgroup.factories import (
    make_convened,
    make_mandate,
    make_meeting,
    make_member,
    make_minutes,
    make_point,
)
from tests.workgroup.reading import opens
from workgroup.letters import send_due
from workgroup.models import (
    AgendaPoint,
    Answer,
    Attendance,
    Commitment,
    GroupMeeting,
    Letter,
    LetterStatus,
    MeetingStatus,
    Minutes,
    PointNotes,
    Presence,
    Seat,
)


def client_of(person):
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def own(secretary_of_group):
    """A client of whoever conducts the group."""
    return client_of(secretary_of_group)


def step(client, meeting, slug, **data):
    meeting.refresh_from_db()
    address = reverse("meeting_step", args=[meeting.reference, slug])
    return client.post(address, {"version": meeting.version, **data}, follow=True)


def after_five_minutes():
    with time_machine.travel(timezone.now() + timedelta(minutes=6), tick=False):
        return send_due()


def test_a_meeting_is_prepared_before_anybody_is_told(own, group, member):
    answer = own.post(
        reverse("meeting_add", args=[group.slug]),
        {
            "title": "Réunion de mars",
            "starts_at": "2027-03-12T10:00",
            "ends_at": "2027-03-12T12:30",
            "place": "Salle du ministère",
            "opened_version": "",
        },
        follow=True,
    )
    assert "personne n’est encore prévenu" in answer.content.decode()
    meeting = GroupMeeting.objects.get()
    assert meeting.when == "vendredi 12 mars 2027 de 10 h 00 à 12 h 30 (heure de Porto-Novo)"
    assert not Letter.objects.exists()
    # The public does not know of it, members do.
    assert Client().get(meeting.get_absolute_url()).status_code == 404
    assert client_of(member).get(meeting.get_absolute_url()).status_code == 200
    assert client_of(make_user()).get(meeting.get_absolute_url()).status_code == 404


def test_it_is_not_convened_without_a_point_or_a_place(own, group):
    meeting = make_meeting(group, points=0, place="")
    page = own.get(reverse("meeting_step", args=[meeting.reference, "convoquer"])).content.decode()
    assert "Inscrivez d’abord un point" in page
    make_point(meeting)
    assert "Dites d’abord où" in step(own, meeting, "convoquer").content.decode()
    meeting.refresh_from_db()
    assert meeting.status == MeetingStatus.PREPARED


def test_convening_writes_once_to_each_member_five_minutes_later(own, group, member, mailoutbox):
    meeting = make_meeting(group, joining_link="https://reunion.example/xyz")
    assert "Un message part" in step(own, meeting, "convoquer").content.decode()
    assert send_due() == (0, 0)
    assert after_five_minutes() == (2, 0)
    assert after_five_minutes() == (0, 0)
    to_member = next(m for m in mailoutbox if m.to == [member.email])
    assert "https://reunion.example/xyz" in to_member.body
    assert "Point 1" in to_member.body
    assert to_member.attachments[0][0] == "reunion.ics"
    assert not to_member.extra_headers.get("List-Unsubscribe")


def test_changes_within_five_minutes_are_one_mail(own, group, member, mailoutbox):
    meeting = make_convened(group)
    for place in ("Porto-Novo", "Parakou"):
        meeting.refresh_from_db()
        local = timezone.localtime
        own.post(
            reverse("meeting_edit", args=[meeting.reference]),
            {
                "title": meeting.title,
                "starts_at": f"{local(meeting.starts_at):%Y-%m-%dT%H:%M}",
                "ends_at": f"{local(meeting.ends_at):%Y-%m-%dT%H:%M}",
                "place": place,
                "opened_version": meeting.version,
            },
        )
    after_five_minutes()
    bodies = [m.body for m in mailoutbox if m.to == [member.email]]
    assert len(bodies) == 1
    assert "Parakou" in bodies[0]
    meeting.refresh_from_db()
    assert meeting.sequence == 2


def test_a_cancellation_tells_those_who_were_told_and_then_nothing_more(
    own, group, member, mailoutbox
):
    meeting = make_meeting(group)
    step(own, meeting, "convoquer")
    after_five_minutes()
    mailoutbox.clear()
    # A change that has not left yet is held.
    own.post(reverse("agenda", args=[meeting.reference]), {"title": "De plus"})
    answer = step(own, meeting, "annuler", reason="Grève des transports")
    assert "que la convocation avait atteints" in answer.content.decode()
    after_five_minutes()
    subjects = [m.subject for m in mailoutbox if m.to == [member.email]]
    assert len(subjects) == 1
    assert "Annulée" in subjects[0]
    held = Letter.objects.get(name="meeting_changed", user=member)
    assert (held.status, held.because) == (
        LetterStatus.HELD,
        "La réunion a été annulée entre-temps.",
    )
    page = Client().get(meeting.get_absolute_url()).content.decode()
    assert "Grève des transports" in page


def test_cancelled_before_anybody_was_told_nobody_hears_of_it(own, group, member, mailoutbox):
    meeting = make_meeting(group)
    step(own, meeting, "convoquer")
    answer = step(own, meeting, "annuler", reason="Erreur de date")
    assert "n’avait encore atteint personne" in answer.content.decode()
    after_five_minutes()
    assert not mailoutbox
    # Convened again, it is told, under the next revision.
    step(own, meeting, "convoquer")
    assert after_five_minutes() == (2, 0)
    meeting.refresh_from_db()
    assert meeting.sequence == 2


def test_a_member_answers_on_the_page_and_from_the_mail(own, group, member, mailoutbox):
    meeting = make_meeting(group)
    step(own, meeting, "convoquer")
    after_five_minutes()
    mine = client_of(member)
    mine.post(reverse("meeting_answer", args=[meeting.reference]), {"answer": Answer.YES})
    assert meeting.attendance.get(user=member).answer == Answer.YES
    body = next(m.body for m in mailoutbox if m.to == [member.email])
    link = re.search(r"http\S+(/gtd/reponse/\S+)", body)[1]
    visitor = Client()
    assert "Venez-vous" in visitor.get(link).content.decode()
    refused = visitor.post(link, {"answer": Answer.REPRESENTED})
    assert "Dites par qui" in refused.content.decode()
    visitor.post(link, {"answer": Answer.REPRESENTED, "stand_in": "M. Adjovi"})
    attendance = meeting.attendance.get(user=member)
    assert (attendance.answer, attendance.stand_in) == (Answer.REPRESENTED, "M. Adjovi")
    # Not a link for another, nor once the seat is lost.
    assert visitor.get(link[:-3] + "xy/").status_code == 404
    member.mandates.update(ends_on=timezone.localdate() - timedelta(days=1))
    assert visitor.get(link).status_code == 404


def test_who_comes_is_seen_by_members_only(group, member):
    meeting = make_convened(group)
    person = make_member(group, user=make_user(last_name="Zannoumbo", first_name="Xavierine"))
    Attendance.objects.create(meeting=meeting, user=person, answer=Answer.YES)
    assert "Zannoumbo" in client_of(member).get(meeting.get_absolute_url()).content.decode()
    for other in (Client(), client_of(make_user()), client_of(make_user(Role.COMMUNE))):
        assert "Zannoumbo" not in other.get(meeting.get_absolute_url()).content.decode()


def test_the_joining_link_is_for_members_only(group, member):
    meeting = make_convened(group, joining_link="https://reunion.example/secret-42")
    for address in (meeting.get_absolute_url(), reverse("meeting_file", args=[meeting.reference])):
        own = client_of(member).get(address).content.replace(b"\r\n ", b"")
        assert b"secret-42" in own
        public = Client().get(address)
        assert public.status_code == 200
        assert b"secret-42" not in public.content.replace(b"\r\n ", b"")
    assert b"secret-42" not in Client().get(reverse("meeting_calendar")).content


def test_points_are_proposed_taken_up_moved_and_set_aside(own, group, member):
    mine = client_of(member)
    for title in ("Bonnes pratiques", "Budget", "Autre"):
        mine.post(reverse("point_propose", args=[group.slug]), {"title": title})
    meeting = make_meeting(group)
    page = reverse("agenda", args=[meeting.reference])
    first, second, third = AgendaPoint.objects.in_box()
    for point in (first, second):
        own.post(page, {"point": point.uid, "faire": "inscrire"})
    own.post(page, {"point": second.uid, "faire": "monter"})
    assert [p.title for p in meeting.points.all()] == ["Point 1", "Budget", "Bonnes pratiques"]
    own.post(page, {"point": first.uid, "faire": "oter"})
    assert first in AgendaPoint.objects.in_box()
    assert (
        "Dites pourquoi"
        in own.post(page, {"point": third.uid, "faire": "ecarter"}, follow=True).content.decode()
    )
    own.post(page, {"point": third.uid, "faire": "ecarter", "pourquoi": "Traité ailleurs"})
    assert third not in AgendaPoint.objects.in_box()
    # A member who does not conduct changes no agenda.
    assert mine.post(page, {"title": "Par force"}).status_code == 404


def test_durations_are_summed_and_red_when_over(own, group):
    meeting = make_meeting(group, points=0)
    make_point(meeting, duration=100)
    make_point(meeting, duration=21)
    page = own.get(meeting.get_absolute_url()).content.decode()
    assert "121 minutes prévues, sur 120" in page.replace("\xa0", " ")
    assert 'class="too-long"' in page
    meeting.points.filter(duration=21).update(duration=20)
    assert 'class="too-long"' not in own.get(meeting.get_absolute_url()).content.decode()


def test_what_was_not_treated_and_what_is_open_come_back_for_the_next(own, group):
    held = make_convened(group, in_days=-3, points=2)
    done, left = held.points.all()
    PointNotes.objects.create(point=done, treatment="traite")
    PointNotes.objects.create(point=left, treatment="reporte")
    Commitment.objects.create(group=group, point=done, what="Envoyer la liste", who="ANCB")
    meeting = make_meeting(group)
    page = reverse("agenda", args=[meeting.reference])
    shown = own.get(page).content.decode()
    assert "Non traités" in shown
    assert "Envoyer la liste" in shown
    own.post(page, {"point": left.uid, "faire": "inscrire"})
    own.post(page, {"point": left.uid, "faire": "inscrire"})
    assert meeting.points.filter(follows=left).count() == 1
    assert "Non traités" not in own.get(page).content.decode()


def test_the_last_agenda_is_copied(own, group):
    held = make_convened(group, in_days=-3, points=0)
    make_point(held, title="Tour de table", duration=15)
    own.post(
        reverse("meeting_add", args=[group.slug]),
        {
            "title": "La suivante",
            "starts_at": "2027-03-12T10:00",
            "ends_at": "2027-03-12T12:30",
            "takes_agenda": "on",
        },
    )
    meeting = GroupMeeting.objects.get(title="La suivante")
    assert list(meeting.points.values_list("title", "duration")) == [("Tour de table", 15)]


def test_the_list_of_those_present_begins_with_the_answers(own, group, member):
    meeting = make_convened(group, in_days=-1)
    silent = make_member(group, user=make_user(username="silencieux"))
    Attendance.objects.create(
        meeting=meeting, user=member, answer=Answer.REPRESENTED, stand_in="M. Adjovi"
    )
    page = own.get(reverse("attendance", args=[meeting.reference])).content.decode()
    assert '<option value="etait-represente" selected>' in page
    assert "silencieux" in page
    # Reading the page notes nothing yet.
    assert meeting.attendance.count() == 1
    conductor = meeting.group.mandates.get(seat=Seat.SECRETARY).user
    data = {
        f"u{member.pk}-presence": Presence.PRESENT,
        f"u{conductor.pk}-presence": Presence.PRESENT,
        f"u{silent.pk}-presence": Presence.ABSENT,
    }
    own.post(reverse("attendance", args=[meeting.reference]), {**data, "guest": "Une invitée"})
    assert meeting.attendance.get(user=silent).presence == Presence.ABSENT
    assert meeting.attendance.get(guest="Une invitée").presence == Presence.PRESENT


def test_a_prepared_meeting_is_deleted_and_its_points_wait(own, group, member):
    meeting = make_meeting(group)
    proposed = make_point(meeting, proposed_by=member)
    own.post(reverse("meeting_delete", args=[meeting.reference]))
    assert not GroupMeeting.objects.exists()
    assert AgendaPoint.objects.get() == proposed
    assert AgendaPoint.objects.in_box().get() == proposed
    # Announced meanwhile, it keeps its agenda.
    convened = make_convened(group, points=3)
    answer = own.post(reverse("meeting_delete", args=[convened.reference]), follow=True)
    assert "elle ne se supprime pas" in answer.content.decode()
    assert convened.points.count() == 3


def test_a_held_meeting_changes_no_more(own, group):
    meeting = make_convened(group, in_days=-1)
    step(own, meeting, "clore")
    page = reverse("agenda", args=[meeting.reference])
    assert own.post(page, {"title": "Après coup"}).status_code == 403
    assert meeting.points.count() == 1


def test_a_document_goes_with_the_convocation(own, group, member, one_pdf):
    meeting = make_meeting(group)
    for title, data in (("Note publique", {}), ("Note interne", {"for_members": "on"})):
        own.post(
            reverse("meeting_document_add", args=[meeting.reference]),
            {"title": title, "file": one_pdf(), **data},
        )
    assert Document.objects.count() == 2
    step(own, meeting, "convoquer")
    public = Client().get(meeting.get_absolute_url()).content.decode()
    assert "Note publique" in public
    assert "Note interne" not in public
    commune = make_mandate(group, user=make_user(Role.COMMUNE)).user
    assert "Note interne" in client_of(commune).get(meeting.get_absolute_url()).content.decode()


def test_minutes_are_late_from_the_fifteenth_day(group):
    meeting = make_convened(group, starts_at=timezone.make_aware(timezone.datetime(2027, 3, 1, 9)))
    with time_machine.travel("2027-03-15T22:59:59Z", tick=False):
        page = Client().get(reverse("meeting_list")).content.decode()
        assert "attendu depuis" not in page
    with time_machine.travel("2027-03-15T23:00:00Z", tick=False):
        for address in (reverse("meeting_list"), meeting.group.get_absolute_url()):
            assert "attendu depuis 1 jour" in Client().get(address).content.decode().replace(
                "\xa0", " "
            )
        make_minutes(meeting)
        assert Minutes.objects.count() == 1
        assert "attendu depuis" in Client().get(reverse("meeting_list")).content.decode()


def test_who_conducts_nothing_prepares_nothing(group, member):
    mine, meeting = client_of(member), make_convened(group)
    observer = client_of(make_member(group, Seat.OBSERVER))
    for client in (mine, observer, client_of(make_user())):
        assert client.get(reverse("meeting_add", args=[group.slug])).status_code == 404
        assert client.get(reverse("meeting_edit", args=[meeting.reference])).status_code == 404
        assert client.get(reverse("attendance", args=[meeting.reference])).status_code == 404
        address = reverse("meeting_step", args=[meeting.reference, "annuler"])
        assert (
            client.post(address, {"version": meeting.version, "reason": "Non"}).status_code == 403
        )
    answer = observer.post(reverse("point_propose", args=[group.slug]), {"title": "Non"})
    assert answer.status_code == 404
    assert not mail.outbox


def test_presences_that_another_noted_meanwhile_stay(own, group, member):
    """Two opened the same list: the second blanked what the first had noted."""
    meeting = make_convened(group, in_days=-1)
    page = reverse("attendance", args=[meeting.reference])
    name = f"u{member.pk}"
    # What the page showed goes along with it.
    assert f'name="{name}-shown" value="|"' in own.get(page).content.decode()
    own.post(page, {f"{name}-presence": Presence.PRESENT, f"{name}-shown": "|"})
    # The other page showed nothing of this line, and says nothing of it.
    own.post(page, {f"{name}-presence": "", f"{name}-shown": "|"})
    own.post(page, {})
    assert meeting.attendance.get(user=member).presence == Presence.PRESENT


def test_a_point_with_notes_stays_on_its_agenda(own, group, member):
    meeting = make_convened(group, starts_at=timezone.now() - timedelta(minutes=5), points=0)
    point = make_point(meeting, proposed_by=member)
    PointNotes.objects.create(point=point, outcome="Dit")
    page = reverse("agenda", args=[meeting.reference])
    answer = own.post(page, {"point": point.uid, "faire": "oter"}, follow=True)
    assert "a déjà des notes" in answer.content.decode()
    point.refresh_from_db()
    assert point.meeting == meeting


def test_points_of_a_cancelled_meeting_come_back(own, group, member):
    cancelled = make_convened(group, points=0)
    point = make_point(cancelled, title="Perdu de vue", proposed_by=member)
    step(own, cancelled, "annuler", reason="Grève")
    meeting = make_meeting(group)
    page = reverse("agenda", args=[meeting.reference])
    assert "Perdu de vue" in own.get(page).content.decode()
    own.post(page, {"point": point.uid, "faire": "inscrire"})
    assert meeting.points.filter(follows=point).exists()


def test_only_what_is_offered_is_taken_up(own, group):
    meeting = make_meeting(group)
    page = reverse("agenda", args=[meeting.reference])
    own_point = meeting.points.get()
    treated = make_point(make_convened(group, in_days=-3))
    for point in (own_point, treated):
        assert own.post(page, {"point": point.uid, "faire": "inscrire"}).status_code == 404
    assert meeting.points.count() == 1


def test_each_change_of_a_convened_agenda_is_told(own, group, member, mailoutbox):
    meeting = make_convened(group)
    page = reverse("agenda", args=[meeting.reference])
    for title in ("Premier ajout", "Second ajout"):
        own.post(page, {"title": title})
        after_five_minutes()
    assert [m.to for m in mailoutbox].count([member.email]) == 2


def test_a_cancelled_meeting_is_moved_and_convened_again(own, group):
    meeting = make_convened(group, in_days=2)
    step(own, meeting, "annuler", reason="Grève")
    GroupMeeting.objects.filter(pk=meeting.pk).update(
        starts_at=timezone.now() - timedelta(days=1), ends_at=timezone.now() - timedelta(hours=22)
    )
    assert "changez-la d’abord" in step(own, meeting, "convoquer").content.decode()
    meeting.refresh_from_db()
    start = timezone.localtime() + timedelta(days=5)
    own.post(
        reverse("meeting_edit", args=[meeting.reference]),
        {
            "title": meeting.title,
            "starts_at": f"{start:%Y-%m-%dT%H:%M}",
            "ends_at": f"{start + timedelta(hours=2):%Y-%m-%dT%H:%M}",
            "place": "Cotonou",
            "opened_version": meeting.version,
        },
    )
    step(own, meeting, "convoquer")
    meeting.refresh_from_db()
    assert meeting.status == MeetingStatus.CONVENED


def test_who_heard_of_it_in_the_site_hears_that_it_is_cancelled(own, group):
    silent = make_member(group, user=make_user(username="sans-adresse"))
    meeting = make_meeting(group)
    step(own, meeting, "convoquer")
    after_five_minutes()
    late = make_member(group)
    own.post(reverse("agenda", args=[meeting.reference]), {"title": "De plus"})
    after_five_minutes()
    step(own, meeting, "annuler", reason="Grève")
    after_five_minutes()
    for person in (silent, late):
        assert person.notices.filter(subject__contains="Annulée").exists()


def test_papers_of_a_group_are_not_for_members_of_the_registry_alone(own, group, one_pdf):
    """An account of role « membre » without a mandate opened what a group keeps to itself."""
    meeting = make_meeting(group)
    own.post(
        reverse("meeting_document_add", args=[meeting.reference]),
        {"title": "Note interne", "file": one_pdf(), "for_members": "on"},
    )
    step(own, meeting, "convoquer")
    document = Document.objects.get()
    observer = make_member(group, Seat.OBSERVER)
    for person, may in ((make_user(), False), (observer, True), (make_user(Role.STATE), True)):
        assert opens(client_of(person), document) == may
    assert (
        "Note interne"
        not in client_of(make_user()).get(meeting.get_absolute_url()).content.decode()
    )


def test_a_lost_mandate_gets_no_joining_link_by_a_letter_that_waited(
    own, group, member, mailoutbox
):
    meeting = make_meeting(group, joining_link="https://reunion.example/secret")
    step(own, meeting, "convoquer")
    member.mandates.update(ends_on=timezone.localdate() - timedelta(days=1))
    after_five_minutes()
    assert not [m for m in mailoutbox if m.to == [member.email]]
    assert "ne siège plus" in Letter.objects.get(user=member).because
