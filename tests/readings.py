"""What files do to whoever reads them; functions of a module, that another process can import."""

import os

from django.core.exceptions import ValidationError


def process():
    return os.getpid()


def refusal():
    raise ValidationError("Rien de bon.")


def swallow():
    return len([bytearray(2**20) for _ in range(4096)])


def linger():
    while True:
        pass


def die():
    os._exit(3)
