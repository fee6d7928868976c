from django.urls import reverse

from agreements.models import Convention
from cooperation.importing import runs
from cooperation.models import Import
from cooperation.roles import Role
from tests.factories import (
    make_user,
)
from tests.sheets import carry_on, read, table


def test_others_see_nothing_of_an_import(agent, client, parakou):
    job = read(table("A;Parakou;;;;;;;"), agent.user)
    other = make_user(Role.COMMUNE)
    addresses = [
        (reverse("import_detail", args=[job.reference]), "get"),
        (reverse("import_refused", args=[job.reference, "csv"]), "get"),
        (reverse("import_confirm", args=[job.reference]), "post"),
        (reverse("import_answer", args=[job.reference]), "post"),
        (reverse("import_undo", args=[job.reference]), "post"),
    ]
    client.force_login(other)
    for address, verb in addresses:
        assert getattr(client, verb)(address).status_code == 404
    client.force_login(make_user(Role.MEMBER))
    # Remarks are all that a member may bring in.
    page = client.get(reverse("import_list")).content.decode()
    assert "/imports/nouveau/remarques/" in page
    assert "/imports/nouveau/conventions/" not in page
    assert client.get(reverse("import_start", args=["conventions"])).status_code == 403
    assert client.get(reverse("import_start", args=["bidules"])).status_code == 404
    client.logout()
    assert client.get(reverse("import_list")).status_code == 302
    assert client.get(addresses[0][0]).status_code == 302
    client.force_login(make_user(Role.SECRETARIAT))
    assert client.get(addresses[0][0]).status_code == 200


def test_a_second_worker_with_an_old_copy_does_nothing(secretary, parakou, orleans):
    job = read(table("A;Parakou;;Orléans;;;;;"), secretary)
    runs.confirm(job, secretary)
    job.refresh_from_db()
    stale = Import.objects.get(pk=job.pk)
    carry_on(job)
    runs.write(stale)
    job.refresh_from_db()
    assert (job.state, Convention.objects.count()) == (Import.State.WRITTEN, 1)
    runs.ask_undo(job, secretary)
    stale.refresh_from_db()
    carry_on(job)
    runs.undo(stale)
    job.refresh_from_db()
    assert job.state == Import.State.UNDONE, job.notice
