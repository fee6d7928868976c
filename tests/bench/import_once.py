"""One import from end to end; prints the CPU seconds of each step and the peak memory in MB."""

import json
import resource
import sys
import time
from pathlib import Path

import django

django.setup()

from django.core.files.base import ContentFile  # noqa: E402  after the set-up

from cooperation.importing import runs  # noqa: E402
from cooperation.importing.books import read_table  # noqa: E402
from cooperation.models import Partner, User  # noqa: E402
from cooperation.records.gates import Status  # noqa: E402

steps = {}
root = User(is_superuser=True)


def timed(name, work, *arguments, **options):
    began = time.process_time()
    result = work(*arguments, **options)
    steps[name] = time.process_time() - began
    return result


def carry_on(job):
    runs.carry_on.call(job.reference)
    job.refresh_from_db()
    return job


def main():
    for number in range(50):
        Partner(name=f"Ville {number}", country="FR").save()
    Partner.objects.update(status=Status.PUBLISHED, published_at="2020-01-01T00:00Z")

    content = ContentFile(Path(sys.argv[1]).read_bytes(), "liste.xlsx")

    def receive():
        return runs.receive(read_table(content, "conventions", root), user=root)

    job = timed("receive", receive)
    timed("read", carry_on, job)
    assert set(job.counts) == {"ajout"}, (job.counts, job.rows.first().trouble)
    assert runs.confirm(job, root)
    timed("write", carry_on, job)
    assert job.state == "importe", (job.failure, job.notice)
    again = receive()
    timed("again", carry_on, again)
    assert set(again.counts) == {"inchangee"}, again.counts

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps(steps | {"peak": peak}))


# Files are read in processes apart, which import this module too.
if __name__ == "__main__":
    main()
