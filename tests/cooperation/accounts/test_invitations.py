from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from cooperation.models import AccessRequest, ApiToken, Invitation, User
from cooperation.records.gates import Status
from cooperation.roles import Role
from tests.cooperation.accounts.people import PASSWORD
from tests.factories import make_user
from tests.mails import delivered, link_in

ASKED = {
    "name": "Afi Dossou",
    "function": "Point focal",
    "email": "afi@exemple.bj",
    "phone": "01 97 00 00 00",
}
CHOSEN = {
    "first_name": "Afi",
    "last_name": "Dossou",
    "username": "afi.dossou",
    "password1": PASSWORD,
    "password2": PASSWORD,
}


@pytest.fixture
def secretary_client(secretary):
    client = Client()
    client.force_login(secretary)
    return client


@pytest.fixture
def public_parakou(parakou):
    parakou.status = Status.PUBLISHED
    parakou.save()
    return parakou


def invite(client, parakou, **more):
    data = {"email": "afi@exemple.bj", "name": "Afi Dossou", "role": Role.COMMUNE}
    return client.post(reverse("invitation_add"), data | {"partner": parakou.pk} | more)


def test_from_a_request_to_an_account(client, secretary_client, public_parakou):
    data = ASKED | {"partner": public_parakou.pk}
    page = client.post(reverse("access_request"), data, follow=True)
    assertContains(page, "Votre demande attend le secrétariat")
    (told,) = delivered()
    assert told.to == ["s@exemple.bj"] and "Afi Dossou" in told.body
    asked = AccessRequest.objects.get()

    page = secretary_client.get(reverse("account_list"))
    assertContains(page, f"?pour={asked.reference}")
    address = f"{reverse('invitation_add')}?pour={asked.reference}"
    assertContains(secretary_client.get(address), 'value="afi@exemple.bj"')
    data = {"email": "afi@exemple.bj", "name": "Afi Dossou", "role": Role.COMMUNE}
    secretary_client.post(address, data | {"partner": public_parakou.pk})
    assert not AccessRequest.objects.waiting()

    message = delivered()[-1]
    assert message.to == ["afi@exemple.bj"] and "Parakou" in message.body
    page = client.get(link_in(message))
    assertContains(page, 'value="afi.dossou"')
    response = client.post(link_in(message), CHOSEN, follow=True)
    assertContains(response, "Votre compte est ouvert")
    user = User.objects.get(username="afi.dossou")
    assert (user.role, user.partner, user.email) == (
        Role.COMMUNE,
        public_parakou,
        "afi@exemple.bj",
    )
    assert response.wsgi_request.user == user
    assert "a ouvert son compte" in delivered()[-1].subject
    assertContains(client.get(link_in(message)), "déjà ouvert un compte", status_code=410)


def test_a_request_is_refused_with_its_reason(client, secretary_client, public_parakou):
    client.post(reverse("access_request"), ASKED | {"partner": public_parakou.pk})
    asked = AccessRequest.objects.get()
    address = reverse("access_refuse", args=[asked.reference])
    secretary_client.post(address, {"refusal": "La mairie ne vous connaît pas."})
    message = delivered()[-1]
    assert message.to == ["afi@exemple.bj"] and "ne vous connaît pas" in message.body
    assert not AccessRequest.objects.waiting()
    assert secretary_client.post(address, {"refusal": "Deux fois."}).status_code == 404


def test_an_invitation_that_is_over_says_which_way_to_go(client, secretary_client, public_parakou):
    invite(secretary_client, public_parakou)
    first = link_in(delivered()[-1])
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        assertContains(client.get(first), "sept jours sont passés", status_code=410)
        assertContains(secretary_client.get(reverse("account_list")), "périmée")
    given = Invitation.objects.get()
    page = secretary_client.post(reverse("invitation_again", args=[given.reference]), follow=True)
    assertContains(page, "part de nouveau")
    second = link_in(delivered()[-1])
    assertContains(client.get(first), "plus récente l’a remplacé", status_code=410)
    assertContains(client.get(second), "Ouvrir votre compte")
    secretary_client.post(reverse("invitation_withdraw", args=[given.reference]))
    assertContains(client.get(second), "retirée", status_code=410)
    assert client.post(second, CHOSEN).status_code == 410
    assert not User.objects.filter(username="afi.dossou").exists()


