"""Entry by a commune agent: complete, within what is theirs, nothing lost."""

import pytest
from django.db.models.signals import pre_save
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from actions.models import BudgetLine, Disbursement
from agreements.models import Avenant, Convention
from cooperation.models import Partner
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
    published,
)
from tests.search import actions_found


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
    add_line(
        data, "disbursements", amount="1 250,50 €", currency="EUR", paid_on="3/2020", kind="verse"
    )
    assert agent.post(change(line), data).status_code == 302
    payment = Disbursement.objects.get()
    assert (str(payment.amount), payment.paid_on) == ("1250.50", "2020-03")


@pytest.mark.parametrize(
    ("amount", "currency", "message"),
    [
        ("1 123 884 €", "XOF", spaced("Vous avez écrit « € » et choisi XOF")),
        ("5 000 F CFA", "EUR", spaced("Vous avez écrit « F CFA » et choisi EUR")),
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


def test_a_document_added_to_a_published_convention_shows_at_once(agent, ours, parakou, client):
    ours.publish(make_user(Role.SECRETARIAT))
    document = make_document(entered_by=parakou)
    data = page_data(agent.get(change(ours))) | {"documents": [document.pk]}
    assert agent.post(change(ours), data).status_code == 302
    document.refresh_from_db()
    assert document.is_published


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


def test_draft_places_stay_out_of_public_pages_and_search(agent, parakou, orleans, client):
    convention = make_convention([parakou, orleans], **published())
    action = make_action(convention, title="Puits")
    action.places.add(make_partner(name="Commune secrète", status=Status.DRAFT))
    client.logout()
    for address in ("/inventaire/", "/bilans/2020/", "/actions/", action.get_absolute_url()):
        assertNotContains(client.get(address), "secrète")
    assert not actions_found("secrete").exists()


def test_an_action_its_place_its_dates_and_its_money_are_one_form(agent, parakou):
    """The money of an action asked for a second page, and for a third the place."""
    data = page_data(agent.get(ADD)) | {"title": "Eau"}
    for partner in (parakou, make_partner()):
        add_line(data, "parties", partner=partner.pk, role="signataire")
    add_line(data, "actions", title="Forages", places=[parakou.pk], planned_start="2027")
    add_line(data, "actions", title="Pompes", results="Six pompes posées")
    add_line(data, "budget_lines", amount="450000", currency="XOF", action="nouvelle-1")
    add_line(data, "budget_lines", amount="100", currency="EUR")
    assert agent.post(ADD, data).status_code == 302
    convention = Convention.objects.get()
    wells, pumps = convention.actions.order_by("number")
    assert (list(wells.places.all()), wells.planned_start) == ([parakou], "2027")
    assert pumps.results == "Six pompes posées"
    assert [(line.amount, line.action) for line in convention.budget_lines.order_by("pk")] == [
        (450000, pumps),
        (100, None),
    ]
    # Once saved, its lines are in the form, by their actions.
    page = agent.get(change(convention))
    assertContains(page, f'<option value="{pumps.pk}" selected>2. Pompes</option>', html=True)
    data = page_data(page)
    add_line(data, "budget_lines", amount="7", currency="EUR", action=wells.pk)
    assert agent.post(change(convention), data).status_code == 302
    assert wells.budget_lines.get().amount == 7


@pytest.mark.parametrize(
    "chosen", ["nouvelle-1", "nouvelle-7", "nouvelle-x", "99999999", "-1", "nouvelle-50"]
)
def test_money_of_an_action_that_is_not_there_is_refused(agent, parakou, chosen):
    other = make_action(make_convention())
    data = page_data(agent.get(ADD)) | {"title": "Eau"}
    for partner in (parakou, make_partner()):
        add_line(data, "parties", partner=partner.pk, role="signataire")
    add_line(data, "actions", title="Forages")
    add_line(data, "actions", title="Enlevée", DELETE="on")
    # Beyond what the form says that it adds.
    data["actions-50-title"] = "Glissée"
    for action in (chosen, other.pk):
        refused = data | {}
        add_line(refused, "budget_lines", amount="450000", currency="XOF", action=action)
        assert errors(agent.post(ADD, refused))
    assert not Convention.objects.filter(title="Eau").exists()


def test_a_new_action_stays_chosen_when_the_form_comes_back(agent, parakou):
    data = page_data(agent.get(ADD)) | {"title": ""}
    add_line(data, "actions", title="Forages <b>")
    add_line(data, "budget_lines", amount="450000", currency="XOF", action="nouvelle-0")
    page = agent.post(ADD, data)
    assertContains(
        page, '<option value="nouvelle-0" selected>Forages &lt;b&gt;</option>', html=True
    )


def test_parties_are_offered_first_among_those_who_pay(agent, parakou):
    party = make_partner(name="Zogbodomey amie", country="FR")
    make_partner(name="Aaa amie", country="FR")
    field = {"app_label": "actions", "model_name": "budgetline", "field_name": "funder"}
    address = reverse("autocomplete")

    def offered(**more):
        return [one["text"] for one in agent.get(address, field | more).json()["results"]]

    assert offered(term="amie")[0].startswith("Aaa")
    assert offered(term="amie", d_abord=f"{party.pk},x,")[0].startswith("Zogbodomey")
    assert offered(d_abord=party.pk)[0].startswith("Zogbodomey")
