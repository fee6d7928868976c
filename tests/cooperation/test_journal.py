"""The journal counts every change, in any program that opens the registry."""

from datetime import UTC, datetime, timedelta
from importlib import import_module

import pytest
import time_machine
from django.apps import apps
from django.db import models
from django.utils import timezone
from pytest_django.asserts import assertContains

from actions.models import Action, BudgetLine, Disbursement, Indicator
from agreements.models import Convention, Party
from agreements.watch import silent
from cooperation.roles import Role
from tests.factories import (
    make_action,
    make_avenant,
    make_budget_line,
    make_convention,
    make_disbursement,
    make_indicator,
    make_measurement,
    make_user,
    published,
)
from tests.programs import shell

COUNT = """
from cooperation.models import JournalEntry, Revision, Theme
before = Revision.current()
Theme.objects.create(name="Eau", slug="eau")
print(Revision.current() - before, JournalEntry.objects.filter(kind="theme").count())
"""


def test_a_change_is_counted_where_nothing_else_loads_the_journal(apart):
    """Pages kept for visitors, indexes and copies would all go on telling what was before."""
    assert shell(apart, COUNT) == "1 1"


AMONG = """
from cooperation.models import Theme
print(list(Theme.objects.filter(pk__among=[])))
"""


def test_a_set_of_keys_is_a_lookup_wherever_models_are(apart):
    """Registered as the app is loaded, not by who happens to be imported first."""
    assert shell(apart, AMONG) == "[]"


@pytest.fixture
def quiet(parakou, orleans):
    """Two published conventions, with an action each, of which nothing was heard for two years."""
    with time_machine.travel("2024-01-15 12:00", tick=False):
        found = [make_convention([parakou, orleans], title=t, **published()) for t in ("A", "B")]
        for convention in found:
            make_disbursement(make_budget_line(convention, action=make_action(convention)))
            make_indicator(convention, action=convention.actions.get())
    return found


CHANGES = {
    "a payment": lambda c: make_disbursement(c.budget_lines.get()),
    "a payment that is corrected": lambda c: c.budget_lines.get().disbursements.get().save(),
    "a payment that goes": lambda c: c.budget_lines.get().disbursements.all().take_back(),
    "a measure": lambda c: make_measurement(c.actions.get().indicators.get(), "3"),
    "an avenant": lambda c: make_avenant(c, **published()),
    "a step of the legal file": lambda c: c.legal_steps.create(kind="deliberation"),
    "an action": lambda c: c.actions.get().save(),
    "many lines at once": lambda c: c.budget_lines.update(label="Révisé"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_all_that_belongs_to_a_convention_is_news_of_it(client, quiet, what):
    """A commune that entered payments every month was asked why nothing was heard of it."""
    _, followed = quiet
    assert set(silent(Convention.objects.all())) == set(quiet)
    version = followed.version
    CHANGES[what](followed)
    assert [c.title for c in silent(Convention.objects.all())] == ["A"]
    followed.refresh_from_db()
    assert followed.version == version  # whoever edits it meanwhile is not stopped
    first = client.get("/conventions/?ordering=-updated").context["page"][0]
    assert first == followed
    recent = client.get(f"/conventions/?updated_after={timezone.localdate()}")
    assert [c.title for c in recent.context["page"]] == ["B"]
    feed = client.get("/conventions/flux.atom").content.decode()
    assert feed.index("<title>B</title>") < feed.index("<title>A</title>")
    assertContains(
        client.get(followed.get_absolute_url()), f"Modifiée le {timezone.localdate():%-d}"
    )
    assert followed.title in str(client.get("/").context["recent"][0])


@pytest.mark.parametrize("what", ["a payment", "a measure"])
def test_what_belongs_to_an_action_is_news_of_it(client, quiet, what):
    _, followed = quiet
    CHANGES[what](followed)
    first = client.get("/actions/?ordering=-updated").context["page"][0]
    assert first.convention == followed


def test_an_older_registry_knows_its_news_after_the_update(quiet):
    convention, other = quiet
    long_ago, now = datetime(2024, 1, 15, tzinfo=UTC), timezone.now()
    for model in (Convention, Party, Action, BudgetLine, Disbursement, Indicator):
        models.QuerySet(model).update(updated_at=long_ago)
    make_disbursement(convention.budget_lines.get())
    models.QuerySet(Convention).update(news_at=now)
    import_module("actions.migrations.0007_news").forwards(apps, None)
    found = {c.pk: c.news_at for c in Convention.objects.all()}
    assert found[other.pk] == long_ago
    assert found[convention.pk] >= now - timedelta(seconds=5)


SECRETS = {
    "a draft avenant": make_avenant,
    "a delegation": lambda c: c.delegations.create(user=make_user(Role.COMMUNE)),
}


@pytest.mark.parametrize("what", SECRETS)
def test_what_nobody_outside_may_read_is_no_news(quiet, what):
    """The public feed told that something had happened, and nothing was to be read."""
    before = quiet[0].news_at
    SECRETS[what](quiet[0])
    quiet[0].refresh_from_db()
    assert quiet[0].news_at == before
