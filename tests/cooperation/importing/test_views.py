from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from agreements.models import Convention
from cooperation import jobs
from cooperation.importing import runs
from cooperation.importing.books import read_table
from cooperation.importing.forms import question_name
from cooperation.models import Import, ImportRow
from cooperation.typography import spaced
from tests.sheets import (
    answer,
    csv_file,
    read,
    table,
    verdicts,
    written,
)


def test_an_empty_file_says_that_it_is_empty(secretariat):
    response = secretariat.post(
        reverse("import_start", args=["conventions"]),
        {"file": csv_file("", "vide.csv"), "reason": "x"},
    )
    assertContains(response, "Ce fichier est vide")
    assertNotContains(response, "message success")
    assert not ImportRow.objects.exists()


def send(client, file, **data):
    address = reverse("import_start", args=["conventions"])
    return client.post(address, {"file": file, **data}, follow=True)


def test_the_whole_path_on_the_pages(agent, parakou, orleans):
    page = send(agent, table("A;Parakou;;Orléans;;;;;", "B;Parakou;;Orleanz;;;;;", "C;;;;x;;;;"))
    assertContains(page, "Rien n’est encore écrit")
    assertContains(page, "1 ligne changerait le registre")
    assertContains(page, spaced("« Orleanz »"))
    job = Import.objects.get()
    page = agent.post(
        reverse("import_answer", args=[job.reference]),
        {question_name(next(iter(job.questions))): orleans.slug},
        follow=True,
    )
    assertContains(page, "Importer 2 lignes")
    job.refresh_from_db()
    confirm = reverse("import_confirm", args=[job.reference])
    page = agent.post(confirm, {"fingerprint": "stale"}, follow=True)
    assertContains(page, "n’est plus à jour")
    page = agent.post(confirm, {"fingerprint": job.fingerprint}, follow=True)
    assertContains(page, "2 lignes sont écrites")
    page = agent.post(confirm, {"fingerprint": job.fingerprint}, follow=True)
    assertContains(page, "n’est plus à jour")
    assert Convention.objects.count() == 2
    page = agent.post(reverse("import_undo", args=[job.reference]), follow=True)
    assertContains(page, "Cet import est annulé")
    assert not Convention.objects.exists()


def test_no_success_is_told_where_nothing_is_imported(agent, parakou):
    page = send(agent, table("C;;;;x;;;;"))
    job = Import.objects.get()
    assertContains(page, "Rien à importer")
    page = agent.post(
        reverse("import_confirm", args=[job.reference]),
        {"fingerprint": job.fingerprint},
        follow=True,
    )
    assertContains(page, "Rien n’est importé")
    assertNotContains(page, "message success")


def test_an_answer_may_be_changed(secretary, parakou, pobe):
    job = read(table("A;Parakou;;Pobbe;;;;;"), secretary)
    (key,) = job.questions
    job = answer(job, {key: "-"})
    assert verdicts(job) == ["refusee"]
    assert key in job.questions
    assert verdicts(answer(job, {key: pobe.slug})) == ["ajout"]


def test_questions_come_before_nothing_to_import(agent, parakou):
    page = send(agent, table("A;Parakou;;Orleanz;;;;;"))
    assertContains(page, "Une question attend votre réponse pour 1 ligne")
    assertNotContains(page, "Rien à importer")


def test_what_was_written_is_linked(agent, parakou, orleans):
    send(agent, table("A;Parakou;;Orléans;;;;;"))
    job = written(Import.objects.get())
    page = agent.get(job.get_absolute_url())
    assertContains(page, f'href="{Convention.objects.get().get_absolute_url()}"')
    assertContains(page, ">ajoutée<")


def test_an_import_that_was_left_is_taken_up_again(agent, parakou, orleans, monkeypatch):
    job = runs.receive(
        read_table(table("A;Parakou;;Orléans;;;;;"), "conventions", agent.user), user=agent.user
    )
    assert jobs.is_abandoned(job.reference)
    page = agent.get(job.get_absolute_url())
    assertContains(page, "Le reprendre")
    agent.post(reverse("import_resume", args=[job.reference]))
    job.refresh_from_db()
    assert job.state == Import.State.READY
