"""Long reports: made by a worker, once for all who ask, kept a month, stopped on demand."""

import time
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.core import mail
from django.core.cache.backends.filebased import FileBasedCache
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from pytest_django.asserts import assertContains, assertNotContains

from cooperation.jobs import PEOPLE, VISITORS, progress_of
from cooperation.models import Theme
from cooperation.roles import Role
from reports import making
from reports.models import Report
from tests.factories import make_convention, make_user, published
from tests.limits import limit_reports
from tests.programs import FORGET, killed_half_way, shell
from tests.reports.readers import body, pdf_of, text_of

State = Report.State


@pytest.fixture
def long(db, monkeypatch):
    """Three conventions, where two are already a long report."""
    limit_reports(monkeypatch, 2)
    return [make_convention(title=f"Accord {n}", **published()) for n in range(3)]


def ask(client, query="", extension="pdf"):
    """Ask as the page does; returns the report."""
    page = client.get(f"{reverse('inventory_file', args=[extension])}?{query}")
    assertContains(page, "Préparer le fichier")
    address = f"{reverse('inventory_ask', args=[extension])}?{query}"
    assertContains(page, address.replace("&", "&amp;"))
    response = client.post(address)
    return Report.objects.get(reference=response.url.split("/")[2])


def work():
    call_command("db_worker", batch=True, startup_delay=False, verbosity=0, reload=False)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("extension", ["pdf", "xlsx", "ods", "csv"])
def test_a_visitor_asks_waits_and_fetches(client, long, pango, extension):
    report = ask(client, "par=country", extension)
    page = client.get(report.get_absolute_url())
    assertContains(page, "js/refresh.js")
    assertContains(page, "est arrêté")
    work()
    report.refresh_from_db()
    assert report.state == State.READY
    assertContains(client.get(report.get_absolute_url()), "Le rapport est prêt")
    response = client.get(reverse("report_file", args=[report.reference]))
    if extension == "pdf":
        assert "Accord 2" in text_of(pdf_of(response))
        assert report.pages > 3
    else:
        assert len(body(response).read()) > 100
    assert progress_of(report.reference)["done"] == 3


@pytest.mark.django_db(transaction=True)
def test_the_same_request_is_made_once_and_told_to_all(client, long, pango):
    people = [make_user(email=f"m{n}@exemple.bj") for n in range(2)]
    references = set()
    for person in people:
        client.force_login(person)
        references.add(ask(client).reference)
    assert len(references) == 1
    work()
    assert sorted(message.to[0] for message in mail.outbox) == [p.email for p in people]
    assert "est prêt" in mail.outbox[0].subject
    assert references.pop() in mail.outbox[0].body
    # Asked again while nothing has changed: the file is there.
    again = ask(client)
    assert again.state == State.READY
    long[0].title = "Changé"
    long[0].save()
    assert ask(client).pk != again.pk


@pytest.mark.django_db(transaction=True)
def test_whoever_asked_may_stop_it_unless_others_wait(client, long):
    first, second = make_user(), make_user()
    for person in (first, second):
        client.force_login(person)
        report = ask(client)
    cancel = reverse("report_cancel", args=[report.reference])
    client.post(cancel)
    report.refresh_from_db()
    assert report.is_busy
    client.force_login(first)
    assertContains(client.get(report.get_absolute_url()), "Annuler")
    client.post(cancel)
    report.refresh_from_db()
    assert report.state == State.CANCELLED
    work()
    report.refresh_from_db()
    assert (report.state, report.file.name) == (State.CANCELLED, "")
    assertContains(client.get(report.get_absolute_url()), "est annulé")


def test_nobody_else_stops_a_report(client, long):
    client.force_login(make_user())
    report = ask(client)
    for other in (None, make_user(), make_user(Role.COMMUNE)):
        client.logout()
        if other:
            client.force_login(other)
        assertNotContains(client.get(report.get_absolute_url()), "Annuler")
        assert client.post(reverse("report_cancel", args=[report.reference])).status_code == 403


