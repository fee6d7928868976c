"""Long work in the background: queued in the database, done by `manage.py worker`.

Each worker says every few seconds that it is there. A task whose worker is not seen any more goes
back to the queue, and fails at the third loss: so a handler is written to be run again.
Progress goes through the shared cache: a transaction that takes long could not tell it.
"""

import time
from datetime import timedelta

from django.core.cache import caches
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from cooperation.models import AccessRequest, Invitation, Notice, Upload, WorkerPresence

# What a worker takes first: messages, then what people with an account wait for, then visitors' reports.
MAIL, PEOPLE, VISITORS = 20, 10, 0

SEEN_EVERY = 5
LOST_AFTER = timedelta(seconds=20)
MOST_TRIES = 3
PROGRESS_KEPT = 3600
# How long the queue keeps what it did, and what failed.
DONE_KEPT, FAILED_KEPT = timedelta(days=1), timedelta(days=30)
# Seconds between two turns of forgetting.
FORGET_EVERY = 3600
# Seconds without progress after which nobody works on a job.
SILENT = 60


class LostWorkerError(Exception):
    """The workers that took the task ended before it did."""


def present_workers() -> QuerySet:
    return WorkerPresence.objects.filter(seen_at__gte=timezone.now() - LOST_AFTER)


def start(task, reference, *, is_small, priority=PEOPLE) -> None:
    """Have a task done: at once where it is small, else by a worker."""
    if is_small:
        task.call(reference)
    else:
        task.using(priority=priority).enqueue(reference)


def say_present(name) -> None:
    WorkerPresence.objects.update_or_create(name=name, defaults={"seen_at": timezone.now()})


def take_back_lost_tasks() -> int:
    """Put the tasks of workers that are gone back into the queue. Returns how many."""
    present = set(present_workers().values_list("name", flat=True))
    count = 0
    with transaction.atomic():
        running = DBTaskResult.objects.running().select_for_update(skip_locked=True)
        for result in running:
            if result.worker_ids and result.worker_ids[-1] in present:
                continue
            count += 1
            if len(result.worker_ids) >= MOST_TRIES:
                result.set_failed(LostWorkerError("lost with its worker, three times"))
            else:
                result.status = TaskResultStatus.READY
                result.save(update_fields=["status"])
    WorkerPresence.objects.filter(seen_at__lt=timezone.now() - timedelta(days=1)).delete()
    return count


def forget_old() -> None:
    """What is kept for a time only: messages that are sent, and what people told of themselves.

    A message may carry a link that opens an account.
    """
    now = timezone.now()
    done = DBTaskResult.objects.filter(finished_at__isnull=False)
    done.filter(status=TaskResultStatus.SUCCESSFUL, finished_at__lt=now - DONE_KEPT).delete()
    done.filter(finished_at__lt=now - FAILED_KEPT).delete()
    for model in (AccessRequest, Invitation, Notice, Upload):
        model.objects.all().forget_old()


class Progress:
    """How far a job is, as those who wait see it: {"done", "total", "left", "at"}.

    `left` is in seconds, None while unknown; `at` is a Unix time, when it was saved.
    """

    def __init__(self, reference, total):
        self.key, self.total = f"progress:{reference}", total
        self.began = self.saved_at = time.monotonic()
        self.tell(0)

    def tell(self, done, **more) -> None:
        """Kept at most twice a second; `more` are other facts to show."""
        now = time.monotonic()
        if 0 < done < self.total and now - self.saved_at < 0.5:
            return
        self.saved_at = now
        left = (now - self.began) * (self.total - done) / done if done else None
        facts = {"done": done, "total": self.total, "left": None if left is None else round(left)}
        facts |= {"at": time.time(), **more}
        caches["shared"].set(self.key, facts, PROGRESS_KEPT)


def progress_of(reference) -> dict | None:
    """The facts that Progress saved last, or None."""
    return caches["shared"].get(f"progress:{reference}")


def is_abandoned(reference) -> bool:
    """Whether nobody works on a job any more: it may then be taken up again."""
    tasks = DBTaskResult.objects.filter(status__in=["READY", "RUNNING"])
    queued = any(reference in result.args_kwargs["args"] for result in tasks)
    progress = progress_of(reference)
    return not queued and (progress is None or time.time() - progress["at"] > SILENT)
