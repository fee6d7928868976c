"""The same list in Datasette: `flatten FILE` writes it, `ask FILE {name: address}` measures it."""

import asyncio
import json
import sqlite3
import sys
import time
from statistics import median

ROUNDS = 5
ARRAYS = ["country", "departement", "commune", "partner", "partner_kind", "role", "theme", "odd"]
ARRAYS += ["year", "funder", "currency", "missing"]
PLAIN = ["state", "kind", "amount", "in_kind", "results"]


def flatten(path):
    """A row a convention, the values of our facets as columns, and a full-text index."""
    import django

    django.setup()
    from agreements.facets import CONVENTION_INDEX
    from agreements.models import Convention

    columns = ["reference", "title", "sort_key", "objectives", *PLAIN, *ARRAYS]
    database = sqlite3.connect(path)
    database.execute(f"CREATE TABLE conventions (id INTEGER PRIMARY KEY, {', '.join(columns)})")
    with CONVENTION_INDEX as index:
        values = {name: {} for name in (*PLAIN, *ARRAYS)}
        for name, found in values.items():
            for value, keys in index.held[name].items():
                for key in keys:
                    found.setdefault(key, []).append(value)
    marks = ", ".join("?" * (len(columns) + 1))
    rows = Convention.objects.order_by("pk").values_list("pk", *columns[:4])
    database.executemany(
        f"INSERT INTO conventions VALUES ({marks})",  # noqa: S608  marks are question marks
        (
            (
                *row,
                *(values[name].get(row[0], [""])[0] for name in PLAIN),
                *(json.dumps(values[name].get(row[0], [])) for name in ARRAYS),
            )
            for row in rows.iterator(chunk_size=5000)
        ),
    )
    database.execute("CREATE INDEX by_date ON conventions (sort_key DESC)")
    for name in PLAIN:
        database.execute(f"CREATE INDEX by_{name} ON conventions ({name})")
    database.execute(
        "CREATE VIRTUAL TABLE conventions_fts USING fts5 (title, objectives, content=conventions, content_rowid=id)"
    )
    database.execute("INSERT INTO conventions_fts (conventions_fts) VALUES ('rebuild')")
    database.commit()
    database.execute("ANALYZE")
    database.commit()
    print(json.dumps({}))


async def ask(path, addresses):
    from datasette.app import Datasette

    # No limit of time: every facet is counted to its end, as ours are.
    limits = {"sql_time_limit_ms": 600_000, "facet_time_limit_ms": 600_000, "allow_facet": True}
    limits |= {"max_csv_mb": 0, "max_returned_rows": 1000}
    server = Datasette([path], settings=limits)
    await server.invoke_startup()
    found = {}
    for name, address in addresses.items():
        runs = []
        for _ in range(1 if "_stream" in address else ROUNDS):
            began = time.process_time()
            response = await server.client.get(address)
            runs.append(1000 * (time.process_time() - began))
            assert response.status_code == 200, (address, response.text[:300])
            if sum(runs) > 60_000:
                break
        found[name] = median(runs)
    print(json.dumps({"cpu": found}))


if __name__ == "__main__":
    if sys.argv[1] == "flatten":
        flatten(sys.argv[2])
    else:
        asyncio.run(ask(sys.argv[2], json.loads(sys.argv[3])))
