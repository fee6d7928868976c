"""When conventions are in force: their states on a day, and the queries that tell them."""

from datetime import date
from functools import lru_cache

from django.db import models
from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from agreements.models.avenants import Avenant
from agreements.models.life import Situation
from agreements.models.parties import Party
from cooperation.models import Partner
from cooperation.records.gates import RecordQuerySet, Status
from cooperation.roles import Role
from cooperation.values.dates import not_before
from cooperation.values.places import BENIN


class State(models.TextChoices):
    """Where a convention stands on a given day; never stored."""

    UPCOMING = "a-venir", "à venir"
    IN_FORCE = "en-vigueur", "en vigueur"
    ENDED = "expiree", "expirée"
    UNKNOWN = "terme-inconnu", "terme non renseigné"
    SUSPENDED = "suspendue", "suspendue ou en sommeil"
    STOPPED = "arretee", "arrêtée avant son terme"
    PLANNED = "envisagee", "envisagée"
    REFUSED = "refusee", "refusée"

    @property
    def tone(self) -> str:
        """How pages draw it: the class of its colour and shape."""
        return TONES[self]


TONES = {
    State.UPCOMING: "plan",
    State.IN_FORCE: "go",
    State.ENDED: "over",
    State.UNKNOWN: "doubt",
    State.SUSPENDED: "doubt",
    State.STOPPED: "stop",
    State.PLANNED: "plan",
    State.REFUSED: "stop",
}


# What no figure counts as an agreement: nobody has signed it.
NO_AGREEMENT = (State.PLANNED, State.REFUSED)
# Situations by what they do to the state that the dates tell.
PLANNING = (Situation.Kind.PLANNED, Situation.Kind.NEGOTIATED)
SUSPENDING = (Situation.Kind.SUSPENDED, Situation.Kind.DORMANT)
STOPPING = (Situation.Kind.STOPPED, Situation.Kind.DENOUNCED)


def state_between(begin, term, day, has_no_term=False, situation="") -> State:
    """The State on a day of what lasts from `begin` to `term`, as far as they are known.

    What has no term by its nature is in force since it began, until an avenant gives it one. `situation`
    is the last one known that day: what was planned is so until it begins.
    """
    if situation == Situation.Kind.REFUSED:
        return State.REFUSED
    if situation in PLANNING and not (begin and begin.first_day <= day):
        return State.PLANNED
    if situation in STOPPING:
        return State.STOPPED
    if begin and begin.first_day > day:
        return State.UPCOMING
    if term and term.last_day < day:
        return State.ENDED
    if situation in SUSPENDING:
        return State.SUSPENDED
    return State.IN_FORCE if begin and (term or has_no_term) else State.UNKNOWN


# The end that a convention gives itself: written, or deduced from its duration.
OWN_END = Coalesce("ends_on", "deduced_end")


def situations_on(iso) -> QuerySet:
    """Situations of the outer convention known on a day, the last one first."""
    known = Q(since__isnull=True) | Q(since__lte=iso)
    found = Situation.objects.filter(known, convention=OuterRef("pk"))
    return found.order_by(F("since").desc(nulls_last=True), "-pk")


@lru_cache(maxsize=64)
def term_on(iso) -> dict:
    """The expressions of `with_term` on a day: making them takes longer than a page's query."""
    known = Q(status=Status.PUBLISHED) | Q(convention__published_at__isnull=True)
    signed = Q(signed_on__isnull=True) | Q(signed_on__lte=iso)
    moves = Avenant.objects.filter(known, signed, ends_on__isnull=False)
    latest = moves.last_signed().filter(convention=OuterRef("pk")).values("ends_on")[:1]
    return {
        "begin": Coalesce("starts_on", "signed_on"),
        "term": Coalesce(Subquery(latest), OWN_END),
        "situation": Coalesce(Subquery(situations_on(iso).values("kind")[:1]), Value("")),
    }


