"""What waits for the secretariat: the oldest first, with what changed since it was sent back."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from agreements.models import LegalStep
from agreements.queue import LATE, Queue
from cooperation.entry.workflow import STEPS, carry_out
from cooperation.roles import Role
from cooperation.typography import spaced
from tests.factories import make_avenant, make_convention, make_user, published

QUEUE = reverse("queue")


def step(slug, record, by, reason=""):
    record.refresh_from_db()
    carry_out(STEPS[slug], record, by=by, reason=reason, version=record.version)


@pytest.fixture
def agent(parakou):
    return make_user(Role.COMMUNE, partner=parakou)


@pytest.fixture
def secretary(client):
    found = make_user(Role.SECRETARIAT)
    client.force_login(found)
    return found


@pytest.fixture
def sent(agent, parakou, orleans):
    """sent(title) -> a convention that the agent has submitted."""

    def sent(title):
        convention = make_convention([parakou, orleans], title=title)
        step("soumettre", convention, agent)
        return convention

    return sent


def test_the_oldest_comes_first_and_is_late_after_a_while(client, secretary, sent):
    first, second = sent("Ancienne"), sent("Récente")
    for number, row in enumerate(first.history.order_by("history_date", "history_id")):
        row.history_date = timezone.now() - timedelta(days=LATE + 1, minutes=-number)
        row.save()
    page = client.get(QUEUE)
    assert [one.convention for one in page.context["page"]] == [first, second]
    assert [one.is_late for one in page.context["page"]] == [True, False]
    assertContains(page, "en retard", count=1)
    assertContains(page, reverse("fiche", args=["convention", first.reference]))


def test_what_changed_since_the_return_is_told(client, secretary, agent, sent):
    convention = sent("Eau")
    step("renvoyer", convention, secretary, "Précisez le titre.")
    convention.refresh_from_db()
    convention.title = "Eau potable"
    convention.save()
    step("soumettre", convention, agent)
    (one,) = Queue(secretary)[0:10]
    assert one.returned.reason == "Précisez le titre."
    assert [(change.old, change.new) for change in one.changes] == [("Eau", "Eau potable")]
    assertContains(client.get(QUEUE), "Précisez le titre.")


def test_what_changed_in_its_lines_is_told_too(client, secretary, agent, sent):
    """A délibération that was asked for had been added, and the queue said that nothing had changed."""
    convention = sent("Eau")
    step("renvoyer", convention, secretary, "Joignez la délibération.")
    convention.refresh_from_db()
    step("soumettre", convention, agent)
    assertContains(client.get(QUEUE), spaced("Rien n’a changé depuis."))
    step("renvoyer", convention, secretary, "La délibération.")
    convention.refresh_from_db()
    LegalStep.objects.create(convention=convention, kind=LegalStep.Kind.DELIBERATION)
    step("soumettre", convention, agent)
    (one,) = Queue(secretary)[0:10]
    assert [event.verb for event in one.lines] == ["ajout"]
    page = client.get(QUEUE)
    assertContains(page, spaced(": ajout"))
    assertNotContains(page, "Rien n’a changé")


def test_avenants_of_what_is_published_wait_too_and_those_of_drafts_go_with_them(
    secretary, agent, parakou, sent
):
    convention = make_convention([parakou], title="Publiée", **published())
    step("soumettre", make_avenant(convention), agent)
    make_avenant(sent("Brouillon"))
    found = Queue(secretary)[0:10]
    assert [type(one.record).__name__ for one in found] == ["Avenant", "Convention"]


def test_whoever_submits_has_a_receipt(client, agent, sent):
    convention = sent("Eau")
    client.force_login(agent)
    page = client.get(convention.get_absolute_url())
    assertContains(page, spaced(f"Reçu : {convention.reference}, soumise le"))
    assertContains(page, f"{settings.SITE_URL}{convention.get_absolute_url()}")


def test_what_is_answered_waits_no_more(client, secretary, sent):
    convention = sent("Eau")
    step("publier", convention, secretary)
    assert len(Queue(secretary)) == 0
    assertContains(client.get(QUEUE), "Rien n’attend.")


@pytest.mark.parametrize("role", [Role.MEMBER, Role.COMMUNE])
def test_nobody_else_sees_the_queue(client, role, parakou):
    client.force_login(make_user(role, partner=parakou if role == Role.COMMUNE else None))
    assert client.get(QUEUE).status_code == 403
