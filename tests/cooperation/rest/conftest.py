import pytest

from cooperation.rest.schema import api_description


@pytest.fixture(scope="module")
def description(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        return api_description()
