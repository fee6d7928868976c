import pytest

from cooperation.roles import Role
from tests.cooperation.accounts.people import PASSWORD
from tests.factories import make_user


@pytest.fixture
def clerk(parakou):
    user = make_user(Role.COMMUNE, partner=parakou, username="afi")
    user.set_password(PASSWORD)
    user.save()
    return user
