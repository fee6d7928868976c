"""Anybody may say what is wrong with a record, and is answered; nobody else reads it."""

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from agreements.models import ErrorNotice
from agreements.models.notices import MOST_A_DAY
from tests.factories import make_convention, make_partner, make_user, published

LIST = "/signalements/"


@pytest.fixture
def convention(parakou):
    return make_convention([parakou, make_partner()], **published())


def say(client, convention, **sent):
    address = reverse("error_notice_add", args=[convention.reference])
    return client.post(address, {"text": "La fin est 2021.", **sent})


def test_a_reader_without_an_account_reaches_those_who_can_mend(
    client, sign_in, convention, parakou
):
    page = client.get(convention.get_absolute_url())
    assertContains(page, reverse("error_notice_add", args=[convention.reference]))
    assert say(client, convention, reply_to="lecteur@example.org").status_code == 302
    for role, partner in (("secretariat", None), ("commune", parakou)):
        someone = sign_in(role, partner=partner)
        assertContains(someone.get("/"), "1 signalement</a> de lecteurs")
        assertContains(someone.get(LIST), "La fin est 2021.")
        assertContains(someone.get(convention.get_absolute_url()), "attend une réponse")


def test_nobody_else_reads_it(client, sign_in, convention):
    say(client, convention)
    assert client.get(LIST).status_code == 302
    assertNotContains(client.get(convention.get_absolute_url()), "La fin est 2021.")
    assert sign_in("membre").get(LIST).status_code == 403
    other = sign_in("commune", partner=make_partner())
    assertNotContains(other.get(LIST), "La fin est 2021.")
    key = ErrorNotice.objects.get().pk
    answer = other.post(LIST, {"signalement": key, "answer": "Non"})
    assert answer.status_code == 404


def test_a_draft_has_no_such_page(client):
    draft = make_convention()
    assert say(client, draft).status_code == 404


@pytest.mark.parametrize("key", ["", "x", "9" * 30, "-1"])
def test_what_is_no_notice_is_not_found(sign_in, key):
    answer = sign_in("secretariat").post(LIST, {"signalement": key, "answer": "Non"})
    assert answer.status_code == 404


def test_an_empty_or_endless_text_is_refused_and_kept_on_the_page(client, convention):
    for sent in ({"text": " "}, {"text": "a" * 2001}, {"reply_to": "personne"}, {"website": "x"}):
        page = say(client, convention, **sent)
        assert page.status_code == 200
        assertContains(page, 'role="alert"')
    assert not ErrorNotice.objects.exists()


def test_one_network_cannot_fill_the_list(client, convention):
    for _ in range(MOST_A_DAY):
        assert say(client, convention).status_code == 302
    page = say(client, convention)
    assertContains(page, "Revenez demain")
    assertContains(page, "La fin est 2021.")
    assert ErrorNotice.objects.count() == MOST_A_DAY


def test_an_answered_notice_is_not_answered_twice(sign_in, convention):
    notice = convention.error_notices.create(text="Faux", reply_to="lecteur@example.org")
    assert notice.close("Corrigé.", make_user("secretariat")) == "lecteur@example.org"
    client = sign_in("secretariat")
    page = client.post(LIST, {"signalement": notice.pk, "answer": "Encore"}, follow=True)
    assertContains(page, "vient de répondre")
    notice.refresh_from_db()
    assert notice.answer == "Corrigé."


def test_an_empty_answer_is_refused(sign_in, convention):
    notice = convention.error_notices.create(text="Faux")
    page = sign_in("secretariat").post(LIST, {"signalement": notice.pk, "answer": " "})
    assertContains(page, 'role="alert"')
    notice.refresh_from_db()
    assert notice.answered_at is None
