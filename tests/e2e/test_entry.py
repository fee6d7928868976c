"""A clerk at work on a phone and at a desk: what the form fills in, and what no accident takes away."""

import re

import pytest
from playwright.sync_api import expect

from actions.models import BudgetLine
from agreements.models import Convention
from tests.e2e.test_paths import pick
from tests.factories import make_convention

ADD = "/admin/agreements/convention/add/"
OFFER = "Reprendre votre saisie"


def type_some(page):
    """A convention half typed: a party chosen, a line of money added."""
    page.goto(ADD)
    page.locator("#id_starts_on").fill("2027")
    pick(page, "id_parties-1-partner", "orleans", "Orléans")
    page.locator("#budget_lines-group .add-row a").click()
    page.locator("#id_budget_lines-0-amount").fill("450 000")
    page.locator("#id_budget_lines-0-currency").select_option("XOF")
    page.get_by_role("heading", name="Compléments").click()
    page.locator("#id_odds").get_by_label("ODD 6").check()


def is_all_there(page):
    expect(page.locator("#id_starts_on")).to_have_value("2027")
    expect(page.locator("#id_parties-0-partner + .select2")).to_contain_text("Parakou")
    expect(page.locator("#id_parties-1-partner + .select2")).to_contain_text("Orléans")
    expect(page.locator("#id_budget_lines-0-amount")).to_have_value("450 000")
    expect(page.locator("#id_odds").get_by_label("ODD 6")).to_be_checked()


def kept(page):
    # A moment after the last key.
    page.wait_for_timeout(700)
    assert page.evaluate("Object.keys(localStorage).join()").startswith("registre:")


def test_the_form_fills_in_what_it_can(open_as):
    page = open_as("agent-parakou")
    type_some(page)
    expect(page.get_by_label("Intitulé").first).to_have_value("Convention Parakou – Orléans, 2027")
    page.locator("#budget_lines-group .add-row a").click()
    expect(page.locator("#id_budget_lines-1-currency")).to_have_value("XOF")
    page.locator("#id_budget_lines-1-amount").fill("50 000,50")
    expect(page.locator("output.running")).to_have_text("Ensemble : 500 000,5 XOF")
    # A title that a person wrote stays.
    page.get_by_label("Intitulé").first.fill("Le mien")
    page.locator("#id_starts_on").fill("2028")
    page.locator("#id_ends_on").click()
    expect(page.get_by_label("Intitulé").first).to_have_value("Le mien")


def test_an_amount_is_given_to_an_action_of_the_same_form(open_as):
    page = open_as("agent-parakou")
    page.goto(ADD)
    for number, title in enumerate(("Forages", "Pompes")):
        page.locator("#actions-group .add-row a").click()
        page.locator(f"#id_actions-{number}-title").fill(title)
    page.locator("#budget_lines-group .add-row a").click()
    page.locator("#id_budget_lines-0-action").select_option(label="Pompes")
    page.locator("#id_actions-1-title").fill("Pompes solaires")
    page.locator("#id_budget_lines-0-amount").fill("450 000")
    page.locator("#id_budget_lines-0-currency").select_option("XOF")
    pick(page, "id_parties-1-partner", "orleans", "Orléans")
    # Whoever pays is most often a party: it comes first, before anything is typed.
    page.locator("#id_budget_lines-0-funder + .select2 .select2-selection").click()
    expect(page.locator(".select2-results__option").first).to_contain_text("Orléans")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.get_by_text("C’est enregistré")).to_be_visible()
    line = BudgetLine.objects.get(amount=450_000, action__title="Pompes solaires")
    assert line.convention == line.action.convention


@pytest.mark.parametrize("accident", ["power cut", "back", "ended session"])
def test_what_was_typed_is_offered_again(open_as, accident):
    page = open_as("agent-parakou")
    type_some(page)
    kept(page)
    if accident == "power cut":
        other = page.context.new_page()
        other.trouble = []
        page.close(run_before_unload=False)
        page = other
        page.goto(ADD)
    elif accident == "back":
        page.on("dialog", lambda dialog: dialog.accept())
        page.goto("/")
        page.go_back()
    else:
        cookies = [one for one in page.context.cookies() if one["name"] != "sessionid"]
        page.context.clear_cookies()
        page.context.add_cookies(cookies)
        page.on("dialog", lambda dialog: dialog.accept())
        page.goto(ADD)
        page.get_by_label("Identifiant").fill("agent-parakou")
        page.get_by_label("Mot de passe").fill("demonstration-2026")
        page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_text(OFFER)).to_be_visible()
    page.get_by_role("button", name="Reprendre").click()
    is_all_there(page)
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.get_by_text("C’est enregistré.")).to_be_visible()
    convention = Convention.objects.get(title="Convention Parakou – Orléans, 2027")
    assert convention.budget_lines.get().amount == 450_000
    # What was saved is offered to nobody.
    page.goto(ADD)
    expect(page.get_by_text(OFFER)).to_have_count(0)


