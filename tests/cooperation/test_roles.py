"""What each role may do, as the table says it: the ministry reads, and enters nothing."""

import pytest
from django.contrib.auth.models import AnonymousUser

from cooperation.roles import (
    PERMISSIONS,
    Role,
    enters_data,
    enters_for,
    is_secretariat,
    reads_as_member,
)
from tests.factories import make_user


def test_every_role_has_its_line():
    assert PERMISSIONS.keys() == set(Role)


@pytest.mark.parametrize("role", [Role.MEMBER, Role.STATE])
def test_who_reads_enters_no_agreement(role):
    registry = {
        p for p in PERMISSIONS[role] if p.startswith(("agreements.", "actions.", "cooperation."))
    }
    assert registry
    # The tutelle notes what it receives and approves; that is all.
    noted = {"agreements.supervise_convention"} if role == Role.STATE else set()
    assert {permission for permission in registry if ".view_" not in permission} == noted
    assert not enters_data(make_user(role))


@pytest.mark.parametrize(
    "role, reads",
    [(Role.COMMUNE, False), (Role.MEMBER, False), (Role.STATE, True), (Role.SECRETARIAT, True)],
)
def test_who_reads_what_members_read_without_sitting_there(role, reads):
    person = make_user(role)
    assert reads_as_member(person) == reads
    assert is_secretariat(person) == (role == Role.SECRETARIAT)
    assert (enters_for(person) is not None) == (role == Role.COMMUNE)


def test_a_visitor_has_no_role():
    assert not reads_as_member(AnonymousUser())
    assert enters_for(AnonymousUser()) is None
