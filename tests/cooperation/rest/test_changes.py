"""A program that copies the registry, then asks for what changed, holds what the registry holds."""

import contextlib

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from actions.models import Disbursement
from agreements.duplicates import merge
from agreements.models import LegalStep, Party
from cooperation import journal
from cooperation.models import Revision, Theme
from cooperation.records.gates import Status
from cooperation.roles import Role
from tests.cooperation.rest.programs import CONVENTIONS, KEYS, LISTS
from tests.factories import (
    make_action,
    make_avenant,
    make_axis,
    make_budget_line,
    make_convention,
    make_disbursement,
    make_document,
    make_indicator,
    make_measurement,
    make_partner,
    make_user,
    published,
)


class Mirror:
    """What any client may do: keep rows by their identifier, and follow addresses."""

    def __init__(self, client, address, **parameters):
        self.client, self.address, self.parameters = client, address, parameters
        self.key = KEYS.get(address.split("/")[3], "uid")
        self.rows = {}
        self.mark = self.take({})

    def take(self, more):
        asked = {"cursor": "*", "page_size": 25} | self.parameters | more
        first = answer = self.client.get(self.address, asked).json()
        for gone in first.get("removed", []):
            self.rows.pop(gone[self.key], None)
        while True:
            for row in answer["results"]:
                self.rows[row[self.key]] = row
            if not answer["next"]:
                return first["mark"]
            answer = self.client.get(answer["next"]).json()

    def follow(self):
        self.mark = self.take({"modified_since": self.mark})
        return self


class World:
    """A registry, and what people do to it."""

    def __init__(self):
        self.by = make_user(Role.SECRETARIAT)
        self.partners = [make_partner() for _ in range(3)]
        self.theme = Theme.objects.create(name="Eau", slug="eau")
        self.convention = self.add()
        self.other = make_convention(self.partners[:2], predecessor=self.convention, **published())

    def add(self):
        convention = make_convention(self.partners[:2], **published())
        convention.themes.add(self.theme)
        convention.documents.add(make_document(**published()))
        make_avenant(convention, **published())
        action = make_action(convention, axis=make_axis(convention), places=self.partners[:1])
        line = make_budget_line(convention, action=action, funder=self.partners[2])
        make_disbursement(line)
        make_measurement(make_indicator(convention, action=action), "1", place=self.partners[0])
        LegalStep.objects.create(convention=convention, kind="deliberation")
        return convention

    def add_line(self):
        make_budget_line(self.other, funder=self.partners[1])

    def remove_line(self):
        line = self.convention.budget_lines.filter(disbursements=None).last() or make_budget_line(
            self.convention
        )
        type(line).objects.filter(pk=line.pk).take_back()

    def remove_payment(self):
        Disbursement.objects.filter(budget_line__convention=self.convention).take_back()

    def move_line(self):
        """To another action, or to the whole convention."""
        line = self.convention.budget_lines.first()
        line.action = None if line.action else self.convention.actions.first()
        line.save()

    def rename_partner(self):
        for partner in self.partners:
            partner.name += " bis"
            partner.save()

    def withdraw_partner(self):
        self.partners[2].move_to(Status.WITHDRAWN, by=self.by)

    def rename_theme(self):
        self.theme.name += "x"
        self.theme.save()

    def unlink(self):
        self.convention.themes.clear()
        self.convention.documents.clear()

    def withdraw(self):
        self.convention.refresh_from_db()
        self.convention.move_to(Status.WITHDRAWN, by=self.by)

    def restore(self):
        self.convention.refresh_from_db()
        self.convention.move_to(Status.PUBLISHED, by=self.by)

    def withdraw_document(self):
        for document in self.convention.documents.all():
            document.move_to(Status.WITHDRAWN, by=self.by)

    def draft(self):
        convention = make_convention(self.partners[:2])
        make_budget_line(convention)

    def write_an_avenant(self):
        avenant = make_avenant(self.other, ends_on="2029")
        if avenant.number % 2:
            avenant.publish(self.by)

    def measure(self):
        make_measurement(self.convention.indicators.first(), "7", "2021")

    def remove_party(self):
        """The last one; nothing, where none is left."""
        parties = Party.objects.filter(convention=self.convention).order_by("-pk")
        Party.objects.filter(pk__in=list(parties.values_list("pk", flat=True)[:1])).take_back()

    def update_many(self):
        self.convention.actions.update(state="achevee")


