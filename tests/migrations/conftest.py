import pytest


@pytest.fixture(autouse=True)
def _migrated(pytestconfig):
    if pytestconfig.getoption("nomigrations"):
        pytest.skip("Tables are made of the models here: ./run check asks the migrations.")
