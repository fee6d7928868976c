"""HTML to pages by WeasyPrint, in processes of their own that may load nothing and are bounded.

A section of a report is rendered apart from the others: sections are laid out on every core, their
pages are kept by the key of what they show, and memory does not grow with the report.
"""

import contextlib
import gc
import io
import logging
import multiprocessing
import os
import resource
import signal
import threading
from concurrent.futures import TimeoutError
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from django.conf import settings
from django.contrib.staticfiles import finders
from pebble import ProcessExpired, ProcessFuture, ProcessPool

from cooperation.processes import outlive_nobody

# Renderers at most, and sections that wait for one before another is begun.
WORKERS, MANY = min(os.cpu_count() or 1, 4), 3
# Bounds of one section: seconds, and address space in bytes.
MOST_SECONDS = 120
MOST_MEMORY = 2 * 2**30
# Sections after which a process is replaced by a new one.
MOST_SECTIONS = 500
# Seconds without work after which the processes are ended.
IDLE = 120
# Tagged, with its fonts and colours inside: assembly.py adds what makes it PDF/UA-1 as well.
VARIANT = "pdf/a-2a"
# Points in a CSS pixel.
PIXEL = 0.75


class PdfUnavailableError(Exception):
    """WeasyPrint's system libraries are missing; the message says what to install."""


class RenderingError(Exception):
    """A section could not be rendered within its bounds."""


@dataclass(frozen=True)
class Heading:
    """An entry of the contents and the outline: its page counts from 0 in its section."""

    level: int
    label: str
    page: int
    top: float


@dataclass(frozen=True)
class Pages:
    """A rendered section: a PDF of its own, and where its headings and anchors are.

    `anchors`: {name: (page from 0, distance in points from the bottom of the page)}.
    """

    content: bytes
    count: int
    headings: list[Heading]
    anchors: dict[str, tuple[int, float]]


def load_weasyprint() -> ModuleType:
    """The module, or PdfUnavailableError. Slow to import, and prints a banner when it fails."""
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            import weasyprint
    except OSError as error:
        raise PdfUnavailableError(
            "Il manque des bibliothèques du système pour produire les PDF. À installer : "
            "apt-get install -y --no-install-recommends "
            "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
        ) from error
    return weasyprint


class Renderer:
    """What each process keeps from one section to the next."""

    def __init__(self, stylesheet, site):
        weasyprint = load_weasyprint()
        logging.getLogger("weasyprint").setLevel(logging.ERROR)
        self.html, self.site = weasyprint.HTML, site
        self.stylesheet = weasyprint.CSS(string=stylesheet)
        self.nothing = weasyprint.urls.URLFetcher(allowed_protocols=())

    def render(self, html) -> Pages:
        source = self.html(string=html, base_url=self.site, url_fetcher=self.nothing)
        document = source.render(stylesheets=[self.stylesheet], pdf_variant=VARIANT)
        headings, anchors = [], {}
        for number, page in enumerate(document.pages):
            height = page.height * PIXEL
            for level, label, (_, y), _ in page.bookmarks:
                headings.append(Heading(level, " ".join(label.split()), number, height - y * PIXEL))
            for name, (_, y, *_) in page.anchors.items():
                anchors.setdefault(name, (number, height - y * PIXEL))
            # The outline is that of the whole report.
            page.bookmarks = []
        content = document.write_pdf(pdf_variant=VARIANT)
        return Pages(content, len(document.pages), headings, anchors)


# In each process: what Renderer is made of, and then the renderer.
_sources, _renderer = (), None


def begin(stylesheet, site, parent) -> None:
    """In each process, once: its bounds."""
    global _sources
    threading.Thread(target=outlive_nobody, args=[parent], daemon=True).start()
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _sources = (stylesheet, site)


def render(html) -> Pages:
    """In a process: the Pages of a section."""
    global _renderer
    if _renderer is None:
        _renderer = Renderer(*_sources)
        # Freeze loaded objects and collect less often: a fifth less time (measured on 1,000 sections).
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 100)
    return _renderer.render(html)


class Processes:
    """Renderers: begun as there is work for them, ended when there has been none for long."""

    def __init__(self):
        self.lock = threading.RLock()
        # Sections that wait for each renderer.
        self.waiting = {}
        self.timer = None
        self.users = 0

    def __enter__(self):
        with self.lock:
            if self.timer:
                self.timer.cancel()
            self.users += 1
        return self

    def __exit__(self, *error):
        with self.lock:
            self.users -= 1
            if not self.users:
                self.timer = threading.Timer(IDLE, self.end)
                self.timer.daemon = True
                self.timer.start()

    def schedule(self, html) -> ProcessFuture:
        """A future of the Pages of a section; another renderer is begun where many wait."""
        with self.lock:
            self.waiting = {pool: count for pool, count in self.waiting.items() if pool.active}
            idle = min(self.waiting, key=self.waiting.get, default=None)
            if idle is None or (self.waiting[idle] >= MANY and len(self.waiting) < WORKERS):
                idle = self.begun()
                self.waiting[idle] = 0
            self.waiting[idle] += 1
            future = idle.schedule(render, args=[html], timeout=MOST_SECONDS)
        future.add_done_callback(lambda _: self.done(idle))
        return future

    def done(self, pool) -> None:
        with self.lock:
            if pool in self.waiting:
                self.waiting[pool] -= 1

    def begun(self) -> ProcessPool:
        stylesheet = Path(finders.find("css/print.css")).read_text()
        return ProcessPool(
            max_workers=1,
            max_tasks=MOST_SECTIONS,
            initializer=begin,
            initargs=[stylesheet, settings.SITE_URL, os.getpid()],
            context=multiprocessing.get_context("spawn"),
        )

    def end(self) -> None:
        """End the renderers, unless somebody uses them."""
        with self.lock:
            if self.users:
                return
            pools, self.waiting = list(self.waiting), {}
        for pool in pools:
            pool.stop()
            pool.join()


PROCESSES = Processes()


def result_of(future) -> Pages:
    """The Pages that a process made, or RenderingError."""
    try:
        return future.result()
    except (TimeoutError, ProcessExpired, BrokenProcessPool, MemoryError) as error:
        raise RenderingError(
            "Une partie du rapport est trop longue ou trop complexe pour être mise en page."
        ) from error
