"""Remarks that come in as the form: looked at first, each for whom it is, and undone as they came."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from xlsxwriter import Workbook

from cooperation.models import Import
from tests.factories import make_user
from tests.workgroup.factories import (
    make_comment,
    make_draft,
    make_member,
    make_organisation,
    make_shared,
)
from tests.workgroup.views.test_meetings import client_of
from workgroup.models import Disposition, DraftComment, Seat

HEADINGS = [
    "Projet",
    "Organisation",
    "Article ou paragraphe",
    "Nature",
    "Remarque",
    "Texte proposé",
]


@pytest.fixture
def ministry():
    return make_organisation(name="Ministère des rivières")


@pytest.fixture
def member(group, ministry):
    return make_member(group, partner=ministry)


@pytest.fixture
def shared(group, secretary_of_group, member):
    return make_shared(group, secretary_of_group)


def book(rows, headings=HEADINGS):
    buffer = BytesIO()
    with Workbook(buffer, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet("Remarques")
        for line, row in enumerate([headings, *rows]):
            for column, value in enumerate(row):
                sheet.write(line, column, value)
    return SimpleUploadedFile("remarques.xlsx", buffer.getvalue())


def bring(client, rows, headings=HEADINGS):
    """The import, as its preview shows it."""
    sent = {"file": book(rows, headings), "reason": "Reçu par courriel"}
    client.post(reverse("import_start", args=["remarques"]), sent)
    return Import.objects.latest("pk")


def confirm(client, job):
    address = reverse("import_confirm", args=[job.reference])
    client.post(address, {"fingerprint": job.fingerprint})
    job.refresh_from_db()
    return job


def test_sixty_remarks_come_in_and_are_undone(shared, member, ministry):
    mine = client_of(member)
    rows = [[shared.reference, "", "1.1", "te", f"Remarque {n}", ""] for n in range(60)]
    job = bring(mine, rows)
    assert job.counts == {"ajout": 60}
    assert not DraftComment.objects.exists()
    confirm(mine, job)
    assert DraftComment.objects.count() == 60
    one = DraftComment.objects.first()
    paragraph = shared.shared.sections.first().paragraphs[0]
    assert (one.author, one.partner, one.kind) == (member, ministry, "technique")
    assert (one.quoted, one.anchor) == (paragraph.text, shared.shared.sections.first().anchor)
    # Sent twice, it is there once.
    assert bring(mine, [*rows, [shared.reference, "", "", "ed", "Nouvelle", "Ainsi"]]).counts == {
        "inchangee": 60,
        "ajout": 1,
    }
    mine.post(reverse("import_undo", args=[job.reference]))
    job.refresh_from_db()
    assert job.notice == ""
    assert not DraftComment.objects.exists()


def test_what_was_answered_since_keeps_all_of_its_import(shared, member):
    mine = client_of(member)
    job = confirm(
        mine, bring(mine, [[shared.reference, "", "", "ge", f"Remarque {n}", ""] for n in (1, 2)])
    )
    DraftComment.objects.filter(text="Remarque 1").update(status=Disposition.NOTED)
    mine.post(reverse("import_undo", args=[job.reference]))
    assert DraftComment.objects.count() == 2
    job.refresh_from_db()
    assert "Rien n’est annulé" in job.notice


@pytest.mark.parametrize(
    "row, trouble",
    [
        (["TDR-1999-001", "", "", "ge", "Bien", ""], "n’est pas la référence"),
        (["ICI", "Personne", "", "ge", "Bien", ""], "qui est-ce"),
        (["ICI", "Autre maison", "", "ge", "Bien", ""], "ne siégez pas au nom de"),
        (["ICI", "", "", "ge", "", ""], "Remplissez cette cellule"),
    ],
)
def test_a_row_that_says_nothing_true_is_refused(shared, member, row, trouble):
    make_organisation(name="Autre maison")
    row = [shared.reference if cell == "ICI" else cell for cell in row]
    job = bring(client_of(member), [row])
    (line,) = job.rows.all()
    assert trouble in line.trouble


def test_the_secretariat_brings_in_what_an_organisation_sent(shared, ministry):
    other = make_organisation(name="Autre maison")
    secretariat = client_of(make_user("secretariat"))
    confirm(
        secretariat, bring(secretariat, [[shared.reference, "Autre maison", "", "", "Bien", ""]])
    )
    assert DraftComment.objects.get().partner == other


def test_a_closed_draft_takes_none(group, secretary_of_group, member):
    draft = make_shared(group, secretary_of_group)
    type(draft).objects.update(closes_on="2020-01-01")
    job = bring(client_of(member), [[draft.reference, "", "", "ge", "Bien", ""]])
    assert "ne reçoit pas de remarques" in job.rows.get().trouble
    prepared = make_draft(group)
    job = bring(client_of(member), [[prepared.reference, "", "", "ge", "Bien", ""]])
    assert "n’est pas la référence" in job.rows.get().trouble


def test_observers_and_others_bring_in_nothing(group, shared):
    for person in (make_member(group, Seat.OBSERVER), make_user()):
        job = bring(client_of(person), [[shared.reference, "", "", "ge", "Bien", ""]])
        assert "n’est pas la référence" in job.rows.get().trouble


def test_the_form_that_goes_out_comes_in_again(shared, member):
    comment = make_comment(shared, member, proposed="Ainsi.")
    mine = client_of(member)
    sent = mine.get(reverse("disposition_table", args=[shared.reference]))
    file = SimpleUploadedFile("retour.xlsx", b"".join(sent.streaming_content))
    mine.post(reverse("import_start", args=["remarques"]), {"file": file})
    assert Import.objects.get().counts == {"inchangee": 1}
    assert DraftComment.objects.get() == comment


def test_the_columns_of_the_iso_form_are_known(shared, member):
    headings = [
        "Projet",
        "MB/NC",
        "Clause/ Subclause",
        "Type of comment",
        "Comments",
        "Proposed change",
    ]
    job = bring(client_of(member), [[shared.reference, "", "2.1", "ed", "Typo", "Ainsi"]], headings)
    assert job.counts == {"ajout": 1}


def test_a_window_that_closed_after_the_preview_takes_nothing(shared, member):
    mine = client_of(member)
    job = bring(mine, [[shared.reference, "", "", "ge", "Bien", ""]])
    type(shared).objects.update(closes_on="2020-01-01")
    confirm(mine, job)
    assert not DraftComment.objects.exists()
    assert "ne reçoit pas de remarques" in job.rows.get().trouble


def test_a_mandate_that_ended_after_the_preview_brings_in_nothing(shared, member):
    mine = client_of(member)
    job = bring(mine, [[shared.reference, "", "", "ge", "Bien", ""]])
    member.mandates.update(ends_on="2020-01-02")
    confirm(mine, job)
    assert not DraftComment.objects.exists()


def test_an_answered_remark_is_not_rewritten(shared, member):
    comment = make_comment(shared, member, text="Bien", clause="", proposed="")
    DraftComment.objects.filter(pk=comment.pk).update(status=Disposition.RETAINED)
    job = bring(client_of(member), [[shared.reference, "", "", "", "Bien", "Autrement"]])
    assert "a déjà sa suite" in job.rows.get().trouble


def test_the_secretariat_sends_the_same_file_twice(shared):
    secretariat = client_of(make_user("secretariat"))
    row = [shared.reference, "", "", "ge", "Bien", ""]
    confirm(secretariat, bring(secretariat, [row]))
    assert bring(secretariat, [row]).counts == {"inchangee": 1}