def test_a_link_makes_one_account(client, secretary_client, public_parakou):
    invite(secretary_client, public_parakou)
    address = link_in(delivered()[-1])
    client.post(address, CHOSEN)
    assert Client().post(address, CHOSEN | {"username": "deux"}).status_code == 410
    assert not User.objects.filter(username="deux").exists()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"password2": "autre chose encore"}, "même mot de passe"),
        ({"password1": "parakou", "password2": "parakou"}, "trop court"),
        ({"username": "USER"}, "Un autre compte a cet identifiant"),
        ({"last_name": ""}, "obligatoire"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_made(
    client, secretary_client, public_parakou, wrong, told
):
    make_user(username="user")
    invite(secretary_client, public_parakou)
    address = link_in(delivered()[-1])
    assertContains(client.post(address, CHOSEN | wrong), told)
    assert Invitation.objects.open().count() == 1


def test_roles_are_the_invitation_s_whatever_is_sent(client, secretary_client, public_parakou):
    invite(secretary_client, public_parakou)
    forged = CHOSEN | {"role": Role.SECRETARIAT, "is_superuser": "1", "email": "x@exemple.bj"}
    client.post(link_in(delivered()[-1]), forged)
    user = User.objects.get(username="afi.dossou")
    assert (user.role, user.is_superuser, user.email) == (Role.COMMUNE, False, "afi@exemple.bj")


def test_the_secretariat_sees_who_never_came_and_closes_accounts(secretary_client, parakou):
    user = make_user(Role.COMMUNE, partner=parakou, username="afi", email="afi@exemple.bj")
    token = ApiToken(user=user, name="Suivi").give()
    elsewhere = Client()
    elsewhere.force_login(user)
    make_user(username="bio")
    page = secretary_client.get(reverse("account_list"))
    assertContains(page, "jamais connecté", 1)
    switch = reverse("account_switch", args=["afi"])
    # Two of the secretariat close it at a time: it stays closed.
    for _ in range(2):
        page = secretary_client.post(switch, {"ouvert": "0"}, follow=True)
        assertContains(page, "ses jetons révoqués")
    assertContains(secretary_client.get(reverse("account_list"), {"q": "parakou"}), "fermé</span>")
    secretary_client.post(switch, {"ouvert": "1"})
    user.refresh_from_db()
    assert user.is_active
    # Opened again, it brings back nothing that a thief may hold.
    assert elsewhere.get(reverse("account_home")).status_code == 302
    assert ApiToken.known_by(token) is None


def test_nobody_closes_their_own_account_by_mistake(secretary_client, secretary):
    page = secretary_client.post(reverse("account_switch", args=[secretary.username]), follow=True)
    assertContains(page, "demandez à une autre personne")
    secretary.refresh_from_db()
    assert secretary.is_active


def test_a_lost_telephone_is_no_lost_account(secretary_client):
    user = make_user(username="afi", email="afi@exemple.bj")
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={})
    assertContains(secretary_client.get(reverse("account_list")), "Retirer le second facteur")
    secretary_client.post(reverse("second_factors_remove", args=["afi"]))
    assert not Authenticator.objects.exists()
    assert "retiré le second facteur" in delivered()[-1].body
    assertNotContains(secretary_client.get(reverse("account_list")), "Retirer le second facteur")


NAMES = ["account_list", "invitation_add"]
ACTS = [
    ("invitation_again", "given"),
    ("invitation_withdraw", "given"),
    ("access_refuse", "asked"),
    ("account_switch", "user"),
    ("second_factors_remove", "user"),
]


@pytest.mark.parametrize("role", [None, Role.COMMUNE, Role.MEMBER])
def test_accounts_are_the_secretariat_s_alone(
    role, client, secretary_client, secretary, public_parakou
):
    client.post(reverse("access_request"), ASKED | {"partner": public_parakou.pk})
    invite(secretary_client, public_parakou, email="autre@exemple.bj")
    keys = {
        "asked": AccessRequest.objects.get().reference,
        "given": Invitation.objects.get().reference,
        "user": secretary.username,
    }
    other = Client()
    if role:
        other.force_login(make_user(role))
    expected = 403 if role else 302
    for name in NAMES:
        assert other.get(reverse(name)).status_code == expected, name
    for name, key in ACTS:
        response = other.post(reverse(name, args=[keys[key]]), {"refusal": "Non"})
        assert response.status_code in (expected, 403, 200 if not role else expected), name
    secretary.refresh_from_db()
    assert secretary.is_active and AccessRequest.objects.waiting().exists()
    assert Invitation.objects.get().withdrawn_at is None


def test_a_superuser_is_not_the_secretariat_s_to_close(secretary_client):
    make_user(username="racine", is_superuser=True)
    assertNotContains(secretary_client.get(reverse("account_list")), "racine")
    address = reverse("account_switch", args=["racine"])
    assert secretary_client.post(address, {"ouvert": "0"}).status_code == 404


def test_a_request_is_answered_once_whoever_answers(client, secretary_client, public_parakou):
    client.post(reverse("access_request"), ASKED | {"partner": public_parakou.pk})
    asked = AccessRequest.objects.get()
    address = f"{reverse('invitation_add')}?pour={asked.reference}"
    secretary_client.post(reverse("access_refuse", args=[asked.reference]), {"refusal": "Non."})
    data = {"email": "afi@exemple.bj", "role": Role.COMMUNE, "partner": public_parakou.pk}
    page = secretary_client.post(address, data, follow=True)
    assertContains(page, "vient de répondre")
    assert not Invitation.objects.exists()
    assert not asked.answer(make_user(Role.SECRETARIAT))


def test_what_was_taken_meanwhile_is_told(client, secretary_client, public_parakou):
    invite(secretary_client, public_parakou)
    address = link_in(delivered()[-1])
    make_user(username="autre", email="afi@exemple.bj")
    page = client.post(address, CHOSEN)
    assertContains(page, "vient de prendre cet identifiant ou votre adresse")
    assert Invitation.objects.open().count() == 1


@pytest.mark.parametrize("username", ["s@exemple.bj", "..", "."])
def test_a_name_that_is_no_name_is_refused(client, secretary_client, public_parakou, username):
    invite(secretary_client, public_parakou)
    page = client.post(link_in(delivered()[-1]), CHOSEN | {"username": username})
    assertContains(page, "sans @, avec des lettres")


def test_what_a_database_cannot_hold_finds_nothing(secretary_client):
    for address in (
        f"{reverse('account_list')}?q=%00",
        f"{reverse('invitation_add')}?pour=%00",
    ):
        assert secretary_client.get(address).status_code in (200, 302), address
