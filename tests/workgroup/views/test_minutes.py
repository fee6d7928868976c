"""Minutes: written by several, sent, corrected, adopted; what each reader is shown of them."""

from datetime import date, timedelta
from random import Random

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from cooperation.roles import Role
from tests.factories import make_user
from tests.workgroup.factories import (
    make_convened,
    make_member,
    make_minutes,
    make_organisation,
)
from tests.workgroup.views.test_meetings import after_five_minutes, client_of
from workgroup.models import (
    Attendance,
    Commitment,
    Correction,
    Disposition,
    MeetingStatus,
    Minutes,
    MinutesStatus,
    MinutesVersion,
    PointNotes,
    Presence,
    Satisfaction,
    Seat,
    sent_in_time,
)


@pytest.fixture
def own(secretary_of_group):
    return client_of(secretary_of_group)


@pytest.fixture
def meeting(group):
    return make_convened(group, in_days=-1, points=2)


def write_address(meeting):
    return reverse("minutes_write", args=[meeting.reference])


def save(client, point, outcome, base="", **data):
    """As the page sends it by itself; the text as it now is."""
    answer = client.post(
        write_address(point.meeting),
        {
            "partie": point.uid,
            f"{point.uid}-outcome": outcome,
            f"{point.uid}-base_outcome": base,
            f"{point.uid}-decisions": "",
            f"{point.uid}-base_decisions": "",
            **{f"{point.uid}-{name}": value for name, value in data.items()},
        },
        headers={"X-Autosave": "1"},
    )
    assert answer.status_code == 200, answer.content
    return answer.json()["values"][f"{point.uid}-outcome"]


def step(client, minutes, slug, **data):
    minutes.refresh_from_db()
    address = reverse("minutes_step", args=[minutes.meeting.reference, slug])
    return client.post(address, {"version": minutes.version, **data}, follow=True)


@pytest.fixture
def sent(own, meeting):
    """Minutes that were sent to the members."""
    minutes = make_minutes(meeting)
    step(own, minutes, "envoyer")
    minutes.refresh_from_db()
    return minutes


def test_nobody_writes_before_the_meeting_begins(own, group):
    to_come = make_convened(group, in_days=1)
    assert own.get(write_address(to_come)).status_code == 403
    running = make_convened(group, starts_at=timezone.now() - timedelta(minutes=1))
    assert own.get(write_address(running)).status_code == 200


def test_two_secretaries_write_the_same_point_and_lose_nothing(own, group, meeting):
    other = client_of(make_member(group, Seat.CHAIR))
    point = meeting.points.first()
    base = save(own, point, "Ouverture à dix heures.\n\nLe budget est présenté.")
    theirs = save(other, point, base + "\n\nLa CCP demande un délai.", base)
    mine = save(own, point, base.replace("dix heures", "10 h 05"), base)
    assert "10 h 05" in mine
    assert "La CCP demande un délai." in mine
    # What the page then shows is what the next change begins from.
    assert save(other, point, theirs + "\nAccordé.", theirs).count("Accordé.") == 1


def test_ten_minutes_of_two_who_write_the_same_point(own, group, meeting):
    """A save every five seconds by each, who type anywhere in it: each sentence stands once at the end."""
    chance, point = Random(15), meeting.points.first()
    clients = (own, client_of(make_member(group, Seat.CHAIR)))
    # What each page shows, and what it showed when the server last answered.
    shown, bases = ["", ""], ["", ""]
    written = []
    for turn in range(120):
        for who in (0, 1):
            written.append(f"Phrase {turn} de {'AB'[who]}.")
            paragraphs = shown[who].split("\n\n") if shown[who] else []
            paragraphs.insert(chance.randrange(len(paragraphs) + 1), written[-1])
            shown[who] = "\n\n".join(paragraphs)
            # A page that is still waiting types on before the server answers it.
            if chance.random() < 0.8:
                shown[who] = bases[who] = save(clients[who], point, shown[who], bases[who])
    for who in (0, 1):
        text = save(clients[who], point, shown[who], bases[who])
    assert sorted(filter(None, text.split("\n"))) == sorted(written)


def test_two_who_rewrite_the_same_words_keep_both(own, group, meeting):
    other = client_of(make_member(group, Seat.CHAIR))
    point = meeting.points.first()
    base = save(own, point, "Il est décidé de reporter.")
    save(other, point, "Tout le monde se prononce contre cette idée.", base)
    text = save(own, point, "Le président lit sa lettre du 3 mars en entier.", base)
    assert "Tout le monde se prononce contre cette idée." in text
    assert "Le président lit sa lettre du 3 mars en entier." in text


