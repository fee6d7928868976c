"""Entry by a commune agent: complete, within what is theirs, nothing lost."""

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models.signals import pre_save
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from actions.models import Action, BudgetLine, Disbursement
from agreements.models import Avenant, Convention
from cooperation.models import Contact, Document, Partner, Theme
from cooperation.records.gates import Status
from cooperation.roles import Role
from tests.entry import add_line, errors, page_data
from tests.factories import (
    PDF,
    make_action,
    make_avenant,
    make_axis,
    make_budget_line,
    make_convention,
    make_document,
    make_partner,
    make_user,
    published,
)
from tests.search import actions_found, conventions_found

ADD = reverse("admin:agreements_convention_add")


def change(record):
    meta = record._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[record.pk])


@pytest.fixture
def ours(parakou, orleans):
    return make_convention([parakou, orleans], title="La nôtre")


@pytest.fixture
def theirs():
    """The draft of another commune, with one of everything."""
    convention = make_convention(title="La leur")
    make_avenant(convention)
    make_action(convention, axis=make_axis(convention))
    return convention


def test_an_agent_enters_a_convention_whole(agent, parakou, orleans):
    data = page_data(agent.get(ADD)) | {
        "title": "Orléans et Parakou",
        "kind": "convention",
        "starts_on": "2027",
        "ends_on": "12/2029",
        "parties-0-partner": orleans.pk,
        "parties-1-partner": parakou.pk,
        "parties-1-role": "signataire",
    }
    add_line(data, "avenants", number=1, purpose="Prolonger", ends_on="31/12/2030")
    add_line(data, "legal_steps", kind="deliberation", partner=parakou.pk, done_on="2026")
    add_line(data, "axes", number=1, title="Eau")
    add_line(data, "actions", number=1, title="Puits")
    add_line(data, "budget_lines", amount="1 123 884,50", currency="EUR", nature="numeraire")
    response = agent.post(ADD, data)
    assert response.status_code == 302, errors(response)
    convention = Convention.objects.with_term().get()
    assert (convention.starts_on, convention.ends_on, convention.term) == (
        "2027",
        "2029-12",
        "2030-12-31",
    )
    assert convention.status == Status.DRAFT
    assert set(convention.partners.all()) == {parakou, orleans}
    assert str(convention.budget_lines.get().amount) == "1123884.50"
    page = agent.get(convention.get_absolute_url())
    for text in ("Orléans et Parakou", "Prolonger", "Puits", "1\u00a0123\u00a0884,50\u00a0€"):
        assertContains(page, text)


def test_an_agent_who_forgets_their_commune_keeps_the_convention(agent, parakou, orleans):
    data = page_data(agent.get(ADD)) | {"title": "x", "parties-0-partner": orleans.pk}
    assert agent.post(ADD, data).status_code == 302
    assert parakou in Convention.objects.get().partners.all()


def test_an_agent_adds_a_partner_which_stays_a_draft(agent, parakou):
    page = reverse("admin:cooperation_partner_add")
    data = page_data(agent.get(page)) | {
        "name": "Ville de Lyon",
        "kind": "commune",
        "country": "FR",
    }
    assert agent.post(page, data).status_code == 302
    partner = Partner.objects.get(name="Ville de Lyon")
    assert (partner.status, partner.entered_by) == (Status.DRAFT, parakou)


def test_what_is_in_the_list_is_what_may_be_changed(agent, ours, theirs):
    make_convention(title="Publique", **published())
    page = agent.get(reverse("admin:agreements_convention_changelist"))
    assertContains(page, "La nôtre")
    assertNotContains(page, "La leur")
    assertNotContains(page, "Publique")


def test_another_communes_draft_opens_at_no_address(agent, theirs):
    for record in (theirs, theirs.actions.get()):
        for page in ("change", "delete", "history"):
            meta = record._meta
            address = reverse(f"admin:{meta.app_label}_{meta.model_name}_{page}", args=[record.pk])
            response = agent.get(address, follow=True)
            assert "La leur" not in response.content.decode()


