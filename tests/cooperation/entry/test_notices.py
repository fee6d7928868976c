"""Messages by e-mail: one subject line, the same in text and HTML, one recipient each."""

import contextlib

import pytest
from django.core import mail
from django.core.mail import get_connection
from django.db import transaction
from django.urls import reverse

from cooperation.entry.notices import AGAIN_AFTER, compose, notify
from cooperation.entry.workflow import STEPS
from cooperation.models import User
from tests.factories import make_avenant, make_convention, make_user
from tests.mails import delivered, waiting

ODD_TITLE = "Eau & <b>forêts</b> : l’accord d'« ici »"


@pytest.fixture
def convention():
    return make_convention(title=ODD_TITLE)


def test_names_come_out_as_they_were_typed_in_text_and_run_nothing_in_html(convention):
    message = compose(
        "step_taken",
        convention.get_absolute_url(),
        step=STEPS["renvoyer"],
        convention=convention,
        record=make_avenant(convention),
        who="Ana",
        reason="Il manque < 2 pages & la date.",
    )
    assert message.subject == f"[Registre] {convention.reference} : renvoyée"
    assert (
        f"« {ODD_TITLE}, avenant n° 1 » ({convention.reference}) : renvoyée par Ana."
        in message.text
    )
    assert "Motif : Il manque < 2 pages & la date." in message.text
    assert message.text.endswith(f"{convention.get_absolute_url()}\n")
    assert "<b>forêts" not in message.html
    assert "&lt;b&gt;forêts" in message.html


def test_a_subject_stays_one_line_whatever_a_name_holds():
    search = {"name": "eau\r\nBcc: tous@example.org"}
    message = compose("saved_search", reverse("search_list"), search=search, found=[], others=0)
    assert "\n" not in message.subject
    assert "\r" not in message.subject


def test_each_active_person_gets_a_message_of_their_own(
    convention,
):
    make_user(email="a@example.org")
    make_user(email="b@example.org")
    make_user(email="c@example.org", is_active=False)
    make_user(email="")
    notify(User.objects.all(), "report_failed", "/", why="Trop long.")
    assert sorted(message.to for message in delivered()) == [["a@example.org"], ["b@example.org"]]
    assert all(message.alternatives[0][1] == "text/html" for message in mail.outbox)


class Silent:
    """A mail server that takes nothing from one address."""

    def send_messages(self, messages):
        for message in messages:
            if message.to == ["b@example.org"]:
                raise TimeoutError("timed out")
            mail.outbox.append(message)


def test_a_mail_server_that_is_away_keeps_nobody_waiting_and_loses_nothing(monkeypatch):
    for letter in "abc":
        make_user(email=f"{letter}@example.org")
    notify(User.objects.all(), "report_failed", "/", why="Trop long.")
    assert mail.outbox == []
    monkeypatch.setattr("cooperation.entry.notices.get_connection", Silent)
    delivered()
    assert [message.to[0][0] for message in mail.outbox] == ["a", "c"]
    ((_, addresses, tries),) = waiting()
    assert (addresses, tries) == (["b@example.org"], 1)
    monkeypatch.undo()
    assert delivered()[-1].to == ["b@example.org"]
    assert waiting() == []


def test_a_message_that_nobody_takes_is_given_up_after_two_days(monkeypatch):
    make_user(email="b@example.org")
    notify(User.objects.all(), "report_failed", "/", why="Trop long.")
    monkeypatch.setattr("cooperation.entry.notices.get_connection", Silent)
    turns = 0
    while waiting():
        delivered()
        turns += 1
    assert turns == len(AGAIN_AFTER) + 1


def test_what_is_rolled_back_is_not_told(convention):
    make_user(email="a@example.org")
    with contextlib.suppress(ZeroDivisionError), transaction.atomic():
        notify(User.objects.all(), "report_failed", "/", why="Trop long.")
        raise ZeroDivisionError
    assert waiting() == []


def test_a_mail_server_has_ten_seconds(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert get_connection().timeout == 10
