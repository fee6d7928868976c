"""Completeness, the watch list and its weekly digest."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains

from agreements.completeness import COFUNDING, RULES, assess, worst_first
from agreements.models import Convention, LegalStep
from agreements.watch import watch
from cooperation.models import Theme
from cooperation.roles import Role
from tests.factories import (
    make_action,
    make_avenant,
    make_budget_line,
    make_convention,
    make_document,
    make_user,
    published,
)


def missing(convention):
    return {rule.name for rule in assess(convention).missing}


def test_a_complete_convention_scores_a_hundred(parakou, orleans):
    convention = make_convention([parakou, orleans], kind="convention", objectives="x")
    for party in convention.parties.all():
        party.role = "signataire"
        party.save()
    convention.themes.add(Theme.objects.create(name="Eau", slug="eau"))
    convention.odds.create(number=6, name="Eau propre")
    convention.documents.add(make_document())
    for kind in LegalStep.Kind.values:
        LegalStep.objects.create(convention=convention, kind=kind)
    make_action(convention, state="achevee", results="Trois puits")
    make_budget_line(convention, funder=orleans, amount="90", nature="numeraire")
    make_budget_line(convention, funder=parakou, amount="10", nature="numeraire")
    assert missing(convention) == set()
    assert assess(convention).score == 100
    assert assess(convention).next_to_do is None


def test_an_empty_convention_misses_what_it_misses():
    convention = make_convention([], starts_on=None, ends_on=None)
    assert missing(convention) == {rule.name for rule in RULES}
    assert assess(convention).score == 0


@pytest.mark.parametrize(
    ("foreign", "own", "in_kind", "lacking"),
    [
        ("10", "90", "0", set()),
        ("9.99", "90.01", "0", {"part étrangère d’au moins 10 %"}),
        ("50", "25", "25", set()),
        ("50", "24.99", "25.01", {"valorisation d’au plus 50 % par partie"}),
    ],
)
def test_cofunding_rules_hold_to_the_cent(parakou, orleans, foreign, own, in_kind, lacking):
    convention = make_convention([parakou, orleans])
    make_budget_line(convention, funder=orleans, amount=foreign, nature="numeraire")
    make_budget_line(convention, funder=parakou, amount=own, nature="numeraire")
    if in_kind != "0":
        make_budget_line(convention, funder=parakou, amount=in_kind, nature="valorisation")
    names = {rule.name for rule in RULES if COFUNDING in rule.sets} - {"délibération"}
    assert missing(convention) & names == lacking


def test_cofunding_rules_are_not_guessed_across_currencies(parakou, orleans):
    convention = make_convention([parakou, orleans])
    make_budget_line(convention, funder=orleans, amount="90", currency="EUR")
    make_budget_line(convention, funder=parakou, amount="10", currency="XOF")
    assert "part étrangère d’au moins 10 %" in missing(convention)


def test_the_secretariat_sees_the_least_complete_first(secretariat, client):
    better = make_convention(title="Mieux", kind="convention", objectives="x")
    worse = make_convention(title="Moins bien")
    assert [a.convention for a in worst_first(Convention.objects.all())] == [worse, better]
    page = secretariat.get(reverse("watch_list")).content.decode()
    assert page.index("Moins bien") < page.index("Mieux")
    assert "/change/#id_kind" in page
    for role in (Role.COMMUNE, Role.MEMBER):
        client.force_login(make_user(role))
        assert client.get(reverse("watch_list")).status_code == 403


@time_machine.travel("2026-06-15 12:00", tick=False)
def test_the_watch_list_names_what_needs_a_look():
    soon = make_convention(starts_on="2024", ends_on="2026-11", **published())
    ended = make_convention(starts_on="2020", ends_on="2025", **published())
    make_action(ended, state="en-cours")
    silent = make_convention(starts_on="2024", ends_on="2030", **published())
    draft = make_convention(starts_on="2024", ends_on="2026-11")
    long_ago = timezone.now() - timedelta(days=400)
    Convention.objects.filter(pk=silent.pk).update(updated_at=long_ago)
    found = {point.title: point.conventions for point in watch(Convention.objects.all())}
    assert found["Fin dans moins de six mois"] == [soon]
    assert found["Terme passé, actions encore en cours"] == [ended]
    assert found["Sans nouvelles depuis douze mois"] == [silent]
    assert set(found["Dossier légal incomplet"]) == {soon, silent}
    assert not any(draft in conventions for conventions in found.values())
    for day in ("2025-02-01", "2024-12-31"):
        make_avenant(soon, signed_on=day, **published())
    make_action(silent)
    found = {point.title: point.conventions for point in watch(Convention.objects.all())}
    assert "Sans nouvelles depuis douze mois" not in found
    assert found["Avenants dont les dates se contredisent"] == [soon]


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


def test_a_member_and_an_agent_see_the_score_of_what_they_follow(agent, parakou, orleans):
    convention = make_convention([parakou, orleans])
    assertContains(agent.get(convention.get_absolute_url()), "Complète à")
