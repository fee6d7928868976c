import html
import re

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from agreements.models import Convention
from cooperation.typography import spaced
from tests.cooperation.accounts.people import PASSWORD
from tests.entry import ADD, add_line, page_data

HERE = {"HTTP_ORIGIN": "http://testserver"}


@pytest.fixture
def browser_of_clerk(clerk):
    client = Client(enforce_csrf_checks=True)
    client.force_login(clerk)
    return client


def hidden(response):
    """The fields that the page's own form would send, as a browser reads them."""
    main = response.content.decode().partition("<main")[2].partition("</form>")[0]
    fields = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', main)
    found = {}
    for name, value in fields:
        found.setdefault(html.unescape(name), []).append(html.unescape(value))
    return found


def typed_by(client, parakou, orleans):
    page = client.get(ADD)
    data = page_data(page) | {"title": "Une demi-heure\nde « frappe » & <b>", "note": "Eau"}
    for partner in (parakou, orleans):
        add_line(data, "parties", partner=partner.pk, role="signataire")
    token = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', page.content.decode())[1]
    return data | {"csrfmiddlewaretoken": token}


def test_a_page_from_before_a_new_sign_in_gives_the_text_back(
    browser_of_clerk, clerk, parakou, orleans
):
    """Signing in again in another tab made every open form end on « CSRF verification failed »."""
    data = typed_by(browser_of_clerk, parakou, orleans)
    browser_of_clerk.cookies.pop("csrftoken")
    browser_of_clerk.get(ADD)  # the other tab's token
    refused = browser_of_clerk.post(ADD, data, **HERE)
    assert refused.status_code == 403
    assertContains(refused, "Envoyer de nouveau", status_code=403)
    assertContains(refused, "de « frappe » &amp; &lt;b&gt;", status_code=403)
    browser_of_clerk.post(ADD, hidden(refused), **HERE)
    assert Convention.objects.get().note == "Eau"


def test_what_was_typed_survives_the_end_of_a_session(browser_of_clerk, parakou, orleans):
    data = typed_by(browser_of_clerk, parakou, orleans)
    browser_of_clerk.cookies.pop("sessionid")
    ended = browser_of_clerk.post(ADD, data, **HERE)
    assertContains(ended, "est gardé dans cette page", status_code=403)
    wrong = browser_of_clerk.post(
        reverse("account_login"), hidden(ended) | {"login": "afi", "password": "faux"}, **HERE
    )
    assertContains(wrong, "incorrect")
    assertContains(wrong, spaced("de « frappe »"))
    back = browser_of_clerk.post(
        reverse("account_login"), hidden(wrong) | {"login": "afi", "password": PASSWORD}, **HERE
    )
    assertContains(back, "Envoyer de nouveau")
    assert not Convention.objects.exists()
    browser_of_clerk.post(ADD, hidden(back), **HERE)
    assert Convention.objects.get().note == "Eau"


@pytest.mark.parametrize("facts", [{"HTTP_ORIGIN": "https://ailleurs.example"}, {}])
def test_another_site_that_sends_a_form_gets_nothing_to_confirm(browser_of_clerk, facts):
    refused = browser_of_clerk.post(ADD, {"title": "Piégé"}, **facts)
    assertContains(refused, "ne vient pas d’une page du registre", status_code=403)
    assertNotContains(refused, "Piégé", status_code=403)


def test_passwords_are_not_sent_back(browser_of_clerk):
    data = {"oldpassword": "secret-ancien", "password1": "secret-nouveau"}
    refused = browser_of_clerk.post(reverse("account_change_password"), data, **HERE)
    assertNotContains(refused, "secret-", status_code=403)


def test_a_second_sign_in_page_leads_on(browser_of_clerk, client):
    stale = {"login": "afi", "password": PASSWORD, "next": "/suivi/"}
    assert browser_of_clerk.post("/connexion/", stale, **HERE)["Location"] == "/suivi/"
    stale["next"] = "https://ailleurs.example/"
    assert browser_of_clerk.post("/connexion/", stale, **HERE)["Location"] == "/"
    visitor = Client(enforce_csrf_checks=True)
    page = visitor.post("/connexion/?next=/suivi/", stale, follow=True, **HERE)
    assertContains(page, "connectez-vous de nouveau")
    assertContains(page, 'value="/suivi/"')


@pytest.mark.parametrize(
    "kept",
    [
        "x",
        "[]",
        "null",
        '["//ailleurs.example/", []]',
        '["https://ailleurs.example/", []]',
        '["/a/", [1]]',
    ],
)
def test_a_forged_keeping_leads_nowhere(client, clerk, kept):
    data = {"login": "afi", "password": PASSWORD, "kept": kept}
    response = client.post(reverse("account_login"), data)
    assert (response.status_code, response["Location"]) == (302, "/")
