import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from cooperation.records.gates import Status
from cooperation.roles import Role
from cooperation.typography import spaced
from tests.entry import ADD, add_line, change, errors, page_data
from tests.factories import (
    make_action,
    make_avenant,
    make_axis,
    make_budget_line,
    make_convention,
    make_document,
    make_partner,
    make_user,
)


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


def test_published_terms_do_not_change_but_progress_does(agent, ours, parakou):
    action = make_action(ours, title="Puits")
    line = make_budget_line(ours, amount="500")
    ours.publish(make_user(Role.SECRETARIAT))
    page = agent.get(change(ours))
    assertContains(page, "changent par un avenant")
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
    assertContains(
        response, '<a href="#id_budget_lines-0-amount">Ligne budgétaire 1, montant prévu</a>'
    )
    assertContains(response, spaced("Rien n’est enregistré : 2 points à revoir"))


def test_what_is_wrong_with_the_whole_or_with_a_line_is_in_the_summary_too(agent, ours):
    data = page_data(agent.get(change(ours))) | {"starts_on": "2020", "ends_on": "2019"}
    partner = ours.parties.first().partner
    for _ in range(2):
        add_line(data, "parties", partner=str(partner.pk))
    response = agent.post(change(ours), data)
    summary = response.context["error_summary"]
    assert {where.split(",")[0] for where, *_ in summary} & {"Partie 2", "Parties"}
    assert all(message for *_, message in summary)
    assert f"{len(summary)} points à revoir" in response.text.replace("\u00a0", " ")


def test_saving_leads_to_the_page_that_says_what_comes_next(agent, ours):
    data = page_data(agent.get(change(ours))) | {"_save": "1"}
    assertRedirects(agent.post(change(ours), data), ours.get_absolute_url())
    data = page_data(agent.get(change(ours))) | {"_continue": "1"}
    assertRedirects(agent.post(change(ours), data), change(ours))


def test_saving_may_hand_over_at_once_and_says_why_it_could_not(agent, ours):
    ours.parties.exclude(partner=agent.user.partner).delete()
    data = page_data(agent.get(change(ours))) | {"title": "À relire", "_submit": "1"}
    page = agent.post(change(ours), data, follow=True)
    assertContains(page, "au moins deux parties")
    ours.refresh_from_db()
    assert (ours.title, ours.status) == ("À relire", Status.DRAFT)
    ours.parties.create(partner=make_partner())
    data = page_data(agent.get(change(ours))) | {"_submit": "1"}
    agent.post(change(ours), data)
    ours.refresh_from_db()
    assert ours.status == Status.SUBMITTED


def test_nobody_hands_over_what_is_not_theirs_to_hand_over(secretariat, ours):
    ours.publish(secretariat.user)
    page = secretariat.get(change(ours))
    assertNotContains(page, "_submit")
    secretariat.post(change(ours), page_data(page) | {"reason": "Relue", "_submit": "1"})
    ours.refresh_from_db()
    assert ours.status == Status.PUBLISHED


def test_the_entry_pages_speak_as_clerks_do(agent, ours):
    page = agent.get(ADD)
    for words in ("Ajouter une convention", "Ajouter une partie", "Ajouter un avenant"):
        assertContains(page, words)
    assertContains(page, "Ajouter une délibération, une transmission, une approbation")
    for address in (ADD, change(ours), reverse("admin:agreements_convention_changelist")):
        shown = agent.get(address).text
        for words in ("supplémentaire", "Sélectionnez l’objet", "Ajout de", "Modification de"):
            assert words not in shown


def test_the_form_says_where_the_record_stands(agent, ours):
    assertContains(agent.get(change(ours)), spaced("Brouillon : votre organisation"))
    ours.publish(make_user(Role.SECRETARIAT))
    assertContains(agent.get(change(ours)), spaced("Publié : tout le monde le voit"))


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


def test_a_line_that_somebody_changes_is_not_deleted_unseen(agent, ours):
    axis = make_axis(ours)
    data = page_data(agent.get(change(ours))) | {"axes-0-DELETE": "on"}
    axis.title = "Changé entre-temps"
    axis.save()
    assert "Changé entre-temps" in errors(agent.post(change(ours), data))
    assert ours.axes.exists()


def test_a_message_for_one_person_is_not_kept_for_all(agent, ours):
    data = page_data(agent.get(change(ours))) | {"note": "Relu"}
    assert agent.post(change(ours), data).status_code == 302
    agent.post(reverse("account_logout"))
    agent.get("/")
    agent.cookies.clear()
    assertNotContains(agent.get("/"), "La nôtre")