@pytest.mark.parametrize(
    ("model", "field", "hidden"),
    [
        ("convention", "predecessor", "La leur"),
        ("action", "convention", "La leur"),
        ("budgetline", "action", "Action secrète"),
        ("convention", "documents", "Document secret"),
    ],
)
def test_autocompletion_proposes_nothing_of_others(agent, theirs, model, field, hidden):
    theirs.actions.update(title="Action secrète")
    make_document(title="Document secret", entered_by=make_partner())
    app = "agreements" if model == "convention" else "actions"
    response = agent.get(
        reverse("admin:autocomplete"),
        {"app_label": app, "model_name": model, "field_name": field, "term": ""},
    )
    assert response.status_code == 200
    assert hidden not in response.content.decode()


def test_autocompletion_finds_partners_without_accents(agent, orleans):
    response = agent.get(
        reverse("admin:autocomplete"),
        {
            "app_label": "agreements",
            "model_name": "party",
            "field_name": "partner",
            "term": "orleans",
        },
    )
    assert [row["text"] for row in response.json()["results"]] == ["Orléans"]


def test_identifiers_of_others_are_refused_in_every_field(agent, ours, theirs):
    document = make_document(entered_by=make_partner())
    secret = make_partner(name="Secret", status=Status.DRAFT)
    action = make_action(ours)
    attempts = [
        (ours, {"predecessor": theirs.pk}),
        (ours, {"documents": [document.pk]}),
        (action, {"axis": theirs.axes.get().pk}),
        (action, {"implementers": [secret.pk]}),
    ]
    for record, values in attempts:
        data = page_data(agent.get(change(record))) | values
        assert "choix" in errors(agent.post(change(record), data)), values
    data = page_data(agent.get(change(action))) | {"convention": theirs.pk, "title": "Puits"}
    agent.post(change(action), data)
    action.refresh_from_db()
    assert action.convention == ours
    for prefix, values in (
        ("parties", {"partner": secret.pk}),
        ("legal_steps", {"kind": "deliberation", "document": document.pk}),
        ("budget_lines", {"amount": "1", "currency": "EUR", "funder": secret.pk}),
        ("actions", {"number": 9, "title": "x", "axis": theirs.axes.get().pk}),
        ("axes", {"number": 9, "title": "x", "added_by": theirs.avenants.get().pk}),
    ):
        data = page_data(agent.get(change(ours)))
        add_line(data, prefix, **values)
        assert "choix" in errors(agent.post(change(ours), data)), prefix


@pytest.mark.parametrize("prefix", ["avenants", "actions", "axes", "parties"])
def test_a_line_of_another_convention_is_not_reached_through_ours(agent, ours, theirs, prefix):
    make_avenant(ours)
    make_action(ours, axis=make_axis(ours))
    data = page_data(agent.get(change(ours)))
    row = getattr(theirs, prefix).first()
    before = row.history.count()
    data[f"{prefix}-0-id"] = row.pk
    for field in ("purpose", "title", "note"):
        if f"{prefix}-0-{field}" in data or field == "note":
            data[f"{prefix}-0-{field}"] = "Pris"
    agent.post(change(ours), data)
    row.refresh_from_db()
    assert row.history.count() == before


def test_a_convention_of_others_is_not_changed_by_post(agent, ours, theirs):
    data = page_data(agent.get(change(ours))) | {"title": "Prise"}
    agent.post(change(theirs), data)
    theirs.refresh_from_db()
    assert theirs.title == "La leur"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"title": ""}, "obligatoire"),
        ({"title": "x" * 300}, "250 caractères"),
        ({"starts_on": "99999"}, "comprise entre 1900 et 2100"),
        ({"starts_on": "0"}, "comprise entre 1900 et 2100"),
        ({"starts_on": "31/02/2019"}, "31/02/2019"),
        ({"starts_on": "l’an dernier"}, "Écrivez une année"),
        ({"starts_on": "2020", "ends_on": "2019"}, "La fin précède le début"),
        ({"duration_months": "99999999999999999999"}, "600"),
        ({"kind": "traité"}, "choix"),
        ({"note": "a\x1bb"}, "U+001B"),
    ],
)
def test_bad_input_is_named_saves_nothing_and_loses_nothing(agent, ours, values, said):
    data = page_data(agent.get(change(ours))) | {"objectives": "Un long texte saisi"} | values
    response = agent.post(change(ours), data)
    assert said in errors(response)
    assertContains(response, "Un long texte saisi")
    ours.refresh_from_db()
    assert (ours.title, ours.objectives, ours.version) == ("La nôtre", "", 1)


