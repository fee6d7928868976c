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

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django_tasks import task

from cooperation.importing.books import UNTITLED, importer_class, lacking
from cooperation.importing.linking import Later, Made, Planned
from cooperation.importing.plans import Plan
from cooperation.importing.records import RecordImporter
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
# Of how many earlier imports what was said of columns is looked up.
KEPT_MAPPINGS = 20
# Within which the same file of the same person is a second tap.
JUST_NOW = timedelta(minutes=2)
# How often the rows are read again, while others keep saving, before the person is asked.
MOST_TURNS = 5
MOVED = (
    "Le registre a changé depuis l’aperçu : rien n’est écrit. Voici l’aperçu d’aujourd’hui ; "
    "relisez-le, puis confirmez."
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
        sheets=table.sheets,
        mapping={sheet["kind"]: remembered(user, sheet) for sheet in table.sheets if sheet["kind"]},
        counts={Verdict.UNREAD: len(table.rows)},
        notice=f"Ce fichier a déjà été importé le {same.written_at:%d/%m/%Y}." if same else "",
    )
    ImportRow.objects.bulk_create(
        (
            ImportRow(job=job, position=position, sheet=sheet, line=line, cells=cells)
            for position, (sheet, line, cells) in enumerate(table.rows, 1)
        ),
        batch_size=BATCH,
    )
    return job


def remembered(user, sheet) -> dict:
    """{heading: column} as the same person last said it, of the headings that a sheet has."""
    mapping = {}
    if user.pk:
        said = Import.objects.filter(user=user, mapping__has_key=sheet["kind"])
        for one in reversed(said.order_by("-pk").values_list("mapping", flat=True)[:KEPT_MAPPINGS]):
            mapping |= one[sheet["kind"]]
    kept = {
        heading: mapping[heading]
        for heading in sheet["headings"]
        if heading in mapping and not UNTITLED.fullmatch(heading)
    }
    try:
        importer_class(sheet["kind"]).recognise(sheet["headings"], kept)
    except ValidationError:  # two columns of this file would be one
        return {}
    return kept


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


def map_columns(job, mapping) -> bool:
    """Keep what a person said of the columns and read the rows again; False where that is too late."""
    ready = Import.objects.filter(pk=job.pk, state=State.READY)
    return bool(ready.update(state=State.ANALYSING, mapping=mapping, notice=""))


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


def importers_of(job) -> list[RecordImporter | None]:
    """The importer of each sheet; they know the same partners and name the same rows."""
    found = []
    for sheet in job.sheets:
        of = sheet["kind"] and importer_class(sheet["kind"])
        first = found[0] if found else None
        found.append(of(person(job), job.answers, job.reason, first) if of else None)
    return found


def chunks(rows) -> Iterator:
    """Rows of an import, some hundred at a time: memory does not grow with the file."""
    last = 0
    while found := list(rows.order_by("position").filter(position__gt=last)[:BATCH]):
        last = found[-1].position
        yield found


def columns_lacking(job) -> list[str]:
    """Headings of the columns without which its rows cannot be read, and that no column is."""
    sheets = [sheet for sheet in job.sheets if sheet["kind"]]
    return [name for sheet in sheets for name in lacking(sheet, job.mapping.get(sheet["kind"]))]


def read_again(job) -> None:
    analyse(job)
    job.state = State.READY
    job.save()


