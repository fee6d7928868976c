"""CPU of our own pages, each a median of several requests, the index made and the page not kept.

Argument: addresses as JSON {name: address}; the page of a convention, "detail", is added. Prints
{"cpu": {name: ms}, "again": {…}, "sent": {name: bytes}, …} as JSON.
"""

import json
import resource
import sys
import time
from statistics import median

import django

django.setup()

from django.core.cache import caches  # noqa: E402  after the set-up
from django.test import Client  # noqa: E402

from agreements.facets import CONVENTION_INDEX  # noqa: E402
from agreements.models import Convention  # noqa: E402

ROUNDS = 7
client = Client(headers={"host": "localhost"})


def cpu(address, keep=False, **headers):
    """Milliseconds of CPU of one request; its answer."""
    if not keep:
        caches["kept"].clear()
    began = time.process_time()
    response = client.get(address, headers={"host": "localhost", **headers})
    if response.streaming:
        for _ in response.streaming_content:
            pass
    return 1000 * (time.process_time() - began), response


began = time.process_time()
with CONVENTION_INDEX:
    pass
made = time.process_time() - began
addresses = json.loads(sys.argv[1])
addresses["detail"] = Convention.objects.published().first().get_absolute_url()
found = {"index": made, "cpu": {}, "again": {}, "status": {}, "sent": {}}
found["count"] = len(CONVENTION_INDEX.every)
for name, address in addresses.items():
    if address.endswith(".csv"):
        # Never kept: a client that has it gets a 304, and others the file, made as it is sent.
        found["cpu"][name] = cpu(address)[0]
        continue
    cpu(address)  # imports and compiles what the first request of its kind needs
    runs = [cpu(address) for _ in range(ROUNDS)]
    found["cpu"][name] = median(ms for ms, _ in runs)
    assert runs[0][1].status_code == 200, address
    etag = runs[0][1].get("ETag")
    sent = cpu(address, **{"accept-encoding": "gzip"})[1]
    found["sent"][name] = len(sent.content)
    cpu(address)
    found["again"][name] = median(cpu(address, keep=True)[0] for _ in range(ROUNDS))
    found["status"][name] = cpu(address, keep=True, **{"if-none-match": etag})[1].status_code
found["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(json.dumps(found))