@pytest.mark.parametrize(
    ("prefix", "values", "said"),
    [
        ("budget_lines", {"amount": "-5", "currency": "EUR"}, "supérieur à zéro"),
        ("budget_lines", {"amount": "mille", "currency": "EUR"}, "n’est pas un montant"),
        ("budget_lines", {"amount": "1,2,3", "currency": "EUR"}, "n’est pas un montant"),
        ("budget_lines", {"amount": "9" * 40, "currency": "EUR"}, "chiffre"),
        ("budget_lines", {"amount": "5", "currency": "XXX"}, "choix"),
        ("budget_lines", {"amount": "5", "currency": ""}, "obligatoire"),
        ("budget_lines", {"amount": "5", "currency": "EUR", "year": "99999"}, "2101"),
        ("avenants", {"number": "0", "purpose": "x"}, "supérieure ou égale à 1"),
        ("avenants", {"number": "1", "purpose": "x", "ends_on": "2018"}, "précède le début"),
        ("avenants", {"number": "1", "purpose": "x", "budget_change": "5"}, "monnaie"),
        ("actions", {"number": "1", "title": "x" * 300}, "250 caractères"),
    ],
)
def test_bad_lines_are_named_save_nothing_and_lose_nothing(agent, ours, prefix, values, said):
    data = page_data(agent.get(change(ours))) | {"title": "Nouvel intitulé saisi"}
    add_line(data, prefix, **values)
    response = agent.post(change(ours), data)
    assert said in errors(response)
    assertContains(response, "Nouvel intitulé saisi")
    ours.refresh_from_db()
    assert ours.title == "La nôtre"
    assert not getattr(ours, prefix).exists()


def test_the_second_to_save_is_told_and_chooses(agent, ours, client):
    page = page_data(agent.get(change(ours)))
    first = make_user(Role.COMMUNE, partner=agent.user.partner, username="afi")
    ours._history_user = first
    ours.title = "Titre d’Afi"
    ours.save()
    page |= {"objectives": "Mes objectifs", "title": "Mon titre"}
    response = agent.post(change(ours), page)
    told = errors(response)
    assert "afi a modifié cette fiche" in told
    assert "Intitulé : « La nôtre » est devenu « Titre d’Afi »" in told
    assertContains(response, "Mes objectifs")
    ours.refresh_from_db()
    assert (ours.title, ours.objectives) == ("Titre d’Afi", "")
    again = page_data(response)
    assert again["title"] == "Mon titre"
    assert agent.post(change(ours), again).status_code == 302
    ours.refresh_from_db()
    assert (ours.title, ours.objectives) == ("Mon titre", "Mes objectifs")


def test_the_second_to_save_a_line_is_told_too(agent, ours):
    avenant = make_avenant(ours, purpose="Premier")
    page = page_data(agent.get(change(ours)))
    avenant.purpose = "Changé entre-temps"
    avenant.save()
    page["avenants-0-purpose"] = "Le mien"
    assert "Changé entre-temps" in errors(agent.post(change(ours), page))
    avenant.refresh_from_db()
    assert avenant.purpose == "Changé entre-temps"


def test_a_form_without_its_version_is_refused(agent, ours):
    data = page_data(agent.get(change(ours))) | {"title": "Autre"}
    del data["opened_version"]
    assert "Rien n’est encore enregistré" in errors(agent.post(change(ours), data))


def test_a_second_save_of_a_record_that_did_not_change_is_no_conflict(agent, ours):
    page = page_data(agent.get(change(ours)))
    assert agent.post(change(ours), page).status_code == 302
    ours.refresh_from_db()
    assert (ours.version, ours.history.count()) == (1, 1)