def test_without_scripts_the_button_saves(own, meeting):
    point = meeting.points.first()
    answer = own.post(
        write_address(meeting),
        {"partie": point.uid, f"{point.uid}-outcome": "Dit", f"{point.uid}-treatment": "traite"},
    )
    assert answer.url.endswith(f"#{point.uid}")
    notes = PointNotes.objects.get(point=point)
    assert (notes.outcome, notes.treatment) == ("Dit", "traite")


def test_a_commitment_is_noted_at_its_point(own, meeting, member):
    point = meeting.points.first()
    own.post(
        reverse("commitment_add", args=[meeting.reference, point.uid]),
        {
            f"e{point.uid}-what": "Envoyer la liste",
            f"e{point.uid}-who": "ANCB",
            f"e{point.uid}-user": member.pk,
            f"e{point.uid}-due_on": "2027-03-12",
        },
    )
    commitment = Commitment.objects.get()
    assert (commitment.point, commitment.user, commitment.due_on) == (
        point,
        member,
        date(2027, 3, 12),
    )
    assert "Envoyer la liste" in client_of(member).get(reverse("workgroup_home")).content.decode()


def test_each_point_is_said_to_be_treated_before_minutes_leave(own, meeting):
    minutes = Minutes.objects.create(meeting=meeting)
    answer = step(own, minutes, "envoyer").content.decode()
    assert "Dites si ces points ont été traités" in answer
    minutes.refresh_from_db()
    assert minutes.status == MinutesStatus.WRITTEN


def test_minutes_are_sent_corrected_and_adopted(own, secretary_of_group, member, sent, mailoutbox):
    assert sent.versions.count() == 1
    after_five_minutes()
    assert next(m.subject for m in mailoutbox if m.to == [member.email]).startswith(
        "[Registre] À relire"
    )
    mine = client_of(member)
    point = sent.meeting.points.first()
    mine.post(
        reverse("correction_add", args=[sent.meeting.reference]),
        {"point": point.pk, "kind": "fond", "text": "Je n’ai pas dit cela.", "proposed": "Rien."},
    )
    correction = Correction.objects.get()
    assert (correction.author, correction.status) == (member, Disposition.OPEN)
    with time_machine.travel(timezone.now() + timedelta(days=10), tick=False):
        own.force_login(secretary_of_group)
        refused = step(own, sent, "adopter").content.decode().replace("\xa0", " ")
        assert "Corrections encore sans suite : 1" in refused
        address = reverse("correction_step", args=[correction.uid, "ecarter"])
        own.post(address, {"version": correction.version, "reason": "L’enregistrement le dit."})
        mailoutbox.clear()
        after_five_minutes()
        assert "écartée" in next(m.subject for m in mailoutbox if m.to == [member.email])
        mine.force_login(member)
        mine.post(
            reverse("correction_satisfied", args=[correction.uid]),
            {"satisfied": Satisfaction.NO, "because": "Réécoutez-le."},
        )
        correction.refresh_from_db()
        assert (correction.satisfied, correction.unsatisfied_because) == (
            Satisfaction.NO,
            "Réécoutez-le.",
        )
        step(own, sent, "adopter")
    sent.refresh_from_db()
    assert sent.status == MinutesStatus.ADOPTED
    assert sent.versions.count() == 2


def test_the_correction_period_ends_in_porto_novo(group, member):
    """Five working days from a Friday: until the Friday after, 23:59:59."""
    meeting = make_convened(group, starts_at=timezone.make_aware(timezone.datetime(2027, 3, 4, 9)))
    minutes = make_minutes(meeting)
    with time_machine.travel("2027-03-05T10:00:00Z", tick=False):
        minutes.move_to(MinutesStatus.CORRECTED, by=member)
    assert minutes.corrected_until == date(2027, 3, 12)
    assert minutes.deadline == "jusqu’au 12 mars 2027 inclus, 23 h 59 (heure de Porto-Novo)"
    address = reverse("correction_add", args=[meeting.reference])
    with time_machine.travel("2027-03-12T22:59:59Z", tick=False):
        client_of(member).post(address, {"kind": "fond", "text": "À temps"})
        assert Correction.objects.count() == 1
    with time_machine.travel("2027-03-12T23:00:00Z", tick=False):
        late = client_of(member).post(address, {"kind": "fond", "text": "Trop tard"})
        assert "période de correction est finie" in late.content.decode()
        assert "Trop tard" in late.content.decode()
        assert Correction.objects.count() == 1


