"""A year of the sub-group's life for the demonstration.

The group and its terms of reference are real, with their source; meetings, remarks and minutes are made
up, and say so.
"""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from cooperation.models import Partner, User
from cooperation.roles import Role
from workgroup.models import (
    AgendaPoint,
    Answer,
    Attendance,
    Commitment,
    Correction,
    Disposition,
    Draft,
    DraftComment,
    DraftStatus,
    GroupMeeting,
    Mandate,
    MeetingStatus,
    Minutes,
    MinutesStatus,
    PointNotes,
    Presence,
    Seat,
    WorkingGroup,
    answer_for,
)

SOURCE = "Termes de référence du sous-groupe de travail « coopération décentralisée » du GTD"
PURPOSE = """Rendre plus efficaces la coordination et l’harmonisation entre les projets d’appui à la décentralisation-déconcentration des partenaires au développement et les programmes de coopération des collectivités locales du Nord avec celles du Bénin.

Faire participer les partenaires au développement à l’émergence et au renforcement de la Commission nationale de coopération décentralisée."""
RULES = """Les participants sont ceux du groupe DDAT, élargis aux représentants du ministère des Affaires étrangères.

Le groupe est présidé par le représentant du ministère chargé de la décentralisation. La coprésidence tourne chaque année, d’un commun accord.

Le secrétariat établit un compte rendu succinct dans les deux semaines suivant la réunion."""
SECTIONS = [
    ("Objectif", PURPOSE),
    (
        "Activités",
        "Établir une liste des accords de coopération existants, et l’inventaire des actions entreprises dans "
        "leur cadre.\n\nÉtablir un bilan des actions engagées, en extraire les meilleures pratiques et les "
        "partager.\n\nPartager les projets de termes de référence avant qu’ils soient officiels, et les "
        "résultats des études, sans validation conjointe.\n\nParticiper à la réflexion sur les indicateurs de "
        "suivi de la PONADEC.",
    ),
    ("Fonctionnement", RULES),
]
MARK = "(exemple)"


def make_example() -> WorkingGroup | None:
    """The sub-group and its year, once; None where there is a group already."""
    if WorkingGroup.objects.exists():
        return None
    group = WorkingGroup.objects.create(
        name="Sous-groupe « Coopération décentralisée » du GTD",
        purpose=PURPOSE,
        rules=RULES,
        source=SOURCE,
    )
    people = seat_people(group)
    official_terms(group, people)
    hold_meetings(group, people)
    open_draft(group, people)
    return group


def seat_people(group) -> dict[str, User]:
    """The accounts of the demonstration, in their seats."""
    ancb = Partner.objects.filter(short_name="ANCB").first()
    since = timezone.localdate().replace(month=1, day=1)
    secretary = User.objects.filter(role=Role.SECRETARIAT).first()
    member = User.objects.filter(role=Role.MEMBER).first()
    agent = User.objects.filter(role=Role.COMMUNE).first()
    seats = (
        (secretary, Seat.SECRETARY, None),
        (member, Seat.MEMBER, ancb),
        (agent, Seat.COCHAIR, agent.partner),
    )
    for person, seat, partner in seats:
        Mandate.objects.create(
            group=group, user=person, seat=seat, partner=partner, starts_on=since
        )
    return {"secretary": secretary, "member": member, "agent": agent}


def official_terms(group, people) -> None:
    """Its own terms of reference, as the first text."""
    draft = Draft.objects.create(
        group=group,
        title="Termes de référence du sous-groupe",
        outcome="Ils fondent le sous-groupe.",
        source=SOURCE,
    )
    version = draft.version_to_write()
    for position, (heading, text) in enumerate(SECTIONS, 1):
        version.sections.create(position=position, heading=heading, text=text)
    Draft.objects.filter(pk=draft.pk).update(status=DraftStatus.OPEN, closes_on=date(2000, 1, 1))
    draft.refresh_from_db()
    draft.move_to(DraftStatus.OFFICIAL, by=people["secretary"])


