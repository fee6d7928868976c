"""Every public page for everybody: axe, light and dark, narrow and wide, large letters, keyboard; its weight."""

import gzip
import re
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from agreements.models import Convention

PAGES = [
    "/",
    "/conventions/",
    "/conventions/?q=eau&theme=gouvernance-locale&facet=partner",
    "/conventions/?year=0",
    "/conventions/?vue=impression",
    "/conventions/CONV-2026-0010/",
    "/actions/",
    "/actions/CONV-2026-0013-A1/",
    "/partenaires/",
    "/partenaires/ccp/",
    "/carte/",
    "/carte/?cercles=montants",
    "/chiffres/",
    "/chronologie/",
    "/themes/",
    "/themes/eau-et-assainissement/",
    "/odd/11/",
    "/montants/",
    "/decaissements/",
    "/inventaire/",
    "/inventaire/?par=theme&de=2005&a=2020",
    "/bilans/",
    "/bilans/2020/",
    "/bilans/2020/lignes/?de=terme-inconnu",
    "/gtd/",
    "/gtd/reunions/",
    "/gtd/documents/",
    "/ponadec/",
    "/ponadec/conventions-en-vigueur/",
    "/ponadec/communes-engagees/2020/",
    "/bonnes-pratiques/",
    "/bilans/verifier/",
    "/bilans/verifier/?numero=BILAN-2020-1-E9",
    "/api/docs/",
    "/api/docs/conventions/",
    "/donnees/",
    "/aide/",
    "/aide/commune/",
    "/contact/",
    "/accessibilite/",
    "/donnees-personnelles/",
    "/mentions-legales/",
    "/integrer/liste/",
    "/integrer/carte/",
    "/integrer/chronologie/",
    "/integrer/chiffres/annees/",
    "/montrer/?url=/chiffres/%23financeurs",
    "/connexion/",
    "/absente/",
]
MEMBER_PAGES = [
    "/",
    "/conventions/?completeness=50-74",
    "/conventions/CONV-2026-0010/historique/",
    "/recherches/",
    "/compte/",
    "/compte/mot-de-passe/",
]
AGENT_PAGES = ["/imports/", "/imports/nouveau/conventions/"]
# WCAG 2.2 A and AA, and what axe calls good practice.
OPTIONS = {"resultTypes": ["violations"]}
# Kilobytes as sent, by how the address begins; others 15.
WEIGHTS = {"/conventions/": 9, "/actions/": 9, "/partenaires/": 9, "/carte/": 20}


def violations(page):
    found = Axe().run(page, options=OPTIONS).response["violations"]
    return [(v["id"], [node["html"][:200] for node in v["nodes"][:3]]) for v in found]


@pytest.fixture
def open_in(browser, demo):
    contexts = []

    def open_in(**options):
        context = browser.new_context(base_url=demo, locale="fr-FR", **options)
        contexts.append(context)
        return context.new_page()

    yield open_in
    for context in contexts:
        context.close()


def opened(page):
    """All that is folded away is looked at too."""
    page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")


def test_axe_finds_what_is_wrong(open_in):
    page = open_in(viewport={"width": 360, "height": 800})
    page.set_content("<html><body><img src='x'><input></body></html>")
    assert {"image-alt", "label", "html-has-lang"} <= {name for name, _ in violations(page)}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_public_pages(open_in, scheme):
    page = open_in(viewport={"width": 1280, "height": 800}, color_scheme=scheme)
    for address in PAGES:
        page.goto(address)
        opened(page)
        assert violations(page) == [], address


@pytest.mark.parametrize(
    ("account", "pages"), [("membre", MEMBER_PAGES), ("agent-parakou", AGENT_PAGES)]
)
def test_axe_finds_nothing_on_pages_of_people_with_an_account(open_in, account, pages):
    from cooperation.demo import PASSWORD

    page = open_in(viewport={"width": 360, "height": 800})
    page.goto("/connexion/")
    page.get_by_label("Identifiant").fill(account)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    for address in pages:
        page.goto(address)
        opened(page)
        assert violations(page) == [], address