@dataclass
class Reading:
    """All rows of an import planned, once (dry run): only the preview is written."""

    job: Import

    def __post_init__(self):
        self.importers = importers_of(self.job)
        self.meanings = [
            importer and importer.begin(sheet["headings"], self.job.mapping.get(sheet["kind"]))
            for importer, sheet in zip(self.importers, self.job.sheets, strict=True)
        ]
        # Positions of the rows that are planned: one that another names is before its turn.
        self.planned = set()
        self.progress = Progress(self.job.reference, self.job.total)
        self.counts, self.questions, self.fingerprint = Counter(), {}, hashlib.sha256()

    def run(self) -> None:
        self.note_names()
        for rows in chunks(self.job.rows.all()):
            done = []
            for row in rows:
                if row.position not in self.planned:
                    done += self.plan(row)
            replace(done)

    def note_names(self) -> None:
        """What the rows of the first sheet are called, for those that name them."""
        importer, meanings = self.importers[0], self.meanings[0]
        named_by = [column for column in importer.columns if column.name in importer.named_by]
        places = [n for n, meaning in enumerate(meanings) if meaning and meaning[0] in named_by]
        if places:
            named = self.job.rows.filter(sheet=0).values_list("line", "cells")
            for line, cells in named.iterator():
                importer.own.note(line, (cells[place] for place in places if place < len(cells)))

    def plan(self, row) -> list[ImportRow]:
        """Plan a row, after those that it names and that name others in turn; all that were planned."""
        own, waiting, done = self.importers[0].own, [row], []
        while waiting:
            row = waiting[-1]
            own.pending = {one.line for one in waiting if one.sheet == 0}
            try:
                plan = planned(self.importers[row.sheet], self.meanings[row.sheet], row)
            except Later as later:
                waiting.append(self.job.rows.get(sheet=0, line=later.line))
                continue
            self.take(row, plan)
            done.append(waiting.pop())
        return done

    def take(self, row, plan) -> None:
        row.verdict, row.title, row.target = plan.verdict, plan.title, plan.target
        row.changes, row.errors, row.values = plan.changes, plan.errors, plan.values
        own = self.importers[row.sheet].own
        row.turn = own.turn_of(row.values)
        if row.sheet == 0:
            key = row.values.get("record")
            own.plan(row.line, Planned(row.verdict, key, row.title, row.turn, plan.doubts))
        if row.verdict in ImportRow.WRITTEN_VERDICTS:
            self.importers[row.sheet].tell_parts(row.values, row.line)
        self.counts[row.verdict] += 1
        for doubt in plan.doubts:
            question = self.questions.setdefault(
                doubt.key, {"text": doubt.text, "choices": doubt.choices, "rows": 0}
            )
            question["rows"] += 1
        seen = [row.position, row.verdict, row.target, row.changes, row.values]
        self.fingerprint.update(json.dumps(seen, default=str).encode())
        self.planned.add(row.position)
        self.progress.tell(len(self.planned))


def analyse(job) -> None:
    """Plan every row, unless a column without which none can be read is still to be named."""
    job.revision, job.rights = Revision.current(), rights_of(job.user)
    if columns_lacking(job):
        job.rows.update(verdict=Verdict.UNREAD)
        job.counts, job.questions, job.fingerprint = {Verdict.UNREAD: job.total}, {}, ""
        return
    reading = Reading(job)
    reading.run()
    answered = {key: q | {"rows": 0} for key, q in job.questions.items() if key in job.answers}
    job.counts, job.questions = dict(reading.counts), answered | reading.questions
    job.fingerprint = reading.fingerprint.hexdigest()


def planned(importer, meanings, row) -> Plan:
    """The plan of a row; one that breaks the reading is refused, and the others go on."""
    try:
        return importer.plan(meanings, row.cells, row.line)
    except Later:
        raise
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
    is_current = not importer_class(job.kind).reads_again
    for _ in range(MOST_TURNS):
        if is_current and write_as_read(job):
            return
        is_current, shown = True, job.fingerprint
        analyse(job)
        if job.fingerprint != shown:
            break
        job.save(update_fields=["revision"])
    job.state, job.notice = State.READY, MOVED
    job.save()


def write_as_read(job) -> bool:
    """True when done; False where the registry is not any more what the preview was made on."""
    importers = importers_of(job)
    reason = f"Import de « {job.filename} ». {job.reason}".strip()
    with transaction.atomic(), recorded_as(job.carried_out_by, reason):
        job = Import.objects.select_for_update().get(pk=job.pk)
        if job.state != State.WRITING:
            return True
        if job.revision != hold_revision() or job.rights != rights_of(job.user):
            return False
        progress, done = Progress(job.reference, job.to_write), 0
        made = Made(job)
        for turn in job.written_turns():
            for rows in chunks(turn):
                importers[rows[0].sheet].write(rows, made)
                replace(rows)
                done += len(rows)
                progress.tell(done)
        job.state, job.written_at = State.WRITTEN, timezone.now()
        job.save()
        refresh_statistics()
    return True
