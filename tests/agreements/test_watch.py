"""Completeness, the watch list and its weekly digest."""

import pytest
import time_machine
from django.core import mail
from django.core.management import call_command
from django.urls import reverse
from pytest_django.asserts import assertContains

from agreements.models import Convention
from agreements.watch import watch
from cooperation.models import Notice
from cooperation.roles import Role
from tests.factories import (
    make_action,
    make_avenant,
    make_convention,
    make_user,
    published,
)


@time_machine.travel("2026-06-15 12:00", tick=False)
def test_the_watch_list_names_what_needs_a_look():
    soon = make_convention(starts_on="2024", ends_on="2026-11", **published())
    ended = make_convention(starts_on="2020", ends_on="2025", **published())
    make_action(ended, state="en-cours")
    with time_machine.travel("2025-05-15 12:00", tick=False):
        quiet = make_convention(starts_on="2024", ends_on="2030", **published())
    draft = make_convention(starts_on="2024", ends_on="2026-11")
    found = {point.title: point.conventions for point in watch(Convention.objects.all())}
    assert found["Fin dans moins de six mois"] == [soon]
    assert found["Terme passé, actions encore en cours"] == [ended]
    assert found["Sans nouvelles depuis douze mois"] == [quiet]
    assert set(found["Dossier légal incomplet"]) == {soon, quiet}
    assert not any(draft in conventions for conventions in found.values())
    for day in ("2025-02-01", "2024-12-31"):
        make_avenant(soon, signed_on=day, **published())
    make_action(quiet)
    found = {point.title: point.conventions for point in watch(Convention.objects.all())}
    assert "Sans nouvelles depuis douze mois" not in found
    assert found["Avenants dont les dates se contredisent"] == [soon]


@time_machine.travel("2026-06-15 12:00", tick=False)
def test_what_ended_without_a_successor_and_what_lacks_a_date_are_alerts():
    """« Aucune alerte » stood over four conventions past their term and thirteen incomplete files."""
    followed = make_convention(starts_on="2015", ends_on="2018", **published())
    make_convention(starts_on="2019", ends_on="2030", predecessor=followed, **published())
    left = make_convention(starts_on="2015", ends_on="2018", **published())
    undated = make_convention(starts_on=None, ends_on=None, **published())
    found = {point.title: point.conventions for point in watch(Convention.objects.all())}
    assert found["Terme passé, sans suite"] == [left]
    assert undated in found["Dossier légal incomplet"]


@time_machine.travel("2026-06-15 12:00", tick=False)
def test_the_page_shows_a_point_of_every_kind(secretariat):
    with time_machine.travel("2025-01-15 12:00", tick=False):
        make_convention(starts_on="2024", ends_on="2030", **published())
    make_convention(starts_on="2024", ends_on="2026-11", **published())
    make_action(make_convention(**published()), state="en-cours")
    make_convention(**published())
    make_convention(starts_on=None, ends_on=None, **published())
    contradicted = make_convention(**published())
    for day in ("2025-02-01", "2024-12-31"):
        make_avenant(contradicted, signed_on=day, **published())
    titles = [point.title for point in watch(Convention.objects.all())]
    assert len(titles) == 6
    page = secretariat.get(reverse("watch_list"))
    for title in titles:
        assertContains(page, title)


def test_a_point_names_some_and_counts_the_others(secretariat):
    for _ in range(23):
        make_convention(**published())
    (point,) = watch(Convention.objects.all())
    assert (len(point.conventions), point.count, point.others) == (20, 23, 3)
    assertContains(secretariat.get(reverse("watch_list")), "et 3 autres")


@time_machine.travel("2026-06-15 12:00", tick=False)
def test_the_digest_is_sent_once_a_week(django_capture_on_commit_callbacks):
    make_user(Role.SECRETARIAT, email="secretariat@example.org")
    make_user(Role.SECRETARIAT, email="parti@example.org", is_active=False)
    make_convention(title="Bientôt finie", starts_on="2024", ends_on="2026-11", **published())
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            call_command("send_digest")
    assert [message.to for message in mail.outbox] == [["secretariat@example.org"]]
    assert "Bientôt finie" in mail.outbox[0].body
    assert Notice.objects.get().address == reverse("watch_list")
    with time_machine.travel("2026-06-22 12:00"), django_capture_on_commit_callbacks(execute=True):
        call_command("send_digest")
    assert len(mail.outbox) == 2


@time_machine.travel("2026-06-15 12:00", tick=False)
def test_a_digest_that_could_not_be_sent_is_sent_again(settings):
    make_user(Role.SECRETARIAT, email="secretariat@example.org")
    make_convention(starts_on="2024", ends_on="2026-11", **published())
    working, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, "nowhere.to.be.Found"
    with pytest.raises(ImportError):
        call_command("send_digest")
    settings.EMAIL_BACKEND = working
    call_command("send_digest")
    assert len(mail.outbox) == 1


def test_a_digest_that_reaches_nobody_says_so_and_leaves_the_week(capsys):
    """« Récapitulatif envoyé » to nobody, and the week was used up."""
    secretary = make_user(Role.SECRETARIAT)
    make_convention(starts_on="2024", ends_on="2026-11", **published())
    with time_machine.travel("2026-06-15 12:00", tick=False):
        call_command("send_digest")
        assert "n’a d’adresse" in capsys.readouterr().out
        secretary.email = "secretariat@example.org"
        secretary.save()
        call_command("send_digest")
    assert len(mail.outbox) == 1


def test_a_week_without_alerts_sends_nothing(django_capture_on_commit_callbacks, capsys):
    make_user(Role.SECRETARIAT, email="secretariat@example.org")
    with django_capture_on_commit_callbacks(execute=True):
        call_command("send_digest")
    assert not mail.outbox
    assert "Aucune alerte" in capsys.readouterr().out
