"""Signing in by the account of another site, against a small provider of OpenID Connect."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.conf import settings
from playwright.sync_api import expect

MAKE = (
    "from cooperation.models import User;"
    "User.objects.create_user('afi', 'afi@exemple.bj', 'girafe verte lundi soir');"
    "User.objects.create(username='bio', email='bio@exemple.bj', is_active=False)"
)


class Provider(BaseHTTPRequestHandler):
    """Says of everybody that they are `person`, without asking."""

    person = {}
    fails = False

    def do_GET(self):
        base = f"http://127.0.0.1:{self.server.server_port}"
        path, query = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
        if path == "/.well-known/openid-configuration":
            names = {"authorization": "authorize", "token": "token", "userinfo": "userinfo"}
            self.say({f"{name}_endpoint": f"{base}/{page}" for name, page in names.items()})
        elif path == "/authorize":
            assert query["code_challenge_method"] == ["S256"]
            back = {"state": query["state"][0]}
            back |= {"error": "server_error"} if self.fails else {"code": "once"}
            self.send_response(302)
            self.send_header("Location", f"{query['redirect_uri'][0]}?{urlencode(back)}")
            self.end_headers()
        elif path == "/userinfo":
            self.say(self.person)

    def do_POST(self):
        self.say({"access_token": "t", "token_type": "Bearer"})

    def say(self, facts):
        body = json.dumps(facts).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        """Quietly."""


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@pytest.fixture(scope="module")
def registry(tmp_path_factory):
    """A registry that knows the provider; its address."""
    provider = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    threading.Thread(target=provider.serve_forever, daemon=True).start()
    port = free_port()
    environment = os.environ | {
        "DATA_DIR": str(tmp_path_factory.mktemp("registry")),
        "DATABASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "tests.e2e.unmigrated",
        "OIDC_SERVER": f"http://127.0.0.1:{provider.server_port}",
        "OIDC_CLIENT_ID": "registre",
        "OIDC_SECRET": "secret",
        "OIDC_NAME": "le compte de mon ministère",
        "SITE_URL": f"http://127.0.0.1:{port}",
    }

    def manage(*arguments):
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment)  # noqa: S603

    for arguments in (
        ["migrate", "--run-syncdb", "-v0"],
        ["collectstatic", "--noinput", "-v0"],
        ["shell", "-c", MAKE],
    ):
        assert manage(*arguments).wait() == 0
    server = manage("serve", "--listen", f"127.0.0.1:{port}")
    for _ in range(300):
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    yield f"http://127.0.0.1:{port}"
    server.terminate()
    server.wait()
    provider.shutdown()
    provider.server_close()


@pytest.fixture
def signed_in_as(browser, registry):
    """signed_in_as(facts, fails=False) -> the page to which the provider's word leads."""
    contexts = []

    def signed_in_as(fails=False, **facts):
        Provider.person, Provider.fails = {"sub": facts.get("email", "x"), **facts}, fails
        context = browser.new_context(base_url=registry, locale="fr-FR")
        contexts.append(context)
        page = context.new_page()
        page.goto("/connexion/")
        page.get_by_role("link", name="Se connecter par le compte de mon ministère").click()
        return page

    yield signed_in_as
    for context in contexts:
        context.close()


def test_an_address_that_the_other_site_verified_opens_its_account(signed_in_as):
    for _ in range(2):
        page = signed_in_as(email="Afi@exemple.bj", email_verified=True)
        expect(page.get_by_text("Mon travail")).to_be_visible()
        page.goto("/compte/")
        expect(page.get_by_text("afi", exact=True)).to_be_visible()


def test_the_password_of_the_account_stays(signed_in_as):
    """It was taken away at the first sign-in by another site, without a word."""
    page = signed_in_as(email="afi@exemple.bj", email_verified=True)
    page.goto("/compte/mot-de-passe/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Changer de mot de passe")
    page.context.clear_cookies()
    page.goto("/connexion/")
    page.get_by_label("Identifiant").fill("afi")
    page.get_by_label("Mot de passe", exact=True).fill("girafe verte lundi soir")
    page.get_by_role("button", name="Se connecter", exact=True).click()
    expect(page.get_by_text("Mon travail")).to_be_visible()


def test_it_links_nothing_to_an_account_that_is_open(signed_in_as, registry):
    page = signed_in_as(email="afi@exemple.bj", email_verified=True)
    page.goto("/connexion/oidc/aller/?process=connect")
    expect(page.get_by_role("heading", level=1)).to_have_text("Mon compte")


@pytest.mark.parametrize(
    "facts",
    [
        {"email": "personne@exemple.bj", "email_verified": True},
        {"sub": "autre", "email": "afi@exemple.bj", "email_verified": False},
        {},
    ],
)
def test_it_makes_no_account_and_takes_no_address_on_trust(signed_in_as, facts):
    page = signed_in_as(**facts)
    expect(page.get_by_role("heading", level=1)).to_have_text("Aucun compte n’a cette adresse")
    expect(page.get_by_role("link", name="Se connecter", exact=True).first).to_be_visible()


def test_a_closed_account_stays_closed(signed_in_as):
    page = signed_in_as(email="bio@exemple.bj", email_verified=True)
    expect(page.get_by_role("heading", level=1)).to_have_text("Ce compte est fermé")


def test_a_site_that_fails_is_told(signed_in_as):
    page = signed_in_as(fails=True)
    expect(page.get_by_role("heading", level=1)).to_have_text("L’autre site n’a pas répondu")
