"""One whole file, read as it comes: {"cpu": seconds, "peak": MB, "bytes": …} as JSON.

Argument: its address.
"""

import json
import resource
import sys
import time

import django

django.setup()

from django.test import Client  # noqa: E402  after the set-up

began = time.process_time()
response = Client(headers={"host": "localhost"}).get(sys.argv[1])
assert response.status_code == 200
size = sum(len(piece) for piece in response.streaming_content)
print(
    json.dumps(
        {
            "cpu": time.process_time() - began,
            "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            "bytes": size,
        }
    )
)
