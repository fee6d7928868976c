"""The whole life of a draft through its pages: written, shared, commented, answered, official."""

from datetime import date, timedelta
from io import BytesIO

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains
from python_calamine import CalamineWorkbook

from cooperation.typography import spaced
from tests.factories import make_user
from tests.workgroup.factories import (
    make_comment,
    make_draft,
    make_member,
    make_organisation,
    make_shared,
)
from tests.workgroup.reading import opens
from tests.workgroup.views.test_meetings import after_five_minutes, client_of
from workgroup.letters import send_due
from workgroup.models import (
    Disposition,
    Draft,
    DraftComment,
    DraftStatus,
    Satisfaction,
    Seat,
)
from workgroup.reminders import recall


@pytest.fixture
def own(secretary_of_group):
    return client_of(secretary_of_group)


@pytest.fixture
def shared(group, secretary_of_group, member):
    return make_shared(group, secretary_of_group)


def closed(draft):
    """The day after its last one, at eight."""
    return time_machine.travel(f"{draft.closes_on + timedelta(days=1)}T08:00:00Z", tick=False)


def soon(days=3):
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def step(client, draft, slug, **data):
    draft.refresh_from_db()
    address = reverse("draft_step", args=[draft.reference, slug])
    return client.post(address, {"version": draft.version, **data}, follow=True)


def answer(client, comment, slug, **data):
    comment.refresh_from_db()
    address = reverse("comment_step", args=[comment.uid, slug])
    return client.post(address, {"version": comment.version, **data}, follow=True)


def test_a_draft_is_written_in_sections_and_shared(own, group, member, mailoutbox):
    own.post(reverse("draft_add", args=[group.slug]), {"title": "Bilan 2027"})
    draft = Draft.objects.get()
    add = reverse("section_add", args=[draft.reference])
    own.post(add, {"heading": "Fonctionnement", "text": "Le secrétariat diffuse."})
    own.post(add, {"heading": "Objet", "text": "Un.\n\nDeux."})
    _, second = draft.prepared.sections.all()
    own.post(reverse("section_move", args=[draft.reference, second.uid]), {"faire": "monter"})
    assert [str(s) for s in draft.prepared.sections.all()] == ["1. Objet", "2. Fonctionnement"]
    # Members do not see it yet.
    assert client_of(member).get(draft.get_absolute_url()).status_code == 404
    share = reverse("draft_share", args=[draft.reference])
    draft.refresh_from_db()
    assertContains(own.post(share, {"closes_on": "2020-01-01", "version": draft.version}), "passé")
    day = timezone.localdate() + timedelta(days=10)
    own.post(share, {"closes_on": day.isoformat(), "version": draft.version})
    assertContains(client_of(member).get(draft.get_absolute_url()), spaced("encore 10 jours"))
    after_five_minutes()
    (mail,) = [m for m in mailoutbox if m.to == [member.email]]
    draft.refresh_from_db()
    assert draft.deadline in mail.subject


def test_an_empty_draft_is_not_shared(own, group):
    draft = make_draft(group, sections=())
    answered = own.post(
        reverse("draft_share", args=[draft.reference]),
        {"closes_on": soon(), "version": draft.version},
    )
    assertContains(answered, "Écrivez d’abord une section")


def test_a_member_comments_on_a_paragraph_which_is_kept(shared, member):
    section = shared.shared.sections.first()
    client_of(member).post(
        reverse("comment_add", args=[shared.reference]),
        {
            "section": section.uid,
            "paragraphe": "2",
            "kind": "technique",
            "text": "Dire quand.",
            "proposed": "Il en dresse le bilan chaque année.",
        },
    )
    comment = DraftComment.objects.get()
    assert (comment.clause, comment.quoted) == ("1.2", "Il en dresse le bilan.")
    page = client_of(member).get(shared.get_absolute_url())
    assertContains(page, "Dire quand.")
    # A proposed text that changes nothing proposes nothing.
    client_of(member).post(
        reverse("comment_add", args=[shared.reference]),
        {
            "section": section.uid,
            "paragraphe": "2",
            "kind": "fond",
            "text": "Bien.",
            "proposed": "Il en dresse le bilan.",
        },
    )
    assert DraftComment.objects.get(text="Bien.").proposed == ""


