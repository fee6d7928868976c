import os
import time

import pytest
from django.core.exceptions import ValidationError

from cooperation import processes
from cooperation.processes import read_apart
from tests import readings


def test_a_file_is_read_elsewhere_and_its_refusal_comes_back():
    assert read_apart(readings.process) != os.getpid()
    with pytest.raises(ValidationError, match="Rien de bon"):
        read_apart(readings.refusal)


def test_a_file_that_unfolds_stops_at_its_bound_and_the_next_is_read():
    """185 kB took 1.4 GB of the machine that serves everybody."""
    with pytest.raises(ValidationError, match="se déplie"):
        read_apart(readings.swallow)
    assert read_apart(readings.process)


def test_a_file_that_takes_for_ever_is_stopped_and_the_next_is_read(monkeypatch):
    monkeypatch.setattr(processes, "MOST_SECONDS", 1)
    began = time.monotonic()
    with pytest.raises(ValidationError, match="arrêtée après"):
        read_apart(readings.linger)
    assert time.monotonic() - began < 10
    assert read_apart(readings.process)


def test_a_process_that_dies_is_a_refusal_and_no_error_page():
    with pytest.raises(ValidationError, match="se déplie"):
        read_apart(readings.die)
