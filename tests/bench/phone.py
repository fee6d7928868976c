"""What a first visit costs on a slow phone: weight, requests, first paint on an emulated 2G network.

The network is that of WebPageTest’s « 2G » (280 kbit/s down, 256 up, 800 ms for a round trip); a first
visit takes three round trips before the answer begins (name or connection, encryption, request), so
the emulated latency is 2.4 s a request. The processor is slowed four times.
"""

import gzip
import os
import signal
import socket
import subprocess
import sys
import time
from urllib.request import urlopen

from playwright.sync_api import sync_playwright

from tests.bench.measure import ROOT, figure, manage, registry, table
from tests.browser import ARGUMENTS, CHROMIUM

SIZES = QUICK = [1_000]
PAGES = [
    "/",
    "/conventions/",
    "/conventions/?q=eau",
    "/actions/",
    "/partenaires/",
    "/carte/",
    "/chiffres/",
]
HEAVY = ("/carte/", "/chiffres/")
FIRST_PAINT = 3.5
ROUNDS = 3
DOWN, UP, LATENCY = 280_000 / 8, 256_000 / 8, 2_400
SLOWER = 4


def run(sizes):
    rows = []
    for size in sizes:
        with registry() as program:
            settings = program.environment | {"DJANGO_SETTINGS_MODULE": "tests.bench.settings"}
            manage(settings, "generate_registry", str(size))
            manage(program.environment, "collectstatic", "--no-input", "-v0")
            with served(program.environment) as address, sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
                for page in PAGES:
                    rows.append(visited(browser, address, page, size))
                browser.close()
    print("kilobytes compressed, requests, seconds to the first paint on 2G")
    table(["page", "KB", "requests", "first paint"], rows)


def visited(browser, address, path, size):
    paints, weight, count = [], 0, 0
    for _ in range(ROUNDS):
        context = browser.new_context(viewport={"width": 360, "height": 800}, locale="fr-FR")
        page = context.new_page()
        answers = []
        page.on("response", lambda answer: answers.append(answer))  # noqa: B023  read in this turn
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        session.send(
            "Network.emulateNetworkConditions",
            {
                "offline": False,
                "latency": LATENCY,
                "downloadThroughput": DOWN,
                "uploadThroughput": UP,
            },
        )
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        page.goto(address + path, wait_until="load", timeout=60_000)
        paint = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
        page.wait_for_function(paint)
        paints.append(page.evaluate(paint) / 1000)
        sent = [answer for answer in answers if not answer.url.startswith("data:")]
        weight, count = sum(len(gzip.compress(a.body())) for a in sent) / 1024, len(sent)
        context.close()
    seconds = sorted(paints)[len(paints) // 2]
    limit = 30 if path.startswith(HEAVY) else 15
    facts = {"page": path, "size": size}
    figure("phone-weight", value=round(weight, 1), goal=limit, unit="KB", **facts)
    figure("phone-requests", value=count, goal=3, **facts)
    figure("phone-first-paint", value=round(seconds, 2), goal=FIRST_PAINT, unit="s", **facts)
    return [path, f"{weight:.1f}", count, f"{seconds:.2f}"]


class served:
    """The registry, served as in production, while the block lasts; its address."""

    def __init__(self, environment):
        self.environment = environment

    def __enter__(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = [sys.executable, "-m", "waitress", f"--listen=127.0.0.1:{port}"]
        self.process = subprocess.Popen(  # noqa: S603  our own server
            [*command, "cooperation.wsgi:application"],
            cwd=ROOT,
            env={**os.environ, **self.environment},
        )
        address = f"http://127.0.0.1:{port}"
        for _ in range(200):
            try:
                with urlopen(f"{address}/healthz"):  # noqa: S310  this machine
                    return address
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("the server did not start")

    def __exit__(self, *error):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
