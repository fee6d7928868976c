"""The life of a record, as a table of steps: STEPS is that of whatever the secretariat publishes.

Pages, admin and API carry a step out through `carry_out`, which asks both gates. Other records have a
table of their own (workgroup/life.py), carried out in the same way.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction

from cooperation.entry.notices import agents_of, notify, secretariat
from cooperation.models import Document
from cooperation.records.gates import Status

PUBLISH = "agreements.publish_convention"
SUBMIT = "agreements.submit_convention"


def tell_publication(step, record, *, by, reason) -> bool:
    """The secretariat hears what is submitted; the commune, what the secretariat decides.

    False where nobody could be written to.
    """
    if step.permission == SUBMIT and step.target != Status.SUBMITTED:
        return False
    if isinstance(record, Document):
        conventions = list(record.holding_conventions())
    else:
        conventions = [getattr(record, "convention", record)]
    # Each hears of a convention of theirs alone.
    told = [
        notify(
            (secretariat() if step.permission == SUBMIT else agents_of(convention)).exclude(
                pk=by.pk
            ),
            "step_taken",
            convention.get_absolute_url(),
            step=step,
            convention=convention,
            record=record,
            who=by.get_full_name() or by.get_username(),
            reason=reason,
        )
        for convention in conventions
    ]
    return any(told)


@dataclass(frozen=True)
class Step:
    """One move of a record: its address, its button, what its author and the others read.

    Its author reads `done`, then `told` or, where nobody could be written to, `untold`. `tell` writes
    to those whom it concerns, and says whether anybody could be written to. `gate` names the rows of a
    person's that it may be taken of.
    """

    slug: str
    label: str
    done: str
    news: str
    sources: frozenset
    target: models.TextChoices
    permission: str
    needs_reason: bool = False
    told: str = ""
    untold: str = ""
    tell: Callable = tell_publication
    gate: str = "editable_by"

    def starts_from(self, record) -> bool:
        own = record.steps_from
        return record.status in self.sources and (own is None or record.status in own)

    def may_be_taken_by(self, user, record) -> bool:
        """Both gates: the permission, and the row."""
        if not user.has_perm(self.permission):
            return False
        rows = getattr(type(record).objects, self.gate)(user)
        return rows.filter(pk=record.pk).exists()

    def is_open_to(self, user, record) -> bool:
        return self.starts_from(record) and self.may_be_taken_by(user, record)


def table(*steps) -> dict[str, Step]:
    """{slug: step}, in the order in which a page offers them."""
    return {step.slug: step for step in steps}


STEPS = table(
    Step(
        "soumettre",
        "Soumettre au secrétariat",
        "La fiche est soumise : le secrétariat vérifie, puis publie ou renvoie avec un motif.",
        "soumise",
        frozenset({Status.DRAFT, Status.RETURNED}),
        Status.SUBMITTED,
        SUBMIT,
        told="Un message part vers lui.",
        untold="Aucun de ses comptes n’a d’adresse électronique : prévenez-le vous-même.",
    ),
    Step(
        "reprendre",
        "Reprendre pour modifier",
        "La fiche est de nouveau un brouillon.",
        "reprise",
        frozenset({Status.SUBMITTED}),
        Status.DRAFT,
        SUBMIT,
    ),
    Step(
        "renvoyer",
        "Renvoyer à la commune",
        "La fiche est renvoyée à la commune, avec le motif.",
        "renvoyée",
        frozenset({Status.SUBMITTED}),
        Status.RETURNED,
        PUBLISH,
        needs_reason=True,
        told="Un message part vers elle.",
        untold="Aucun de ses comptes n’a d’adresse électronique : prévenez-la vous-même.",
    ),
    Step(
        "publier",
        "Publier",
        "La fiche est publiée.",
        "publiée",
        frozenset({Status.DRAFT, Status.SUBMITTED, Status.RETURNED}),
        Status.PUBLISHED,
        PUBLISH,
    ),
    Step(
        "retirer",
        "Retirer de la publication",
        "C’est retiré de la publication ; l’adresse dit pourquoi.",
        "retirée",
        frozenset({Status.PUBLISHED}),
        Status.WITHDRAWN,
        PUBLISH,
        needs_reason=True,
    ),
    Step(
        "retablir",
        "Publier à nouveau",
        "C’est de nouveau public.",
        "publiée à nouveau",
        frozenset({Status.WITHDRAWN}),
        Status.PUBLISHED,
        PUBLISH,
        needs_reason=True,
    ),
)


def open_steps(record, user, steps=STEPS) -> list:
    """The steps of a table that this person may take now, in its order."""
    return [step for step in steps.values() if step.is_open_to(user, record)]


def put_steps(records, user, steps) -> None:
    """Each record's `steps`: those that the person may take now. The gates are asked once for all of them."""
    allowed = {}
    for step in steps.values():
        if records and step.gate not in allowed:
            rows = getattr(type(records[0]).objects, step.gate)(user)
            keys = [record.pk for record in records]
            allowed[step.gate] = set(rows.filter(pk__in=keys).values_list("pk", flat=True))
    for record in records:
        record.steps = [
            step
            for step in steps.values()
            if step.starts_from(record)
            and record.pk in allowed[step.gate]
            and user.has_perm(step.permission)
        ]


@transaction.atomic
def carry_out(step, record, *, by, reason="", version) -> str:
    """Take a step, with its reason in the history. Returns what was done, in French.

    `version` is the one that the person read. PermissionDenied where the step is not theirs;
    ValidationError, in French, where the record has moved on, or a reason or a fact is missing.
    """
    if not step.may_be_taken_by(by, record):
        raise PermissionDenied
    current = type(record).objects.select_for_update().get(pk=record.pk)
    if version != current.version:
        raise ValidationError("Cette fiche a changé depuis que vous l’avez lue. Relisez-la.")
    if not step.starts_from(current):
        raise ValidationError(
            f"Cette fiche est « {record.get_status_display()} » : elle ne peut pas prendre ce chemin."
        )
    if step.needs_reason and not reason.strip():
        raise ValidationError("Donnez le motif : il restera lisible.")
    record.move_to(step.target, by=by, reason=reason.strip())
    is_told = step.tell(step, record, by=by, reason=reason.strip())
    return f"{step.done} {step.told if is_told else step.untold}".strip()


@dataclass(frozen=True)
class Passage:
    """A step as the history tells it."""

    status: str
    label: str
    at: object
    by: object
    reason: str


def passages(record) -> list:
    """Every change of status of a record, the latest first, with its reason."""
    found, previous = [], None
    labels = dict(type(record)._meta.get_field("status").flatchoices)
    for row in record.history.select_related("history_user").order_by("history_date", "history_id"):
        if row.status != previous:
            found.append(
                Passage(
                    row.status,
                    labels[row.status],
                    row.history_date,
                    row.history_user,
                    row.history_change_reason or "",
                )
            )
        previous = row.status
    return found[::-1]