@pytest.mark.parametrize(("width", "zoom"), [(320, 1), (768, 1), (1920, 1), (1280, 2)])
def test_pages_fit_any_screen_and_200_per_cent(open_in, width, zoom):
    """At 200 % a window of 1280 pixels is laid out as one of 640."""
    page = open_in(viewport={"width": width // zoom, "height": 800}, device_scale_factor=zoom)
    for address in PAGES:
        page.goto(address)
        opened(page)
        sideways = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(sideways) <= 0, address


def test_large_letters_alone_break_nothing(open_in):
    page = open_in(viewport={"width": 360, "height": 800})
    for address in ("/conventions/", "/conventions/CONV-2026-0010/", "/carte/"):
        page.goto(address)
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        opened(page)
        assert page.evaluate("document.documentElement.scrollWidth <= 360"), address


def test_filters_are_chosen_by_keyboard_alone(open_in):
    page = open_in(viewport={"width": 360, "height": 800})
    page.goto("/conventions/")
    page.get_by_role("link", name="Filtrer").focus()
    page.keyboard.press("Enter")
    facet = page.locator("#facet-theme")
    if facet.get_attribute("open") is None:
        facet.locator("summary").focus()
        page.keyboard.press("Enter")
    page.locator("input[name=theme]").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Filtres en cours")).to_contain_text("Thème")
    expect(page).to_have_url(re.compile("theme="))


def test_circles_of_the_map_are_reached_by_keyboard_and_lead_to_their_list(open_in):
    page = open_in(viewport={"width": 1280, "height": 800})
    page.goto("/carte/")
    circle = page.get_by_role("link", name="Parakou : 1 convention").first
    circle.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".row")).to_have_count(1)
    expect(page).to_have_url(re.compile("commune=parakou"))


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_shared_address_shows_the_same_list(open_in, scripts):
    page = open_in(viewport={"width": 360, "height": 800}, java_script_enabled=scripts)
    page.goto("/conventions/?theme=eau-et-assainissement")
    expect(page.locator(".count").first).to_contain_text("1 convention")
    page.get_by_text("Emporter, suivre, partager").click()
    assert (
        page.get_by_label("Adresse de cette liste")
        .input_value()
        .endswith("/conventions/?theme=eau-et-assainissement")
    )
    page.locator(".chips a", has_text="Thème").click()
    count = Convention.objects.published().count()
    expect(page.locator(".count").first).to_contain_text(f"{count} conventions")


def test_opening_a_facet_loses_no_tick(open_in):
    """On a phone, two values ticked and a third facet opened: the page came back without them."""
    page = open_in(viewport={"width": 360, "height": 800}, java_script_enabled=False)
    page.goto("/conventions/#filtres")
    page.locator("#facet-country").get_by_role("checkbox", name="France").check()
    page.get_by_role("button", name="Financeur").click()
    expect(page).to_have_url(re.compile("#facet-funder$"))
    expect(page.locator("#facet-funder")).to_be_visible()
    expect(page.locator("#facet-country").get_by_role("checkbox", name="France")).to_be_checked()
    page.locator("#facet-funder").get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Appliquer").click()
    expect(page.get_by_role("list", name="Filtres en cours")).to_contain_text("France")


@pytest.mark.parametrize("address", [a for a in PAGES if "impression" not in a])
def test_a_first_visit_is_light(open_in, address):
    """Weight as sent, compressed; requests; nothing kept on the visitor's machine."""
    page = open_in(viewport={"width": 360, "height": 800})
    sent = []
    page.on("response", lambda response: sent.append(response))
    page.goto(address, wait_until="networkidle")
    weight = sum(len(gzip.compress(response.body())) for response in sent)
    limit = next((most for start, most in WEIGHTS.items() if address.startswith(start)), 15)
    assert weight <= limit * 1024, weight
    assert len([r for r in sent if not r.url.startswith("data:")]) <= 3
    if "connexion" not in address:
        assert page.context.cookies() == []
    hosts = {urlsplit(r.url).netloc for r in sent if not r.url.startswith("data:")}
    assert hosts == {urlsplit(page.url).netloc}