def test_the_window_ends_with_the_last_second_of_its_day(shared, member):
    address = reverse("comment_add", args=[shared.reference])
    data = {"kind": "fond", "text": "Sur l’ensemble"}
    Draft.objects.filter(pk=shared.pk).update(closes_on=date(2028, 2, 29))
    with time_machine.travel("2028-02-29T22:59:59Z", tick=False):
        client_of(member).post(address, data)
        assert DraftComment.objects.count() == 1
    with time_machine.travel("2028-02-29T23:00:00Z", tick=False):
        late = client_of(member).post(address, data | {"text": "Trop tard"})
        assertContains(
            late, spaced("jusqu’au 29 février 2028 inclus, 23 h 59 (heure de Porto-Novo)")
        )
        assertContains(late, "Trop tard")
        assert DraftComment.objects.count() == 1


def test_answers_are_given_after_the_window(own, shared, member):
    comment = make_comment(shared, member)
    refused = answer(own, comment, "noter")
    assertContains(refused, "après la clôture")
    with closed(shared):
        own = client_of(make_member(shared.group, Seat.CHAIR))
        answer(own, comment, "noter")
    comment.refresh_from_db()
    assert comment.status == Disposition.NOTED


def test_one_tap_applies_the_proposed_wording(shared, member):
    comment = make_comment(shared, member, proposed="Le groupe tient la liste.")
    former = make_comment(shared, member, proposed="Le groupe garde la liste.")
    address = reverse("comment_apply", args=[comment.uid])
    with closed(shared):
        own = client_of(make_member(shared.group, Seat.CHAIR))
        own.post(address, {"version": comment.version})
        assert "Le groupe tient la liste." in shared.prepared.sections.first().text
        # The passage is another by now: nothing is guessed.
        refused = own.post(
            reverse("comment_apply", args=[former.uid]), {"version": former.version}, follow=True
        )
        assertContains(refused, "Ce passage a changé")
    comment.refresh_from_db()
    former.refresh_from_db()
    assert (comment.status, comment.adopted) == (Disposition.RETAINED, "Le groupe tient la liste.")
    assert former.status == Disposition.OPEN
    # What members read is still the version that they commented.
    assert "Le groupe tient la liste." not in shared.shared.sections.first().text


def test_a_draft_is_official_only_when_every_remark_is_answered(shared, member, mailoutbox):
    comment = make_comment(shared, member, proposed="Le groupe tient la liste.")
    assert Client().get(shared.get_absolute_url()).status_code == 404
    with closed(shared):
        own = client_of(make_member(shared.group, Seat.CHAIR))
        assertContains(step(own, shared, "officialiser"), "Remarques encore sans suite")
        own.post(reverse("comment_apply", args=[comment.uid]), {"version": comment.version})
        assertContains(step(own, shared, "officialiser"), "Écrivez d’abord ce qui en est fait")
        Draft.objects.filter(pk=shared.pk).update(outcome="Transmis au ministère.")
        step(own, shared, "officialiser")
        shared.refresh_from_db()
        assert shared.status == DraftStatus.OFFICIAL
        page = Client().get(shared.get_absolute_url())
        assertContains(page, "Le groupe tient la liste.")
        assertContains(page, "Transmis au ministère.")
        assertNotContains(page, comment.text)
        after_five_minutes()
    assert any("Officiel" in m.subject for m in mailoutbox if m.to == [member.email])


