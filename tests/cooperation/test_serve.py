"""The registry served as the guide says, behind a proxy that speaks HTTPS."""

import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import call_command
from waitress.proxy_headers import proxy_headers_middleware

from cooperation.management.commands.serve import behind_proxies


class Proxy(BaseHTTPRequestHandler):
    """Passes a request on as nginx does: Host as it came, the scheme, the address added at the end."""

    port = 0

    def do_GET(self):
        known = self.headers.get("X-Forwarded-For")
        client = self.client_address[0]
        told = {
            "Host": self.headers["Host"],
            "X-Forwarded-Proto": "https",
            "X-Forwarded-For": f"{known}, {client}" if known else client,
        }
        status, location = answer_of(self.port, self.path, told)
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


def answer_of(port, path, headers=None):
    """(status, address that it leads to)"""
    with closing(HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        connection.request("GET", path, headers=headers or {})
        response = connection.getresponse()
        response.read()
        return response.status, response.getheader("Location")


@pytest.fixture
def registry(tmp_path):
    """The port of a registry that `manage.py serve` serves with HTTPS=1 and PROXIES=1."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {"HTTPS": "1", "PROXIES": "1", "DATA_DIR": str(tmp_path), "DATABASE_URL": ""}
    environment |= {"DEBUG": "1", "DJANGO_SETTINGS_MODULE": "cooperation.settings"}
    process = subprocess.Popen(  # noqa: S603  our own server
        [sys.executable, "manage.py", "serve", "--listen", f"127.0.0.1:{port}"],
        cwd=settings.BASE_DIR,
        env=os.environ | environment,
    )
    try:
        for _ in range(300):
            try:
                answer_of(port, "/healthz")
                break
            except OSError:
                time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait()


def test_a_page_behind_a_proxy_that_speaks_https_is_served_and_not_redirected_for_ever(registry):
    """The server dropped what the proxy says: every page led to itself, and the site was not there."""
    handler = type("ToRegistry", (Proxy,), {"port": registry})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        assert answer_of(proxy.server_port, "/connexion/") == (200, None)
        proxy.shutdown()
    status, location = answer_of(registry, "/connexion/")
    assert status == 301 and location.startswith("https://")


@pytest.mark.parametrize(
    ("proxies", "https", "address"),
    [
        (1, True, "197.234.1.1"),
        (0, True, "197.234.1.1"),
        (0, False, "10.0.0.1"),
        (2, True, "6.6.6.6"),
    ],
)
def test_a_visitor_is_known_by_the_address_that_the_proxies_tell(settings, proxies, https, address):
    """What a visitor writes into the header himself stands before what the proxies add."""
    settings.PROXIES, settings.HTTPS = proxies, https
    seen = {}
    told = behind_proxies()
    options = {
        "trusted_proxy": None,
        "trusted_proxy_count": 1,
        "trusted_proxy_headers": set(),
    } | told
    clear = options.pop("clear_untrusted_proxy_headers")
    app = proxy_headers_middleware(
        lambda environ, start: seen.update(environ) or [], clear_untrusted=clear, **options
    )
    app(
        {
            "REMOTE_ADDR": "10.0.0.1",
            "SERVER_NAME": "registre",
            "SERVER_PORT": "8000",
            "wsgi.url_scheme": "http",
            "HTTP_X_FORWARDED_FOR": "6.6.6.6, 197.234.1.1",
            "HTTP_X_FORWARDED_PROTO": "https",
        },
        None,
    )
    assert seen["REMOTE_ADDR"] == address
    assert ("HTTP_X_FORWARDED_PROTO" in seen) == https


def test_a_demo_on_another_port_is_what_its_links_lead_to(db, settings, monkeypatch):
    """Feeds, files and QR codes of `demo --port 8123` led to port 8000, where nothing answers."""
    # Set, so that what the command writes is undone with it.
    monkeypatch.setenv("SITE_URL", "")
    monkeypatch.delenv("SITE_URL")
    monkeypatch.setattr("cooperation.management.commands.demo.prepare_demo", lambda: None)
    monkeypatch.setattr("cooperation.management.commands.demo.call_command", lambda *a, **k: None)
    call_command("demo", port=8123, no_serve=True, stdout=StringIO())
    assert settings.SITE_URL == os.environ["SITE_URL"] == "http://127.0.0.1:8123"
    call_command("demo", port=8124, no_serve=True, stdout=StringIO())
    assert settings.SITE_URL == "http://127.0.0.1:8123", "what is set explicitly stays"


ON_A_FULL_DISK = """
import resource, signal
from io import BytesIO
from wsgiref.util import setup_testing_defaults
from django.core.wsgi import get_wsgi_application

def status_of(path):
    environ, told = {"PATH_INFO": path, "HTTP_HOST": "127.0.0.1", "wsgi.input": BytesIO()}, []
    setup_testing_defaults(environ)
    answer = application(environ, lambda status, headers: told.append(status[:3]))
    b"".join(answer)
    answer.close()
    return told[0]

application = get_wsgi_application()
status_of("/")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
paths = "/ /conventions/ /partenaires/ /carte/ /conventions/export.csv /iati/activities.xml /api/v1/conventions/"
print(*(status_of(path) for path in paths.split()))
"""


def test_a_full_disk_stops_no_reading(apart):
    """SQLite opened anew for each page what it had no room for: every page was an error."""
    assert apart("shell", "-v0", "-c", ON_A_FULL_DISK).communicate()[0].split() == ["200"] * 7
