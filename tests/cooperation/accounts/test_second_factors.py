import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertRedirects

from cooperation.accounts.second_factors import SecondFactorAdapter
from cooperation.roles import Role
from tests.cooperation.accounts.people import PASSWORD
from tests.factories import make_user
from tests.mails import delivered


@pytest.fixture
def person(client):
    user = make_user(Role.SECRETARIAT, username="afi", email="afi@exemple.bj")
    user.set_password(PASSWORD)
    user.save()
    return user


def code_of(secret):
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def sign_in(client, login="afi"):
    return client.post(reverse("account_login"), {"login": login, "password": PASSWORD})


def add_application(client):
    """Its secret, and the recovery codes."""
    address = reverse("mfa_activate_totp")
    again = client.get(address)
    client.post(again["Location"], {"password": PASSWORD})
    secret = client.get(address).context["form"].secret
    page = client.post(address, {"code": code_of(secret)}, follow=True)
    return secret, page.context["unused_codes"]


def test_an_application_is_added_used_and_taken_away(
    client, person, django_capture_on_commit_callbacks
):
    sign_in(client)
    with django_capture_on_commit_callbacks(execute=True):
        secret, spare = add_application(client)
    assert len(spare) == 10
    assert any("application de codes" in message.body for message in delivered())
    stored = Authenticator.objects.get(type=Authenticator.Type.TOTP).data["secret"]
    assert stored != secret and SecondFactorAdapter().decrypt(stored) == secret

    other = Client()
    assertRedirects(sign_in(other), reverse("mfa_authenticate"), fetch_redirect_response=False)
    assert other.get(reverse("account_home")).status_code == 302
    address = reverse("mfa_authenticate")
    wrong = "000000" if code_of(secret) != "000000" else "111111"
    assertContains(other.post(address, {"code": wrong}), "Ce code n’est pas")
    # The code that has served when it was added serves no second time.
    cache.clear()
    assert other.post(address, {"code": code_of(secret)}).status_code == 302
    assert other.get(reverse("account_home")).status_code == 200

    lost = Client()
    sign_in(lost)
    assert lost.post(address, {"code": spare[0]}).status_code == 302
    lost.post(reverse("account_logout"))
    sign_in(lost)
    assertContains(lost.post(address, {"code": spare[0]}), "Ce code n’est pas")

    client.post(reverse("mfa_deactivate_totp"))
    assert not Authenticator.objects.filter(type=Authenticator.Type.TOTP).exists()


def test_a_role_may_ask_for_one(client, person, settings):
    settings.SECOND_FACTOR_ROLES = [Role.SECRETARIAT]
    sign_in(client)
    for name in ("home", "queue", "token_list", "account_change_password", "admin:index"):
        assertRedirects(
            client.get(reverse(name)), reverse("mfa_index"), fetch_redirect_response=False
        )
    assert client.get("/api/v1/conventions/").status_code == 302
    assertContains(client.get(reverse("mfa_index")), "Votre rôle demande un second facteur")
    add_application(client)
    assert client.get(reverse("queue")).status_code == 200
    # The last one stays.
    page = client.post(reverse("mfa_deactivate_totp"))
    assertContains(page, "ajoutez-en un autre")
    assert Authenticator.objects.filter(type=Authenticator.Type.TOTP).exists()


def test_others_are_not_asked(client, settings):
    settings.SECOND_FACTOR_ROLES = [Role.SECRETARIAT]
    client.force_login(make_user(Role.MEMBER))
    assert client.get(reverse("account_home")).status_code == 200
    assert Client().get(reverse("home")).status_code == 200


def test_whoever_is_the_secretariat_s_equal_is_asked_too(client, settings):
    settings.SECOND_FACTOR_ROLES = [Role.SECRETARIAT]
    client.force_login(make_user(Role.MEMBER, is_superuser=True))
    assert client.get(reverse("account_home")).status_code == 302


def test_a_former_secret_of_the_site_still_decrypts(settings):
    settings.SECRET_KEY = "former"
    stored = SecondFactorAdapter().encrypt("GEZDGNBV")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "newer", ["former"]
    assert SecondFactorAdapter().decrypt(stored) == "GEZDGNBV"