class ConventionQuerySet(RecordQuerySet):
    partner_lookup = "parties__partner"
    delegate_lookup = "delegations__user"

    def get_by_natural_key(self, reference) -> models.Model:
        return self.get(reference=reference)

    def supervised_by(self, user) -> QuerySet:
        """Published ones of a party of Benin: of the préfecture's département, or all for the ministry."""
        if not user.is_authenticated or user.role != Role.STATE:
            return self.none()
        here = {"parties__partner__country": BENIN}
        if user.departement:
            here["parties__partner__departement"] = user.departement
        parties = self.model.objects.filter(**here).order_by().values("pk")
        return self.published().filter(pk__in=parties)

    def with_term(self, day=None) -> QuerySet:
        """Add `begin` and `term`, the days between which a convention is in force, and `situation`.

        It begins on its start or, where that is not known, on its signature; it ends as the last
        avenant signed by `day` (today unless told) says; its situation is the last one of that day.
        """
        return self.annotate(**term_on(str(day or timezone.localdate())))

    def in_state(self, state, day=None) -> QuerySet:
        """Conventions in one State on a day (today unless told)."""
        iso = str(day or timezone.localdate())
        started, upcoming = Q(begin__lte=iso), Q(begin__gt=iso)
        at_least, within = not_before("term", iso)
        lasting = Q(**at_least) | Q(**within)
        endless = Q(term__isnull=True, has_no_term=True)
        ended = Q(term__isnull=False) & ~lasting
        refused, stopped = Q(situation=Situation.Kind.REFUSED), Q(situation__in=STOPPING)
        planned = Q(situation__in=PLANNING) & (Q(begin__isnull=True) | upcoming)
        suspended = Q(situation__in=SUSPENDING) & (Q(begin__isnull=True) | started) & ~ended
        by_dates = ~refused & ~planned & ~stopped & ~suspended
        conditions = {
            State.UPCOMING: upcoming & by_dates,
            State.IN_FORCE: started & (lasting | endless) & by_dates,
            State.ENDED: ended & by_dates,
            State.UNKNOWN: (
                Q(term__isnull=True, has_no_term=False) & started
                | Q(begin__isnull=True) & (lasting | Q(term__isnull=True))
            )
            & by_dates,
            State.SUSPENDED: suspended,
            State.STOPPED: stopped,
            State.PLANNED: planned,
            State.REFUSED: refused,
        }
        return self.with_term(day).filter(conditions[state])

    def overlapping(self, first, last=None) -> QuerySet:
        """Conventions that may have been in force on a day of a year, or of several.

        Terms are those of the avenants signed by the end. One whose end is not known counts from
        its beginning on; one whose beginning is not known does not count, nor what was refused, or
        stopped before.
        """
        last = last or first
        stopped = situations_on(f"{last}-12-31").values("since")[:1]
        begun = self.with_term(date(last, 12, 31)).filter(begin__lte=f"{last}-12-31")
        begun = begun.exclude(situation=Situation.Kind.REFUSED)
        begun = begun.alias(since=Subquery(stopped)).exclude(
            situation__in=STOPPING, since__isnull=False, since__lt=str(first)
        )
        return begun.filter(Q(term__gte=str(first)) | Q(term__isnull=True))

    def with_party(self, **lookups) -> QuerySet:
        """Conventions that have a party so described: with_party(country="FR")."""
        parties = Party.objects.filter(partner__in=Partner.objects.filter(**lookups).values("pk"))
        return self.filter(pk__in=parties.values("convention"))

    def located_in(self, **lookups) -> QuerySet:
        """Conventions signed by a partner so described, or with an action in such a commune."""
        partners = Partner.objects.filter(**lookups).values("pk")
        signed = Party.objects.filter(partner__in=partners).values("convention")
        acting = self.model.objects.filter(actions__places__in=partners).order_by().values("pk")
        return self.filter(Q(pk__in=signed) | Q(pk__in=acting))