def test_whoever_joins_does_not_stop_the_report_of_another(client, long):
    report = ask(client)
    client.force_login(make_user())
    assert ask(client) == report
    client.post(reverse("report_cancel", args=[report.reference]))
    report.refresh_from_db()
    assert report.is_busy


@pytest.mark.django_db(transaction=True)
def test_a_report_that_is_stopped_while_it_is_made_leaves_no_file(long, pango, monkeypatch):
    report = making.ask(
        Report.Kind.INVENTORY,
        {"filters": "", "by": "", "first": None, "last": None},
        "csv",
        user=make_user(),
        filename="x.csv",
        weight=3,
    )

    def stopped(extension, file, **writers):
        Report.objects.update(state=State.CANCELLED)
        file.write(b"x")

    monkeypatch.setattr(making, "write_report", stopped)
    work()
    report.refresh_from_db()
    assert (report.state, report.file.name) == (State.CANCELLED, "")
    assert not list((settings.MEDIA_ROOT / "rapports").glob(f"*{report.reference}*"))


@pytest.mark.django_db(transaction=True)
def test_a_registry_that_changes_meanwhile_is_read_again(client, long, pango, monkeypatch):
    write, turns = making.write_inventory, []

    def disturbed(inventory, *arguments):
        turns.append(inventory)
        if len(turns) == 1:
            long[0].title = "Accord renommé"
            long[0].save()
        return write(inventory, *arguments)

    monkeypatch.setattr(making, "write_inventory", disturbed)
    report = ask(client)
    work()
    assert len(turns) == 2
    text = text_of(pdf_of(client.get(reverse("report_file", args=[report.reference]))))
    assert "Accord renommé" in text
    assert "Accord 0" not in text


@pytest.mark.django_db(transaction=True)
def test_what_fails_is_said_to_those_who_wait(client, long, monkeypatch):
    def broken(*arguments):
        raise ZeroDivisionError

    monkeypatch.setattr(making, "write_inventory", broken)
    client.force_login(make_user(email="m@exemple.bj"))
    report = ask(client)
    work()
    assertContains(client.get(report.get_absolute_url()), "Une erreur inattendue")
    assert "n’a pas pu être fait" in mail.outbox[0].subject
    assert client.get(reverse("report_file", args=[report.reference])).status_code == 404
    # It may be asked for again.
    monkeypatch.undo()
    limit_reports(monkeypatch, 2)
    assert ask(client).pk != report.pk


@pytest.mark.django_db(transaction=True)
def test_files_go_after_a_month(client, long, pango):
    report = ask(client, extension="csv")
    work()
    report.refresh_from_db()
    assert report.file.storage.exists(report.file.name)
    with time_machine.travel(timezone.now() + timedelta(days=29), tick=False):
        making.forget_old()
        assert Report.objects.filter(pk=report.pk).exists()
    with time_machine.travel(timezone.now() + timedelta(days=31), tick=False):
        making.forget_old()
    assert not Report.objects.filter(pk=report.pk).exists()
    assert not report.file.storage.exists(report.file.name)


def test_what_nobody_makes_any_more_has_failed(client, long):
    report = ask(client)
    DBTaskResult.objects.all().delete()
    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=False):
        making.forget_old()
    report.refresh_from_db()
    assert report.state == State.FAILED


def test_visitors_cannot_fill_the_queue(client, long, monkeypatch):
    monkeypatch.setattr(making, "MOST_WAITING", 1)
    ask(client)
    response = client.post(f"{reverse('inventory_ask', args=['pdf'])}?par=theme", follow=True)
    assertContains(response, "Trop de rapports attendent")
    client.force_login(make_user())
    assert ask(client, "par=theme").is_busy
    monkeypatch.setattr(making, "MOST_OF_ONE", 1)
    response = client.post(f"{reverse('inventory_ask', args=['pdf'])}?par=commune", follow=True)
    assertContains(response, "Trop de rapports attendent")


