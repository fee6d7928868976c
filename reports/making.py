"""Reports that take long: made once for all who ask for the same, kept a month."""

import json
import logging
import time
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from tempfile import TemporaryFile

from django.core.exceptions import PermissionDenied
from django.core.files import File
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone
from django_tasks import task

from cooperation.caching import release
from cooperation.entry.notices import notify
from cooperation.jobs import PEOPLE, VISITORS, Progress, is_abandoned, start
from cooperation.models import Revision, User
from cooperation.records.gates import is_editable_by
from reports.accords import SHEETS
from reports.facts.inventory import Inventory, build_inventory, refused_filters
from reports.formats import FORMATS, write_report
from reports.models import Bilan, Edition, Report
from reports.pdf.printing import period_title, write_bilan, write_inventory
from reports.pdf.rendering import PdfUnavailableError, RenderingError
from reports.publishing import PublicationError, facts_of, publish, settled
from reports.spreadsheets import bilan_sheets

logger = logging.getLogger(__name__)

Kind, State = Report.Kind, Report.State

KEPT = timedelta(days=30)
# After which a report on which nobody works is no more waited for.
LOST = timedelta(days=1)
# Reports in the queue beyond which visitors are asked to come back.
MOST_WAITING = 20
# And reports of one person, or of the visitors of one network.
MOST_OF_ONE = 10
MOST_OF_A_NETWORK = 5
# How often a report is made again while the registry changes under it.
MOST_TURNS = 5
CHANGING = "Le registre change sans cesse : redemandez ce rapport dans un moment."
UNEXPECTED = "Une erreur inattendue s’est produite, et elle est notée. Redemandez ce rapport."


class CancelledError(Exception):
    """Whoever asked for it wants it no more."""


class TooManyError(Exception):
    """So many reports wait already, of all visitors or of this person."""


def ask(kind, options, extension, *, user, filename, weight, network="") -> Report:
    """The report asked for: the one that is being made or ready, or a new one in the queue; made at
    once where it is small.

    `weight`: conventions that it tells, for its progress. `network`: whence a visitor asks (network_of).
    """
    facts = [kind, options, extension, Revision.mark(), str(timezone.localdate()), release()]
    key = sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
    alive = Report.objects.filter(key=key, state__in=[*Report.BUSY, State.READY])
    report = alive.first()
    if report is None:
        refuse_too_many(user, network)
        try:
            with transaction.atomic():
                report = Report.objects.create(
                    kind=kind,
                    options=options | {"weight": weight},
                    extension=extension,
                    filename=filename,
                    key=key,
                    user=user if user.is_authenticated else None,
                    network="" if user.is_authenticated else network,
                )
        except IntegrityError:
            report = alive.first()
            if report is None:
                raise TooManyError from None
        else:
            start(
                make,
                report.reference,
                is_small=weight <= FORMATS[extension].small,
                priority=priority_of(report),
            )
    if user.is_authenticated:
        report.watchers.add(user)
    return report


def priority_of(report) -> int:
    return PEOPLE if report.user_id else VISITORS


def refuse_too_many(user, network) -> None:
    """Visitors share the queue; no network takes all of their places."""
    busy = Report.objects.filter(state__in=Report.BUSY)
    if not user.is_authenticated:
        of_visitors = busy.filter(user=None)
        if of_visitors.filter(network=network).count() >= MOST_OF_A_NETWORK:
            raise TooManyError
        if of_visitors.count() >= MOST_WAITING:
            raise TooManyError
    elif busy.filter(user=user).count() >= MOST_OF_ONE:
        raise TooManyError


def cancel(report, user) -> bool:
    """Stop it where it is theirs and nobody else waits; else they only hear no more of it.

    True where it stops.
    """
    report.watchers.remove(user)
    if report.watchers.exists() or not is_editable_by(user, report):
        return False
    busy = Report.objects.filter(pk=report.pk, state__in=Report.BUSY)
    return bool(busy.update(state=State.CANCELLED, finished_at=timezone.now()))


@task()
def make(reference) -> None:
    """Make a report that waits; again from its beginning where a worker was killed over it."""
    busy = Report.objects.filter(reference=reference, state__in=Report.BUSY)
    if not busy.update(state=State.MAKING):
        return
    report = Report.objects.select_related("user").get(reference=reference)
    try:
        with TemporaryFile() as file:
            pages = write(report, file)
            file.seek(0)
            finish(report, file, pages)
    except CancelledError:
        pass
    except (PdfUnavailableError, RenderingError, PublicationError) as error:
        fail(report, str(error))
    except PermissionDenied:
        fail(report, "Vous n’avez plus le droit de publier ce bilan.")
    except Exception:
        logger.exception("report %s failed", reference)
        fail(report, UNEXPECTED)
    forget_old()