def meeting_on(group, days, title, points, **facts) -> GroupMeeting:
    """A meeting at ten, so many days from today, with its agenda: [(title, minutes), …]."""
    day = timezone.localdate() + timedelta(days=days)
    start = timezone.make_aware(datetime.combine(day, time(10)))
    facts = {"place": "Cotonou", "status": MeetingStatus.CONVENED, "announced_at": start} | facts
    meeting = GroupMeeting.objects.create(
        group=group,
        title=f"{title} {MARK}",
        starts_at=start,
        ends_at=start + timedelta(hours=2),
        **facts,
    )
    for name, minutes in points:
        AgendaPoint.objects.create(group=group, meeting=meeting, title=name, duration=minutes)
    return meeting


def hold_meetings(group, people) -> None:
    """One whose minutes are adopted, one whose minutes are late, one to come."""
    secretary, member = people["secretary"], people["member"]
    held = meeting_on(
        group, -140, "Réunion de lancement", [("Feuille de route", 45), ("Liste des accords", 45)]
    )
    first, second = held.points.all()
    PointNotes.objects.create(
        point=first,
        outcome="La feuille de route est lue et discutée.",
        decisions="Elle est adoptée.",
        treatment=PointNotes.Treatment.TREATED,
    )
    PointNotes.objects.create(
        point=second,
        outcome="Le registre est présenté aux membres.",
        decisions="Chaque membre relit les accords de son organisation.",
        treatment=PointNotes.Treatment.TREATED,
    )
    Attendance.objects.create(
        meeting=held, user=member, partner=member.mandates.get().partner, presence=Presence.PRESENT
    )
    minutes = Minutes.objects.create(meeting=held, opening="La séance est ouverte à 10 h 05.")
    minutes.move_to(MinutesStatus.CORRECTED, by=secretary)
    correction = Correction.objects.create(
        minutes=minutes, author=member, point=first, text=f"Dire « amendée ». {MARK}"
    )
    correction.move_to(
        Disposition.NOTED, by=secretary, reason="La feuille de route n’a pas été amendée."
    )
    Minutes.objects.filter(pk=minutes.pk).update(corrected_until=date(2000, 1, 1))
    minutes.refresh_from_db()
    minutes.move_to(MinutesStatus.ADOPTED, by=secretary)
    late = meeting_on(group, -20, "Réunion sur l’inventaire", [("Inventaire des actions", 60)])
    Commitment.objects.create(
        group=group,
        point=late.points.get(),
        what=f"Compléter les montants qui manquent {MARK}",
        who="ANCB",
        user=member,
        due_on=timezone.localdate() - timedelta(days=2),
    )
    to_come = meeting_on(
        group,
        12,
        "Réunion sur le bilan",
        [("Suivi des engagements", 15), ("Bonnes pratiques", 45), ("Indicateurs PONADEC", 30)],
        joining_link="https://reunion.example.org/sous-groupe",
    )
    answer_for(to_come, member, Answer.YES)


def open_draft(group, people) -> None:
    """A draft open to remarks, with two of them."""
    draft = Draft.objects.create(
        group=group,
        title=f"Termes de référence du prochain bilan {MARK}",
        purpose="Ce que le prochain bilan doit dire, et à qui.",
    )
    version = draft.version_to_write()
    for position, (heading, text) in enumerate(
        [
            (
                "Objet",
                "Le sous-groupe dresse le bilan des accords à l’intention de la CNCD.\n\nIl en tire les "
                "bonnes pratiques.",
            ),
            ("Calendrier", "Le bilan est remis à la fin du premier trimestre."),
        ],
        1,
    ):
        version.sections.create(position=position, heading=heading, text=text)
    draft.closes_on = timezone.localdate() + timedelta(days=15)
    draft.move_to(DraftStatus.OPEN, by=people["secretary"])
    section = draft.shared.sections.first()
    for paragraph, text, proposed in (
        (
            0,
            "Dire aussi aux communes.",
            "Le sous-groupe dresse le bilan à l’intention de la CNCD et des communes.",
        ),
        (1, "Comment les choisit-on ?", ""),
    ):
        passage = section.paragraphs[paragraph]
        DraftComment.objects.create(
            draft=draft,
            draft_version=draft.shared,
            author=people["member"],
            partner=people["member"].mandates.get().partner,
            anchor=section.anchor,
            clause=passage.number,
            quoted=passage.text,
            text=f"{text} {MARK}",
            proposed=proposed,
        )
