import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertRedirects

from cooperation.models import ApiToken
from cooperation.roles import Role
from tests.factories import make_user

OLD, NEW = "girafe verte lundi soir", "trois lampes sous la pluie"


@pytest.fixture
def member(client):
    user = make_user(Role.MEMBER, username="codjo")
    user.set_password(OLD)
    user.save()
    client.force_login(user)
    return user


def change(client, old=OLD, new=NEW, again=None):
    data = {"oldpassword": old, "password1": new, "password2": again or new}
    return client.post(reverse("account_change_password"), data)


def test_a_member_changes_their_own_password(client, member):
    elsewhere = Client()
    elsewhere.force_login(member)
    token = ApiToken(user=member, name="Suivi")
    secret = token.give()
    response = change(client)
    assertRedirects(response, reverse("account_home"), fetch_redirect_response=False)
    assertContains(client.get(reverse("account_home")), "Votre mot de passe est changé")
    member.refresh_from_db()
    assert member.check_password(NEW)
    # What a thief may hold of the old one opens nothing more.
    assert elsewhere.get(reverse("account_home")).status_code == 302
    assert ApiToken.known_by(secret) is None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"old": "autre"}, "pas votre mot de passe actuel"),
        ({"new": "cotonou2026"}, "se devine"),
        ({"new": "court"}, "trop court"),
        ({"new": "codjo-codjo-codjo"}, "se devine"),
        ({"again": "autre chose que cela"}, "même mot de passe"),
    ],
)
def test_a_change_that_makes_no_sense_says_why_and_changes_nothing(client, member, words, said):
    token = ApiToken(user=member, name="Suivi")
    secret = token.give()
    assertContains(change(client, **words), said)
    member.refresh_from_db()
    assert member.check_password(OLD)
    assert ApiToken.known_by(secret)


def test_a_password_hashed_anew_at_sign_in_revokes_no_token(client, member, settings):
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
        "django.contrib.auth.hashers.MD5PasswordHasher",
    ]
    secret = ApiToken(user=member, name="Suivi").give()
    client.logout()
    client.post(reverse("account_login"), {"login": "codjo", "password": OLD})
    member.refresh_from_db()
    assert member.password.startswith("pbkdf2")
    assert ApiToken.known_by(secret)


def test_the_entry_pages_lead_to_the_same_change_of_password(agent):
    response = agent.get("/admin/password_change/")
    assert response["Location"] == reverse("account_change_password")


def test_a_visitor_has_no_account_page(client, db):
    for name in ("account_home", "account_change_password"):
        assert client.get(reverse(name)).status_code == 302


def test_whoever_signs_in_over_another_is_who_they_say(client, member):
    other = make_user(Role.SECRETARIAT, username="afi")
    other.set_password(OLD)
    other.save()
    client.post(reverse("account_login"), {"login": "afi", "password": OLD})
    assertContains(client.get(reverse("account_home")), "afi")