def test_a_number_taken_at_the_same_moment_is_no_error_page(agent, ours):
    """Another save slips in between the form's check and the database's."""

    def slip_in(instance, **kwargs):
        pre_save.disconnect(slip_in, sender=Avenant)
        make_avenant(ours, number=1, purpose="L’autre")

    data = page_data(agent.get(change(ours)))
    add_line(data, "avenants", number=1, purpose="Le mien")
    pre_save.connect(slip_in, sender=Avenant)
    response = agent.post(change(ours), data)
    assert response.status_code == 302
    assert ours.avenants.count() == 1


def test_published_terms_do_not_change_but_progress_does(agent, ours, parakou):
    action = make_action(ours, title="Puits")
    line = make_budget_line(ours, amount="500")
    ours.publish(make_user(Role.SECRETARIAT))
    page = agent.get(change(ours))
    assertContains(page, "change par un avenant")
    for forged in (
        {"title": "Réécrit"},
        {"ends_on": "2050"},
        {"budget_lines-0-amount": "1"},
        {"parties-0-role": "bailleur"},
    ):
        response = agent.post(change(ours), page_data(page) | forged)
        assert "ses termes changent par un avenant" in errors(response), forged
    data = page_data(page) | {"note": "Remarque"}
    add_line(data, "avenants", number=1, purpose="Prolonger", ends_on="2030")
    assert agent.post(change(ours), data).status_code == 302
    ours.refresh_from_db()
    line.refresh_from_db()
    assert (ours.title, ours.ends_on, ours.note) == ("La nôtre", "2021", "Remarque")
    assert str(line.amount) == "500.00"
    assert ours.parties.count() == 2
    assert ours.avenants.get().status == Status.DRAFT
    data = page_data(agent.get(change(action))) | {"progress": "40"}
    assert agent.post(change(action), data).status_code == 302
    action.refresh_from_db()
    assert (action.progress, action.title) == (40, "Puits")


def test_published_terms_take_no_new_line_from_an_agent(agent, ours):
    action = make_action(ours)
    ours.publish(make_user(Role.SECRETARIAT))
    data = page_data(agent.get(change(ours)))
    for prefix in ("parties", "axes", "actions", "budget_lines"):
        add_line(data, prefix, partner=make_partner().pk, title="x", amount="1", currency="EUR")
    assert "ses termes changent" in errors(agent.post(change(ours), data))
    assert (ours.parties.count(), ours.axes.count(), ours.actions.count()) == (2, 0, 1)
    page = reverse("admin:actions_action_add")
    data = page_data(agent.get(page)) | {"convention": ours.pk, "title": "x"}
    assert "Cette convention est publiée" in errors(agent.post(page, data))
    page = reverse("admin:actions_budgetline_add")
    data = page_data(agent.get(page)) | {"convention": ours.pk, "amount": "1", "currency": "EUR"}
    assert "Cette convention est publiée" in errors(agent.post(page, data))
    data = page_data(agent.get(change(action)))
    add_line(data, "budget_lines", amount="1", currency="EUR")
    agent.post(change(action), data)
    assert not ours.budget_lines.exists()


def test_what_the_secretariat_adds_to_published_terms_says_why(secretariat, ours):
    ours.publish(secretariat.user)
    page = reverse("admin:actions_budgetline_add")
    data = page_data(secretariat.get(page))
    data |= {"convention": ours.pk, "amount": "1", "currency": "EUR"}
    assert "Dites pourquoi" in errors(secretariat.post(page, data))
    assert secretariat.post(page, data | {"reason": "Oubli."}).status_code == 302
    assert ours.budget_lines.get().history.get().history_change_reason == "Oubli."
    draft = make_convention()
    assert secretariat.post(page, data | {"convention": draft.pk}).status_code == 302


def test_errors_are_listed_above_the_form_with_links(agent, ours):
    data = page_data(agent.get(change(ours))) | {"starts_on": "hier"}
    add_line(data, "budget_lines", amount="mille", currency="EUR")
    response = agent.post(change(ours), data)
    assertContains(response, '<a href="#id_starts_on">Début</a>')
    assertContains(response, '<a href="#id_budget_lines-0-amount">Montant prévu</a>')


