import contextlib
import os
import signal
import threading
import time

from django.db import DatabaseError, connection
from django_tasks_db.management.commands.db_worker import Command as TaskWorkerCommand

from cooperation.jobs import (
    FORGET_EVERY,
    SEEN_EVERY,
    forget_old,
    say_present,
    take_back_lost_tasks,
)


class Command(TaskWorkerCommand):
    help = (
        "Do long work in the background: imports, large reports. Any number may run; each takes "
        "over what a killed one left. Stops after its task at Ctrl+C or SIGTERM."
    )

    def add_arguments(self, parser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--while-parent-lives",
            action="store_true",
            help="stop when the program that started this one has ended",
        )

    def handle(self, *, worker_id, while_parent_lives, **options) -> None:
        parent = os.getppid() if while_parent_lives else None
        threading.Thread(target=self.stay_present, args=[worker_id, parent], daemon=True).start()
        super().handle(worker_id=worker_id, **options)

    def stay_present(self, name, parent) -> None:
        """Every few seconds: say that this worker is there, and take over from those that are not."""
        pause, forgot_at = threading.Event(), None
        while parent in (None, os.getppid()):
            # A database that is busy or restarts is tried again at the next turn.
            with contextlib.suppress(DatabaseError):
                say_present(name)
                take_back_lost_tasks()
                if forgot_at is None or time.monotonic() - forgot_at > FORGET_EVERY:
                    forget_old()
                    forgot_at = time.monotonic()
            connection.close()
            pause.wait(SEEN_EVERY)
        os.kill(os.getpid(), signal.SIGTERM)
