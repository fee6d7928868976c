"""Every page that a person can reach, by its links: axe finds nothing, and nothing runs off the screen."""

from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import Resolver404, resolve
from playwright.sync_api import Error

from cooperation.demo import PASSWORD

# A phone by night and a desk by day.
SCREENS = [(320, "dark"), (1280, "light")]
# Links of a page that lead to no other: parts of it, files, and the way out.
HREFS = "[...document.querySelectorAll('a[href^=\"/\"]')].map(link => link.getAttribute('href'))"
OUT = "/deconnexion/"
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
OPEN = "document.querySelectorAll('details').forEach(part => part.open = true)"


def kind_of(address):
    """Pages made by one view are of one kind; None where there is no such page."""
    try:
        return resolve(urlsplit(address).path).view_name
    except Resolver404:
        return None


def faults_of(page, axe):
    for width, scheme in SCREENS:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)
        # Read anew: links of the admin take a moment to change their colour.
        page.reload()
        page.evaluate(OPEN)
        if page.evaluate(SIDEWAYS) > 0:
            yield width, "runs off the screen"
        found = axe.run(page, options={"resultTypes": ["violations"]}).response["violations"]
        for fault in found:
            yield width, scheme, fault["id"], [node["html"][:150] for node in fault["nodes"][:2]]


# A member finds fewer pages than a clerk, who finds fewer than the secretariat.
@pytest.mark.parametrize(
    ("account", "at_least"),
    [(None, 25), ("membre", 30), ("agent-parakou", 50), ("secretariat", 70)],
)
def test_every_page_that_a_person_reaches_is_usable(browser, demo, account, at_least):
    context = browser.new_context(base_url=demo, locale="fr-FR")
    page, axe = context.new_page(), Axe()
    if account:
        page.goto("/connexion/")
        page.get_by_label("Identifiant").fill(account)
        page.get_by_label("Mot de passe").fill(PASSWORD)
        page.get_by_role("button", name="Se connecter").click()
    to_see, seen, faults = ["/"], {None, kind_of(OUT)}, {}
    while to_see:
        address = to_see.pop(0)
        kind = kind_of(address)
        if kind in seen:
            continue
        seen.add(kind)
        try:
            answer = page.goto(address)
        except Error as error:
            assert "Download" in str(error), address
            continue
        if "html" not in answer.headers.get("content-type", ""):
            continue
        # A link to what a person may not do would be a fault of its own, but in the pages of the admin.
        if answer.status == 200:
            if found := list(faults_of(page, axe)):
                faults[address] = found
            to_see += [link.partition("#")[0] for link in page.evaluate(HREFS)]
        elif "/admin/" not in address:
            faults[address] = answer.status
    context.close()
    assert faults == {}
    assert len(seen) >= at_least
