"""The messages that a worker would send."""

from django.core import mail
from django_tasks_db.models import DBTaskResult

from cooperation.entry.notices import deliver


def queued():
    return DBTaskResult.objects.filter(task_path=deliver.module_path, status="READY")


def waiting():
    """What the queue holds to be sent, now or later: [(message, addresses, tries), …]."""
    tasks = queued().order_by("enqueued_at")
    return [(*task.args_kwargs["args"], 0)[:3] for task in tasks]


def delivered():
    """All of it sent, as messages: a worker's turn, in this process."""
    tasks = waiting()
    queued().delete()
    for task in tasks:
        deliver.call(*task)
    return mail.outbox
