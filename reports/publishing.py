"""Publishing a bilan: what is counted and written that day, frozen with its sums."""

import hashlib
from tempfile import TemporaryFile

from django.core.exceptions import PermissionDenied
from django.core.files import File
from django.db import IntegrityError, transaction
from django.http import QueryDict
from django.utils import timezone

from cooperation.lists.tables import csv_lines
from cooperation.models import Revision
from cooperation.records.gates import is_editable_by
from reports.facts.bilan import BilanFacts, build_bilan, from_json, to_json
from reports.facts.inventory import refused_filters
from reports.models import Bilan, Edition, digest
from reports.pdf.printing import write_bilan
from reports.spreadsheets import bilan_rows

PUBLISH = "reports.publish_bilan"
UNCHANGED = "Rien n’a changé depuis la dernière édition : il n’y a rien à publier."
CHANGED = (
    "Le texte ou les chiffres ont changé depuis votre lecture : relisez-les, puis publiez-les."
)
# What people write of a bilan.
TEXTS = ("title", *Bilan.NARRATIVE)
# How often facts are counted again while others keep saving.
MOST_TURNS = 5


class PublicationError(Exception):
    """The edition was not made; the message says why, in French."""


def settled(first, last, data=None, narrative=None) -> BilanFacts:
    """The facts of a period, all of one moment of the registry."""
    for _ in range(MOST_TURNS):
        mark = Revision.mark()
        facts = build_bilan(first, last, data, narrative)
        if Revision.mark() == mark:
            return facts
    raise PublicationError("Le registre change sans cesse : réessayez dans un moment.")


def facts_of(bilan: Bilan) -> BilanFacts:
    """What the registry tells now, with what is written around it.

    PublicationError where its filters make no sense any more: it would tell of everything.
    """
    filters = QueryDict(bilan.filters)
    if trouble := refused_filters(filters):
        raise PublicationError(f"Le périmètre de ce bilan n’existe plus. {' '.join(trouble)}")
    written = {name: getattr(bilan, name) for name in TEXTS}
    narrative = {name: text for name, text in written.items() if text}
    return settled(bilan.first_year, bilan.last_year, filters, narrative)


def publish(bilan: Bilan, *, by, read: str, tell=lambda done, pages: None) -> Edition:
    """Freeze the next edition: facts, rows, then the PDF made of them alone.

    `read` is the fingerprint of the facts that `by` has read: no others are published.
    PermissionDenied without the right; PublicationError where the facts are others by now, or
    another edition came between.
    """
    if not by.has_perm(PUBLISH) or not is_editable_by(by, bilan):
        raise PermissionDenied
    previous, facts = bilan.latest, facts_of(bilan)
    if facts.fingerprint != read:
        raise PublicationError(CHANGED)
    number = previous.number + 1 if previous else 1
    changes = differences(from_json(previous.facts), facts) if previous else []
    if previous and not changes:
        raise PublicationError(UNCHANGED)
    frozen, rows = to_json(facts), "".join(csv_lines(bilan_rows(facts)))
    edition = Edition(
        bilan=bilan,
        number=number,
        mark=f"{bilan.reference.upper()}-E{number}",
        title=bilan.title,
        published_at=timezone.now(),
        published_by=by,
        changes=changes,
        facts=frozen,
        facts_sha256=digest(frozen),
        rows=rows,
        rows_sha256=digest(rows),
    )
    with TemporaryFile() as file:
        edition.pages = write_bilan(facts, file, title=bilan.title, edition=edition, tell=tell)
        file.seek(0)
        edition.pdf_sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        keep(edition, file, by)
    return edition


