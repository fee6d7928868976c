import gc
import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.cache import caches
from django.db import connection

from cooperation import processes
from cooperation.models import Partner, Theme
from cooperation.roles import Role
from reports.pdf.rendering import PdfUnavailableError, load_weasyprint
from tests.browser import ARGUMENTS, CHROMIUM
from tests.contents import load_content
from tests.factories import (
    make_action,
    make_budget_line,
    make_convention,
    make_partner,
    make_user,
    published,
)


def pytest_collection_finish():
    """Freeze loaded objects and collect less often: a tenth less time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


# Each process that reads files takes seconds to begin: here one reads them all.
processes.MOST_AT_ONCE, processes.MOST_FILES = 1, 100_000


@pytest.fixture(autouse=True)
def _database(db):
    """Every test may use the database: nearly all of them do."""


@pytest.fixture(autouse=True)
def _empty_cache():
    for alias in ("default", "kept"):
        caches[alias].clear()


@pytest.fixture
def sign_in(client):
    """sign_in(Role.SECRETARIAT) -> a test client signed in as a new user of that role."""

    def sign_in(role, **kwargs):
        client.user = make_user(role, **kwargs)
        client.force_login(client.user)
        return client

    return sign_in


@pytest.fixture
def parakou():
    return make_partner(name="Parakou")


@pytest.fixture
def orleans():
    return make_partner(name="Orléans", country="FR")


@pytest.fixture
def agent(sign_in, parakou):
    """A client signed in as an agent of Parakou."""
    return sign_in(Role.COMMUNE, partner=parakou)


@pytest.fixture
def secretariat(sign_in):
    return sign_in(Role.SECRETARIAT)


@pytest.fixture
def secretary():
    """A user of the secretariat, where no client is needed."""
    return make_user(Role.SECRETARIAT, email="s@exemple.bj")


@pytest.fixture
def pobe():
    return make_partner(name="Pobè", aliases="Commune de Pobé\nPobé")


@pytest.fixture
def pango():
    """For tests that make a PDF: skipped where its libraries are missing, but never in CI."""
    try:
        load_weasyprint()
    except PdfUnavailableError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))


@pytest.fixture
def content():
    """The registry's first content, as the demonstration loads it."""
    load_content("reference", "agreements")
    return {partner.slug: partner for partner in Partner.objects.all()}


@pytest.fixture
def apart(tmp_path):
    """A registry of its own, which programs of their own open: run(*arguments) -> Popen."""
    environment = {
        **os.environ,
        "DATA_DIR": str(tmp_path),
        "DATABASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "cooperation.settings",
    }
    started = []

    def run(*arguments, **options):
        process = subprocess.Popen(  # noqa: S603  our own commands
            [sys.executable, "manage.py", *arguments],
            cwd=settings.BASE_DIR,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
            **options,
        )
        started.append(process)
        return process

    if connection.vendor == "sqlite":
        # A copy of the tests' own is there at once.
        connection.ensure_connection()
        (tmp_path / "registre.sqlite3").write_bytes(connection.connection.serialize())
    else:
        assert run("migrate", "-v0").wait() == 0
    yield run
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.fixture(scope="session")
def browser():
    """The system's Chromium. Imported here: the other tests begin faster without."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def forest(parakou, orleans):
    theme = Theme.objects.create(name="Forêts ; bois", slug="forets")
    convention = make_convention(
        [parakou], title="=Forêts\n; et « bois »", kind="jumelage", **published()
    )
    convention.parties.create(partner=orleans, role="bailleur")
    convention.themes.add(theme)
    make_budget_line(
        convention, amount="655957", currency="XOF", nature="valorisation", funder=orleans
    )
    make_budget_line(convention, amount="1000.50", currency="EUR")
    make_action(convention, title="Planter", places=[parakou])
    make_convention(title="Autre", **published())
    make_convention(title="Brouillon")
    return convention


@pytest.fixture
def ours(parakou, orleans):
    return make_convention([parakou, orleans], title="La nôtre")