def test_the_form_says_where_the_record_stands(agent, ours):
    assertContains(agent.get(change(ours)), "Brouillon : votre organisation")
    ours.publish(make_user(Role.SECRETARIAT))
    assertContains(agent.get(change(ours)), "Publié : tout le monde le voit")


def test_an_agent_changes_a_contact(agent, parakou):
    contact = Contact.objects.create(partner=parakou, function="Maire", name="Afi Exemple")
    data = page_data(agent.get(change(parakou))) | {"contacts-0-until": "2026"}
    assert agent.post(change(parakou), data).status_code == 302
    contact.refresh_from_db()
    assert contact.until == "2026"


def test_the_secretariat_corrects_published_terms(secretariat, ours):
    ours.publish(secretariat.user)
    axis = make_axis(ours, title="Eau")
    data = page_data(secretariat.get(change(ours))) | {"title": "Corrigé", "axes-0-title": "Eaux"}
    assert "obligatoire" in errors(secretariat.post(change(ours), data))
    data["reason"] = "Faute de frappe dans le texte transmis."
    assert secretariat.post(change(ours), data).status_code == 302
    ours.refresh_from_db()
    assert ours.title == "Corrigé"
    for record in (ours, axis):
        latest = record.history.first()
        assert latest.history_change_reason == data["reason"]
        assert latest.history_user == secretariat.user


def test_the_status_is_not_a_field_to_post(agent, ours):
    data = page_data(agent.get(change(ours)))
    data |= {"status": "publie", "published_at": "2020-01-01", "reference": "X", "version": "99"}
    data["title"] = "Autre"
    assert agent.post(change(ours), data).status_code == 302
    ours.refresh_from_db()
    assert (ours.status, ours.published_at, ours.version) == (Status.DRAFT, None, 2)
    assert ours.reference != "X"


@pytest.mark.parametrize("role", [Role.COMMUNE, Role.SECRETARIAT])
def test_nothing_published_is_deleted_in_the_admin(client, ours, parakou, role):
    user = make_user(role, **({"partner": parakou} if role == Role.COMMUNE else {}))
    client.force_login(user)
    action = make_action(ours)
    ours.publish(make_user(Role.SECRETARIAT))
    for record in (ours, action):
        meta = record._meta
        page = reverse(f"admin:{meta.app_label}_{meta.model_name}_delete", args=[record.pk])
        assert client.post(page, {"post": "yes"}).status_code == 403
        listing = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
        data = {"action": "delete_selected", "_selected_action": [record.pk], "post": "yes"}
        client.post(listing, data)
    assert Convention.objects.exists()
    assert Action.objects.exists()


def test_an_agent_deletes_a_line_of_a_draft(agent, ours):
    make_axis(ours)
    data = page_data(agent.get(change(ours))) | {"axes-0-DELETE": "on"}
    assert agent.post(change(ours), data).status_code == 302
    assert not ours.axes.exists()


def test_payments_are_entered_on_their_budget_line(agent, ours):
    ours.publish(make_user(Role.SECRETARIAT))
    action = make_action(ours)
    line = make_budget_line(ours, action=action, amount="500")
    data = page_data(agent.get(change(line)))
    add_line(data, "disbursements", amount="1 250,50 €", currency="EUR", paid_on="3/2020")
    assert agent.post(change(line), data).status_code == 302
    payment = Disbursement.objects.get()
    assert (str(payment.amount), payment.paid_on) == ("1250.50", "2020-03")


@pytest.mark.parametrize(
    ("amount", "currency", "message"),
    [
        ("1 123 884 €", "XOF", "Vous avez écrit « € » et choisi XOF"),
        ("5 000 F CFA", "EUR", "Vous avez écrit « F CFA » et choisi EUR"),
        ("1 250,50", "XOF", "XOF n’a pas de centimes"),
    ],
)
def test_an_amount_is_never_entered_in_another_currency(agent, ours, amount, currency, message):
    """The euros of a convention would else stand as francs, 656 times too little."""
    action = make_action(ours)
    data = page_data(agent.get(change(action)))
    add_line(data, "budget_lines", amount=amount, currency=currency)
    assertContains(agent.post(change(action), data), message)
    assert not BudgetLine.objects.exists()