def test_an_author_says_whether_the_answer_suits_them(shared, member, mailoutbox):
    comment = make_comment(shared, member)
    with closed(shared):
        answer(
            client_of(make_member(shared.group, Seat.CHAIR)), comment, "ecarter", reason="Déjà dit"
        )
        mailoutbox.clear()
        after_five_minutes()
        assert any("écartée" in m.subject for m in mailoutbox if m.to == [member.email])
        mine = client_of(member)
        assertContains(mine.get(reverse("workgroup_home")), "Mes remarques")
        address = reverse("comment_satisfied", args=[comment.uid])
        mine.post(address, {"satisfied": Satisfaction.NO})
        comment.refresh_from_db()
        assert comment.satisfied == ""
        mine.post(address, {"satisfied": Satisfaction.NO, "because": "Relisez"})
        other = client_of(make_member(shared.group))
        assert other.post(address, {"satisfied": Satisfaction.YES}).status_code == 404
        comment.refresh_from_db()
        assert comment.satisfied == Satisfaction.NO
        assertContains(
            other.get(reverse("draft_comments", args=[shared.reference])), "pas satisfait"
        )


def test_another_last_day_is_told(own, shared, member, mailoutbox):
    later = shared.closes_on + timedelta(days=5)
    own.post(
        reverse("draft_share", args=[shared.reference]),
        {"closes_on": later.isoformat(), "version": shared.version},
    )
    shared.refresh_from_db()
    assert shared.closes_on == later
    after_five_minutes()
    assert any(shared.deadline in m.subject for m in mailoutbox if m.to == [member.email])


def test_a_second_version_is_shared_and_compared(shared, member):
    comment = make_comment(shared, member, proposed="Le groupe tient la liste.")
    with closed(shared):
        chair = make_member(shared.group, Seat.CHAIR)
        own = client_of(chair)
        own.post(reverse("comment_apply", args=[comment.uid]), {"version": comment.version})
        shared.refresh_from_db()
        day = timezone.localdate() + timedelta(days=7)
        own.post(
            reverse("draft_share", args=[shared.reference]),
            {"closes_on": day.isoformat(), "version": shared.version},
        )
        mine = client_of(member)
        page = mine.get(reverse("draft_versions", args=[shared.reference])).content.decode()
        assert "<del>" in page
        assert "<ins>" in page
        assert "inchangée" in page
        # The remark stays with the words that it was made on.
        assertContains(mine.get(shared.get_absolute_url()), "sur un passage qui a changé")


def test_the_table_of_dispositions_is_a_page_a_paper_and_a_workbook(pango, shared, member):
    make_comment(shared, member, partner=make_organisation(name="Maison des communes"))
    mine = client_of(member)
    assertContains(
        mine.get(reverse("draft_comments", args=[shared.reference])), "Maison des communes"
    )
    paper = mine.get(reverse("fiche", args=["remarques", shared.reference]))
    assert b"".join(paper).startswith(b"%PDF")
    book = b"".join(
        mine.get(reverse("disposition_table", args=[shared.reference])).streaming_content
    )
    rows = CalamineWorkbook.from_filelike(BytesIO(book)).get_sheet_by_index(0).to_python()
    assert any("Maison des communes" in row for row in rows)


def test_what_is_shared_with_members_is_shared_with_nobody_else(shared, member):
    make_comment(shared, member)
    addresses = [
        shared.get_absolute_url(),
        reverse("draft_comments", args=[shared.reference]),
        reverse("disposition_table", args=[shared.reference]),
        reverse("draft_versions", args=[shared.reference]),
        reverse("fiche", args=["remarques", shared.reference]),
    ]
    for client in (Client(), client_of(make_user()), client_of(make_user("commune"))):
        for address in addresses:
            assert client.get(address).status_code in (302, 404), address
        assertNotContains(client.get(reverse("draft_list")), shared.title)
    assertContains(client_of(make_user("tutelle")).get(addresses[0]), shared.title)