def test_one_network_does_not_take_all_places_of_the_visitors(client, long, monkeypatch):
    """Twenty-four requests of one passer-by took all twenty, and an import waited behind them."""
    address = f"{reverse('inventory_ask', args=['pdf'])}?par="
    monkeypatch.setattr(making, "MOST_OF_A_NETWORK", 2)
    for by in ("theme", "commune"):
        client.post(address + by, REMOTE_ADDR="10.0.0.1")
    refused = client.post(f"{address}country", REMOTE_ADDR="10.0.0.1", follow=True)
    assertContains(refused, "Trop de rapports attendent")
    client.post(f"{address}country", REMOTE_ADDR="10.0.0.2")
    assert Report.objects.count() == 3
    assert not Report.objects.filter(network__contains="10.").exists()


def test_who_has_an_account_comes_before_visitors(client, long):
    ask(client, "par=theme")
    client.force_login(make_user())
    ask(client, "par=commune")
    visitors, person = DBTaskResult.objects.order_by("enqueued_at")
    assert (visitors.priority, person.priority) == (VISITORS, PEOPLE)
    assert DBTaskResult.objects.ready().first() == person


@pytest.mark.django_db(transaction=True)
def test_a_scope_that_is_gone_makes_no_file(client, long):
    theme = Theme.objects.create(name="Eau", slug="eau")
    for convention in long:
        convention.themes.add(theme)
        convention.save()
    report = ask(client, "theme=eau")
    for convention in long:
        convention.themes.clear()
        convention.save()
    theme.delete()
    work()
    report.refresh_from_db()
    assert report.state == State.FAILED
    assert "n’existe plus" in report.failure


def test_a_short_report_needs_no_worker(client, db, pango):
    make_convention(title="Seule", **published())
    assert "Seule" in text_of(pdf_of(client.get("/inventaire.pdf")))
    assert not Report.objects.exists()


def test_bad_requests_make_no_report(client, long):
    for address in ("demande.exe", "demande.pdf?theme=zzz", "demande.pdf?de=0"):
        assert client.post(f"/inventaire/{address}").status_code == 404
    assert client.get("/inventaire/demande.pdf").status_code == 405
    small = client.post("/inventaire/demande.pdf?q=absente")
    assert small.url == "/inventaire.pdf?q=absente"
    assert client.post("/bilans/1950/demande.pdf").url == "/bilans/1950.pdf"
    assert client.get("/rapports/absent/").status_code == 404
    assert not Report.objects.exists()


ASK = """
from django.contrib.auth.models import AnonymousUser
from agreements.models import Convention
from cooperation.models import Partner
from reports import making
for n in range(120):
    Convention.objects.create(title=f"Accord {n:03}", status="publie", published_at="2020-01-01T00:00Z")
options = {"filters": "", "by": "", "first": None, "last": None}
report = making.ask(
    "inventaire", options, "pdf", user=AnonymousUser(), filename="x.pdf", weight=120
)
print(report.reference)
"""

READ = """
from pypdf import PdfReader
from reports.models import Report
report = Report.objects.get()
text = PdfReader(report.file.open()) if report.file else ""
pages = " ".join(page.extract_text() for page in text.pages) if text else ""
print(report.state, sum(f"Accord {n:03}\\n" in pages for n in range(120)))
"""


MADE = """
import time
from reports.models import Report
deadline = time.monotonic() + 60
while Report.objects.get().state != Report.State.READY and time.monotonic() < deadline:
    time.sleep(0.1)
"""


def test_the_work_of_a_killed_worker_is_done_by_another(apart, tmp_path, pango):
    """SIGKILL while pages are laid out: nothing is kept of it, and the next worker makes it whole."""
    reference = shell(apart, ASK)
    killed_half_way(apart)
    assert shell(apart, READ + FORGET) == "en-cours 0"
    second = apart("worker", "-v0")
    shared = FileBasedCache(str(tmp_path / "cache"), {})
    deadline = time.monotonic() + 60
    while not (told := shared.get(f"progress:{reference}")) or told["done"] < 120:
        assert time.monotonic() < deadline, "the second worker did not finish"
        assert second.poll() is None
        time.sleep(0.1)
    assert shell(apart, MADE + READ) == "pret 120"
