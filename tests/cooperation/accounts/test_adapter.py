from django.test import Client
from django.urls import reverse

from cooperation.accounts.adapter import DEVICE_COOKIE
from cooperation.roles import Role
from tests.cooperation.accounts.people import PASSWORD
from tests.factories import make_user

BLOCKED = "Trop d’essais sans succès"


def attempt(client, name="afi", password="faux", network="10.0.0.1"):
    """Whether the person is in, and what the page says otherwise."""
    data = {"login": name, "password": password}
    response = client.post(reverse("account_login"), data, REMOTE_ADDR=network)
    return response.status_code == 302, response.content.decode()


def test_an_account_is_not_guessed(clerk):
    pages = [attempt(Client())[1] for _ in range(9)]
    assert all("incorrect" in page for page in pages[:8])
    assert BLOCKED in pages[8]
    # Nor from elsewhere, nor with the right word while it lasts.
    assert BLOCKED in attempt(Client(), password=PASSWORD, network="10.9.9.9")[1]


def test_a_thief_locks_nobody_out_of_their_own_device(clerk):
    own = Client()
    assert attempt(own, password=PASSWORD)[0]
    own.post(reverse("account_logout"))
    for _ in range(9):
        attempt(Client(), network="10.9.9.9")
    assert attempt(own, password=PASSWORD)[0]


def test_one_colleague_s_mistakes_lock_out_nobody_else_of_the_office(clerk, parakou):
    other = make_user(Role.COMMUNE, partner=parakou, username="bio")
    other.set_password(PASSWORD)
    other.save()
    for _ in range(12):
        attempt(Client(), name="afi")
    assert attempt(Client(), name="bio", password=PASSWORD)[0]


def test_a_morning_of_sign_ins_behind_one_address_is_no_attack(clerk):
    assert all(attempt(Client(), password=PASSWORD)[0] for _ in range(60))


def test_a_network_that_tries_many_names_is_stopped(clerk):
    pages = [attempt(Client(), name=f"nom{number}")[1] for number in range(41)]
    assert BLOCKED in pages[-1]
    assert BLOCKED not in pages[-2]


def test_a_known_device_guesses_no_further_and_only_for_its_own_account(clerk, parakou):
    make_user(Role.COMMUNE, partner=parakou, username="bio")
    own = Client()
    attempt(own, password=PASSWORD)
    pages = [attempt(own)[1] for _ in range(9)]
    assert (BLOCKED in pages[7], BLOCKED in pages[8]) == (False, True)
    for _ in range(9):
        page = attempt(own, name="bio")[1]
    assert BLOCKED in page


def test_the_mark_of_a_device_is_not_forged(clerk):
    thief = Client()
    thief.cookies[DEVICE_COOKIE] = "afi:forged"
    pages = [attempt(thief)[1] for _ in range(9)]
    assert BLOCKED in pages[8]


def test_a_name_without_account_is_answered_as_one_with(clerk):
    assert attempt(Client(), name="personne")[1].count("incorrect") == 1


def test_nobody_makes_an_account_of_their_own(client):
    for address in ("/connexion/inscription/", "/accounts/signup/", "/signup/"):
        assert client.get(address).status_code == 404


def test_a_name_and_an_address_are_one_account_to_who_guesses(clerk):
    clerk.email = "afi@exemple.bj"
    clerk.save()
    names = ["afi", "AFI@exemple.bj"]
    pages = [attempt(Client(), name=names[turn % 2])[1] for turn in range(9)]
    assert all("incorrect" in page for page in pages[:8]) and BLOCKED in pages[8]