STEPS = [name for name in vars(World) if not name.startswith("_")]


@settings(
    max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(st.sampled_from(STEPS), min_size=1, max_size=8))
@example(steps=["remove_party"] * 5)
def test_a_copy_that_follows_is_the_copy_made_anew(client, steps):
    with transaction.atomic():
        follow_all(client, World(), steps)
        transaction.set_rollback(True)


def follow_all(client, world, steps):
    copies = [Mirror(client, address) for address in LISTS]
    expanded = Mirror(client, "/api/v1/actions/", expand="convention,places,axis")
    for number, step in enumerate(steps):
        # What a rule refuses changes nothing.
        with contextlib.suppress(ValidationError):
            getattr(world, step)()
        if number % 3 == 2 or number == len(steps) - 1:
            for copy in copies:
                assert copy.follow().rows == Mirror(client, copy.address).rows, (copy.address, step)
            anew = Mirror(client, expanded.address, **expanded.parameters)
            assert expanded.follow().rows == anew.rows


def test_each_change_reaches_a_copy(client):
    world = World()
    copies = [Mirror(client, address) for address in LISTS]
    for step in STEPS:
        getattr(world, step)()
        for copy in copies:
            assert copy.follow().rows == Mirror(client, copy.address).rows, (step, copy.address)


def test_a_merged_convention_leaves_a_copy_with_its_lines(client):
    world = World()
    double = world.add()
    copies = [Mirror(client, address) for address in LISTS]
    groups = ["budget_lines", "actions", "axes", "indicators", "avenants", "legal_steps"]
    merge(
        world.convention,
        double,
        by=world.by,
        taken_fields=["title"],
        taken_groups=groups,
        reason="Doublon",
    )
    for copy in copies:
        assert copy.follow().rows == Mirror(client, copy.address).rows, copy.address
    assert client.get(f"{CONVENTIONS}{double.reference}/").status_code == 410


def test_states_turn_with_the_days(client):
    with time_machine.travel("2026-06-29T12:00Z"):
        make_convention(starts_on="2026-07", ends_on="2027", **published())
        make_convention(starts_on="2020", ends_on="2026-06", **published())
        make_convention(starts_on="2020", ends_on="2026-06-29", **published())
        make_convention(starts_on="2020", ends_on="2030", **published())
        copy = Mirror(client, CONVENTIONS)
    for day in ("2026-06-30", "2026-07-01", "2026-12-31", "2027-01-01", "2028-01-01"):
        with time_machine.travel(f"{day}T12:00Z"):
            assert copy.follow().rows == Mirror(client, CONVENTIONS).rows


def test_nothing_that_was_never_public_is_told_of(client):
    world = World()
    mark = client.get(CONVENTIONS).json()["mark"]
    draft = make_convention(world.partners)
    make_budget_line(draft).delete()
    draft.delete()
    make_avenant(world.convention)
    for address in LISTS:
        assert client.get(address, {"modified_since": mark}).json()["removed"] == [], address


def test_what_was_never_shown_is_not_told_of_later(client):
    world = World()
    secret = make_document(title="Secret", access="membres")
    mark = client.get(CONVENTIONS).json()["mark"]
    secret.publish(world.by)
    doomed = make_budget_line(make_convention(world.partners[:2]))
    doomed.delete()
    world.withdraw()
    late = make_action(world.convention)
    for name in ("documents", "actions", "budget-lines"):
        removed = client.get(f"/api/v1/{name}/", {"modified_since": mark}).json()["removed"]
        told = {value for one in removed for value in one.values()}
        assert not told & {secret.reference, late.reference, doomed.uid}, name
    for path in (f"documents/{secret.reference}", f"actions/{late.reference}"):
        assert client.get(f"/api/v1/{path}/").status_code == 404
    # The secretariat's copy loses even what was a draft.
    member = Client()
    member.force_login(world.by)
    draft = make_convention(world.partners[:2])
    mark = member.get(CONVENTIONS).json()["mark"]
    reference = draft.reference
    draft.parties.all().delete()
    draft.delete()
    removed = member.get(CONVENTIONS, {"modified_since": mark}).json()["removed"]
    assert {"reference": reference} in removed


