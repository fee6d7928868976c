"""Searches that people keep, and what they hear of them."""

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from pytest_django.asserts import assertContains

from cooperation.models import SavedSearch
from cooperation.roles import Role
from reports.searches import send_searches
from tests.factories import make_action, make_convention, make_user, published


@pytest.fixture
def member(sign_in):
    return sign_in(Role.MEMBER, email="membre@example.org")


def follow(client, query, kind="convention", name="Forêts"):
    return client.post(
        f"{reverse('search_save', args=[kind])}?{query}", {"name": name}, follow=True
    )


def test_a_new_match_is_told_once(member, mailoutbox):
    make_convention(title="Forêt connue", **published())
    page = follow(member, "q=foret&page=2")
    assertContains(page, "Vous recevrez un message")
    assertContains(page, 'href="/conventions/?q=foret"')
    call_command("send_searches", verbosity=0)
    assert not mailoutbox
    new = make_convention(title="Forêt nouvelle", **published())
    make_convention(title="Puits", **published())
    assert send_searches() == (1, 0)
    assert send_searches() == (0, 0)
    (mail,) = mailoutbox
    assert mail.to == ["membre@example.org"]
    assert "Forêt nouvelle" in mail.body
    assert new.get_absolute_url() in mail.body
    assert "Puits" not in mail.body
    assert "connue" not in mail.body
    # And it is found again in the site.
    kept = member.user.notices.get()
    assert (kept.address, "Forêt nouvelle" in kept.text) == ("/conventions/?q=foret", True)


def test_what_its_owner_may_not_see_is_not_told(sign_in, mailoutbox, parakou):
    agent = sign_in(Role.COMMUNE, partner=parakou, email="agent@example.org")
    follow(agent, "q=secret")
    make_convention(title="Secret")
    assert send_searches() == (0, 0)
    make_convention([parakou], title="Secret à nous")
    assert send_searches() == (1, 0)
    assert "à nous" in mailoutbox[0].body


def test_a_message_that_fails_is_sent_again(member, mailoutbox, monkeypatch):
    follow(member, "", kind="action")
    make_action(make_convention(**published()), title="Planter")

    def refuse(*args, **kwargs):
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.EmailMultiAlternatives.send", refuse)
        with pytest.raises(CommandError, match="la prochaine fois"):
            call_command("send_searches")
    assert send_searches() == (1, 0)
    assert "Planter" in mailoutbox[0].body


def test_a_search_is_kept_once_and_only_where_it_makes_sense(member):
    follow(member, "q=eau")
    assertContains(follow(member, "q=eau"), "déjà enregistrée")
    assertContains(follow(member, "theme=zzz"), "n’a pas de sens")
    assert SavedSearch.objects.count() == 1
    assert member.get(reverse("search_save", args=["bidule"])).status_code == 404


def test_a_search_is_forgotten_by_its_owner_alone(member, client):
    follow(member, "q=eau")
    address = reverse("search_delete", args=[SavedSearch.objects.get().reference])
    client.force_login(make_user(Role.SECRETARIAT))
    assert client.post(address).status_code == 404
    client.force_login(SavedSearch.objects.get().user)
    client.post(address)
    assert not SavedSearch.objects.exists()
    client.logout()
    for name in ("search_list",):
        assert client.get(reverse(name)).status_code == 302


def test_a_name_is_one_line_and_one_failure_stops_nobody(member, sign_in, mailoutbox, monkeypatch):
    follow(member, "q=eau", name="a\nBcc: z@example.org")
    assert SavedSearch.objects.get().name == "a Bcc: z@example.org"
    SavedSearch.objects.update(name="a\nBcc: z@example.org")
    follow(sign_in(Role.MEMBER, email="b@example.org"), "q=eau", name="B")
    make_convention(title="Eau", **published())
    assert send_searches() == (2, 0)
    assert all(mail.subject.count("\n") == 0 for mail in mailoutbox)
