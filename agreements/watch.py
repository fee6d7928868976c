"""What the secretariat should look at: ends near, ended but active, silent, legal step missing."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from agreements.models import Avenant, Convention, Digest, LegalStep, State
from cooperation.entry.notices import addresses_of, compose, secretariat, send
from cooperation.records.gates import Status
from cooperation.values.dates import not_before
from cooperation.values.states import ActionState

ENDS_WITHIN = timedelta(days=183)
SILENT_FOR = timedelta(days=365)


@dataclass(frozen=True)
class WatchPoint:
    """One thing to look at, what to do about it, and the conventions concerned."""

    title: str
    advice: str
    conventions: list[Convention]


def silent(conventions) -> QuerySet:
    """Those of which neither the record nor an action has changed for a year."""
    since = timezone.now() - SILENT_FOR
    recent = Convention.objects.filter(actions__updated_at__gte=since).values("pk")
    return conventions.filter(updated_at__lt=since).exclude(pk__in=recent)


def watch(conventions, day: date | None = None) -> list[WatchPoint]:
    """The points with at least one published convention, on a day (default: today)."""
    day = day or timezone.localdate()
    published = conventions.filter(status=Status.PUBLISHED)
    in_force = published.in_state(State.IN_FORCE, day)
    at_least, within = not_before("term", day + ENDS_WITHIN)
    lasting = Q(**at_least) | Q(**within)
    contradicting = Avenant.objects.published().contradicting()
    active = Q(actions__state=ActionState.UNDER_WAY)
    steps = LegalStep.objects.filter(convention=OuterRef("pk"))
    lacks_step = Q()
    for kind in LegalStep.Kind.values:
        lacks_step |= Q(~Exists(steps.filter(kind=kind)))
    found = [
        WatchPoint(
            "Fin dans moins de six mois",
            "Préparez un avenant, ou le bilan de la convention.",
            in_force.exclude(lasting),
        ),
        WatchPoint(
            "Terme passé, actions encore en cours",
            "Achevez les actions, ou enregistrez l’avenant qui prolonge.",
            published.in_state(State.ENDED, day).filter(active).distinct(),
        ),
        WatchPoint(
            "Sans nouvelles depuis douze mois",
            "Demandez à la commune où en sont les actions.",
            silent(in_force),
        ),
        WatchPoint(
            "Avenants dont les dates se contredisent",
            "Un avenant est signé avant la convention, ou avant l’avenant d’un numéro plus petit : "
            "vérifiez les textes. Le terme suit la dernière signature.",
            published.filter(pk__in=contradicting.values("convention")),
        ),
        WatchPoint(
            "Dossier légal incomplet",
            "Demandez la délibération, la transmission ou l’approbation.",
            in_force.filter(lacks_step),
        ),
    ]
    return [
        WatchPoint(point.title, point.advice, list(point.conventions))
        for point in found
        if point.conventions.exists()
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
    send(compose("watch_digest", reverse("watch_list"), points=points), addresses)
    return f"Récapitulatif envoyé : {len(points)} sujets."
