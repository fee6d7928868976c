"""The project's settings with the benchmarks' own commands."""

from cooperation.settings import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "tests.bench"]  # noqa: F405
