"""Programs of their own, on databases of their own: what they took, in CPU and memory."""

import json
import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def figure(name, *, goal, value, at_most=True, **facts):
    """One line of JSON: what was measured against what is to be reached."""
    met = value <= goal if at_most else value >= goal
    print(
        json.dumps({"figure": name, **facts, "value": value, "goal": goal, "met": met}), flush=True
    )


def databases():
    """{"sqlite": …, "postgresql": …}: how each is named in DATABASE_URL; "" is the folder's own."""
    found = {"sqlite": ""}
    if server := os.environ.get("BENCH_POSTGRES"):
        found["postgresql"] = server
    return found


@contextmanager
def registry(database=""):
    """run(module, *arguments) -> what the program printed as JSON, on one empty registry."""
    with tempfile.TemporaryDirectory(prefix="registre-bench-") as folder:
        environment = {
            **os.environ,
            "DATA_DIR": folder,
            "DATABASE_URL": database,
            "DJANGO_SETTINGS_MODULE": "cooperation.settings",
        }

        def run(module, *arguments):
            done = subprocess.run(  # noqa: S603  our own programs
                [sys.executable, "-m", module, *map(str, arguments)],
                cwd=ROOT,
                env=environment,
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            )
            return json.loads(done.stdout.strip().splitlines()[-1])

        run.environment = environment
        manage(environment, "migrate", "-v0")
        manage(environment, "flush", "--no-input", "-v0")
        manage(environment, "loaddata", "reference", "-v0")
        yield run


def manage(environment, *arguments):
    subprocess.run(  # noqa: S603
        [sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment, check=True
    )


def table(headings, rows):
    widths = [max(len(str(row[i])) for row in [headings, *rows]) for i in range(len(headings))]
    for row in [headings, *rows]:
        print("  ".join(str(cell).rjust(width) for cell, width in zip(row, widths, strict=True)))
