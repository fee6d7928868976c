"""The life of an import: received, read, confirmed, written as a whole, undone as a whole.

Reading takes long and writes nothing of the registry. Writing and undoing are one transaction
each, that holds the counter of changes: nothing else moves meanwhile, and what the person saw in
the preview is what is written, or nothing is. Each may be run again after a worker was killed.
"""

import hashlib
import json
import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django_tasks import task

from cooperation.importing.columns import LINE, TROUBLE
from cooperation.importing.records import Plan, RecordImporter
from cooperation.importing.undoing import undo
from cooperation.jobs import Progress, start
from cooperation.journal import hold_revision, refresh_statistics
from cooperation.models import Import, ImportRow, Revision, User
from cooperation.models.imports import rights_of
from cooperation.records.recording import BATCH, recorded_as

logger = logging.getLogger(__name__)

State, Verdict = Import.State, ImportRow.Verdict

# Rows that are read or written while the person waits for the page.
SMALL = 200


# Within which the same file of the same person is a second tap.
JUST_NOW = timedelta(minutes=2)
# How often the rows are read again, while others keep saving, before the person is asked.
MOST_TURNS = 5
MOVED = (
    "Le registre a changé depuis l’aperçu : rien n’est écrit. Voici l’aperçu d’aujourd’hui ; "
    "relisez-le, puis confirmez."
)


def importer_class(kind) -> type:
    return import_string(settings.IMPORTERS[kind])


@dataclass(frozen=True)
class Table:
    """A file that is a list of a kind."""

    kind: str
    filename: str
    sha256: str
    headings: list[str]
    unknown_headings: list[str]
    rows: list[tuple[int, list[str]]]


def read_table(file, kind) -> Table:
    """ValidationError where the file is no list of this kind."""
    (_, headings), *rows = importer_class(kind).read_file(file)
    meanings = importer_class(kind).recognise(headings)
    file.seek(0)
    return Table(
        kind=kind,
        filename=file.name[-200:],
        sha256=hashlib.file_digest(file, "sha256").hexdigest(),
        headings=headings,
        unknown_headings=[
            heading
            for heading, meaning in zip(headings, meanings, strict=True)
            if heading and not meaning and heading not in (LINE, TROUBLE)
        ],
        rows=rows,
    )


@transaction.atomic
def receive_once(table, *, user, reason="") -> tuple[Import, bool]:
    """(import, whether it is new): what the same person has sent just now, in a second tap, is one.

    Reading a file takes long, so that no form's key is held over it (entry/once.py).
    """
    User.objects.select_for_update().get(pk=user.pk)
    sent = Import.objects.filter(
        user=user,
        kind=table.kind,
        sha256=table.sha256,
        reason=reason,
        state__in=[State.ANALYSING, State.READY],
        created_at__gte=timezone.now() - JUST_NOW,
    ).first()
    return (sent, False) if sent else (receive(table, user=user, reason=reason), True)


@transaction.atomic
def receive(table, *, user, reason="") -> Import:
    """Keep the rows of a table for reading."""
    same = Import.objects.filter(kind=table.kind, sha256=table.sha256, state=State.WRITTEN).first()
    job = Import.objects.create(
        kind=table.kind,
        user=user if user.pk else None,
        filename=table.filename,
        sha256=table.sha256,
        reason=reason,
        rights=rights_of(user if user.pk else None),
        headings=table.headings,
        unknown_headings=table.unknown_headings,
        counts={Verdict.UNREAD: len(table.rows)},
        notice=f"Ce fichier a déjà été importé le {same.written_at:%d/%m/%Y}." if same else "",
    )
    ImportRow.objects.bulk_create(
        (
            ImportRow(job=job, position=position, line=line, cells=cells)
            for position, (line, cells) in enumerate(table.rows, 1)
        ),
        batch_size=BATCH,
    )
    return job


@task()
def carry_on(reference) -> None:
    """Do what an import waits for, by its state; nothing where it waits for a person."""
    job = Import.objects.select_related("user").get(reference=reference)
    steps = {State.ANALYSING: read_again, State.WRITING: write, State.UNDOING: undo}
    if job.state in steps:
        try:
            steps[job.state](job)
        except Exception:
            logger.exception("import %s failed", reference)
            Import.objects.filter(pk=job.pk).update(**AFTER_FAILURE[job.state])


UNEXPECTED = "Une erreur inattendue s’est produite, et elle est notée : "
# What an import is when a step of it failed, each being all or nothing.
AFTER_FAILURE = {
    State.ANALYSING: {"state": State.FAILED, "failure": f"{UNEXPECTED}rien n’est écrit."},
    State.WRITING: {"state": State.FAILED, "failure": f"{UNEXPECTED}rien n’est écrit."},
    State.UNDOING: {"state": State.WRITTEN, "notice": f"{UNEXPECTED}rien n’est annulé."},
}


