"""The sub-group at work in the browser: a draft's whole life, a meeting's, and minutes written by two."""

import re
from datetime import datetime, time, timedelta
from io import BytesIO

import pytest
from django.utils import timezone
from playwright.sync_api import expect
from xlsxwriter import Workbook

from cooperation.models import User
from tests.browser import follow_menu
from tests.mails import delivered
from workgroup.letters import send_due
from workgroup.models import Draft, GroupMeeting, Letter, Minutes, WorkingGroup
from workgroup.reminders import recall


@pytest.fixture(autouse=True)
def addresses(demo):
    """Everybody of the demonstration can be written to."""
    for person in User.objects.all():
        User.objects.filter(pk=person.pk).update(email=f"{person.username}@exemple.bj")


def letters_leave():
    """As after five minutes; the subjects that each person reads."""
    Letter.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    before = len(delivered())
    send_due()
    found = {}
    for message in delivered()[before:]:
        found.setdefault(message.to[0].split("@")[0], []).append(message)
    return found


def book(rows):
    buffer = BytesIO()
    with Workbook(buffer, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet("Remarques")
        for line, row in enumerate(rows):
            sheet.write_row(line, 0, row)
    return {
        "name": "remarques.xlsx",
        "mimeType": "application/octet-stream",
        "buffer": buffer.getvalue(),
    }


def told(page, text):
    expect(page.get_by_role("status").filter(has_text=text)).to_be_visible()


def test_the_whole_life_of_a_draft(open_as):
    """Three members; one sends the form, one comments on a telephone and is not satisfied."""
    secretary, member, agent = open_as("secretariat"), open_as("membre"), open_as("agent-parakou")
    secretary.goto("/gtd/")
    secretary.get_by_role("link", name="Préparer un projet").click()
    secretary.get_by_label("Intitulé").fill("Termes de référence d’une étude")
    secretary.get_by_role("button", name="Enregistrer").click()
    for heading, text in (
        ("Objet", "Étudier les recettes.\n\nLes comparer."),
        ("Durée", "Six mois."),
    ):
        secretary.get_by_role("link", name="Ajouter une section").click()
        secretary.get_by_label("Titre").fill(heading)
        secretary.get_by_label("Texte").fill(text)
        secretary.get_by_role("button", name="Enregistrer").click()
    secretary.get_by_role("link", name="Ouvrir aux remarques").click()
    day = timezone.localdate() + timedelta(days=10)
    secretary.get_by_label("Remarques jusqu’au").fill(day.isoformat())
    secretary.get_by_role("button", name="Enregistrer").click()
    told(secretary, "ouvert aux remarques")
    draft = Draft.objects.get(title="Termes de référence d’une étude")
    mails = letters_leave()
    assert {"membre", "agent-parakou", "secretariat"} <= mails.keys()
    assert draft.deadline in mails["membre"][0].subject

    member.goto(draft.get_absolute_url())
    member.locator(".par").first.get_by_text("Commenter ce paragraphe").click()
    form = member.locator(".par").first.locator("form")
    form.get_by_label("technique").check()
    form.get_by_label("Remarque").fill("Lesquelles ?")
    form.get_by_label("Texte que vous proposez").fill("Étudier les recettes propres.")
    form.get_by_role("button", name="Envoyer").click()
    told(member, "sa suite vous sera dite")

    agent.goto(draft.get_absolute_url())
    agent.get_by_role("link", name="Envoyer le formulaire rempli").click()
    rows = [["Projet", "Article", "Remarque"], [draft.reference, "2.1", "C’est trop court."]]
    agent.locator("[name=file]").set_input_files(book(rows))
    agent.get_by_role("button", name=re.compile("Lire|Envoyer|Voir")).first.click()
    agent.get_by_role("button", name=re.compile("Importer|Confirmer")).click()
    agent.goto(f"{draft.get_absolute_url()}remarques/")
    expect(agent.get_by_text("C’est trop court.")).to_be_visible()

    Draft.objects.filter(pk=draft.pk).update(closes_on=timezone.localdate() - timedelta(days=1))
    recall()
    assert any("Remarques à traiter" in m.subject for m in letters_leave()["secretariat"])
    secretary.goto(f"{draft.get_absolute_url()}remarques/")
    secretary.get_by_role("button", name="Appliquer le texte proposé").click()
    told(secretary, "dans la version en préparation")
    short = secretary.locator(".remark", has_text="C’est trop court.")
    short.get_by_role("link", name="Écarter").click()
    secretary.get_by_label("Motif").fill("Le budget ne permet pas plus.")
    secretary.get_by_role("button", name="Écarter").click()
    secretary.goto(draft.get_absolute_url())
    secretary.get_by_role("link", name="Rendre officiel").click()
    expect(secretary.get_by_text("Écrivez d’abord ce qui en est fait")).to_be_visible()

    assert "écartée" in letters_leave()["agent-parakou"][0].subject
    agent.goto("/gtd/")
    agent.get_by_role("link", name="C’est trop court.").click()
    agent.get_by_label("Sinon, ce qui ne convient pas").fill("Deux mois de plus suffisent.")
    agent.get_by_role("button", name="Cela ne me convient pas").click()
    told(agent, "C’est noté.")
    secretary.goto(f"{draft.get_absolute_url()}remarques/")
    expect(secretary.get_by_text("Deux mois de plus suffisent.")).to_be_visible()

    secretary.goto(draft.get_absolute_url())
    secretary.get_by_role("link", name="Modifier", exact=True).click()
    secretary.get_by_label("Ce qui en est fait").fill("Transmis au ministère.")
    secretary.get_by_role("button", name="Enregistrer").click()
    secretary.get_by_role("link", name="Rendre officiel").click()
    secretary.get_by_role("button", name="Rendre officiel").click()
    visitor = open_as()
    visitor.goto(draft.get_absolute_url())
    expect(visitor.get_by_text("Étudier les recettes propres.")).to_be_visible()
    expect(visitor.get_by_text("C’est trop court.")).to_have_count(0)
    assert any("Officiel" in m.subject for m in letters_leave()["membre"])


def test_the_whole_life_of_a_meeting(open_as):
    """Proposed point, convened, moved, cancelled, convened again, held, minutes late, corrected, adopted."""
    secretary, member = open_as("secretariat"), open_as("membre")
    group = WorkingGroup.objects.get()
    member.goto(group.get_absolute_url())
    member.get_by_text("Proposer un point", exact=True).click()
    member.get_by_label("Point", exact=True).fill("La fiscalité locale")
    member.get_by_role("button", name="Proposer").click()
    told(member, "pour la prochaine réunion")

    secretary.goto("/gtd/")
    secretary.get_by_role("link", name="Préparer une réunion").click()
    secretary.get_by_label("Intitulé").fill("Réunion d’avril")
    start = timezone.localtime() + timedelta(days=20)
    secretary.get_by_label("Début").fill(f"{start:%Y-%m-%d}T10:00")
    secretary.get_by_label("Fin", exact=True).fill(f"{start:%Y-%m-%d}T12:00")
    secretary.get_by_label("Lieu").fill("Cotonou")
    secretary.get_by_role("button", name="Enregistrer").click()
    secretary.get_by_role("button", name="Inscrire : La fiscalité locale").click()
    secretary.get_by_role("link", name="L’ordre du jour est prêt").click()
    secretary.get_by_role("link", name="Convoquer").click()
    secretary.get_by_role("button", name="Convoquer").click()
    meeting = GroupMeeting.objects.get(title="Réunion d’avril")
    assert "Convocation" in letters_leave()["membre"][0].subject

    secretary.get_by_role("link", name="Modifier", exact=True).click()
    secretary.get_by_label("Lieu").fill("Parakou")
    secretary.get_by_role("button", name="Enregistrer").click()
    (changed,) = letters_leave()["membre"]
    assert "Parakou" in changed.body
    answer = re.search(r"http\S+(/gtd/reponse/\S+)", changed.body)[1]
    stranger = open_as()
    stranger.goto(answer)
    stranger.get_by_label("oui").check()
    stranger.get_by_role("button", name="Répondre").click()
    told(stranger, "C’est noté")

    secretary.goto(meeting.get_absolute_url())
    secretary.get_by_role("link", name="Annuler la réunion").click()
    secretary.get_by_label("Motif").fill("Grève des transports")
    secretary.get_by_role("button", name="Annuler la réunion").click()
    (cancelled,) = letters_leave()["membre"]
    assert "Annulée" in cancelled.subject
    expect(secretary.get_by_text("Motif : Grève des transports")).to_be_visible()
    secretary.get_by_role("link", name="Convoquer").click()
    secretary.get_by_role("button", name="Convoquer").click()
    assert "Convocation" in letters_leave()["membre"][0].subject

    day = timezone.localdate() - timedelta(days=20)
    past = timezone.make_aware(datetime.combine(day, time(10)))
    GroupMeeting.objects.filter(pk=meeting.pk).update(
        starts_at=past, ends_at=past + timedelta(hours=2)
    )
    recall()
    assert any("Compte rendu à envoyer" in m.subject for m in letters_leave()["secretariat"])
    visitor = open_as()
    visitor.goto("/gtd/reunions/")
    expect(visitor.get_by_text("attendu depuis 6 jours").first).to_be_visible()

    secretary.goto(meeting.get_absolute_url())
    secretary.get_by_role("link", name="Elle s’est tenue").click()
    secretary.get_by_role("button", name="Elle s’est tenue").click()
    secretary.get_by_role("link", name="Présences").click()
    secretary.get_by_role("button", name="Enregistrer").click()
    point = secretary.locator("section.point").first
    point.get_by_label("Ce qui s’est dit").fill("On en parle longuement.")
    point.get_by_label("traité", exact=True).check()
    expect(point.locator("output")).to_contain_text("Enregistré à")
    secretary.get_by_role("link", name="Relire").click()
    expect(secretary.get_by_text("On en parle longuement.")).to_be_visible()
    secretary.get_by_role("link", name="Envoyer aux membres").click()
    secretary.get_by_role("button", name="Envoyer aux membres").click()
    assert "À relire" in letters_leave()["membre"][0].subject

    member.goto(f"{meeting.get_absolute_url()}compte-rendu/")
    member.get_by_text("Demander une correction", exact=True).click()
    member.get_by_label("Remarque").fill("Brièvement, plutôt.")
    member.get_by_role("button", name="Envoyer").click()
    secretary.goto(f"{meeting.get_absolute_url()}compte-rendu/")
    secretary.get_by_role("link", name="Noter").click()
    secretary.get_by_role("button", name="Noter").click()
    day = timezone.localdate() - timedelta(days=1)
    Minutes.objects.filter(meeting=meeting).update(corrected_until=day)
    secretary.goto(f"{meeting.get_absolute_url()}compte-rendu/")
    secretary.get_by_role("link", name="Adopter").click()
    secretary.get_by_role("button", name="Adopter").click()
    visitor.goto(f"{meeting.get_absolute_url()}compte-rendu/")
    expect(visitor.get_by_text("On en parle longuement.")).to_be_visible()
    expect(visitor.get_by_text("Brièvement, plutôt.")).to_have_count(0)


def test_two_who_write_minutes_lose_nothing(open_as):
    """Each types into the same point, in turns, as fast as the page saves."""
    one, other = open_as("secretariat"), open_as("agent-parakou")
    meeting = GroupMeeting.objects.get(title__startswith="Réunion sur l’inventaire")
    for page in (one, other):
        page.goto(f"{meeting.get_absolute_url()}compte-rendu/ecrire/")
    areas = [
        p.locator("section.point").first.get_by_label("Ce qui s’est dit") for p in (one, other)
    ]
    outputs = [p.locator("section.point").first.locator("output") for p in (one, other)]
    for turn in range(4):
        for who, (area, output) in enumerate(zip(areas, outputs, strict=True)):
            area.focus()
            area.press("Control+End")
            area.press_sequentially(f"Phrase {turn} de {who}.\n")
            expect(output).to_contain_text("Enregistré à")
    one.reload()
    text = areas[0].input_value()
    for turn in range(4):
        for who in (0, 1):
            assert f"Phrase {turn} de {who}." in text


def test_a_member_finds_the_group_in_the_menu(open_as):
    page = open_as("membre")
    page.goto("/")
    follow_menu(page, "Engagements")
    expect(page.get_by_role("heading", level=1)).to_have_text("Engagements")
