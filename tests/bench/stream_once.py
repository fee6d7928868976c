"""One whole file, read as it comes: {"cpu": seconds, "peak": MB, "index": MB, "bytes": …} as JSON.

`index` is what was made before the first byte, and stays in a web process for every list.
Argument: its address.
"""

import json
import resource
import sys
import time

import django

django.setup()

from django.test import Client  # noqa: E402  after the set-up


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


before, began = peak(), time.process_time()
response = Client(headers={"host": "localhost"}).get(sys.argv[1])
assert response.status_code == 200
pieces = iter(response.streaming_content)
size, made = len(next(pieces)), peak()
size += sum(len(piece) for piece in pieces)
facts = {"cpu": time.process_time() - began, "peak": peak(), "index": made - before, "bytes": size}
print(json.dumps(facts))
