"""Five questions that people bring, each answered from the home page in at most three taps."""

import re

import pytest
from playwright.sync_api import expect

MOST_TAPS = 3


@pytest.fixture(params=[360, 1280], ids=["phone", "desk"])
def home(request, browser, demo):
    """The home page, and a tap that is counted."""
    context = browser.new_context(
        base_url=demo, locale="fr-FR", viewport={"width": request.param, "height": 800}
    )
    page = context.new_page()
    page.goto("/")
    page.taps = 0

    def tap(locator):
        page.taps += 1
        assert page.taps <= MOST_TAPS, "too many taps"
        locator.click()

    page.tap_on = tap
    yield page
    context.close()


def search(page, words):
    page.get_by_label("Trouver une convention").fill(words)
    page.tap_on(page.get_by_role("button", name="Chercher"))


def test_who_pays_for_water_in_parakou(home):
    search(home, "parakou eau")
    home.tap_on(home.get_by_role("link", name="Partenariat Orléans-Parakou"))
    money = home.locator("section.box", has=home.get_by_role("heading", name="Argent"))
    expect(money).to_contain_text("1 123 884 €")
    expect(money).to_contain_text("financeur non renseigné")


def test_which_conventions_end_this_year(home):
    home.tap_on(home.get_by_role("link", name="Celles qui finissent en"))
    expect(home).to_have_url(re.compile("ends="))
    expect(home.locator("#resultats")).to_contain_text("convention")


def test_how_much_came_to_oueme_since_2015(home):
    home.goto("/inventaire/")
    home.taps += 1
    if home.get_by_role("link", name="Filtrer", exact=False).is_visible():
        home.tap_on(home.get_by_role("link", name="Filtrer", exact=False))
    home.get_by_role("checkbox", name="Ouémé").first.check()
    home.get_by_label("Période, de (année)").fill("2015")
    home.tap_on(home.get_by_role("button", name="Appliquer"))
    expect(home).to_have_url(re.compile("departement=oueme"))
    expect(home.get_by_role("heading", name="Montants prévus")).to_be_visible()
    expect(home.locator("#resultats")).to_contain_text("Ouémé")


def test_who_has_no_partner(home):
    """Without a tap: a tile with 0."""
    tiles = home.locator(".tiles li a")
    expect(tiles).to_have_count(77)
    assert home.get_by_role("link", name="aucune convention").count() > 20


def test_what_orleans_parakou_gave(home):
    search(home, "orleans parakou")
    home.tap_on(home.get_by_role("link", name="Partenariat Orléans-Parakou"))
    expect(home.get_by_role("heading", name="Actions : 9")).to_be_visible()
    home.tap_on(home.get_by_role("link", name="Voir les actions"))
    expect(home.get_by_role("heading", name="Axes et actions")).to_be_in_viewport()