@pytest.mark.parametrize("day, in_time", [(18, True), (19, False)])
def test_two_weeks_end_with_the_fourteenth_day(group, member, day, in_time):
    meeting = make_convened(group, starts_at=timezone.make_aware(timezone.datetime(2027, 3, 4, 9)))
    minutes = make_minutes(meeting)
    with time_machine.travel(f"2027-03-{day}T22:59:59Z", tick=False):
        minutes.move_to(MinutesStatus.CORRECTED, by=member)
    assert sent_in_time(minutes) == in_time


def test_the_public_reads_adopted_minutes_without_who_came(client, sent, member, mailoutbox):
    Attendance.objects.create(
        meeting=sent.meeting,
        user=make_user(last_name="Zannoumbo", first_name="Xavierine"),
        partner=make_organisation(name="Maison des communes"),
        presence=Presence.PRESENT,
    )
    assert client.get(sent.get_absolute_url()).status_code == 404
    Minutes.objects.filter(pk=sent.pk).update(corrected_until=date(2020, 1, 1))
    sent.refresh_from_db()
    sent.move_to(MinutesStatus.ADOPTED, by=member)
    page = client.get(sent.get_absolute_url()).content.decode()
    assert "On en parle, de Point 1." in page
    assert "Maison des communes" in page
    assert "Zannoumbo" not in page
    # Nor the version that members corrected.
    assert client.get(f"{sent.get_absolute_url()}?version=1").status_code == 404
    own = client_of(member).get(sent.get_absolute_url()).content.decode()
    assert "Zannoumbo" in own


def test_adopted_minutes_stay_public_while_they_are_taken_up_again(client, own, sent, member):
    Minutes.objects.filter(pk=sent.pk).update(corrected_until=date(2020, 1, 1))
    sent.refresh_from_db()
    sent.move_to(MinutesStatus.ADOPTED, by=member)
    step(own, sent, "reprendre", reason="Erreur de montant")
    sent.refresh_from_db()
    assert sent.status == MinutesStatus.WRITTEN
    page = client.get(sent.get_absolute_url()).content.decode()
    assert "On en parle, de Point 1." in page
    assert "adopté" in page
    assert MinutesVersion.objects.filter(minutes=sent).count() == 2


def test_a_version_never_changes(sent):
    version = sent.versions.get()
    version.content = {}
    with pytest.raises(Exception, match="ne change pas"):
        version.save()


@pytest.mark.parametrize("role", [None, Role.MEMBER, Role.COMMUNE])
def test_who_does_not_sit_reads_no_minutes_before_adoption(client, sent, role):
    if role:
        client.force_login(make_user(role))
    assert client.get(sent.get_absolute_url()).status_code == 404


def test_an_author_answers_no_remark_of_their_own(sent, member):
    correction = Correction.objects.create(minutes=sent, author=member, text="À moi")
    address = reverse("correction_step", args=[correction.uid, "retenir"])
    assert client_of(member).post(address, {"version": correction.version}).status_code == 403
    other = client_of(make_member(sent.meeting.group))
    withdrawn = reverse("correction_step", args=[correction.uid, "retirer"])
    assert other.post(withdrawn, {"version": correction.version}).status_code == 403
    client_of(member).post(withdrawn, {"version": correction.version})
    correction.refresh_from_db()
    assert correction.status == Disposition.WITHDRAWN


def test_a_paper_is_made_of_a_version(pango, sent, member):
    address = reverse("fiche", args=["compte-rendu", f"{sent.meeting.reference}-v1"])
    answer = client_of(member).get(address)
    assert answer.status_code == 200
    assert b"".join(answer).startswith(b"%PDF")


def test_what_one_ticked_is_not_unticked_by_the_other(own, group, meeting):
    """The other's page had no radio ticked: its next saving took « traité » away."""
    other = client_of(make_member(group, Seat.CHAIR))
    point = meeting.points.first()
    save(own, point, "Dit.", treatment="traite", base_treatment="")
    save(other, point, "Dit. Et redit.", "Dit.", treatment="", base_treatment="")
    assert PointNotes.objects.get(point=point).treatment == PointNotes.Treatment.TREATED


