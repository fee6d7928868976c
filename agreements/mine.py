"""What an agent finds on arriving: their office’s conventions, what waits for them first."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.urls import reverse

from agreements.completeness import Assessment, missing_rules
from agreements.models import Convention
from cooperation.entry.workflow import passages
from cooperation.lists.pages import PER_PAGE
from cooperation.records.gates import Status


@dataclass(frozen=True)
class Own:
    """One convention: what it lacks, why it came back, and its one button (label, address)."""

    assessment: Assessment
    reason: str
    button: tuple[str, str]

    @property
    def convention(self) -> Convention:
        return self.assessment.convention


@dataclass(frozen=True)
class Heap:
    """Conventions at one point of their way; the latest changed first, `address` leads to all."""

    title: str
    count: int
    owns: list[Own]
    address: str = ""


# What an office has begun, or was sent back; and what it has to say is right.
BEGUN = Q(status__in=(Status.DRAFT, Status.RETURNED))
UNCONFIRMED = Q(status=Status.PUBLISHED, provenance=Convention.Provenance.TO_CHECK)


def waiting_for(user) -> QuerySet:
    """Conventions that wait for something that the person’s office does."""
    return Convention.objects.editable_by(user).filter(BEGUN | UNCONFIRMED)


def heaps(user) -> list[Heap]:
    own = Convention.objects.editable_by(user)
    published, waiting = own.filter(status=Status.PUBLISHED), own.filter(UNCONFIRMED)
    found = [
        ("À faire", own.filter(BEGUN), to_do),
        ("Chez le secrétariat", own.filter(status=Status.SUBMITTED), taken_back),
        ("À confirmer", waiting, checked),
        ("Publiées", published.exclude(pk__in=waiting.order_by().values("pk")), updated),
    ]
    return [make(title, conventions, button) for title, conventions, button in found]


def make(title, conventions: QuerySet, button) -> Heap:
    latest = conventions.with_term().order_by("-updated_at", "-pk")
    shown = list(latest.prefetch_related("parties__partner")[:PER_PAGE])
    keys = [convention.pk for convention in shown]
    missing = missing_rules(Convention.objects.filter(pk__in=keys)) if keys else {}
    statuses = {one.status for one in shown}
    only = f"?status__exact={statuses.pop()}" if len(statuses) == 1 else ""
    return Heap(
        title,
        conventions.count(),
        [
            Own(Assessment(one, missing[one.pk]), reason_of(one), button(one, missing[one.pk]))
            for one in shown
        ],
        f"{reverse('admin:agreements_convention_changelist')}{only}",
    )


def reason_of(convention) -> str:
    """Why the secretariat sent it back; "" elsewhere."""
    return passages(convention)[0].reason if convention.status == Status.RETURNED else ""


def to_do(convention, missing) -> tuple[str, str]:
    form = reverse("admin:agreements_convention_change", args=[convention.pk])
    if convention.status == Status.RETURNED:
        return "Corriger", form
    if missing:
        return "Compléter", f"{form}#{missing[0].anchor}"
    return "Soumettre", reverse("convention_step", args=[convention.reference, "soumettre"])


def taken_back(convention, missing) -> tuple[str, str]:
    return "Reprendre", reverse("convention_step", args=[convention.reference, "reprendre"])


def checked(convention, missing) -> tuple[str, str]:
    return "Vérifier", convention.get_absolute_url()


def updated(convention, missing) -> tuple[str, str]:
    return "Mettre à jour", reverse("admin:agreements_convention_change", args=[convention.pk])
