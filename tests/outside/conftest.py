"""Programs that are not ours, in an environment of their own: they read what the API says of itself.

`./run outside` installs them by name; OUTSIDE says where. Without it these tests are skipped.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pytest

# Playwright's loop runs in the thread of the test, where Django would refuse to touch the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

ROOT = Path(__file__).parents[2]
TOOLS = Path(os.environ.get("OUTSIDE", ""))


@pytest.fixture(scope="session")
def tool():
    """tool(name, *arguments) -> what the program did."""
    if not os.environ.get("OUTSIDE"):
        pytest.skip("the programs of others are not installed: ./run outside")

    def tool(name, *arguments, **kwargs):
        path = f"{TOOLS / 'bin'}:{os.environ['PATH']}"
        command = [TOOLS / "bin" / name, *map(str, arguments)]
        environment = os.environ | {"PATH": path}
        return subprocess.run(command, capture_output=True, text=True, env=environment, **kwargs)  # noqa: S603

    return tool


@pytest.fixture(scope="session")
def registry(tmp_path_factory):
    """(address, token of the secretariat) of the demonstration, served for the session."""
    folder = tmp_path_factory.mktemp("registre")
    environment = os.environ | {
        "DATA_DIR": str(folder),
        "DATABASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "cooperation.settings",
        "API_RATE_VISITORS": "10000/s",
        "API_RATE_PEOPLE": "10000/s",
    }

    def manage(*arguments):
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(  # noqa: S603  our own program
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    manage("demo", "--no-serve")
    code = """
from cooperation.models import ApiToken, User
token = ApiToken(user=User.objects.get(username="secretariat"), name="Essai", scope="saisie")
print(token.give())
"""
    token = manage("shell", "--no-imports", "-c", code).splitlines()[-1]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "waitress",
        f"--listen=127.0.0.1:{port}",
        "cooperation.wsgi:application",
    ]
    server = subprocess.Popen(command, cwd=ROOT, env=environment)  # noqa: S603
    address = f"http://127.0.0.1:{port}"
    for _ in range(100):
        try:
            urlopen(f"{address}/healthz")  # noqa: S310  our own server
            break
        except OSError:
            time.sleep(0.2)
    yield address, token
    server.send_signal(signal.SIGTERM)
    server.wait(10)