def test_an_answer_that_was_lost_doubles_nothing(own, meeting):
    """The text was kept, and its author not told: sent again, it came back under « Autre rédaction »."""
    point = meeting.points.first()
    save(own, point, "Ouverture.")
    send = {"partie": point.uid, f"{point.uid}-base_outcome": "Ouverture."}
    headers = {"X-Autosave": "1"}
    own.post(
        write_address(meeting),
        send | {f"{point.uid}-outcome": "Ouverture. Le maire salue.", "envoi": "1"},
        headers=headers,
    )
    own.post(
        write_address(meeting),
        send
        | {
            f"{point.uid}-outcome": "Ouverture. Le maire salue. Il lit.",
            "envoi": "2",
            "apres": ["1"],
        },
        headers=headers,
    )
    assert PointNotes.objects.get(point=point).outcome == "Ouverture. Le maire salue. Il lit."


def test_a_text_that_comes_after_the_sending_comes_back_to_its_author(own, sent):
    point = sent.meeting.points.first()
    data = {"partie": point.uid, f"{point.uid}-outcome": "Un mot encore"}
    page = own.post(write_address(sent.meeting), data).content.decode()
    assert "Un mot encore" in page
    assert "vient d’être envoyé" in page
    answer = own.post(write_address(sent.meeting), data, headers={"X-Autosave": "1"})
    assert answer.status_code == 409
    assert "vient d’être envoyé" in answer.json()["errors"][0]
    point.notes.refresh_from_db()
    assert "Un mot encore" not in point.notes.outcome


def test_nothing_of_sent_minutes_changes(own, sent):
    """What was changed after the sending went into the adopted version, which no member had seen."""
    meeting, point = sent.meeting, sent.meeting.points.first()
    meeting.refresh_from_db()
    assert meeting.status == MeetingStatus.HELD
    own.post(
        reverse("commitment_add", args=[meeting.reference, point.uid]),
        {f"e{point.uid}-what": "Après coup", f"e{point.uid}-who": "ANCB"},
    )
    assert not Commitment.objects.exists()
    address = reverse("attendance", args=[meeting.reference])
    assert own.post(address, {"guest": "Après coup"}).status_code == 403
    assert own.post(reverse("agenda", args=[meeting.reference]), {"title": "x"}).status_code == 403
    own.post(
        reverse("meeting_step", args=[meeting.reference, "annuler"]),
        {"version": meeting.version, "reason": "Non"},
    )
    meeting.refresh_from_db()
    assert meeting.status == MeetingStatus.HELD


def test_answers_do_not_change_once_the_minutes_are_adopted(sent, member):
    correction = Correction.objects.create(minutes=sent, author=member, text="À revoir")
    correction.move_to(Disposition.RETAINED, by=member)
    Minutes.objects.filter(pk=sent.pk).update(corrected_until=date(2020, 1, 1))
    sent.refresh_from_db()
    sent.move_to(MinutesStatus.ADOPTED, by=member)
    correction = Correction.objects.get()
    with pytest.raises(ValidationError, match="est adopté"):
        correction.move_to(Disposition.SET_ASIDE, by=member, reason="Tard")


def test_who_is_in_charge_says_what_became_of_it_and_rewrites_nothing(group, member):
    commitment = Commitment.objects.create(group=group, what="Envoyer", who="ANCB", user=member)
    address = reverse("commitment_edit", args=[commitment.uid])
    assert client_of(member).post(address, {"what": "Rien", "who": "x"}).status_code == 404
    commitment.refresh_from_db()
    assert commitment.what == "Envoyer"


def test_reading_again_before_the_first_word_is_no_lost_page(own, meeting, member):
    """« Relire » on a page where nothing was written yet led to a 404."""
    address = reverse("minutes_detail", args=[meeting.reference])
    assert own.get(address).url == write_address(meeting)
    assert not Minutes.objects.exists()
    assert client_of(member).get(address).status_code == 404


def test_what_was_retained_is_in_what_is_adopted(own, sent, member):
    """Its author was told « retenue », and found the adopted text as it had been."""
    correction = Correction.objects.create(
        minutes=sent, author=member, text="La date est fausse.", proposed="Le 3  mars,\nà Parakou."
    )
    answer = reverse("correction_step", args=[correction.uid, "retenir"])
    own.post(answer, {"version": correction.version})
    Minutes.objects.update(corrected_until=timezone.localdate() - timedelta(days=1))
    refused = step(own, sent, "adopter")
    assert "absent du compte rendu" in refused.content.decode()
    sent.refresh_from_db()
    assert sent.status == MinutesStatus.CORRECTED
    notes = sent.meeting.points.first().notes
    notes.outcome += "\n\nOn s’est vu le 3 mars, puis Le 3 mars, à Parakou."
    notes.save()
    step(own, sent, "adopter")
    sent.refresh_from_db()
    assert sent.status == MinutesStatus.ADOPTED
