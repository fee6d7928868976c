"""Messages by e-mail: one subject line, the same in text and HTML, one recipient each."""

import pytest
from django.core import mail
from django.urls import reverse

from cooperation.entry.notices import compose, notify
from cooperation.entry.workflow import STEPS
from cooperation.models import User
from tests.factories import make_avenant, make_convention, make_user

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
    convention, django_capture_on_commit_callbacks
):
    make_user(email="a@example.org")
    make_user(email="b@example.org")
    make_user(email="c@example.org", is_active=False)
    make_user(email="")
    with django_capture_on_commit_callbacks(execute=True):
        notify(User.objects.all(), "report_failed", "/", why="Trop long.")
    assert sorted(message.to for message in mail.outbox) == [["a@example.org"], ["b@example.org"]]
    assert all(message.alternatives[0][1] == "text/html" for message in mail.outbox)
