"""The paths of a visitor, an agent, a member and the secretariat, on a phone and at a desk."""

import re
from io import BytesIO

import pytest
from django.core.management import call_command
from django.urls import reverse
from playwright.sync_api import expect
from pypdf import PdfReader

from agreements.models import Convention
from cooperation.demo import PASSWORD
from cooperation.models import Partner
from reports.models import Bilan
from tests.browser import follow_menu
from tests.e2e.test_access import violations
from tests.factories import make_action, make_convention
from tests.limits import limit_reports
from tests.search import conventions_found


def fits(page):
    """Nothing scrolls sideways."""
    page.wait_for_load_state()
    width = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    assert page.evaluate(width), page.url


def pick(page, field, typed, text):
    """Choose in an autocompleted field, by typing."""
    page.locator(f"#{field} + .select2 .select2-selection").click()
    page.locator(".select2-search__field").last.fill(typed)
    page.locator(".select2-results__option", has_text=text).first.click()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_visitor_finds_orleans_parakou_and_takes_the_bilan(open_as, scripts):
    page = open_as(scripts=scripts)
    page.get_by_label("Trouver une convention").fill("parakou orleans")
    page.get_by_role("button", name="Chercher").click()
    expect(page.get_by_role("heading", name="Conventions : 1")).to_be_visible()
    page.get_by_role("link", name="Partenariat Orléans-Parakou").click()
    expect(page.get_by_text("5 axes, 9 actions")).to_be_visible()
    expect(page.locator(".totals")).to_contain_text("1\u00a0123\u00a0884\u00a0€")
    follow_menu(page, "Bilans")
    page.get_by_role("link", name="2020", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Télécharger en PDF").click()
    content = BytesIO(download.value.path().read_bytes())
    text = " ".join(" ".join(p.extract_text() for p in PdfReader(content).pages).split())
    for action in conventions_found("parakou orleans").get().actions.all():
        assert action.title in text


def test_an_agent_enters_a_convention_and_sees_only_what_is_theirs(open_as):
    theirs = make_convention([Partner.objects.get(slug="porto-novo")], title="Brouillon secret")
    make_action(theirs)
    page = open_as("agent-parakou")
    follow_menu(page, "Saisir")
    page.locator("#content-main").get_by_role("link", name="Conventions", exact=True).last.click()
    expect(page.get_by_text("Brouillon secret")).to_have_count(0)
    page.get_by_role("link", name="Ajouter une convention").click()
    page.get_by_label("Intitulé").first.fill("Orléans et Parakou, suite")
    page.locator("#id_starts_on").fill("2027")
    page.locator("#id_ends_on").fill("12/2029")
    pick(page, "id_parties-0-partner", "orleans", "Orléans")
    pick(page, "id_parties-1-partner", "parak", "Parakou")
    page.locator("#avenants-group .add-row a").click()
    page.locator("#id_avenants-0-number").fill("1")
    page.locator("#id_avenants-0-purpose").fill("Prolonger d’un an")
    page.locator("#id_avenants-0-ends_on").fill("2029")
    page.locator("#actions-group .add-row a").click()
    page.locator("#id_actions-0-title").fill("Planter une forêt communale")
    page.locator("#id_starts_on").fill("l’an prochain")
    page.get_by_role("button", name="Enregistrer", exact=True).first.click()
    expect(page.get_by_text("Écrivez une année (2019)").first).to_be_visible()
    expect(page.locator("#id_avenants-0-purpose")).to_have_value("Prolonger d’un an")
    page.locator("#id_starts_on").fill("2027")
    page.get_by_role("button", name="Enregistrer", exact=True).first.click()
    expect(page.locator(".success")).to_be_visible()

    convention = Convention.objects.get(title="Orléans et Parakou, suite")
    page.goto(convention.get_absolute_url())
    fits(page)
    for text in ("brouillon, non public", "Prolonger d’un an", "Planter une forêt communale"):
        expect(page.get_by_text(text).first).to_be_visible()
    assert page.goto(theirs.get_absolute_url()).status == 404
    page.goto(f"/admin/agreements/convention/{theirs.pk}/change/")
    expect(page.get_by_text("Brouillon secret")).to_have_count(0)
    page.goto("/admin/actions/action/add/")
    page.locator("#id_convention + .select2 .select2-selection").click()
    expect(page.locator(".select2-results__option", has_text="suite")).to_have_count(1)
    expect(page.locator(".select2-results__option", has_text="Brouillon secret")).to_have_count(0)


def test_a_member_sees_drafts_and_the_secretariat_publishes(open_as):
    communes = Partner.objects.filter(slug__in=["parakou", "orleans"])
    draft = make_convention(communes, title="En préparation")
    visitor, member = open_as(), open_as("membre")
    assert visitor.goto(draft.get_absolute_url()).status == 404
    assert member.goto(draft.get_absolute_url()).status == 200
    expect(member.get_by_text("brouillon, non public")).to_be_visible()
    expect(member.get_by_role("link", name="Publier")).to_have_count(0)

    secretariat = open_as("secretariat")
    secretariat.goto(draft.get_absolute_url())
    secretariat.get_by_role("link", name="Publier").click()
    fits(secretariat)
    expect(secretariat.get_by_text("Ce qui manque encore")).to_be_visible()
    secretariat.get_by_role("button", name="Publier").click()
    expect(secretariat.get_by_text("La fiche est publiée.")).to_be_visible()
    assert visitor.goto(draft.get_absolute_url()).status == 200


def test_a_convention_goes_to_the_secretariat_and_back_with_its_reason(open_as):
    communes = Partner.objects.filter(slug__in=["parakou", "orleans"])
    draft = make_convention(communes, title="En préparation")
    agent, secretariat = open_as("agent-parakou"), open_as("secretariat")
    agent.goto(draft.get_absolute_url())
    agent.get_by_role("link", name="Soumettre au secrétariat").click()
    agent.get_by_role("button", name="Soumettre au secrétariat").click()
    expect(agent.get_by_text("La fiche est soumise")).to_be_visible()

    secretariat.goto("/")
    secretariat.get_by_role("link", name="1 convention", exact=True).click()
    secretariat.get_by_role("link", name="En préparation").click()
    secretariat.get_by_role("link", name="Renvoyer à la commune").click()
    secretariat.get_by_role("button", name="Renvoyer à la commune").click()
    secretariat.get_by_label("Motif").fill("Il manque la délibération.")
    secretariat.get_by_role("button", name="Renvoyer à la commune").click()
    expect(secretariat.get_by_text("La fiche est renvoyée à la commune")).to_be_visible()

    agent.goto(draft.get_absolute_url())
    expect(agent.get_by_text("Il manque la délibération.")).to_be_visible()
    fits(agent)
    agent.get_by_role("link", name="Historique").click()
    fits(agent)
    expect(agent.get_by_text("Renvoyé à la commune", exact=True)).to_be_visible()
    secretariat.goto("/suivi/")
    fits(secretariat)
    expect(secretariat.get_by_text("Les moins complètes d’abord")).to_be_visible()


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/conventions/",
        "/conventions/?q=rien&year=2019",
        "/conventions/?year=99999",
        "/conventions/CONV-2026-0010/",
        "/conventions/CONV-2026-0001/",
        "/actions/",
        "/actions/CONV-2026-0013-A1/",
        "/partenaires/",
        "/partenaires/ccp/",
        "/inventaire/",
        "/bilans/",
        "/bilans/2020/",
        "/connexion/",
    ],
)
def test_every_page_fits_the_screen_and_has_one_heading(open_as, address):
    page = open_as()
    assert page.goto(address).status == 200
    fits(page)
    expect(page.locator("h1")).to_have_count(1)


