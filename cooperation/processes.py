"""Files of others are read in processes of their own, bounded in time and memory.

A small file may unfold into gigabytes, or keep a processor busy for minutes: the site goes on meanwhile,
and whoever sent it is told. Processes begin with the first file and end with the program.
"""

import multiprocessing
import os
import resource
import threading
import time
from collections.abc import Callable
from functools import cache

import django
from django.core.exceptions import ValidationError
from pebble import ProcessExpired, ProcessPool

# For one file; the largest that is allowed takes a third of either.
MOST_SECONDS = 40
MOST_MEMORY = 1536 * 2**20
# Files read at once; the others wait.
MOST_AT_ONCE = 2
# Files after which a process gives way to a new one.
MOST_FILES = 20
TOO_LONG = (
    f"La lecture de ce fichier a été arrêtée après {MOST_SECONDS} secondes. Copiez la liste seule dans "
    "un fichier neuf, ou découpez-la."
)
TOO_LARGE = (
    "Ce fichier se déplie en plus de données que le registre n’en peut lire. Copiez la liste seule "
    "dans un fichier neuf, ou découpez-la."
)


def read_apart(read: Callable, *args) -> object:
    """`read(*args)`, a function of a module, in a process apart; ValidationError where it goes too far."""
    try:
        return readers().schedule(read, args=args, timeout=MOST_SECONDS).result()
    except TimeoutError as error:
        raise ValidationError(TOO_LONG) from error
    except (ProcessExpired, MemoryError) as error:
        raise ValidationError(TOO_LARGE) from error


@cache
def readers() -> ProcessPool:
    return ProcessPool(
        max_workers=MOST_AT_ONCE,
        max_tasks=MOST_FILES,
        initializer=begin,
        initargs=[MOST_MEMORY, os.getpid()],
        context=multiprocessing.get_context("spawn"),
    )


def begin(memory, parent) -> None:
    """In each process, once: what readers import, and their bounds."""
    threading.Thread(target=outlive_nobody, args=[parent], daemon=True).start()
    django.setup()
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def outlive_nobody(parent) -> None:
    """End this process when the one that started it is gone, killed or not."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)
