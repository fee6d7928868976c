"""Long work: queued, taken over when its worker is gone, never done twice."""

import signal
from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from agreements.models import Convention
from cooperation.entry.notices import write_to
from cooperation.importing import runs
from cooperation.importing.books import read_table
from cooperation.jobs import (
    LOST_AFTER,
    Progress,
    forget_old,
    progress_of,
    say_present,
    take_back_lost_tasks,
)
from cooperation.models import AccessRequest, Import, WorkerPresence
from cooperation.roles import Role
from tests.factories import make_user
from tests.programs import FORGET, killed_half_way, shell
from tests.sheets import csv_file


def many_rows(count):
    lines = "\n".join(f"Convention {number};2019;5;EUR" for number in range(count))
    return csv_file(f"Intitulé;Début;Montant 1;Monnaie 1\n{lines}\n")


@pytest.fixture
def large(monkeypatch):
    """An import that is too large for the page to wait."""
    monkeypatch.setattr(runs, "SMALL", 2)
    user = make_user(Role.SECRETARIAT)
    return runs.receive(read_table(many_rows(3), "conventions", user), user=user)


def test_a_worker_reads_and_writes_a_large_import(transactional_db, large):
    runs.proceed(large)
    large.refresh_from_db()
    assert large.state == Import.State.ANALYSING
    call_command("db_worker", batch=True, startup_delay=False, verbosity=0, reload=False)
    large.refresh_from_db()
    assert large.counts == {"ajout": 3}
    assert progress_of(large.reference)["done"] == 3
    runs.confirm(large, large.user)
    runs.proceed(large)
    call_command("db_worker", batch=True, startup_delay=False, verbosity=0, reload=False)
    assert Convention.objects.count() == 3


def test_the_page_tells_that_no_worker_is_there(large, client):
    client.force_login(large.user)
    runs.proceed(large)
    page = client.get(large.get_absolute_url()).content.decode()
    assert "est arrêté" in page
    assert "js/refresh.js" in page
    say_present("w1")
    assert "est arrêté" not in client.get(large.get_absolute_url()).content.decode()


def claimed(large, workers):
    runs.proceed(large)
    result = DBTaskResult.objects.get()
    result.worker_ids, result.status = workers, TaskResultStatus.RUNNING
    result.save()
    return result


def test_a_task_goes_back_when_its_worker_is_gone_and_fails_the_third_time(large):
    result = claimed(large, ["w1"])
    say_present("w1")
    assert take_back_lost_tasks() == 0
    WorkerPresence.objects.update(seen_at=timezone.now() - LOST_AFTER - timedelta(seconds=1))
    assert take_back_lost_tasks() == 1
    result.refresh_from_db()
    assert result.status == TaskResultStatus.READY
    result.worker_ids, result.status = ["w1", "w2", "w3"], TaskResultStatus.RUNNING
    result.save()
    take_back_lost_tasks()
    result.refresh_from_db()
    assert result.status == TaskResultStatus.FAILED


def test_progress_tells_what_is_left():
    progress = Progress("abc", 10)
    assert progress_of("abc") | {"at": 0} == {"done": 0, "total": 10, "left": None, "at": 0}
    progress.began -= 5
    progress.saved_at -= 1
    progress.tell(5)
    assert progress_of("abc") | {"at": 0} == {"done": 5, "total": 10, "left": 5, "at": 0}
    assert progress_of("other") is None


START = """
from django.core.files.base import ContentFile
from cooperation.importing import runs
from cooperation.importing.books import read_table
from cooperation.models import User
lines = "\\n".join(f"Convention {n};2019;5;EUR" for n in range(1500))
table = "Intitulé;Début;Montant 1;Monnaie 1\\n" + lines
root = User(is_superuser=True)
job = runs.receive(read_table(ContentFile(table.encode(), "x.csv"), "conventions", root), user=root)
runs.carry_on.call(job.reference)
job.refresh_from_db()
runs.confirm(job, root)
runs.proceed(job)
print(job.reference)
"""

COUNT = """
from agreements.models import Convention
from actions.models import BudgetLine
from cooperation.models import Import
print(Convention.objects.count(), BudgetLine.objects.count(), Convention.history.count(), Import.objects.get().state)
"""


WRITTEN = """
import time
from cooperation.models import Import
deadline = time.monotonic() + 60
while Import.objects.get().state != Import.State.WRITTEN and time.monotonic() < deadline:
    time.sleep(0.1)
"""


def test_a_killed_import_leaves_nothing_and_is_taken_up_again(apart):
    shell(apart, START)
    killed_half_way(apart)
    assert shell(apart, COUNT + FORGET) == "0 0 0 ecriture"
    second = apart("worker", "-v0")
    assert shell(apart, WRITTEN + COUNT) == "1500 1500 1500 importe"
    second.send_signal(signal.SIGTERM)
    assert second.wait(timeout=30) == 0


def test_messages_that_are_sent_are_forgotten_with_their_links(parakou):
    """Links that open an account stayed in the queue, and in every backup."""
    write_to("afi@exemple.bj", "password_reset", "/compte/oublie/secret/", user=make_user())
    asked = AccessRequest.objects.create(partner=parakou, name="Afi", email="afi@exemple.bj")
    asked.answer(make_user(Role.SECRETARIAT))
    sent = {"status": TaskResultStatus.SUCCESSFUL, "finished_at": timezone.now()}
    DBTaskResult.objects.update(**sent)
    forget_old()
    assert DBTaskResult.objects.count() == 1 and AccessRequest.objects.exists()
    with time_machine.travel(timezone.localtime() + timedelta(days=2)):
        forget_old()
        assert not DBTaskResult.objects.exists() and AccessRequest.objects.exists()
    with time_machine.travel(timezone.localtime() + timedelta(days=400)):
        forget_old()
        assert not AccessRequest.objects.exists()