def test_the_keyboard_first_reaches_the_way_to_the_content(open_as):
    page = open_as()
    page.goto("/conventions/")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Aller au contenu")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("#contenu$"))


def test_an_agent_brings_a_list_in_and_takes_it_back(open_as, tmp_path):
    """The whole path of an import, with a mistake, a question, an undo."""
    path = tmp_path / "liste.csv"
    path.write_text(
        "Intitulé;Partie 1;Partie 2;Début;Montant 1;Monnaie 1\n"
        "Forêts communales;Parakou;Orléans;2027;1 500 000;FCFA\n"
        "Écoles jumelles;Parakou;Orleanz;2027;;\n"
        "Puits;Parakou;Orléans;bientôt;;\n",
        encoding="utf-8",
    )
    page = open_as("agent-parakou")
    follow_menu(page, "Saisir")
    page.get_by_role("link", name="Importez-la").click()
    page.get_by_role("link", name="Importer des conventions").click()
    page.get_by_label("Fichier").set_input_files(path)
    page.get_by_role("button", name="Envoyer et voir l’aperçu").click()
    fits(page)
    expect(page.get_by_text("1 ligne changerait le registre")).to_be_visible()
    expect(page.get_by_text("n’est pas une date").first).to_be_visible()
    page.get_by_label("Orléans – commune, France – nom proche").check()
    page.get_by_role("button", name="Répondre et relire le fichier").click()
    page.get_by_role("button", name="Importer 2 lignes").click()
    fits(page)
    expect(page.get_by_text("2 lignes sont écrites")).to_be_visible()
    imported = Convention.objects.filter(title="Forêts communales")
    assert imported.get().budget_lines.get().currency == "XOF"
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert "bientôt" in download.value.path().read_text(encoding="utf-8-sig")
    page.get_by_role("button", name="Annuler tout cet import").click()
    expect(page.get_by_text("Cet import est annulé")).to_be_visible()
    assert not imported.exists()