def test_a_budget_line_entered_with_its_action_joins_the_convention(agent, ours):
    action = make_action(ours)
    data = page_data(agent.get(change(action)))
    add_line(data, "budget_lines", amount="20", currency="EUR")
    assert agent.post(change(action), data).status_code == 302
    assert BudgetLine.objects.get().convention == ours


def document_data(agent, file):
    page = reverse("admin:cooperation_document_add")
    data = page_data(agent.get(page)) | {"title": "Délibération", "kind": "deliberation"}
    return page, data | {"file": file}


def test_an_agent_uploads_a_document(agent, parakou):
    page, data = document_data(agent, SimpleUploadedFile("scan.pdf", PDF))
    assert agent.post(page, data).status_code == 302
    document = Document.objects.get()
    assert (document.entered_by, document.status) == (parakou, Status.DRAFT)


def test_a_file_may_have_a_name_as_long_as_systems_allow(agent):
    """A scan named after the whole title of its convention was refused, or lost its name."""
    name = "convention-de-cooperation-" + "x" * 220 + ".pdf"
    page, data = document_data(agent, SimpleUploadedFile(name, PDF))
    assert agent.post(page, data).status_code == 302
    assert len(Document.objects.get().file.name) < 120


def test_a_program_is_no_document(agent):
    program = SimpleUploadedFile("budget.pdf", b"MZ\x90\x00" + bytes(300), "application/pdf")
    page, data = document_data(agent, program)
    response = agent.post(page, data)
    assert "n’est pas d’un type accepté" in errors(response)
    assertContains(response, 'value="Délibération"')
    assert not Document.objects.exists()


def test_a_good_file_beside_another_error_is_asked_for_again(agent):
    page, data = document_data(agent, SimpleUploadedFile("scan.pdf", PDF))
    response = agent.post(page, data | {"dated": "hier"})
    assert "Choisissez à nouveau ce fichier" in errors(response)


def test_the_content_of_a_document_never_changes(agent, parakou):
    document = make_document(entered_by=parakou)
    data = page_data(agent.get(change(document))) | {"title": "Autre titre"}
    data["file"] = SimpleUploadedFile("autre.pdf", PDF + b"\n%changed")
    assert agent.post(change(document), data).status_code == 302
    sha256 = document.sha256
    document.refresh_from_db()
    assert (document.title, document.sha256) == ("Autre titre", sha256)


def test_a_document_added_to_a_published_convention_shows_at_once(agent, ours, parakou, client):
    ours.publish(make_user(Role.SECRETARIAT))
    document = make_document(entered_by=parakou)
    data = page_data(agent.get(change(ours))) | {"documents": [document.pk]}
    assert agent.post(change(ours), data).status_code == 302
    document.refresh_from_db()
    assert document.is_published


def test_an_agent_keeps_the_contacts_of_their_own_commune_only(agent, parakou, orleans):
    Contact.objects.create(partner=orleans, function="Maire", name="Personne Privée")
    assertNotContains(agent.get(change(orleans), follow=True), "Personne Privée")
    data = page_data(agent.get(change(parakou)))
    add_line(data, "contacts", function="Maire", name="Afi Exemple", since="2026")
    assert agent.post(change(parakou), data).status_code == 302
    assert parakou.contacts.get().name == "Afi Exemple"
    agent.post(change(orleans), {"name": "Prise"})
    orleans.refresh_from_db()
    assert orleans.name == "Orléans"


def test_a_member_enters_nothing(client, ours):
    client.force_login(make_user(Role.MEMBER))
    assert client.get(change(ours)).status_code == 302
    assert "connexion" in client.get(ADD)["Location"] or "login" in client.get(ADD)["Location"]


def test_the_secretariat_publishes_partners_from_their_list(secretariat, agent, parakou):
    draft = make_partner(name="Nouveau", status=Status.DRAFT, entered_by=parakou)
    listing = reverse("admin:cooperation_partner_changelist")
    data = {"action": "publish", "_selected_action": [draft.pk]}
    agent.force_login(make_user(Role.COMMUNE, partner=parakou))
    agent.post(listing, data)
    draft.refresh_from_db()
    assert not draft.is_published
    agent.force_login(make_user(Role.SECRETARIAT))
    assertContains(agent.post(listing, data, follow=True), "sont publiés")
    draft.refresh_from_db()
    assert draft.is_published


