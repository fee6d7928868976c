"""The life of an account in the browser: asked for, invited, opened, lost, found again, made safe."""

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from playwright.sync_api import expect

from cooperation.demo import PASSWORD
from cooperation.models import User
from tests.browser import follow_menu
from tests.mails import delivered, link_in

WORDS = "girafe verte lundi soir"


def code_at(secret, seconds):
    return format_hotp_value(hotp_value(secret, seconds // 30))


@pytest.fixture
def mailbox():
    """mailbox(address) -> the address of the page that the last message there leads to."""

    def mailbox(address):
        messages = [message for message in delivered() if message.to == [address]]
        return link_in(messages[-1])

    return mailbox


def test_from_a_request_to_a_first_convention(open_as, mailbox):
    """A commune that had no account has one, and its clerk is at work, without a password told."""
    visitor, secretary = open_as(), open_as("secretariat")
    visitor.goto("/connexion/")
    visitor.get_by_role("link", name="Demander un accès").click()
    visitor.get_by_label("Commune ou organisation").select_option(label="Cotonou")
    visitor.get_by_label("Prénom et nom").fill("Afi Dossou")
    visitor.get_by_label("Fonction").fill("Point focal")
    visitor.get_by_label("Adresse électronique").fill("afi@exemple.bj")
    visitor.get_by_role("button", name="Envoyer la demande").click()
    expect(visitor.get_by_role("status")).to_contain_text("attend le secrétariat")

    secretary.goto("/")
    follow_menu(secretary, "Comptes")
    secretary.get_by_role("link", name="Inviter Afi Dossou").click()
    secretary.get_by_role("button", name="Envoyer l’invitation").click()
    expect(secretary.get_by_role("status")).to_contain_text("afi@exemple.bj")

    visitor.goto(mailbox("afi@exemple.bj"))
    expect(visitor.get_by_label("Prénom")).to_have_value("Afi")
    visitor.get_by_label("Mot de passe", exact=True).fill(WORDS)
    visitor.get_by_label("Mot de passe, encore une fois").fill(WORDS)
    visitor.get_by_role("button", name="Ouvrir mon compte").click()
    expect(visitor.get_by_role("status")).to_contain_text("Votre compte est ouvert")
    expect(visitor.get_by_role("heading", level=1)).to_have_text("Mes conventions")

    secretary.goto("/comptes/")
    expect(secretary.get_by_role("link", name="Afi Dossou")).to_be_visible()
    secretary.get_by_role("button", name="Fermer le compte afi.dossou").click()
    visitor.goto("/mes-conventions/")
    expect(visitor.get_by_role("heading", level=1)).to_have_text("Connexion")


def test_a_forgotten_password(open_as, mailbox):
    User.objects.filter(username="membre").update(email="membre@exemple.bj")
    page = open_as()
    page.goto("/connexion/")
    page.get_by_role("link", name="Mot de passe oublié").click()
    page.get_by_label("Adresse électronique").fill("Membre@exemple.bj")
    page.get_by_role("button", name="Recevoir un lien").click()
    page.goto(mailbox("membre@exemple.bj"))
    page.get_by_label("Nouveau mot de passe", exact=True).fill(WORDS)
    page.get_by_label("Nouveau mot de passe, encore une fois").fill(WORDS)
    page.get_by_role("button", name="Enregistrer ce mot de passe").click()
    page.get_by_label("Identifiant").fill("MEMBRE")
    page.get_by_label("Mot de passe", exact=True).fill(WORDS)
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_text("Mon travail").first).to_be_visible()


def test_a_second_factor(open_as):
    page = open_as("membre")
    page.goto("/compte/second-facteur/")
    page.get_by_role("link", name="Ajouter une application").click()
    page.get_by_label("Votre mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Continuer").click()
    secret = page.locator("code").inner_text()
    now = page.evaluate("Math.floor(Date.now() / 1000)")
    page.get_by_label("Code à six chiffres").fill(code_at(secret, now))
    page.get_by_role("button", name="Ajouter l’application").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Codes de secours")
    spare = page.locator("code").first.inner_text()

    other = open_as()
    for code in (code_at(secret, now + 30), spare):
        cache.clear()
        other.goto("/connexion/")
        other.get_by_label("Identifiant").fill("membre")
        other.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
        other.get_by_role("button", name="Se connecter").click()
        expect(other.get_by_role("heading", level=1)).to_have_text("Second facteur")
        other.get_by_label("Code à six chiffres").fill(code)
        other.get_by_role("button", name="Se connecter").click()
        expect(other.get_by_text("Mon travail").first).to_be_visible()
        follow_menu_out(other)


def follow_menu_out(page):
    page.locator(".top .work summary").click()
    page.get_by_role("button", name="Quitter").click()


def hold_keys(page):
    """The browser holds passkeys, and its person always says yes."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_the_button_of_a_key_waits_for_its_script(open_as):
    """On a slow line, pressed before the script came, it did nothing and said nothing."""
    page = open_as()
    page.route("**/mfa/js/webauthn*.js", lambda route: route.abort())
    page.goto("/connexion/")
    page.get_by_role("button", name="Ouvrir par une clé d’accès").click()
    expect(page.get_by_role("button", name="Se servir de la clé")).to_be_disabled()
    expect(page.get_by_role("alert")).to_contain_text("rechargez-la")
    # The library's own last script misses what did not come.
    assert page.trouble == ["script: func is not a function"]
    page.trouble.clear()


def test_a_passkey_replaces_the_password(open_as, demo):
    page = open_as("membre")
    # Browsers give keys to names alone, never to an address of numbers.
    assert "localhost" in demo
    hold_keys(page)
    page.goto("/compte/second-facteur/cles/ajouter/")
    page.get_by_label("Votre mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Continuer").click()
    page.get_by_label("Me connecter par elle seule").check()
    page.get_by_role("button", name="Ajouter la clé").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Codes de secours")
    page.goto("/")
    follow_menu_out(page)
    other = open_as()
    hold_keys(other)
    other.goto("/connexion/")
    other.get_by_role("button", name="Ouvrir par une clé d’accès").click()
    other.get_by_role("button", name="Se servir de la clé").click()
    expect(other.get_by_role("alert")).to_contain_text("n’est fait")
    page.goto("/connexion/")
    page.get_by_role("button", name="Ouvrir par une clé d’accès").click()
    page.get_by_role("button", name="Se servir de la clé").click()
    expect(page.get_by_text("Mon travail").first).to_be_visible()