def test_what_another_changed_meanwhile_is_told_and_not_overwritten(open_as):
    page = open_as("agent-parakou")
    parakou = Convention.objects.filter(parties__partner__slug="parakou").first()
    ours = make_convention([one.partner for one in parakou.parties.all()], title="La nôtre")
    address = f"/admin/agreements/convention/{ours.pk}/change/"
    page.goto(address)
    page.locator("#id_objectives").fill("Boire")
    kept(page)
    ours.objectives = "Semer"
    ours.save()
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(address)
    page.get_by_role("button", name="Reprendre").click()
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.get_by_text("a modifié cette fiche").first).to_be_visible()
    expect(page.locator("#id_objectives")).to_have_value("Boire")
    # Nothing is offered over what is there; saved at the second try, it is offered no more.
    expect(page.get_by_text(OFFER)).to_have_count(0)
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.get_by_text("C’est enregistré.")).to_be_visible()
    page.goto(address)
    expect(page.get_by_text(OFFER)).to_have_count(0)


def test_a_draft_is_its_account_s_alone_and_goes_when_one_leaves(open_as):
    page = open_as("agent-parakou")
    type_some(page)
    kept(page)
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("/")
    with page.expect_navigation():
        page.evaluate("document.querySelector('form[action=\"/deconnexion/\"]').submit()")
    assert page.evaluate("Object.keys(localStorage).length") == 0


def test_what_is_wrong_is_said_at_once_and_read_first(open_as):
    page = open_as("agent-parakou")
    page.goto(ADD)
    page.locator("#id_starts_on").fill("hier")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("alert")).to_contain_text("2 points à revoir")
    page.get_by_role("link", name="Début", exact=True).click()
    expect(page.locator("#id_starts_on")).to_be_focused()
    assert page.title().startswith("Erreur")


def heard(page):
    """[(role, name, the groups that it is in), …] of every control, as a screen reader has them."""
    devtools = page.context.new_cdp_session(page)
    nodes = devtools.send("Accessibility.getFullAXTree")["nodes"]
    known = {node["nodeId"]: node for node in nodes}

    def facts(node):
        return [node.get(fact, {}).get("value", "") for fact in ("role", "name")]

    for node in nodes:
        role, name = facts(node)
        if node.get("ignored") or role not in CONTROLS:
            continue
        around, place = [], known.get(node.get("parentId"))
        while place:
            if facts(place)[0] == "group" and facts(place)[1]:
                around.append(facts(place)[1])
            place = known.get(place.get("parentId"))
        yield role, name, tuple(around)


CONTROLS = (
    "textbox",
    "combobox",
    "checkbox",
    "button",
    "spinbutton",
    "listbox",
    "link",
    "searchbox",
)


def test_a_screen_reader_names_every_control_and_which_line_it_is_of(open_as):
    page = open_as("agent-parakou")
    page.goto(ADD)
    for group in ("actions", "budget_lines", "budget_lines", "legal_steps", "avenants"):
        page.locator(f"#{group}-group .add-row a").click()
    page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    controls = list(heard(page))
    assert len(controls) > 100
    assert [control for control in controls if not control[1].strip()] == []
    amounts = [around for _, name, around in controls if name.startswith("Montant prévu")]
    assert [around[0] for around in amounts] == ["Ligne budgétaire 1", "Ligne budgétaire 2"]
    # A line that goes renumbers the others.
    page.locator("#budget_lines-0 .inline-deletelink").click()
    amounts = [around for _, name, around in heard(page) if name.startswith("Montant prévu")]
    assert [around[0] for around in amounts] == ["Ligne budgétaire 1"]


def test_a_slow_network_and_two_taps_make_one_convention(open_as):
    """On 2G a page takes seconds to answer: one taps again."""
    page = open_as("agent-parakou")
    page.goto(ADD)
    page.locator("#id_title").fill("Une seule fois")
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    slow = {"offline": False, "latency": 900, "downloadThroughput": 8000, "uploadThroughput": 8000}
    devtools.send("Network.emulateNetworkConditions", slow)
    save = page.get_by_role("button", name="Enregistrer", exact=True)
    save.evaluate("button => [1, 2].forEach(() => button.click())")
    expect(page.get_by_text(re.compile("C’est enregistré|avait déjà servi")).first).to_be_visible(
        timeout=60_000
    )
    assert Convention.objects.filter(title="Une seule fois").count() == 1
