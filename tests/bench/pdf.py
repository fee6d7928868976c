"""The inventory as a tagged PDF against Chromium printing the same; growth, memory, what is kept."""

import ctypes
import os
import resource
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.bench.measure import figure, manage, registry, table
from tests.browser import ARGUMENTS, CHROMIUM

SIZES = [100, 1_000, 5_000]
QUICK = [100]
MOST_MEMORY = 300
# Rows of the spreadsheets: their memory is compared between the two.
SHEETS = [1_000, 100_000]
# Those whose processes it did not start itself come to this one when their parent ends.
PR_SET_CHILD_SUBREAPER = 36


def printed(page):
    """CPU seconds of all of Chromium's processes, from its start to its end."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)

    def spent():
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    before = spent()
    with tempfile.TemporaryDirectory() as folder:
        options = ["--headless", "--no-pdf-header-footer", f"--user-data-dir={folder}"]
        output = f"--print-to-pdf={folder}/page.pdf"
        subprocess.run(  # noqa: S603  the system's browser on our own page
            [CHROMIUM, *ARGUMENTS, *options, output, page.as_uri()], check=True, capture_output=True
        )
        while True:
            try:
                os.wait()
            except ChildProcessError:
                break
    return spent() - before


def sound(pdf):
    """Whether other programs find the file in order: tagged, titled, in French."""
    if not (shutil.which("qpdf") and shutil.which("pdfinfo")):
        return None
    done = subprocess.run(["qpdf", "--check", pdf], capture_output=True)  # noqa: S603, S607
    told = subprocess.run(["pdfinfo", pdf], capture_output=True, text=True)  # noqa: S603, S607
    facts = told.stdout
    return done.returncode == 0 and "Title:" in facts and "Tagged:          yes" in facts


def filled(program, size):
    bench = program.environment | {"DJANGO_SETTINGS_MODULE": "tests.bench.settings"}
    manage(bench, "generate_registry", str(size))


def run(sizes):
    rows, each = [], {}
    for size in sizes:
        with registry() as program, tempfile.TemporaryDirectory() as folder:
            pdf, page = Path(folder) / "inventaire.pdf", Path(folder) / "page.html"
            filled(program, size)
            took = program("tests.bench.pdf_once", pdf, page)
            chromium = printed(page)
            in_order = sound(pdf)
            megabytes = pdf.stat().st_size / 2**20
        first, one = took["first"], took["one"]
        each[size] = first["cpu"] / size
        facts = {"size": size}
        # One process, as Chromium's renderer is one.
        figure(
            "pdf-chromium", value=round(chromium / one["cpu"], 2), goal=1, at_most=False, **facts
        )
        figure("pdf-two-cores", value=round(first["wall"] / one["cpu"], 2), goal=0.6, **facts)
        figure("pdf-memory", value=took["peak"], goal=MOST_MEMORY, unit="MB", **facts)
        ratio = round(took["changed"]["cpu"] / first["cpu"], 3)
        figure("pdf-changed", value=ratio, goal=0.1, **facts)
        if in_order is not None:
            figure("pdf-sound", value=int(in_order), goal=1, at_most=False, **facts)
        rows.append(
            [
                size,
                first["pages"],
                *(f"{took[name]['cpu']:.2f}" for name in ("first", "again", "changed", "one")),
                f"{first['wall']:.2f}",
                f"{chromium:.2f}",
                took["peak"],
                f"{megabytes:.1f}",
            ]
        )
    print("CPU seconds: first time, again, again with 1 % changed, first time in one process")
    headings = ["conventions", "pages", "first", "again", "1 % changed", "one process"]
    table([*headings, "wall", "Chromium", "peak MB", "file MB"], rows)
    if len(each) > 1:
        growth = each[max(each)] / each[min(each)]
        figure("pdf-growth", value=round(growth, 2), goal=1.1, size=max(each))
        sheets()


def sheets():
    rows, peaks = [], {}
    for size in SHEETS:
        with registry() as program:
            filled(program, size)
            took = program("tests.bench.sheets_once", "csv", "xlsx")
        peaks[size] = took
        rows += [
            [size, name, f"{took[name]['cpu']:.1f}", took["index"], took[name]["peak"]]
            for name in ("csv", "xlsx")
        ]
    print(
        "the inventory in spreadsheets: peak memory once the index of lists is made, then with it"
    )
    table(["conventions", "format", "CPU s", "index MB", "peak MB"], rows)
    for name in ("csv", "xlsx"):
        small, large = (peaks[size][name]["peak"] - peaks[size]["index"] for size in SHEETS)
        figure(
            f"inventory-{name}-memory", value=large - small, goal=100, size=SHEETS[-1], unit="MB"
        )
