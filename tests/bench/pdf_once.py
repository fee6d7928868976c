"""The inventory as PDF, several times over; prints what each time took as JSON.

Arguments: where to write the PDF, where to write the same content as one page of HTML.
"""

import json
import re
import resource
import sys
import time
from collections import defaultdict
from pathlib import Path

import django


def spent():
    """CPU seconds of this process and of those that it started and that have ended."""
    own, children = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def main(pdf, page):
    django.setup()
    from django.core.cache import caches

    from agreements.facets import CONVENTION_INDEX
    from agreements.models import Convention
    from reports.facts.inventory import build_inventory
    from reports.pdf import printing, rendering

    def measured(workers=rendering.WORKERS):
        rendering.WORKERS = workers
        began, clock = spent(), time.monotonic()
        with pdf.open("w+b") as file:
            pages = printing.write_inventory(build_inventory(), file)
        wall = time.monotonic() - clock
        rendering.PROCESSES.end()
        return {"cpu": spent() - began, "wall": wall, "pages": pages}

    def kept_as_html(file, *, title, frame, cover, body, index, tell):
        """In the place of write_book: every section, one after the other."""
        sections = [cover, *body, *index(defaultdict(lambda: [1]))]
        style = Path("static/css/print.css").read_text()
        inner = (re.search("<body[^>]*>(.*)</body>", s.html(), re.DOTALL)[1] for s in sections)
        head = f"<!doctype html><html lang=fr><meta charset=utf-8><style>{style}</style><body>"
        page.write_text(head + "".join(inner))

    # The index of the lists is made once in the life of a process.
    with CONVENTION_INDEX:
        pass
    took = {"first": measured(), "again": measured()}
    changed = Convention.objects.order_by("pk").values_list("pk", flat=True)[::100]
    Convention.objects.filter(pk__in=list(changed)).update(title="Un intitulé qui a changé")
    took["changed"] = measured()
    caches["pages"].clear()
    took["one"] = measured(workers=1)
    took["peak"] = max(
        resource.getrusage(who).ru_maxrss // 1024
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    printing.write_book = kept_as_html
    printing.write_inventory(build_inventory(), None)
    print(json.dumps(took))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
