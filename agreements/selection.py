"""Several records published, or sent back, at once: looked at first, then done, each told apart."""

from dataclasses import dataclass, field

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from agreements.models import Avenant, Convention
from agreements.queue import key_of
from cooperation.entry.workflow import STEPS, Step, carry_out
from cooperation.importing.books import importer_class
from cooperation.models import Import, ImportRow, Partner
from cooperation.records.gates import Status, is_editable_by
from cooperation.values.text import clean_text

# One click does no more: a page that took minutes would be cut.
MOST = 200
# The steps offered, and how what they did is told of one and of several.
COUNTED = {
    "publier": ("fiche publiée", "fiches publiées"),
    "renvoyer": ("fiche renvoyée", "fiches renvoyées"),
}


@dataclass
class Chosen:
    """One record of a selection; `obstacles` say why the step cannot be taken, in French."""

    record: Convention | Avenant | Partner
    obstacles: list[str] = field(default_factory=list)

    @property
    def value(self) -> str:
        """Its name in a form, with the version that was read."""
        return f"{key_of(self.record)}@{self.record.version}"

    @property
    def title(self) -> str:
        if isinstance(self.record, Avenant):
            return f"{self.record.convention} : {self.record}"
        return str(self.record)


class Selection:
    """Records named in a form, as far as a person may act on them, and a step for all of them."""

    def __init__(self, user, step: Step, names):
        self.user, self.step = user, step
        self.left_out = max(0, len(names) - MOST)
        self.chosen = [Chosen(record) for name in names[:MOST] if (record := found(user, name))]
        for one in self.chosen:
            one.obstacles = obstacles(user, step, one.record)

    @property
    def ready(self) -> list[Chosen]:
        return [one for one in self.chosen if not one.obstacles]

    @property
    def stopped(self) -> list[Chosen]:
        return [one for one in self.chosen if one.obstacles]

    def carry_out(self, reason="") -> int:
        """Take the step for each; those that cannot keep theirs. Returns how many took it."""
        done = 0
        for one in self.ready:
            try:
                with transaction.atomic():
                    self.take(one.record, reason)
            except ValidationError as error:
                one.obstacles = error.messages
            else:
                done += 1
        return done

    def take(self, record, reason) -> None:
        if isinstance(record, Partner):
            current = Partner.objects.select_for_update().get(pk=record.pk)
            if trouble := obstacles(self.user, self.step, current):
                raise ValidationError(trouble)
            current.publish(self.user)
        else:
            carry_out(self.step, record, by=self.user, reason=reason, version=record.version)


def found(user, name) -> Convention | Avenant | Partner | None:
    """The record of a name that a form sent, with the version that was read; None for any other."""
    key, _, version = clean_text(name).partition("@")
    kind, _, key = key.partition(":")
    if kind == "avenant":
        reference, _, number = key.partition(":")
        records = Avenant.objects.select_related("convention")
        facts = {"convention__reference": reference, "number": number}
        if not (number.isdecimal() and len(number) < 5):
            return None
    elif kind == "convention":
        records, facts = Convention.objects, {"reference": key}
    elif kind == "partenaire":
        records, facts = Partner.objects, {"slug": key}
    else:
        return None
    record = records.visible_to(user).filter(**facts).first()
    if record and version.isdecimal() and len(version) < 10:
        record.version_read = int(version)
    return record


def obstacles(user, step, record) -> list[str]:
    """Why a step cannot be taken for a record, in French; [] where it can."""
    if getattr(record, "version_read", record.version) != record.version:
        return ["Cette fiche a changé depuis que vous l’avez lue : relisez-la."]
    if isinstance(record, Partner):
        if step.slug != "publier":
            return ["Un partenaire se corrige ou se publie ; il ne se renvoie pas."]
        if record.status != Status.DRAFT:
            return [f"Ce partenaire est « {record.get_status_display()} »."]
        may = user.has_perm("cooperation.publish_partner") and is_editable_by(user, record)
        return [] if may else ["Vous ne pouvez pas publier ce partenaire."]
    if not user.has_perm(step.permission) or not is_editable_by(user, record):
        raise PermissionDenied
    if not step.starts_from(record):
        return [f"Cette fiche est « {record.get_status_display()} »."]
    if step.slug == "publier":
        try:
            record.require_ready()
        except ValidationError as error:
            return error.messages
    return []


def of_import(job: Import) -> list[str]:
    """The names of the conventions that an import added, as `found` reads them."""
    kinds = [
        place
        for place, sheet in enumerate(job.sheets)
        if sheet["kind"] and importer_class(sheet["kind"]).address == "convention_detail"
    ]
    added = job.rows.filter(verdict=ImportRow.Verdict.ADDED, sheet__in=kinds).exclude(target="")
    references = dict.fromkeys(added.order_by("position").values_list("target", flat=True))
    drafts = Convention.objects.filter(reference__in=references, published_at=None)
    waiting = set(drafts.values_list("reference", flat=True))
    return [f"convention:{reference}" for reference in references if reference in waiting]


def step_named(slug) -> Step | None:
    return STEPS[slug] if slug in COUNTED else None
