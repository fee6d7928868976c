"""CPU of lists of the API, each a median of several requests, the index made and nothing kept.

Argument: addresses as JSON {name: address}; "deep-cursor" is followed to the middle first. Prints
{"cpu": {name: ms}, "again": {…}, "rows": {…}} as JSON.
"""

import gc
import json
import sys
import time
from statistics import median

import django

django.setup()

from django.core import signing  # noqa: E402  after the set-up
from django.core.cache import caches  # noqa: E402
from django.test import Client  # noqa: E402

from agreements.models import Convention  # noqa: E402
from cooperation.rest.pagination import SALT  # noqa: E402

ROUNDS = 9
client = Client(headers={"host": "localhost"})


def cpu(address, keep=False):
    """Milliseconds of CPU of one request; its answer."""
    if not keep:
        caches["kept"].clear()
    began = time.process_time()
    response = client.get(address)
    return 1000 * (time.process_time() - began), response


addresses = json.loads(sys.argv[1])
keys = Convention.objects.published().order_by("pk").values_list("pk", flat=True)
middle = signing.dumps(keys[len(keys) // 2], salt=SALT)
addresses["deep-cursor"] = addresses["deep-cursor"].replace("*", middle)
cpu(addresses["deep-page"])
# As wsgi.py does.
gc.freeze()
found = {"cpu": {}, "again": {}, "rows": {}}
for name, address in addresses.items():
    cpu(address)
    runs = [cpu(address) for _ in range(ROUNDS)]
    found["cpu"][name] = median(ms for ms, _ in runs)
    assert runs[0][1].status_code == 200, (address, runs[0][1].content[:300])
    found["rows"][name] = runs[0][1].json()["results"]
    cpu(address)
    found["again"][name] = median(cpu(address, keep=True)[0] for _ in range(ROUNDS))
print(json.dumps(found))
