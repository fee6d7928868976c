"""The registry's own programs, run beside the tests on a registry of their own."""


def output(process):
    text, _ = process.communicate(timeout=60)
    return text.strip().splitlines()[-1]


FORGET = """
from cooperation.models import WorkerPresence
print(WorkerPresence.objects.update(seen_at="2000-01-01T00:00Z"))
"""


def shell(apart, code):
    return output(apart("shell", "--no-imports", "-c", code))