def test_a_narrow_copy_hears_of_what_it_does_not_read(client):
    world = World()
    asked = {"country": "BJ", "fields": "reference"}
    mark = client.get(CONVENTIONS, asked).json()["mark"]
    for partner in world.partners[:2]:
        partner.country, partner.departement = "FR", ""
        partner.save()
    world.partners[2].parties.create(convention=make_convention(**published()))
    removed = client.get(CONVENTIONS, asked | {"modified_since": mark}).json()["removed"]
    assert {one["reference"] for one in removed} == {
        world.convention.reference,
        world.other.reference,
    }


def test_a_filtered_copy_loses_what_left_the_filter(client):
    world = World()
    answer = client.get(CONVENTIONS, {"theme": "eau"}).json()
    assert [row["reference"] for row in answer["results"]] == [world.convention.reference]
    world.convention.themes.clear()
    # A value that nothing has any more is still one that there is.
    world.other.themes.add(world.theme)
    later = client.get(CONVENTIONS, {"theme": "eau", "modified_since": answer["mark"]}).json()
    assert [row["reference"] for row in later["results"]] == [world.other.reference]
    assert later["removed"] == [{"reference": world.convention.reference}]


def test_a_moment_stands_for_a_mark_and_tells_a_little_more(client):
    with time_machine.travel("2026-01-01T06:00Z"):
        old = make_convention(**published())
    with time_machine.travel("2026-01-02T06:00Z"):
        recent = make_convention(**published())
    with time_machine.travel("2026-01-03T06:00Z"):
        for moment, expected in (
            ("2026-01-02", {recent.reference}),
            ("2026-01-02T06:00:00Z", {recent.reference}),
            ("2026-01-02T06:20:00+00:00", set()),
            ("2025-01-01", {old.reference, recent.reference}),
        ):
            rows = client.get(CONVENTIONS, {"modified_since": moment}).json()["results"]
            assert {row["reference"] for row in rows} == expected, moment


@pytest.mark.parametrize(
    "text",
    [
        "hier",
        "1-2-3",
        "99999999999999999999-a-739950",
        "2026-13-01",
        "0001-01-01",
        "-",
        "x" * 400,
    ],
)
def test_what_is_no_mark_is_refused(client, text):
    response = client.get(CONVENTIONS, {"modified_since": text})
    assert response.status_code == 400
    (error,) = response.json()["errors"]
    assert error["parameter"] == "modified_since"
    assert "mark" in error["detail"]


def test_a_mark_older_than_the_journal_asks_for_a_new_copy(client, monkeypatch):
    monkeypatch.setattr(journal, "JOURNAL", 5)
    make_convention(**published())
    mark = client.get(CONVENTIONS).json()["mark"]
    for _ in range(4):
        make_convention(**published())
    number, token, day = mark.split("-")
    other = f"{number}-{token[::-1]}-{day}"
    for since in (mark, "2020-01-01", other, f"{10**17}--{day}"):
        response = client.get(CONVENTIONS, {"modified_since": since})
        assert response.status_code == 409
        (error,) = response.json()["errors"]
        assert error["code"] == "too_old", since


def test_the_mark_of_what_was_rolled_back_is_refused(client):
    """A number that was rolled back comes again, of another change: a copy would miss that one."""
    make_convention(**published())
    with transaction.atomic():
        make_convention(**published())
        lost = client.get(CONVENTIONS).json()["mark"]
        transaction.set_rollback(True)
    while Revision.current() < int(lost.split("-")[0]):
        make_partner()
    assert client.get(CONVENTIONS, {"modified_since": lost}).status_code == 409
