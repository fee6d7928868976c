"""Rows of conventions for programs, against Starlette with SQL written by hand, on the same data.

Both answer the same rows, which is checked. Then deep pages against the first one, and the memory of
the files of everything, beside that of a small registry.
"""

import json
from pathlib import Path

from tests.bench.measure import databases, figure, manage, registry, table

SIZES = [1_000, 100_000]
QUICK = [1_000]
ROWS = [25, 100, 500]
LIST = "/api/v1/conventions/"
FILES = {"iati": "/iati/activities.xml", "csv": "/conventions/export.csv"}
# Memory of a file at a size, as a multiple of that at the smallest.
FLAT = 1.25


def run(sizes):
    rows, smallest = [], {}
    for database, address in databases().items():
        for size in sizes:
            with registry(address) as program:
                settings = program.environment | {"DJANGO_SETTINGS_MODULE": "tests.bench.settings"}
                manage(settings, "generate_registry", str(size))
                ours = program("tests.bench.api_once", json.dumps(asked(size)))
                files = {name: program("tests.bench.stream_once", FILES[name]) for name in FILES}
                theirs = None
                if database == "sqlite":
                    path = Path(program.environment["DATA_DIR"]) / "registre.sqlite3"
                    addresses = {str(n): f"limit={n}&offset=0" for n in ROWS}
                    theirs = program("tests.bench.starlette_once", path, json.dumps(addresses))
            facts = {"size": size, "database": database}
            for number in map(str, ROWS):
                told(rows, ours, theirs, number, facts)
            for name in ("page", "cursor"):
                value = round(ours["cpu"][f"deep-{name}"] / ours["cpu"]["100"], 2)
                figure(f"api-deep-{name}", value=value, goal=2, **facts)
            for name, file in files.items():
                # Without the index of the list, which the process holds anyway.
                streaming = file["peak"] - file["index"]
                value = round(streaming / smallest.setdefault((database, name), streaming), 2)
                figure(f"{name}-memory", value=value, goal=FLAT, **facts)
                print(
                    f"{name}: {file['bytes'] // 2**20} MB, {1000 * file['cpu'] / size:.2f} ms of CPU a "
                    f"convention, peak memory {file['peak']} MB, {file['index']} of them the index",
                    flush=True,
                )
    print("CPU milliseconds a request, medians: first time, again (kept), Starlette, ratio")
    table(["database", "size", "rows", "first", "again", "Starlette", "ratio"], rows)


def asked(size):
    # Drafts are not in the list: somewhat less than half of it.
    middle = size * 2 // 5 // 100
    return {
        **{str(number): f"{LIST}?page_size={number}" for number in ROWS},
        "deep-page": f"{LIST}?page_size=100&page={middle}",
        "deep-cursor": f"{LIST}?page_size=100&cursor=*",
    }


def told(rows, ours, theirs, number, facts):
    again = ours["again"][number] / ours["cpu"][number]
    figure(f"api-{number}-again", value=round(again, 3), goal=0.2, **facts)
    times = [f"{ours['cpu'][number]:.1f}", f"{ours['again'][number]:.2f}"]
    if theirs is None:
        rows.append([facts["database"], facts["size"], number, *times, "-", "-"])
        return
    assert ours["rows"][number] == theirs["rows"][number]
    ratio = ours["cpu"][number] / theirs["cpu"][number]
    figure(f"api-{number}", value=round(ratio, 2), goal=2, **facts)
    theirs_told = f"{theirs['cpu'][number]:.1f}"
    rows.append([facts["database"], facts["size"], number, *times, theirs_told, f"{ratio:.2f}"])
