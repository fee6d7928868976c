"""What the secretariat should look at: ends near, ended but active, silent, legal step missing."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from agreements.models import Avenant, Convention, Digest, LegalStep, Meeting, State
from cooperation.entry.notices import addresses_of, compose, keep_in_site, secretariat, send
from cooperation.records.gates import Status
from cooperation.values.dates import not_before
from cooperation.values.states import ActionState

ENDS_WITHIN = timedelta(days=183)
SILENT_FOR = timedelta(days=365)
# Conventions named for each point; the others are counted.
MOST_NAMED = 20


@dataclass(frozen=True)
class WatchPoint:
    """One thing to look at, what to do about it, the first conventions concerned, and how many there are."""

    title: str
    advice: str
    conventions: list[Convention]
    count: int

    @property
    def others(self) -> int:
        """How many are not named."""
        return self.count - len(self.conventions)


def silent(conventions) -> QuerySet:
    """Those of which nothing has changed for a year: neither the record nor any of what belongs to it."""
    return conventions.filter(news_at__lt=timezone.now() - SILENT_FOR)


def ending_soon(conventions, day) -> QuerySet:
    """Published ones in force whose term comes within six months."""
    at_least, within = not_before("term", day + ENDS_WITHIN)
    in_force = conventions.filter(status=Status.PUBLISHED).in_state(State.IN_FORCE, day)
    return in_force.filter(term__isnull=False).exclude(Q(**at_least) | Q(**within)).order_by("term")


def watch(conventions, day: date | None = None) -> list[WatchPoint]:
    """The points with at least one published convention, on a day (default: today)."""
    day = day or timezone.localdate()
    published = conventions.filter(status=Status.PUBLISHED)
    in_force = published.in_state(State.IN_FORCE, day)
    ended = published.in_state(State.ENDED, day)
    contradicting = Avenant.objects.published().contradicting()
    active = Q(actions__state=ActionState.UNDER_WAY)
    steps = LegalStep.objects.filter(convention=OuterRef("pk"), result__in=LegalStep.COUNTED)
    lacks_step = Q()
    for kind in LegalStep.EXPECTED:
        lacks_step |= Q(~Exists(steps.filter(kind=kind)))
    followed = ~Q(follow_up_body="") | ~Q(meeting_rhythm="")
    met = Meeting.objects.filter(held_on__gte=str(day - SILENT_FOR)).values("convention")
    found = [
        (
            "Fin dans moins de six mois",
            "Préparez un avenant, ou le bilan de la convention.",
            ending_soon(conventions, day),
        ),
        (
            "Terme passé, actions encore en cours",
            "Achevez les actions, ou enregistrez l’avenant qui prolonge.",
            ended.filter(active).distinct(),
        ),
        (
            "Terme passé, sans suite",
            "Enregistrez l’avenant qui prolonge ou la convention qui fait suite ; sinon, rien n’est à faire.",
            ended.exclude(active).exclude(successors__status=Status.PUBLISHED),
        ),
        (
            "Sans nouvelles depuis douze mois",
            "Demandez à la commune où en sont les actions.",
            silent(in_force),
        ),
        (
            "Sans réunion de suivi depuis douze mois",
            "Le texte prévoit un comité de suivi : enregistrez sa dernière réunion, ou convoquez-le.",
            in_force.filter(followed).exclude(pk__in=met),
        ),
        (
            "Avenants dont les dates se contredisent",
            "Un avenant est signé avant la convention, ou avant l’avenant d’un numéro plus petit : "
            "vérifiez les textes. Le terme suit la dernière signature.",
            published.filter(pk__in=contradicting.values("convention")),
        ),
        (
            "Dossier légal incomplet",
            "Demandez la délibération, la transmission ou l’approbation.",
            published.exclude(pk__in=ended.values("pk")).filter(lacks_step),
        ),
    ]
    return [
        WatchPoint(title, advice, list(concerned.with_term(day)[:MOST_NAMED]), count)
        for title, advice, concerned in found
        if (count := concerned.count())
    ]


def send_digest() -> str:
    """Write the points to look at to the secretariat, once a week. Returns what was done, in French.

    In a transaction: a mail server that refuses leaves the week to be sent again.
    """
    year, week, _ = timezone.localdate().isocalendar()
    points = watch(Convention.objects.all())
    if not points:
        return "Aucune alerte cette semaine : rien à envoyer."
    addresses = addresses_of(secretariat())
    if not addresses:
        return "Aucun compte du secrétariat n’a d’adresse électronique : rien n’est envoyé."
    _, is_new = Digest.objects.get_or_create(week=f"{year}-W{week:02}")
    if not is_new:
        return "Le récapitulatif de cette semaine est déjà parti."
    message = compose("watch_digest", reverse("watch_list"), points=points)
    keep_in_site(secretariat(), message, reverse("watch_list"))
    send(message, addresses)
    return f"Récapitulatif envoyé : {len(points)} sujets."
