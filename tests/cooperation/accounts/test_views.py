import json
from datetime import timedelta
from unittest.mock import patch

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from cooperation.accounts.second_factors import SecondFactorAdapter
from cooperation.models import ApiToken
from cooperation.roles import Role
from tests.factories import make_user
from tests.mails import delivered, link_in

OLD, NEW = "girafe verte lundi soir", "trois lampes sous la pluie"
HERE = {"origin": "http://testserver"}
ANDROID = (
    "Mozilla/5.0 (Linux; Android 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/70.0 Mobile "
    "Safari/537.36"
)


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


def test_a_person_signs_in_by_name_or_address_whatever_the_case(member):
    member.email = "Codjo@Exemple.bj"
    member.save()
    for login in ("CODJO", "codjo@exemple.BJ", " codjo "):
        data = {"login": login, "password": OLD}
        assert Client().post(reverse("account_login"), data).status_code == 302, login


def test_a_forgotten_password_is_chosen_anew(member):
    member.email = "codjo@exemple.bj"
    member.save()
    token = ApiToken(user=member, name="Suivi").give()
    client = Client()
    page = client.post(
        reverse("account_reset_password"), {"email": "CODJO@exemple.bj"}, follow=True
    )
    assertContains(page, "peut-être en route")
    (message,) = delivered()
    assert message.to == ["codjo@exemple.bj"] and "codjo" in message.body
    address = link_in(message)
    page = client.get(address, follow=True)
    chosen = {"password1": NEW, "password2": NEW}
    page = client.post(page.redirect_chain[-1][0], chosen, follow=True, headers=HERE)
    assertContains(page, "Votre nouveau mot de passe est enregistré")
    # Nothing waits to be sent again: it is done.
    assertNotContains(page, "Il faut être connecté")
    member.refresh_from_db()
    assert member.check_password(NEW) and ApiToken.known_by(token) is None
    assert "par le lien" in delivered()[-1].body
    # Once.
    assertContains(client.get(address, follow=True), "Ce lien ne sert plus")


def test_a_former_address_opens_nothing(member):
    """A table of addresses kept the one that a person had left, and sent the links there as well."""
    member.email = "codjo@exemple.bj"
    member.save()
    address = reverse("account_reset_password")
    Client().post(address, {"email": "codjo@exemple.bj"})
    former = link_in(delivered()[-1])
    member.email = "neuve@exemple.bj"
    member.save()
    count = len(delivered())
    Client().post(address, {"email": "codjo@exemple.bj"})
    assert len(delivered()) == count
    assertContains(Client().get(former, follow=True), "Ce lien ne sert plus")


def test_the_link_of_a_forgotten_password_is_good_for_an_hour(member):
    member.email = "codjo@exemple.bj"
    member.save()
    client = Client()
    client.post(reverse("account_reset_password"), {"email": "codjo@exemple.bj"})
    address = link_in(delivered()[-1])
    with time_machine.travel(timezone.localtime() + timedelta(minutes=61)):
        assertContains(client.get(address, follow=True), "Ce lien ne sert plus")


def test_an_address_without_account_is_answered_as_one_with(member):
    address = reverse("account_reset_password")
    page = Client().post(address, {"email": "personne@exemple.bj"}, follow=True)
    assertContains(page, "peut-être en route")
    assert not delivered()


def test_a_mailbox_is_not_flooded(member):
    member.email = "codjo@exemple.bj"
    member.save()
    client = Client()
    answers = [
        client.post(reverse("account_reset_password"), {"email": "codjo@exemple.bj"}).status_code
        for _ in range(4)
    ]
    assert answers == [302, 302, 302, 429]
    assert len(delivered()) == 3


def confirmed(client):
    """What asks for the password again is given it."""
    again = client.post(reverse("account_address"), {"email": "neuve@exemple.bj"})
    return client.post(again["Location"], {"password": OLD}, follow=True)


def test_a_new_address_takes_the_former_s_place_once_its_link_is_opened(client, member):
    member.email = "codjo@exemple.bj"
    member.save()
    client.post(reverse("account_login"), {"login": "codjo", "password": OLD})
    page = confirmed(client)
    assertContains(page, "un message y part")
    (message,) = delivered()
    assert message.to == ["neuve@exemple.bj"]
    # A program that looks through mail opens links: that alone changes nothing.
    assertContains(Client().get(link_in(message)), "neuve@exemple.bj")
    member.refresh_from_db()
    assert member.email == "codjo@exemple.bj"
    Client().post(link_in(message))
    member.refresh_from_db()
    assert member.email == "neuve@exemple.bj"
    assert delivered()[-1].to == ["codjo@exemple.bj"]
    assertContains(Client().post(link_in(message)), "Ce lien ne sert plus", status_code=410)


def test_a_link_that_somebody_else_asked_for_dies_with_the_password(client, member):
    """Whoever had known the password took the account with a link asked for before its change."""
    client.post(reverse("account_login"), {"login": "codjo", "password": OLD})
    confirmed(client)
    address = link_in(delivered()[-1])
    assert change(client).status_code == 302
    assertContains(Client().post(address), "Ce lien ne sert plus", status_code=410)


