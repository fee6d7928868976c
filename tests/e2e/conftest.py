"""Browser tests on the system's Chromium, against the real server process of the test."""

import os

import pytest
from django.core.management import call_command

from cooperation.demo import ACCOUNTS, PASSWORD, prepare_demo
from tests.browser import follow_menu
from tests.contents import load_content

# Playwright's loop runs in the thread of the test, where Django would refuse to touch the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"


@pytest.fixture(autouse=True)
def _database(transactional_db):
    """The server runs in another thread: what it reads must be committed."""


@pytest.fixture
def demo(live_server):
    """The demonstration, served; its address."""
    call_command("flush", interactive=False, verbosity=0)
    # Without the list of public agreements, which takes longer than a test.
    load_content("reference", "agreements")
    prepare_demo()
    return live_server.url


@pytest.fixture(params=[360, 1280], ids=["phone", "desk"])
def open_as(request, browser, demo):
    """open_as("secretariat") -> a page of a browser in which that account is signed in.

    The page fails the test on a script error, a broken address or a sideways scroll.
    """
    contexts = []

    def open_as(username=None, scripts=True):
        context = browser.new_context(
            viewport={"width": request.param, "height": 800},
            locale="fr-FR",
            base_url=demo,
            java_script_enabled=scripts,
        )
        contexts.append(context)
        page = context.new_page()
        page.trouble = []
        page.on("pageerror", lambda error: page.trouble.append(f"script: {error}"))
        page.on(
            "response",
            lambda response: (
                response.status >= 500 and page.trouble.append(f"{response.status}: {response.url}")
            ),
        )
        page.on(
            "request",
            lambda sent: (
                sent.url.startswith(demo) or page.trouble.append(f"outside request: {sent.url}")
            ),
        )
        page.goto("/")
        if username:
            assert username in ACCOUNTS
            follow_menu(page, "Se connecter")
            page.get_by_label("Identifiant").fill(username)
            page.get_by_label("Mot de passe").fill(PASSWORD)
            page.get_by_role("button", name="Se connecter").click()
        return page

    yield open_as
    for context in contexts:
        for page in context.pages:
            assert not page.trouble
        context.close()
