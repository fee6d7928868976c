"""The registry's own programs, run beside the tests on a registry of their own."""


def output(process):
    text, _ = process.communicate(timeout=60)
    return text.strip().splitlines()[-1]


FORGET = """
from cooperation.models import WorkerPresence
WorkerPresence.objects.update(seen_at="2000-01-01T00:00Z")
"""


def shell(apart, code):
    return output(apart("shell", "--no-imports", "-c", code))


STOPPING = """
import time
from django.core.management import call_command
from cooperation.jobs import Progress

def stop_half_way(progress, done, **more):
    if 0 < done < progress.total:
        print("half way", flush=True)
        time.sleep(600)

Progress.tell = stop_half_way
call_command("worker", batch=True, verbosity=0)
"""


def killed_half_way(apart):
    """Run a worker until a part, and not all, of the waiting task is done; then SIGKILL."""
    worker = apart("shell", "--no-imports", "-c", STOPPING)
    assert worker.stdout.readline() == "half way\n"
    worker.kill()
    worker.wait()