def test_a_link_is_good_once_even_if_the_address_comes_back(client, member):
    member.email = "codjo@exemple.bj"
    member.save()
    client.post(reverse("account_login"), {"login": "codjo", "password": OLD})
    confirmed(client)
    address = link_in(delivered()[-1])
    Client().post(address)
    member.refresh_from_db()
    member.email = "codjo@exemple.bj"
    member.save()
    assertContains(Client().post(address), "Ce lien ne sert plus", status_code=410)


def test_messages_to_new_addresses_are_bounded(client, member):
    client.post(reverse("account_login"), {"login": "codjo", "password": OLD})
    confirmed(client)
    address = reverse("account_address")
    answers = [client.post(address, {"email": f"a{n}@exemple.bj"}).status_code for n in range(11)]
    assert answers[0] == 302 and answers[-1] == 429


def test_what_one_person_typed_is_not_shown_to_the_next(member):
    """On a shared machine somebody left at the page of the code, and another signed in."""
    adapter = SecondFactorAdapter()
    data = {"secret": adapter.encrypt("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")}
    Authenticator.objects.create(user=member, type=Authenticator.Type.TOTP, data=data)
    other = make_user(username="bio")
    other.set_password(OLD)
    other.save()
    client = Client()
    kept = json.dumps(["/recherches/suivre/convention/", [["name", "Eau à Parakou"]]])
    client.post(reverse("account_login"), {"login": "codjo", "password": OLD, "kept": kept})
    page = client.post(reverse("account_login"), {"login": "bio", "password": OLD}, follow=True)
    assertNotContains(page, "Eau à Parakou")


def test_another_s_address_is_neither_taken_nor_told(client, member):
    make_user(username="bio", email="neuve@exemple.bj")
    client.post(reverse("account_login"), {"login": "codjo", "password": OLD})
    assertContains(confirmed(client), "un message y part")
    assert not delivered()


def test_an_address_that_was_taken_meanwhile_is_told(client, member):
    client.post(reverse("account_login"), {"login": "codjo", "password": OLD})
    confirmed(client)
    make_user(username="bio", email="Neuve@exemple.bj")
    page = client.post(link_in(delivered()[-1]))
    assertContains(page, "Un autre compte a cette adresse")
    member.refresh_from_db()
    assert member.email == ""


def test_a_person_says_their_own_name_and_nothing_of_their_rights(client, member):
    data = {"first_name": "Codjo", "last_name": "Alapini", "phone": "01 97 00 00 00"}
    page = client.post(
        reverse("account_facts"), data | {"role": Role.SECRETARIAT, "is_staff": "1"}, follow=True
    )
    assertContains(page, "Codjo Alapini, 01 97 00 00 00")
    member.refresh_from_db()
    assert (member.role, member.is_staff) == (Role.MEMBER, False)


def test_a_person_sees_their_devices_and_ends_the_others(member):
    phone, desk = Client(HTTP_USER_AGENT=ANDROID), Client(HTTP_USER_AGENT="curl/8")
    for device in (phone, desk):
        device.post(reverse("account_login"), {"login": "codjo", "password": OLD})
    page = desk.get(reverse("usersessions_list"))
    assertContains(page, "Chrome, Android")
    assertContains(page, "appareil inconnu")
    assertContains(desk.post(reverse("usersessions_list"), follow=True), "sont déconnectés")
    assert phone.get(reverse("account_home")).status_code == 302
    assert desk.get(reverse("account_home")).status_code == 200


def test_what_was_typed_waits_for_the_second_factor(member):
    """A session that had ended in the middle of a form, and a code to give before coming back."""
    Authenticator.objects.create(user=member, type=Authenticator.Type.RECOVERY_CODES, data={})
    adapter = SecondFactorAdapter()
    data = {"secret": adapter.encrypt("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")}
    Authenticator.objects.create(user=member, type=Authenticator.Type.TOTP, data=data)
    client = Client()
    kept = json.dumps(["/recherches/suivre/convention/", [["name", "Eau à Parakou"]]])
    client.post(reverse("account_login"), {"login": "codjo", "password": OLD, "kept": kept})
    with patch("allauth.mfa.base.forms.Authenticator.wrap") as wrapped:
        wrapped.return_value.validate_code.return_value = True
        page = client.post(reverse("mfa_authenticate"), {"code": "123456"})
    assertContains(page, "Eau à Parakou")
    assertContains(page, "Envoyer de nouveau")


def test_what_was_typed_goes_along_to_the_page_of_a_key(member):
    kept = json.dumps(["/recherches/suivre/convention/", [["name", "Eau à Parakou"]]])
    page = Client().post(reverse("mfa_login_webauthn"), {"kept": kept})
    assertContains(page, "Eau à Parakou")
    assertContains(page, 'name="kept"')
    assertNotContains(page, "n’ouvre aucun compte")
    wrong = Client().post(reverse("mfa_login_webauthn"), {"kept": kept, "credential": "{}"})
    assertContains(wrong, "n’ouvre aucun compte")
    assertContains(wrong, "Eau à Parakou")
