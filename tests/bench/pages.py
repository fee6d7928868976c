"""What pages cost as the registry grows: each at a large size, as a multiple of its cost at a small one.

CPU of a page made anew by a process that has its index and has worked out the figures of the day.
Then the weight of each as it is sent, which does not depend on the size.
"""

import json

from tests.bench.measure import databases, figure, manage, registry, table

SIZES = [1_000, 20_000]
QUICK = [200, 1_000]
# A page costs what it shows.
MOST = 1.5
PAGES = {
    "home": "/",
    "conventions": "/conventions/",
    "filtered": "/conventions/?theme=eau-et-assainissement&departement=borgou",
    "search": "/conventions/?q=eau",
    "map": "/carte/",
    "timeline": "/chronologie/",
    "charts": "/chiffres/",
    "actions": "/actions/",
    "partners": "/partenaires/",
    "commune": "/partenaires/parakou/",
    "themes": "/themes/",
    "theme": "/themes/eau-et-assainissement/",
    "odd": "/odd/6/",
    "amounts": "/montants/",
    "payments": "/decaissements/",
    "inventory": "/inventaire/",
    "bilans": "/bilans/",
    "bilan": "/bilans/2024/",
    "data": "/donnees/",
}


def run(sizes):
    rows = []
    for database, address in databases().items():
        found = {}
        for size in sizes:
            with registry(address) as program:
                settings = program.environment | {"DJANGO_SETTINGS_MODULE": "tests.bench.settings"}
                manage(settings, "generate_registry", str(size))
                found[size] = program("tests.bench.pages_once", json.dumps(PAGES))
        small, large = (found[size]["cpu"] for size in (min(sizes), max(sizes)))
        for name in small:
            ratio = round(large[name] / small[name], 2)
            figure(f"pages-{name}", value=ratio, goal=MOST, size=max(sizes), database=database)
            weight = f"{found[max(sizes)]['sent'][name] / 1000:.1f}"
            rows.append([database, name, f"{small[name]:.1f}", f"{large[name]:.1f}", ratio, weight])
    print("CPU milliseconds of a page made anew, medians; kilobytes sent with gzip")
    table(["database", "page", *map(str, (min(sizes), max(sizes))), "ratio", "KB"], rows)
