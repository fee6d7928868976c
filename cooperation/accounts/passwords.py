"""Which passwords are refused, and how many are hashed at once."""

import re
import threading
from functools import cache
from pathlib import Path

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.exceptions import ValidationError

from cooperation.values.text import fold

COMMON_WORDS = Path(__file__).with_name("common_words.txt")
# Each takes memory and a processor: more at once would take the machine from everybody else.
MOST_AT_ONCE = 2
_turns = threading.BoundedSemaphore(MOST_AT_ONCE)


class BoundedArgon2PasswordHasher(Argon2PasswordHasher):
    """Argon2 for `MOST_AT_ONCE` passwords at a time in each process; the others wait their turn.

    Of the settings that OWASP holds equal (Password Storage Cheat Sheet), the quickest: 46 MiB, one pass.
    """

    time_cost, memory_cost, parallelism = 1, 47_104, 1

    def encode(self, password, salt) -> str:
        with _turns:
            return super().encode(password, salt)

    def verify(self, password, encoded) -> bool:
        with _turns:
            return super().verify(password, encoded)


@cache
def common_words() -> frozenset[str]:
    lines = COMMON_WORDS.read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


class CommonWordValidator:
    """Refuses one or two common French words, whatever digits and signs stand around them.

    « Cotonou2026 » and « azerty!mairie » are tried first by whoever guesses; three words are not.
    """

    def validate(self, password, user=None) -> None:
        words = set(re.findall(r"[a-z]+", fold(password)))
        if len(words) < 3 and all(len(word) < 3 or is_common(word) for word in words):
            raise ValidationError(
                "Ce mot de passe se devine : un mot courant ou un nom de lieu, même suivi de chiffres, "
                "est essayé en premier.",
                code="password_common_word",
            )

    def get_help_text(self) -> str:
        return (
            "Ni un mot courant ni un nom de lieu suivi de chiffres : plutôt trois ou quatre mots "
            "sans lien entre eux."
        )


def is_common(word) -> bool:
    """A word of the list, or one written twice."""
    half = word[: len(word) // 2]
    return word in common_words() or (half * 2 == word and half in common_words())