def answer(job, answers) -> bool:
    """Keep what a person answered and read the rows again; False where that is too late."""
    ready = Import.objects.filter(pk=job.pk, state=State.READY)
    return bool(ready.update(state=State.ANALYSING, answers=job.answers | answers, notice=""))


def confirm(job, by) -> bool:
    """Let the import be written; False where there is nothing to write, or it is done already."""
    ready = Import.objects.filter(pk=job.pk, state=State.READY)
    who = {"carried_out_by": by if by and by.pk else None}
    return bool(job.to_write and ready.update(state=State.WRITING, notice="", **who))


def ask_undo(job, by) -> bool:
    """Let the import be taken back; False where it is not written, or is no more."""
    written = Import.objects.filter(pk=job.pk, state=State.WRITTEN)
    return bool(written.update(state=State.UNDOING, notice="", carried_out_by=by))


def proceed(job) -> None:
    """Go on at once with few rows, or leave it to a worker."""
    start(carry_on, job.reference, is_small=job.total <= SMALL)


def person(job) -> User:
    """Who the import is for; without an account (a command), one with every right."""
    return job.user or User(is_superuser=True, username="commande")


def importer_of(job) -> RecordImporter:
    return importer_class(job.kind)(person(job), job.answers, job.reason)


def chunks(job, verdicts=Verdict.values) -> Iterator:
    """Its rows, some hundred at a time: memory does not grow with the file."""
    last = 0
    while rows := list(job.rows.filter(verdict__in=verdicts, position__gt=last)[:BATCH]):
        last = rows[-1].position
        yield rows


def read_again(job) -> None:
    analyse(job)
    job.state = State.READY
    job.save()


def analyse(job) -> None:
    """Plan every row (dry run): only the preview is written."""
    job.revision, job.rights = Revision.current(), rights_of(job.user)
    importer = importer_of(job)
    meanings = importer.recognise(job.headings)
    progress, done = Progress(job.reference, job.total), 0
    counts, questions, fingerprint = Counter(), {}, hashlib.sha256()
    for rows in chunks(job):
        for row in rows:
            plan = planned(importer, meanings, row)
            row.verdict, row.title, row.target = plan.verdict, plan.title, plan.target
            row.changes, row.errors, row.values = plan.changes, plan.errors, plan.values
            counts[row.verdict] += 1
            for doubt in plan.doubts:
                question = questions.setdefault(
                    doubt.key, {"text": doubt.text, "choices": doubt.choices, "rows": 0}
                )
                question["rows"] += 1
            seen = [row.position, row.verdict, row.target, row.changes, row.values]
            fingerprint.update(json.dumps(seen, default=str).encode())
            done += 1
            progress.tell(done)
        replace(rows)
    answered = {key: q | {"rows": 0} for key, q in job.questions.items() if key in job.answers}
    job.counts, job.questions = dict(counts), answered | questions
    job.fingerprint = fingerprint.hexdigest()


def planned(importer, meanings, row) -> Plan:
    """The plan of a row; one that breaks the reading is refused, and the others go on."""
    try:
        return importer.plan(meanings, row.cells, row.line)
    except Exception:
        logger.exception("import %s, line %s", row.job_id, row.line)
        return Plan(errors=[["", "Cette ligne ne se lit pas, et l’erreur est notée."]])


def replace(rows) -> None:
    """Rows written anew: many times faster than updating JSON fields of each."""
    with transaction.atomic():
        ImportRow.objects.filter(pk__in=[row.pk for row in rows]).delete()
        ImportRow.objects.bulk_create(rows, batch_size=BATCH)


def write(job) -> None:
    """Write what the preview shows, or nothing.

    Where the registry has moved since, the rows are read again; if any of them now means
    something else, the person looks again.
    """
    for _ in range(MOST_TURNS):
        if write_as_read(job):
            return
        shown = job.fingerprint
        analyse(job)
        if job.fingerprint != shown:
            break
        job.save(update_fields=["revision"])
    job.state, job.notice = State.READY, MOVED
    job.save()


def write_as_read(job) -> bool:
    """True when done; False where the registry is not any more what the preview was made on."""
    importer = importer_of(job)
    reason = f"Import de « {job.filename} ». {job.reason}".strip()
    with transaction.atomic(), recorded_as(job.carried_out_by, reason):
        job = Import.objects.select_for_update().get(pk=job.pk)
        if job.state != State.WRITING:
            return True
        if job.revision != hold_revision() or job.rights != rights_of(job.user):
            return False
        progress, done = Progress(job.reference, job.to_write), 0
        for rows in chunks(job, ImportRow.WRITTEN_VERDICTS):
            importer.write(rows, job.new_partners)
            replace(rows)
            done += len(rows)
            progress.tell(done)
        job.state, job.written_at = State.WRITTEN, timezone.now()
        job.save()
        refresh_statistics()
    return True
