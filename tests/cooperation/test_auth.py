from django.urls import reverse

from cooperation.models import User
from cooperation.roles import Role
from tests.factories import make_partner, make_user

PASSWORD = "un long mot de passe"


def log_in(client, user):
    return client.post(reverse("account_login"), {"login": user.username, "password": PASSWORD})


def make_account(role=Role.SECRETARIAT):
    user = make_user(role)
    user.set_password(PASSWORD)
    user.save()
    return user


def test_signing_in_again_renews_the_session(client):
    user = make_account()
    log_in(client, user)
    first = client.session.session_key
    log_in(client, user)
    assert client.session.session_key != first


def test_sign_in_and_refusal_are_logged_without_names(client, caplog):
    user = make_account()
    with caplog.at_level("INFO", logger="cooperation.auth"):
        log_in(client, user)
        client.post(reverse("account_logout"))
        client.post(reverse("account_login"), {"login": user.username, "password": "faux"})
    assert [r.message.split(":")[0] for r in caplog.records] == [
        "signed in",
        "signed out",
        "sign-in refused",
    ]
    assert user.username not in caplog.text


def test_a_refused_sign_in_keeps_the_name_and_says_why(client):
    response = client.post(reverse("account_login"), {"login": "afi", "password": "faux"})
    assert response.status_code == 200
    page = response.content.decode()
    assert "incorrect" in page
    assert 'value="afi"' in page


def test_only_roles_that_enter_data_open_the_entry_pages(client):
    for role, status in ((Role.COMMUNE, 200), (Role.SECRETARIAT, 200), (Role.MEMBER, 302)):
        client.force_login(make_user(role))
        assert client.get(reverse("admin:index")).status_code == status, role


def test_the_admins_own_sign_in_page_is_ours(client):
    response = client.get("/admin/login/?next=/admin/")
    assert response.status_code == 302
    assert response["Location"] == "/connexion/?next=/admin/"


def test_the_secretariat_neither_sees_nor_makes_superusers(secretariat):
    root = make_user(is_superuser=True)
    listed = secretariat.get(reverse("admin:cooperation_user_changelist")).content.decode()
    assert root.username not in listed
    page = reverse("admin:cooperation_user_change", args=[root.pk])
    assert secretariat.get(page).status_code == 302
    own = make_user(Role.MEMBER)
    page = reverse("admin:cooperation_user_change", args=[own.pk])
    data = {"username": own.username, "role": "membre", "is_active": "on", "is_superuser": "on"}
    data["opened_version"] = own.version
    assert secretariat.post(page, data).status_code == 302
    assert not User.objects.get(pk=own.pk).is_superuser


def test_a_stale_form_does_not_reopen_a_closed_account(secretariat):
    user = make_user(Role.MEMBER)
    page = reverse("admin:cooperation_user_change", args=[user.pk])
    data = {"username": user.username, "role": "membre", "is_active": "on", "first_name": "Afi"}
    data["opened_version"] = user.version
    user.is_active = False
    user.save()
    assert "modifié cette fiche" in secretariat.post(page, data).content.decode()
    user.refresh_from_db()
    assert not user.is_active


def test_an_agent_needs_a_commune(secretariat):
    user = make_user(Role.MEMBER)
    page = reverse("admin:cooperation_user_change", args=[user.pk])
    data = {"username": user.username, "role": "commune", "is_active": "on"}
    response = secretariat.post(page, data)
    assert "Choisissez la commune de cet agent." in response.content.decode()
    data |= {"partner": make_partner().pk, "opened_version": user.version}
    assert secretariat.post(page, data).status_code == 302
