import threading
import time

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher, check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from cooperation.accounts import passwords


@pytest.mark.parametrize(
    "password",
    [
        "cotonou2026",
        "Parakou@2026",
        "Azerty123456",
        "azertyazerty",
        "MotDePasse!2026",
        "mairie-parakou1",
        "Abomey-Calavi2026",
        "soleil.soleil",
        "2026!2026!2026",
        "Décentralisation",
    ],
)
def test_what_is_tried_first_is_refused(password):
    with pytest.raises(ValidationError):
        validate_password(password)


@pytest.mark.parametrize(
    "password",
    ["girafe verte lundi soir", "kpete-oublie-bogou-7", "tG7#kd9!xQ2p", "trois lampes à Kandi"],
)
def test_a_long_phrase_or_a_random_word_is_accepted(password):
    validate_password(password)


def test_few_passwords_are_hashed_at_once(settings, monkeypatch):
    """Forty wrong ones at once took 800 MB, and ten seconds from every visitor."""
    settings.PASSWORD_HASHERS = ["cooperation.accounts.passwords.BoundedArgon2PasswordHasher"]
    running, most, lock = 0, 0, threading.Lock()

    def slow(hasher, password, *rest):
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.02)
        with lock:
            running -= 1
        return f"argon2$argon2id$v=19$m=1,t=1,p=1${'c' * 22}${'d' * 22}"

    monkeypatch.setattr(Argon2PasswordHasher, "encode", slow)
    monkeypatch.setattr(Argon2PasswordHasher, "verify", slow)
    encoded = make_password("x")
    threads = [threading.Thread(target=check_password, args=["x", encoded]) for _ in range(20)]
    threads += [threading.Thread(target=make_password, args=["x"]) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == passwords.MOST_AT_ONCE