def test_a_member_follows_a_search(open_as):
    page = open_as("membre")
    page.goto("/conventions/?q=parakou")
    page.get_by_text("Emporter, suivre, partager").click()
    page.get_by_role("link", name="m’écrire quand il y a du nouveau").click()
    page.get_by_label("Nom").fill("Parakou")
    page.get_by_role("button", name="Suivre").click()
    fits(page)
    expect(page.get_by_role("link", name="Parakou", exact=True)).to_be_visible()


def test_the_secretariat_writes_publishes_and_a_reader_checks_a_bilan(
    open_as, tmp_path, monkeypatch
):
    # As a long one: it waits for a worker.
    limit_reports(monkeypatch, 0, "pdf")
    page = open_as("secretariat")
    page.goto("/bilans/")
    page.get_by_role("link", name="Préparer un bilan").click()
    page.get_by_label("Titre").fill("Bilan 2019 – 2021 de la commission")
    page.get_by_label("De (année)").fill("2019")
    page.get_by_label("À (année)").fill("2021")
    page.get_by_role("button", name="Commencer").click()
    page.get_by_label("Synthèse").fill("**Cinq constats** sur Parakou")
    # Saved as it is typed: another window already has it.
    expect(page.get_by_text("Enregistré à")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Synthèse")).to_have_value("**Cinq constats** sur Parakou")
    page.get_by_label("Leçons et bonnes pratiques").fill("Former avant d’équiper.")
    fits(page)
    assert violations(page) == []
    page.get_by_role("button", name="Enregistrer et voir").click()
    expect(page.locator(".prose strong").first).to_have_text("Cinq constats")
    fits(page)
    assert violations(page) == []
    page.get_by_label("J’ai relu l’aperçu").check()
    page.get_by_role("button", name="Publier l’édition n° 1").click()
    expect(page.get_by_text("Annuler")).to_be_visible()
    assert violations(page) == []
    call_command("db_worker", batch=True, startup_delay=False, verbosity=0, reload=False)
    page.reload()
    page.get_by_role("link", name="Édition n° 1").click()
    expect(page.get_by_text("Figée")).to_be_visible()
    fits(page)
    assert violations(page) == []
    with page.expect_download() as download:
        page.get_by_role("link", name="Télécharger en PDF").click()
    file = tmp_path / "bilan.pdf"
    download.value.save_as(file)
    reader = open_as()
    reader.goto("/bilans/")
    reader.get_by_role("link", name="Vérifier un exemplaire").click()
    reader.get_by_label("Numéro sur la couverture").fill("BILAN-2021-1-E1")
    reader.get_by_label("ou le fichier PDF").set_input_files(file)
    reader.get_by_role("button", name="Vérifier").click()
    expect(reader.get_by_role("status")).to_contain_text("C’est bien le PDF publié")
    assert violations(reader) == []


def test_two_who_write_at_once_are_told_and_lose_nothing(open_as):
    first, second = open_as("secretariat"), open_as("secretariat")
    record = Bilan.objects.create(title="Bilan commun", first_year=2020, last_year=2020)
    address = reverse("bilan_write", args=[record.reference])
    first.goto(address)
    second.goto(address)
    first.get_by_label("Synthèse").fill("De la première")
    expect(first.get_by_text("Enregistré à")).to_be_visible()
    second.get_by_label("Synthèse").fill("De la seconde")
    expect(second.get_by_text("Pas enregistré")).to_be_visible()
    second.get_by_role("button", name="Enregistrer et voir").click()
    expect(second.locator("main")).to_contain_text("De la première")
    expect(second.get_by_label("Synthèse")).to_have_value("De la seconde")


def sign_in_again(page):
    """In another tab of the same browser: every open form's token is then too old."""
    tab = page.context.new_page()
    tab.trouble = []
    tab.goto("/connexion/")
    tab.get_by_label("Identifiant").fill("secretariat")
    tab.get_by_label("Mot de passe").fill(PASSWORD)
    tab.get_by_role("button", name="Se connecter").click()
    follow_menu(tab, "Mon compte")


def test_a_new_sign_in_in_another_tab_stops_no_autosave(open_as):
    page = open_as("secretariat")
    record = Bilan.objects.create(title="Bilan gardé", first_year=2020, last_year=2020)
    page.goto(reverse("bilan_write", args=[record.reference]))
    sign_in_again(page)
    page.get_by_label("Synthèse").fill("Tapé ensuite")
    expect(page.get_by_text("Enregistré à")).to_be_visible(timeout=15_000)
    record.refresh_from_db()
    assert record.summary == "Tapé ensuite"


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_what_was_typed_survives_the_end_of_a_session(open_as, scripts):
    page = open_as("secretariat", scripts=scripts)
    page.goto(reverse("bilan_start"))
    page.locator("[name=title]").fill("Une demi-heure de frappe")
    page.locator("[name=first_year]").fill("2020")
    page.locator("[name=last_year]").fill("2020")
    page.context.clear_cookies(name="sessionid")
    page.locator("main form button").click()
    expect(page.get_by_text("est gardé dans cette page")).to_be_visible()
    fits(page)
    assert not scripts or violations(page) == []
    page.get_by_label("Identifiant").fill("secretariat")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    page.get_by_role("button", name="Envoyer de nouveau").click()
    assert Bilan.objects.get().title == "Une demi-heure de frappe"


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_long_inventory_is_asked_for_and_fetched(open_as, scripts, monkeypatch):
    limit_reports(monkeypatch, 2)
    page = open_as(scripts=scripts)
    page.goto("/inventaire/?par=country")
    page.get_by_role("link", name="Télécharger en PDF").click()
    expect(page.get_by_text("Ce rapport porte sur 13 conventions")).to_be_visible()
    fits(page)
    page.get_by_role("button", name="Préparer le fichier PDF").click()
    call_command("db_worker", batch=True, startup_delay=False, verbosity=0, reload=False)
    page.reload()
    expect(page.get_by_text("Le rapport est prêt")).to_be_visible()
    fits(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Télécharger inventaire").click()
    content = BytesIO(download.value.path().read_bytes())
    assert len(PdfReader(content).pages) > 4