def test_observers_read_and_do_not_comment(shared):
    observer = client_of(make_member(shared.group, Seat.OBSERVER))
    assertNotContains(observer.get(shared.get_absolute_url()), "Commenter ce paragraphe")
    address = reverse("comment_add", args=[shared.reference])
    assert observer.post(address, {"kind": "fond", "text": "Non"}).status_code == 403


def test_a_text_as_a_file_is_shared_with_members_alone_until_it_is_official(
    own, group, member, one_pdf
):
    draft = make_draft(group, sections=())
    own.post(
        reverse("draft_write", args=[draft.reference]),
        {"file": one_pdf(), "opened_version": draft.prepared.version},
    )
    document = draft.prepared.document
    draft.refresh_from_db()
    own.post(
        reverse("draft_share", args=[draft.reference]),
        {
            "closes_on": (timezone.localdate() + timedelta(days=3)).isoformat(),
            "version": draft.version,
        },
    )
    agent = make_member(group, user=make_user("commune"))
    assert opens(client_of(agent), document)
    assert not opens(Client(), document)
    draft.refresh_from_db()
    with closed(draft):
        draft.outcome = "Adopté."
        draft.move_to(DraftStatus.OFFICIAL, by=member)
        assert opens(Client(), document)


def test_a_withdrawn_draft_takes_no_remark(own, shared, member):
    step(own, shared, "retirer", reason="Le projet est abandonné")
    shared.refresh_from_db()
    assert shared.status == DraftStatus.WITHDRAWN
    refused = client_of(member).post(
        reverse("comment_add", args=[shared.reference]), {"kind": "fond", "text": "Encore"}
    )
    assert not DraftComment.objects.exists()
    assertContains(refused, "Copiez votre texte")


def test_a_section_written_while_another_shares_comes_back(own, group, secretary_of_group):
    draft = make_draft(group)
    section = draft.prepared.sections.first()
    draft.closes_on = timezone.localdate() + timedelta(days=3)
    draft.move_to(DraftStatus.OPEN, by=secretary_of_group)
    address = reverse("section_edit", args=[draft.reference, section.uid])
    page = own.post(address, {"heading": "But", "text": "Un long texte", "opened_version": 1})
    assertContains(page, "Un long texte")
    assertContains(page, "vient d’être ouvert aux remarques")
    section.refresh_from_db()
    assert section.heading == "Objet"


def test_a_text_that_is_a_file_stays_in_the_next_version(own, group, secretary_of_group, one_pdf):
    """Official, the text was nothing: the next version had neither section nor file."""
    draft = make_draft(group, sections=())
    own.post(
        reverse("draft_write", args=[draft.reference]),
        {"file": one_pdf(), "opened_version": draft.prepared.version},
    )
    draft.refresh_from_db()
    draft.closes_on = timezone.localdate() + timedelta(days=3)
    draft.move_to(DraftStatus.OPEN, by=secretary_of_group)
    assert draft.version_to_write().document == draft.shared.document
    with closed(draft):
        draft.outcome = "Adopté."
        draft.prepared.sections.all().delete()
        type(draft.prepared).objects.filter(number=2).update(document=None)
        with pytest.raises(ValidationError, match="Écrivez d’abord"):
            draft.move_to(DraftStatus.OFFICIAL, by=secretary_of_group)


def test_a_wording_goes_where_the_remark_was_made(shared, member):
    section = shared.shared.sections.first()
    section.text = "On dit : Il dresse le bilan. Puis rien.\n\nIl dresse le bilan."
    section.save()
    comment = make_comment(
        shared, member, quoted="Il dresse le bilan.", clause="1.2", proposed="Il le dresse."
    )
    with closed(shared):
        client_of(make_member(shared.group, Seat.CHAIR)).post(
            reverse("comment_apply", args=[comment.uid]), {"version": comment.version}
        )
        text = shared.prepared.sections.first().text
    assert text == "On dit : Il dresse le bilan. Puis rien.\n\nIl le dresse."


