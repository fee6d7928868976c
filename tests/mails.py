"""The messages that a worker would send."""

import re

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


def link_in(message):
    """The address on this site that a message leads to."""
    return re.search(r"http://[^/]+(/\S+)", message.body)[1]