def test_saving_without_a_change_keeps_what_others_linked(agent, ours, parakou):
    """Documents, predecessors and partners that the agent could not choose, but that are there."""
    document = make_document(entered_by=make_partner())
    previous = make_convention()
    secret = make_partner(name="Secret", status=Status.DRAFT)
    ours.documents.add(document)
    ours.predecessor = previous
    ours.save()
    step = ours.legal_steps.create(kind="deliberation", document=document)
    action = make_action(ours, places=[secret])
    action.implementers.add(secret)
    line = make_budget_line(ours, funder=secret)
    for _ in ("draft", "published"):
        for record in (ours, action):
            data = page_data(agent.get(change(record)))
            assert agent.post(change(record), data).status_code == 302
        for record in (ours, step, action, line):
            record.refresh_from_db()
        assert list(ours.documents.all()) == [document]
        assert (ours.predecessor, step.document, line.funder) == (previous, document, secret)
        assert list(action.places.all()) == list(action.implementers.all()) == [secret]
        ours.publish(make_user(Role.SECRETARIAT))


def test_terms_typed_before_the_publication_are_not_dropped_without_a_word(agent, ours):
    action = make_action(ours, title="Puits")
    pages = {record: page_data(agent.get(change(record))) for record in (ours, action)}
    ours.publish(make_user(Role.SECRETARIAT))
    for record, page in pages.items():
        response = agent.post(change(record), page | {"title": "Un autre intitulé"})
        assert "ses termes changent" in errors(response) or "modifié" in errors(response), record


def test_a_published_document_does_not_leave_its_convention(agent, ours, parakou):
    document = make_document(entered_by=parakou)
    ours.documents.add(document)
    ours.publish(make_user(Role.SECRETARIAT))
    data = page_data(agent.get(change(ours)))
    del data["documents"]
    assert "ne se retire pas" in errors(agent.post(change(ours), data))


def test_a_published_legal_step_is_completed_but_not_rewritten(agent, ours):
    step = ours.legal_steps.create(kind="deliberation", number="12")
    ours.publish(make_user(Role.SECRETARIAT))
    data = page_data(agent.get(change(ours))) | {"legal_steps-0-number": "FAUX"}
    assert "ses termes changent" in errors(agent.post(change(ours), data))
    data = page_data(agent.get(change(ours))) | {"legal_steps-0-done_on": "2020"}
    assert agent.post(change(ours), data).status_code == 302
    step.refresh_from_db()
    assert (step.number, step.done_on) == ("12", "2020")


def test_a_line_that_somebody_changes_is_not_deleted_unseen(agent, ours):
    axis = make_axis(ours)
    data = page_data(agent.get(change(ours))) | {"axes-0-DELETE": "on"}
    axis.title = "Changé entre-temps"
    axis.save()
    assert "Changé entre-temps" in errors(agent.post(change(ours), data))
    assert ours.axes.exists()


def test_what_others_use_is_not_deleted(secretariat, ours, parakou):
    theme = Theme.objects.create(name="Eau", slug="eau")
    ours.themes.add(theme)
    document = make_document(entered_by=parakou)
    make_avenant(ours).documents.add(document)
    member = make_partner(name="Membre", status=Status.DRAFT)
    make_partner(name="Groupement").members.add(member)
    for record in (theme, document, member):
        with pytest.raises(ValidationError):
            record.delete()
        meta = record._meta
        page = reverse(f"admin:{meta.app_label}_{meta.model_name}_delete", args=[record.pk])
        assert secretariat.post(page, {"post": "yes"}).status_code == 403


@pytest.mark.parametrize(
    "address",
    [
        "/admin/cooperation/partner/?conventions={theirs}",
        "/admin/cooperation/partner/?users__isnull=0",
        "/admin/agreements/convention/?title__regex=(",
        "/admin/agreements/convention/?updated_at__year=0",
        "/admin/agreements/convention/?id__in=999999999999999999999",
    ],
)
def test_a_list_answers_no_question_but_its_own_filters(agent, theirs, address):
    assert agent.get(address.format(theirs=theirs.pk)).status_code in (302, 400)


