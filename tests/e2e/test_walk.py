"""A clerk's walk on a phone: how long the entry of one convention takes, by what a thumb does.

2.5 s a tap, 0.4 s a character, 4 s a page. `pytest tests/e2e/test_walk.py -s` prints the figures.
"""

import pytest
from playwright.sync_api import expect
from pypdf import PdfWriter

from agreements.models import Convention
from cooperation.demo import PASSWORD
from cooperation.entry.workflow import STEPS, carry_out
from cooperation.models import User
from cooperation.records.gates import Status

A_TAP, A_CHARACTER, A_PAGE = 2.5, 0.4, 4
MOST_SECONDS, MOST_WITH_A_RETURN = 360, 460
TITLE = "Convention de coopération décentralisée entre Parakou et Orléans pour l’eau et la propreté"
OBJECTIVES = "Donner à chaque quartier de l’eau potable et des rues nettes"
ACTIONS = (
    "Creuser douze forages équipés de pompes solaires",
    "Former vingt agents municipaux à la collecte",
    "Planter une ceinture verte autour de la ville",
)
AMOUNTS = ("1123884,50", "450000", "87500", "12000")


class Thumb:
    """Counts what one does with a page."""

    def __init__(self, page):
        self.page, self.taps, self.characters, self.pages = page, 0, 0, 0
        page.on("load", self.loaded)

    def loaded(self, _):
        self.pages += 1

    def tap(self, locator):
        self.taps += 1
        locator.click()

    def type(self, selector, text):
        self.tap(self.page.locator(selector))
        self.characters += len(text)
        self.page.locator(selector).fill(text)

    def choose(self, selector, label):
        """A list of the phone: one tap opens it, one takes a value."""
        self.taps += 2
        self.page.locator(selector).select_option(label=label)

    def find(self, field, typed, text):
        """A list in which one types."""
        self.tap(self.page.locator(f"#{field} + .select2 .select2-selection"))
        self.characters += len(typed)
        self.page.locator(".select2-search__field").last.fill(typed)
        self.tap(self.page.locator(".select2-results__option", has_text=text).first)

    def add(self, group):
        self.tap(self.page.locator(f"#{group}-group .add-row a"))

    @property
    def seconds(self):
        return self.taps * A_TAP + self.characters * A_CHARACTER + self.pages * A_PAGE


@pytest.fixture
def page(browser, demo):
    context = browser.new_context(
        viewport={"width": 360, "height": 640}, locale="fr-FR", base_url=demo, has_touch=True
    )
    page = context.new_page()
    page.goto("/connexion/?next=/mes-conventions/")
    page.get_by_label("Identifiant").fill("agent-parakou")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    yield page
    context.close()


def test_a_whole_convention_in_six_minutes(page, tmp_path):
    thumb = Thumb(page)
    thumb.tap(page.get_by_role("link", name="Ajouter une convention"))
    thumb.type("#id_title", TITLE)
    thumb.type("#id_objectives", OBJECTIVES)
    thumb.type("#id_signed_on", "14/11/2026")
    thumb.type("#id_starts_on", "2027")
    thumb.type("#id_ends_on", "2029")
    thumb.find("id_parties-1-partner", "orlea", "Orléans")
    for number, title in enumerate(ACTIONS):
        thumb.add("actions")
        thumb.type(f"#id_actions-{number}-title", title)
    for number, amount in enumerate(AMOUNTS):
        thumb.add("budget_lines")
        thumb.type(f"#id_budget_lines-{number}-amount", amount)
        if not number:
            thumb.choose("#id_budget_lines-0-currency", "EUR – euro")
            thumb.choose("#id_budget_lines-0-nature", "numéraire")
            thumb.find("id_budget_lines-0-funder", "orlea", "Orléans")
    thumb.add("legal_steps")
    thumb.choose("#id_legal_steps-0-kind", "délibération du conseil")
    thumb.type("#id_legal_steps-0-done_on", "02/10/2026")
    thumb.add("avenants")
    thumb.type("#id_avenants-0-number", "1")
    thumb.type("#id_avenants-0-purpose", "Prolonger d’un an")
    thumb.type("#id_avenants-0-ends_on", "2030")
    # The délibération itself.
    scan = tmp_path / "convention.pdf"
    paper = PdfWriter()
    paper.add_blank_page(200, 200)
    paper.write(scan)
    page.locator("#id_legal_steps-0-paper").set_input_files(scan)
    # The button of the file, and the file itself.
    thumb.taps += 2
    thumb.tap(page.get_by_role("button", name="Enregistrer et soumettre"))
    expect(page.get_by_text("La fiche est soumise")).to_be_visible()
    convention = Convention.objects.get(title=TITLE)
    assert convention.status == Status.SUBMITTED
    assert convention.actions.count() == len(ACTIONS)
    assert convention.budget_lines.filter(funder__slug="orleans", currency="EUR").count() == 4
    assert convention.legal_steps.get().document
    tell(thumb, MOST_SECONDS)

    # It comes back, is mended and sent again.
    secretary = User.objects.get(username="secretariat")
    reason = "L’intitulé ne dit pas le programme."
    step = STEPS["renvoyer"]
    carry_out(step, convention, by=secretary, reason=reason, version=convention.version)
    thumb.tap(page.locator(".top .work summary"))
    thumb.tap(page.locator(".top .work").get_by_role("link", name="Mes conventions"))
    expect(page.get_by_text(reason)).to_be_visible()
    thumb.tap(page.get_by_role("link", name="Corriger"))
    thumb.type("#id_objectives", "Donner l’eau, par un programme triennal")
    thumb.tap(page.get_by_role("button", name="Enregistrer et soumettre"))
    expect(page.get_by_text("La fiche est soumise")).to_be_visible()
    tell(thumb, MOST_WITH_A_RETURN)


def tell(thumb, most):
    print(
        f"\n{thumb.pages} pages, {thumb.taps} taps, {thumb.characters} characters: "
        f"{thumb.seconds:.0f} s of {most}"
    )
    assert thumb.seconds <= most
