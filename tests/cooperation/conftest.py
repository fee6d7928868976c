import pytest

from cooperation.roles import Role
from tests.cooperation.rest.programs import Program
from tests.factories import make_convention, make_user


@pytest.fixture
def program(parakou):
    """A program that acts for an agent of Parakou."""
    return Program(make_user(Role.COMMUNE, partner=parakou, username="agent"))


@pytest.fixture
def office(secretary):
    """A program that acts for the secretariat."""
    return Program(secretary)


@pytest.fixture
def draft(parakou, orleans):
    return make_convention([parakou, orleans], title="Avant")
