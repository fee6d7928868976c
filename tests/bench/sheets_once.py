"""The inventory in spreadsheets; prints the CPU seconds and the peak memory in MB of each as JSON."""

import json
import resource
import sys
import time
from tempfile import TemporaryFile

import django

django.setup()

from agreements.facets import CONVENTION_INDEX  # noqa: E402  after the set-up
from reports.facts.inventory import build_inventory  # noqa: E402
from reports.formats import FORMATS  # noqa: E402
from reports.spreadsheets import inventory_sheets  # noqa: E402

with CONVENTION_INDEX:
    pass


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


took = {"index": peak()}
for extension in sys.argv[1:]:
    began = time.process_time()
    with TemporaryFile() as file:
        FORMATS[extension].write_tables(inventory_sheets(build_inventory()), file)
    took[extension] = {"cpu": time.process_time() - began, "peak": peak()}
print(json.dumps(took))