def test_a_remark_that_is_set_aside_retains_no_wording(shared, member):
    comment = make_comment(shared, member, proposed="Le groupe tient la liste.")
    with closed(shared):
        own = client_of(make_member(shared.group, Seat.CHAIR))
        own.post(reverse("comment_apply", args=[comment.uid]), {"version": comment.version})
        answer(own, comment, "ecarter", reason="Tout compte fait")
    comment.refresh_from_db()
    assert (comment.status, comment.adopted) == (Disposition.SET_ASIDE, "")


def test_the_secretariat_withdraws_its_own_remark(shared):
    secretariat = make_user("secretariat")
    comment = make_comment(shared, secretariat)
    answer(client_of(secretariat), comment, "retirer")
    comment.refresh_from_db()
    assert comment.status == Disposition.WITHDRAWN


def test_each_other_last_day_is_told(own, shared, member, mailoutbox):
    for days in (20, 10):
        shared.refresh_from_db()
        own.post(
            reverse("draft_share", args=[shared.reference]),
            {"closes_on": soon(days), "version": shared.version},
        )
        after_five_minutes()
    assert [m.to for m in mailoutbox].count([member.email]) == 2


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "2092-01-01"])
def test_a_last_day_that_is_no_day_is_refused(own, group, day):
    draft = make_draft(group)
    own.post(
        reverse("draft_share", args=[draft.reference]), {"closes_on": day, "version": draft.version}
    )
    draft.refresh_from_db()
    assert draft.status == DraftStatus.PREPARED
    assert Client().get("/gtd/").status_code == 200


def test_a_last_day_refused_as_stale_is_sent_again(own, group):
    draft = make_draft(group)
    address = reverse("draft_share", args=[draft.reference])
    stale = own.post(address, {"closes_on": soon(), "version": draft.version + 5})
    assertContains(stale, "a changé depuis")
    assertContains(stale, f'name="version" value="{draft.version}"')


def test_an_empty_remark_on_a_closed_draft_is_no_crash(shared, member):
    Draft.objects.filter(pk=shared.pk).update(closes_on=date(2020, 1, 1))
    address = reverse("comment_add", args=[shared.reference])
    assertContains(client_of(member).post(address), "Copiez votre texte")


def test_a_remark_on_the_version_that_one_read_is_kept(shared, member):
    section = shared.shared.sections.first()
    with closed(shared):
        shared.version_to_write()
        shared.closes_on = timezone.localdate() + timedelta(days=3)
        shared.move_to(DraftStatus.OPEN, by=member)
        client_of(member).post(
            reverse("comment_add", args=[shared.reference]),
            {"section": section.uid, "paragraphe": "1", "kind": "fond", "text": "Lu avant"},
        )
    assert DraftComment.objects.get().draft_version.number == 1


def test_many_remarks_cost_no_more_questions(shared, member, django_assert_max_num_queries):
    for _ in range(20):
        make_comment(shared, member)
    client = client_of(member)
    address = reverse("draft_comments", args=[shared.reference])
    client.get(address)
    with django_assert_max_num_queries(30):
        client.get(address)


def test_a_prepared_file_is_for_those_who_conduct(own, secretary_of_group, group, member, one_pdf):
    draft = make_draft(group, sections=())
    own.post(
        reverse("draft_write", args=[draft.reference]),
        {"file": one_pdf(), "opened_version": draft.prepared.version},
    )
    document = draft.prepared.document
    assert opens(client_of(secretary_of_group), document)
    assert not opens(client_of(member), document)
    assert not opens(client_of(make_user()), document)


def test_the_last_day_is_told_as_such(shared, member, mailoutbox):
    Draft.objects.filter(pk=shared.pk).update(closes_on=timezone.localdate())
    recall()
    send_due()
    assert any("Dernier jour" in m.subject for m in mailoutbox if m.to == [member.email])