def keep(edition, file, by) -> None:
    """The file first, then the row; if the row fails the file goes too."""
    edition.pdf.save(f"{edition.mark.lower()}.pdf", File(file), save=False)
    try:
        with transaction.atomic():
            edition.save()
            # Told in the history, and to the kept pages.
            bilan = Bilan.objects.select_for_update().get(pk=edition.bilan_id)
            if bilan.version != edition.bilan.version:
                raise PublicationError(CHANGED)
            bilan.save_because(f"Édition n° {edition.number} publiée.", by)
    except Exception as error:
        edition.pdf.storage.delete(edition.pdf.name)
        if isinstance(error, IntegrityError):
            message = f"L’édition n° {edition.number} vient d’être publiée par ailleurs."
            raise PublicationError(message) from error
        raise


CHAPTERS = {
    "scope": "périmètre",
    "day": "date d’arrêt",
    "by_year": "Conventions de l’année",
    "in_kind": "part de la valorisation",
    "rates": "taux de change",
    "moves": "mouvements des conventions",
    "tables": "tableaux par territoire, pays, thème, ODD et financeur",
    "without": "communes sans convention",
    "states": "Actions",
    "actions": "résultats, difficultés et retards",
    "legal": "Dossier légal",
    "provenances": "Provenance des fiches",
    "silent": "conventions sans nouvelles",
    "practices": "bonnes pratiques",
    "targets": "résultats et cibles",
}


# Chapters that count by label.
COUNTS = ("by_year", "states", "legal", "provenances")


def differences(before: BilanFacts, now: BilanFacts) -> list[str]:
    """What an edition changes against the one before, in French, line by line."""
    lines = []
    counts = {figure.name: figure.count for figure in before.figures}
    for figure in now.figures:
        old = counts.get(figure.name)
        if old is not None and old != figure.count:
            lines.append(f"{figure.label} : {old} → {figure.count}")
    for what, old, new in (
        ("Montants prévus", before.planned, now.planned),
        ("Montants payés", before.paid, now.paid),
        ("Montants payés dans la période précédente", before.paid_before, now.paid_before),
    ):
        if old != new:
            lines.append(f"{what} : {listed(old)} → {listed(new)}")
    for what in COUNTS:
        old, new = dict(getattr(before, what)), dict(getattr(now, what))
        if not old:
            # An edition from before this chapter.
            continue
        lines += [
            f"{CHAPTERS[what]}, {label} : {old.get(label, 0)} → {new.get(label, 0)}"
            for label in new | old
            if old.get(label, 0) != new.get(label, 0)
        ]
    lines += moved_indicators(before.ponadec, now.ponadec)
    lines += [
        f"Chapitre changé : {label}"
        for what, label in CHAPTERS.items()
        if what not in COUNTS and getattr(before, what) != getattr(now, what)
    ]
    old, new = ({e.reference: e for e in facts.entries} for facts in (before, now))
    for label, references in (
        ("Conventions ajoutées", new.keys() - old.keys()),
        ("Conventions retirées", old.keys() - new.keys()),
        ("Conventions corrigées", {r for r in old.keys() & new.keys() if old[r] != new[r]}),
    ):
        if references:
            lines.append(f"{label} : {', '.join(sorted(references))}")
    for name in TEXTS:
        if before.narrative.get(name, "") != now.narrative.get(name, ""):
            lines.append(f"Texte récrit : {Bilan._meta.get_field(name).verbose_name}")
    return lines


def moved_indicators(before, now) -> list[str]:
    """« Indice, 2024 : 61,5 points → 62 points »; once for all of an edition from before this chapter."""
    if now and not before:
        return ["Chapitre ajouté : indicateurs de la PONADEC"]
    old, new = (
        {
            (f"{what} {one.name}".strip().capitalize(), value.year): label
            for one in told
            for value in [*one.values, *one.ahead]
            for what, label in (("", value.label), ("cible de", value.target_label))
            if label
        }
        for told in (before, now)
    )
    nothing = "non renseigné"
    return [
        f"{name}, {year} : {old.get((name, year), nothing)} → {new.get((name, year), nothing)}"
        for name, year in new | old
        if old.get((name, year)) != new.get((name, year))
    ]


def listed(sums) -> str:
    return ", ".join(total.label for total in sums) or "non renseigné"
