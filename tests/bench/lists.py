"""Lists, search, a record and the CSV of everything, against Datasette on the same data in one run."""

import json
import tempfile
from pathlib import Path

from tests.bench.datasette_once import ARRAYS, PLAIN
from tests.bench.measure import databases, figure, manage, registry, table

SIZES = [1_000, 100_000]
QUICK = [1_000]

THEME = "eau-et-assainissement"
# Beyond this size the whole CSV takes a quarter of an hour, and tells nothing new.
LARGEST_CSV = 100_000
# A word of one title in ten, and one of a convention in a thousand (registry.py).
COMMON, RARE = "forage", "hydrogeologie"
OURS = {
    "list": "/conventions/",
    "filtered": f"/conventions/?theme={THEME}&country=FR",
    "search-common": f"/conventions/?q={COMMON}",
    "search-rare": f"/conventions/?q={RARE}",
    "csv": "/conventions/export.csv",
}
FACETS = "".join(f"&_facet={name}" for name in PLAIN) + "".join(
    f"&_facet_array={n}" for n in ARRAYS
)
PAGE = f"/flat/conventions?_size=25&_sort_desc=sort_key{FACETS}"
THEIRS = {
    "list": PAGE,
    "filtered": f"{PAGE}&theme__arraycontains={THEME}&country__arraycontains=FR",
    "search-common": f"{PAGE}&_search={COMMON}",
    "search-rare": f"{PAGE}&_search={RARE}",
    "csv": "/flat/conventions.csv?_stream=on&_size=max",
    "detail": "/flat/conventions/1",
}
GOALS = {
    "list": {1_000: 0.25, 100_000: 0.15},
    "filtered": {1_000: 0.25, 100_000: 0.15},
    "search-common": {1_000: 0.3, 100_000: 0.15},
    "search-rare": {1_000: 0.3, 100_000: 0.15},
    "detail": {1_000: 0.5, 100_000: 0.5},
    "csv": {1_000: 1, 100_000: 1},
}
GROWTH = 5


def goal(name, size):
    """That of the nearest size for which there is one, below."""
    return GOALS[name][max(known for known in GOALS[name] if known <= max(size, 1_000))]


def run(sizes):
    rows, first = [], {}
    for database, address in databases().items():
        for size in sizes:
            with registry(address) as program, tempfile.TemporaryDirectory() as folder:
                ours, theirs = measured(program, size, Path(folder) / "flat.db")
            for name in ours["cpu"]:
                facts = {"size": size, "database": database}
                ratio = ours["cpu"][name] / theirs["cpu"][name]
                figure(f"{name}-first", value=round(ratio, 3), goal=goal(name, size), **facts)
                if name in ours["again"]:
                    kept = ours["again"][name] / ours["cpu"][name]
                    figure(f"{name}-again", value=round(kept, 3), goal=0.05, **facts)
                    assert ours["status"][name] == 304
                grown = ours["cpu"][name] / first.setdefault((database, name), ours["cpu"][name])
                if size > sizes[0] and name in ("list", "filtered", "search-common", "search-rare"):
                    figure(f"{name}-growth", value=round(grown, 2), goal=GROWTH, **facts)
                again = f"{ours['again'][name]:.2f}" if name in ours["again"] else "-"
                took = [f"{side['cpu'][name]:.1f}" for side in (ours, theirs)]
                rows.append([database, size, name, took[0], again, took[1], f"{ratio:.3f}"])
            print(
                f"{database}, {size}: index made in {ours['index']:.1f} s of CPU; "
                f"peak memory {ours['peak']} MB",
                flush=True,
            )
    print("CPU milliseconds a request, medians: first time, again (kept), Datasette, ratio")
    table(["database", "size", "page", "first", "again", "Datasette", "ratio"], rows)


def measured(program, size, flat):
    settings = program.environment | {"DJANGO_SETTINGS_MODULE": "tests.bench.settings"}
    manage(settings, "generate_registry", str(size))
    program("tests.bench.datasette_once", "flatten", flat)
    asked = {name: a for name, a in OURS.items() if name != "csv" or size <= LARGEST_CSV}
    ours = program("tests.bench.pages_once", json.dumps(asked))
    asked = {name: THEIRS[name] for name in ours["cpu"]}
    theirs = program("tests.bench.datasette_once", "ask", flat, json.dumps(asked))
    return ours, theirs