def fail(report, why) -> None:
    """Say why to those who wait, unless it was stopped or made meanwhile."""
    making = Report.objects.filter(pk=report.pk, state=State.MAKING)
    if making.update(state=State.FAILED, failure=why, finished_at=timezone.now()):
        tell_watchers(report, "report_failed", why=why)


def finish(report, file, pages) -> None:
    """Keep the file, unless it was cancelled meanwhile; then say so to those who wait."""
    if report.kind != Kind.EDITION:
        report.file.save(f"{report.reference}.{report.extension}", File(file), save=False)
    making = Report.objects.filter(pk=report.pk, state=State.MAKING)
    if report.kind == Kind.EDITION:
        # It is published: too late to stop it.
        making = Report.objects.filter(pk=report.pk)
    ready = {"state": State.READY, "finished_at": timezone.now(), "pages": pages}
    if not making.update(file=report.file.name or "", **ready):
        if report.file:
            report.file.storage.delete(report.file.name)
        return
    tell_watchers(report, "report_ready", is_kept=report.kind != Kind.EDITION)


def tell_watchers(report, name, **context) -> None:
    people = User.objects.filter(pk__in=report.watchers.values("pk"))
    notify(people, name, report.get_absolute_url(), report=report, **context)


def write(report, file) -> int | None:
    """Write what was asked for, as the registry is at one moment; returns its pages, if any."""
    tell = telling(report)
    options = report.options
    if report.kind == Kind.EDITION:
        return publish_once(report, tell).pages
    if report.kind == Kind.YEAR:
        facts = settled(options["year"], options["year"])
        return write_report(
            report.extension,
            file,
            pdf=lambda file: write_bilan(facts, file, title=period_title(facts.period), tell=tell),
            sheets=lambda: bilan_sheets(facts),
        )
    if report.kind == Kind.BILAN:
        bilan = Bilan.objects.get(reference=options["bilan"])
        return write_bilan(facts_of(bilan), file, title=bilan.title, tell=tell)
    for _ in range(MOST_TURNS):
        mark = Revision.mark()
        file.seek(0)
        file.truncate()
        inventory = asked_inventory(options)
        pages = write_inventory_as(report, inventory, file, tell)
        if Revision.mark() == mark:
            return pages
    raise PublicationError(CHANGING)


def write_inventory_as(report, inventory, file, tell) -> int | None:
    sheets = SHEETS[report.options.get("layout", "")]
    return write_report(
        report.extension,
        file,
        pdf=lambda file: write_inventory(inventory, file, tell),
        sheets=lambda: sheets(inventory, tell),
    )


def publish_once(report, tell) -> Edition:
    """The edition of what its author had read; the one there is, where a worker died after it."""
    bilan = Bilan.objects.get(reference=report.options["bilan"])
    latest = bilan.latest
    if latest and latest.published_by == report.user and latest.published_at > report.created_at:
        return latest
    return publish(bilan, by=report.user, read=report.options["read"], tell=tell)


def asked_inventory(options) -> Inventory:
    """PublicationError where its filters make no sense any more: it would tell of nothing."""
    filters = QueryDict(options["filters"])
    if trouble := refused_filters(filters):
        raise PublicationError(f"Le périmètre demandé n’existe plus. {' '.join(trouble)}")
    return build_inventory(
        filters,
        by=options["by"],
        first=options["first"],
        last=options["last"],
    )


def telling(report) -> Callable:
    """What hears how far the work is, and stops it when it is cancelled."""
    progress = Progress(report.reference, max(1, report.options["weight"]))
    asked = [time.monotonic()]

    def tell(done, pages=None):
        progress.tell(min(done, progress.total), pages=pages)
        if time.monotonic() - asked[0] > 1:
            asked[0] = time.monotonic()
            if not Report.objects.filter(pk=report.pk, state=State.MAKING).exists():
                raise CancelledError

    return tell


def forget_old() -> None:
    """Files that were kept long enough go; what nobody makes any more is said to have failed."""
    late = Report.objects.filter(created_at__lt=timezone.now() - LOST, state__in=Report.BUSY)
    for report in late:
        if is_abandoned(report.reference):
            Report.objects.filter(pk=report.pk).update(state=State.MAKING)
            fail(report, UNEXPECTED)
    old = Q(finished_at__lt=timezone.now() - KEPT)
    for report in Report.objects.filter(old).exclude(state__in=Report.BUSY):
        report.delete()
        if report.file:
            report.file.storage.delete(report.file.name)
