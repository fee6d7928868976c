"""A report of any length as one PDF: its sections laid out on every core, kept, and put together."""

import re
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory

from django.core.cache import caches
from django.template.loader import render_to_string
from django.utils import timezone

from cooperation.caching import release
from reports.pdf.assembly import Assembly
from reports.pdf.rendering import PROCESSES, WORKERS, Heading, result_of

# Sections that wait for a process or for their turn: what bounds memory.
AHEAD = 4 * WORKERS
# Lines of the contents that one page, and one section of them, holds.
LINES = 48


@dataclass(frozen=True)
class Section:
    """A run of pages. `key` names all that they show: the same key is laid out once.

    `weight` is its part of the work, in whatever unit the report counts.
    """

    key: str
    html: Callable[[], str]
    weight: int = 0


@dataclass(frozen=True)
class LaidOut:
    """A section whose pages wait in a file."""

    file: Path
    count: int
    headings: list[Heading]
    anchors: dict[str, tuple[int, float]]


# A word longer than any address is laid out in the square of its length, unless each line may end it.
TEXT, ENDLESS = re.compile(r"(?<=>)[^<]{1000,}"), re.compile(r"[^\s&;]{1000,}")


def broken(word) -> str:
    return re.sub(r".{60}", "\\g<0>\u200b", word[0])


def laid_out_html(template, context) -> str:
    """What a template shows, with no word longer than a line."""
    html = render_to_string(template, context)
    return TEXT.sub(lambda text: ENDLESS.sub(broken, text[0]), html)


def section(template, context) -> Section:
    """A section of what a template shows."""
    html = laid_out_html(template, context)
    return Section(html, lambda: html)


def write_book(
    file,
    *,
    title: str,
    frame: Section,
    cover: Section,
    body: Iterable[Section],
    index: Callable[[dict[str, list[int]]], Iterable[Section]] = lambda pages: (),
    tell: Callable[[int, int], None] = lambda done, pages: None,
) -> int:
    """Write a report to a file open for writing; returns how many pages it has.

    `frame` is what stands around each page but the cover: Assembly says of what it is made.
    Its contents follow the cover. `index` makes the last sections, from the pages that each anchor
    is on. `tell` hears after each section how much is done and on how many pages, and may raise to
    stop the work. RenderingError, or PdfUnavailableError, where the report cannot be made.
    """
    with PROCESSES as processes, TemporaryDirectory(prefix="rapport-") as folder:
        layout = Layout(processes, Path(folder), tell)
        around, *laid = layout.lay_out(chain([frame, cover], body))
        laid[1:1] = layout.contents(laid)
        laid += layout.lay_out(index(pages_of(laid)))
        return layout.put_together(file, title, around, laid, framed_from=2)


def write_leaflet(file, *, title: str, frame: Section, sheet: Section) -> int:
    """Write a report of some pages, without cover or contents; returns how many it has."""
    with PROCESSES as processes, TemporaryDirectory(prefix="fiche-") as folder:
        layout = Layout(processes, Path(folder), lambda done, pages: None)
        around, *laid = layout.lay_out([frame, sheet])
        return layout.put_together(file, title, around, laid, framed_from=1)


def pages_of(laid) -> dict:
    """{anchor: [page, …], from 1}: what stands in several groups is on several pages."""
    found, first = defaultdict(list), 1
    for part in laid:
        for name, (page, _) in part.anchors.items():
            found[name].append(first + page)
        first += part.count
    return found


class Layout:
    """Lays sections out, some at a time and in their order; what was laid out before is kept."""

    def __init__(self, processes, folder, tell):
        self.processes, self.folder, self.tell = processes, folder, tell
        self.kept = caches["pages"]
        self.files = self.pages = self.done = 0

    def lay_out(self, sections) -> Iterator:
        waiting, sections = deque(), iter(sections)
        try:
            while True:
                for one in islice(sections, AHEAD - len(waiting)):
                    waiting.append(self.begin(one))
                if not waiting:
                    return
                one, name, pages, future = waiting.popleft()
                if pages is None:
                    pages = result_of(future)
                    # A full disk keeps nobody from their report.
                    with suppress(OSError):
                        self.kept.set(name, pages)
                self.files += 1
                self.pages += pages.count
                self.done += one.weight
                file = self.folder / f"{self.files}.pdf"
                file.write_bytes(pages.content)
                self.tell(self.done, self.pages)
                yield LaidOut(file, pages.count, pages.headings, pages.anchors)
        finally:
            for *_, future in waiting:
                if future:
                    future.cancel()

    def begin(self, section) -> tuple:
        name = sha256(f"{release()} {section.key}".encode()).hexdigest()
        pages = self.kept.get(name)
        future = None
        if pages is None:
            future = self.processes.schedule(section.html())
        return section, name, pages, future

    def contents(self, laid) -> list:
        """The table of contents: it follows the cover, and counts its own pages too."""
        pages = -(-sum(len(part.headings) for part in laid) // LINES)
        parts = list(self.lay_out(contents_sections(lines_of(laid, pages))))
        if (count := sum(part.count for part in parts)) != pages:
            self.pages -= count
            parts = list(self.lay_out(contents_sections(lines_of(laid, count))))
        return parts

    def put_together(self, file, title, around, laid, framed_from) -> int:
        """Write the whole, its pages numbered; returns how many they are."""
        assembly = Assembly(
            file,
            title=title,
            made_at=timezone.now(),
            frame=around.file,
            framed_from=framed_from,
        )
        for part in laid:
            assembly.add(part.file, part.headings, part.anchors)
        assembly.finish()
        return sum(part.count for part in laid)


def lines_of(laid, shift) -> list[tuple]:
    """[(level, label, page, anchor), …] for the contents, which take `shift` pages."""
    lines, first = [], 1
    for place, part in enumerate(laid):
        for heading in part.headings:
            anchor = f"titre-{len(lines)}"
            part.anchors[anchor] = (heading.page, heading.top)
            lines.append((heading.level, heading.label, first + heading.page, anchor))
        first += part.count + (shift if place == 0 else 0)
    return lines


def contents_sections(lines) -> Iterator:
    for start in range(0, len(lines), LINES):
        context = {"lines": lines[start : start + LINES], "is_first": start == 0}
        yield section("reports/pdf_contents.html", context)
