import threading

import pytest
from django.db import connection, connections

from actions.models import Action
from agreements.models import Avenant, Convention
from cooperation.models import ReferenceCounter
from cooperation.records.references import convention_prefix
from tests.factories import make_action, make_convention


def next_one(count=1):
    return ReferenceCounter.next_references(Convention.objects, convention_prefix(), count)


def test_a_wide_reference_from_elsewhere_does_not_lock_creation():
    """« CONV-2026-999999999 », brought in once, would be followed by what no address can have."""
    make_convention(reference=f"{convention_prefix()}999999999")
    assert make_convention().reference == f"{convention_prefix()}0001"


def test_what_others_bear_already_is_passed_over():
    make_convention()
    for number in (3, 4):
        make_convention(reference=f"{convention_prefix()}{number:04}")
    assert [r[-4:] for r in next_one(3)] == ["0002", "0005", "0006"]


def test_a_registry_without_counters_goes_on_from_its_last():
    make_convention(reference=f"{convention_prefix()}0041")
    assert not ReferenceCounter.objects.exists()
    assert next_one()[0].endswith("-0042")


def test_numbers_grow_wider():
    ReferenceCounter.objects.create(prefix=convention_prefix(), last=9999)
    assert next_one()[0].endswith("-10000")


def test_the_reference_of_a_deleted_draft_is_not_given_again():
    convention = make_convention()
    last = make_action(convention)
    reference = last.reference
    last.delete()
    assert make_action(convention).reference != reference


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one write at a time")
def test_eight_clerks_at_once_are_all_saved(transactional_db):
    """Half of them lost their form where a number was read before anything was locked."""
    shared = make_convention()
    gate, failures = threading.Barrier(8, timeout=10), []

    def enter():
        try:
            gate.wait()
            make_action(make_convention())
            make_action(shared)
            Avenant.objects.create(convention=shared, purpose="Prolonger")
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    clerks = [threading.Thread(target=enter) for _ in range(8)]
    for clerk in clerks:
        clerk.start()
    for clerk in clerks:
        clerk.join()
    assert (failures, Convention.objects.count(), Action.objects.count()) == ([], 9, 16)