def test_no_address_tells_the_name_of_a_hidden_record(agent, theirs):
    kind = ContentType.objects.get_for_model(Convention)
    response = agent.get(f"/admin/r/{kind.pk}/{theirs.pk}/")
    assert response.status_code == 404
    partner = make_partner(name="Secret", status=Status.DRAFT)
    history = reverse("admin:cooperation_partner_history", args=[partner.pk])
    response = agent.get(history, follow=True)
    assert response.status_code == 404
    assert "Secret" not in response.content.decode()


@pytest.mark.parametrize("key", ["abc", "9" * 30, "-1", "\x00"])
def test_keys_that_no_row_has_are_refused_quietly(agent, ours, key):
    assert agent.get(f"{ADD}?predecessor={key}&title={key}").status_code == 200
    data = page_data(agent.get(change(ours)))
    for field in ("predecessor", "odds", "themes", "documents"):
        assert errors(agent.post(change(ours), data | {field: [key]})), field
    assert errors(agent.post(change(ours), data | {"parties-0-partner": key}))
    listing = reverse("admin:agreements_convention_changelist")
    data = {"action": "delete_selected", "_selected_action": [key], "post": "yes"}
    assert agent.post(listing, data).status_code in (200, 302)
    assert Convention.objects.exists()


def test_a_very_long_search_is_cut_and_not_slow(agent, ours):
    listing = reverse("admin:agreements_convention_changelist")
    assert agent.get(listing, {"q": "mot " * 5000}).status_code == 200
    assert conventions_found(" ".join(map(str, range(5000)))).count() == 0


def test_actions_may_be_renumbered(agent, ours):
    first = make_action(ours, number=1)
    first.number = 2
    first.save()
    again = make_action(ours, number=1)
    assert again.reference != first.reference


def test_a_secretariat_with_an_organisation_does_not_join_what_it_saves(client, ours):
    client.force_login(make_user(Role.SECRETARIAT, partner=make_partner()))
    data = page_data(client.get(change(ours))) | {"note": "Relu"}
    assert client.post(change(ours), data).status_code == 302
    assert ours.parties.count() == 2


def test_a_message_for_one_person_is_not_kept_for_all(agent, ours):
    data = page_data(agent.get(change(ours))) | {"note": "Relu"}
    assert agent.post(change(ours), data).status_code == 302
    agent.post(reverse("logout"))
    agent.get("/")
    agent.cookies.clear()
    assertNotContains(agent.get("/"), "La nôtre")


def test_draft_places_stay_out_of_public_pages_and_search(agent, parakou, orleans, client):
    convention = make_convention([parakou, orleans], **published())
    action = make_action(convention, title="Puits")
    action.places.add(make_partner(name="Commune secrète", status=Status.DRAFT))
    client.logout()
    for address in ("/inventaire/", "/bilans/2020/", "/actions/", action.get_absolute_url()):
        assertNotContains(client.get(address), "secrète")
    assert not actions_found("secrete").exists()


def test_a_lost_file_is_not_an_error_page(client):
    document = make_document(**published())
    document.file.storage.delete(document.file.name)
    assert client.get(document.get_absolute_url()).status_code == 404


def test_forged_line_counts_are_no_error_page(agent, ours):
    make_avenant(ours)
    data = page_data(agent.get(change(ours))) | {"title": "Autre"}
    prefixes = ("parties", "avenants", "axes", "actions", "budget_lines", "legal_steps")
    forged = data | {f"{prefix}-INITIAL_FORMS": "0" for prefix in prefixes}
    assert agent.post(change(ours), forged).status_code in (200, 302)
    forged = data | {f"{prefix}-TOTAL_FORMS": "9999999" for prefix in prefixes}
    assert agent.post(change(ours), forged).status_code == 200
    forged = {key: value for key, value in data.items() if "_FORMS" not in key}
    assert agent.post(change(ours), forged).status_code == 200
    assert (ours.parties.count(), ours.avenants.count()) == (2, 1)
