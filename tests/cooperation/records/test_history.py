"""What happened to a convention and its lines, and bringing a former value back."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django.asserts import assertContains

from actions.models import Action
from cooperation.models import Contact, Theme, User
from cooperation.records.gates import Status
from cooperation.records.history import events
from cooperation.roles import Role
from tests.factories import (
    make_action,
    make_avenant,
    make_axis,
    make_budget_line,
    make_convention,
    make_disbursement,
    make_document,
    make_indicator,
    make_measurement,
    make_partner,
    make_user,
)

# Sees everything.
ROOT = User(is_superuser=True)


@pytest.fixture
def ours(parakou, orleans):
    return make_convention([parakou, orleans], title="Avant")


def told(record):
    return [
        (event.label.split(".")[1], event.verb, [(c.name, c.old, c.new) for c in event.changes])
        for event in events(record, ROOT)
    ]


def test_every_line_of_a_convention_tells_its_story(ours):
    line = make_budget_line(ours, amount="100")
    make_disbursement(line)
    action = make_action(ours, title="Puits")
    axis = make_axis(ours, title="Eau")
    make_avenant(ours)
    make_action(make_convention(), title="Ailleurs")
    line.nature = "numeraire"
    line.save()
    action.axis = axis
    action.progress = 40
    action.save()
    assert told(ours)[:2] == [
        ("action", "modification", [("axis", "vide", "1. Eau"), ("progress", "vide", "40")]),
        ("budgetline", "modification", [("nature", "vide", "numéraire")]),
    ]
    assert {name for name, *_ in told(ours)} == {
        "convention", "party", "budgetline", "disbursement", "action", "axis", "avenant",
    }  # fmt: skip
    assert not [e for e in events(ours, ROOT) if e.model is Action and e.row.title == "Ailleurs"]


def test_links_to_themes_and_places_are_told_by_name(ours, parakou):
    ours.themes.add(Theme.objects.create(name="Eau", slug="eau"))
    assert told(ours)[0] == ("convention", "modification", [("themes", "vide", "Eau")])
    action = make_action(ours, places=[parakou])
    assert told(ours)[0] == ("action", "modification", [("places", "vide", "Parakou")])
    action.places.clear()
    assert told(ours)[0] == ("action", "modification", [("places", "Parakou", "vide")])


def test_what_was_deleted_is_told(ours):
    axis = make_axis(ours, title="Eau")
    axis.delete()
    assert told(ours)[0] == ("axis", "suppression", [])


def test_a_long_history_takes_the_same_queries(client, ours):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            events(ours, ROOT)
        return len(captured)

    make_action(ours).save()
    few = queries()
    for _ in range(15):
        make_action(ours).save()
        ours.save()
    assert queries() == few


def test_the_entry_forms_lead_to_the_same_history(agent, ours):
    action = make_action(ours)
    page = reverse("convention_history", args=[ours.reference])
    for name, key in (("agreements_convention", ours.pk), ("actions_action", action.pk)):
        response = agent.get(reverse(f"admin:{name}_history", args=[key]))
        assert response["Location"] == page
    theirs = make_convention()
    for key in (theirs.pk, "abc", "9" * 30):
        address = reverse("admin:agreements_convention_history", args=[key])
        assert agent.get(address).status_code == 404


def restore(client, convention, event, field=""):
    address = reverse("convention_restore", args=[convention.reference])
    data = {"model": event.label, "row": event.row.history_id, "field": field}
    return client.post(address, data, follow=True)


def test_a_former_value_comes_back_and_that_is_history_too(agent, ours):
    ours.title = "Après"
    ours.save()
    event = events(ours, ROOT)[0]
    page = agent.get(reverse("convention_history", args=[ours.reference]))
    assertContains(page, "Rétablir l’ancienne valeur")
    assertContains(restore(agent, ours, event, "title"), "C’est rétabli")
    ours.refresh_from_db()
    assert ours.title == "Avant"
    latest = events(ours, ROOT)[0]
    assert [(c.old, c.new) for c in latest.changes] == [("Après", "Avant")]
    assert latest.by == agent.user
    assert "Rétabli tel qu’au" in latest.reason


def test_former_links_and_deleted_lines_come_back(agent, ours, parakou):
    action = make_action(ours, places=[parakou])
    action.places.clear()
    restore(agent, ours, events(ours, ROOT)[0], "places")
    assert list(action.places.all()) == [parakou]
    axis = make_axis(ours, title="Eau")
    key = axis.pk
    axis.delete()
    restore(agent, ours, events(ours, ROOT)[0])
    assert ours.axes.get().pk == key
    assert "existe déjà" in restore(agent, ours, events(ours, ROOT)[1]).content.decode()


def test_a_former_value_that_breaks_a_rule_is_refused(agent, ours):
    ours.starts_on = "2018"
    ours.save()
    ours.ends_on = "2018"
    ours.save()
    response = restore(agent, ours, events(ours, ROOT)[1], "starts_on")
    assertContains(response, "La fin précède le début")
    ours.refresh_from_db()
    assert ours.starts_on == "2018"


def test_only_those_who_may_change_a_record_restore_it(client, ours, parakou):
    ours.title = "Après"
    ours.save()
    event = events(ours, ROOT)[0]
    for user, status in (
        (make_user(Role.COMMUNE), 404),
        (make_user(Role.MEMBER), 403),
    ):
        client.force_login(user)
        assert restore(client, ours, event, "title").status_code == status
    ours.publish(make_user(Role.SECRETARIAT))
    client.force_login(make_user(Role.COMMUNE, partner=parakou))
    assert restore(client, ours, event, "title").status_code == 403
    ours.refresh_from_db()
    assert ours.title == "Après"
    client.force_login(make_user(Role.SECRETARIAT))
    restore(client, ours, event, "title")
    ours.refresh_from_db()
    assert ours.title == "Avant"


def test_nothing_of_another_record_and_no_status_is_restored(agent, ours):
    theirs = make_convention([make_partner()], title="Avant")
    theirs.title = "Après"
    theirs.save()
    restore(agent, ours, events(theirs, ROOT)[0], "title")
    theirs.refresh_from_db()
    assert theirs.title == "Après"
    for field, row in (("status", 1), ("title", "abc"), ("title", "9" * 30), ("nothing", 1)):
        address = reverse("convention_restore", args=[ours.reference])
        data = {"model": "agreements.convention", "row": row, "field": field}
        assert agent.post(address, data).status_code == 302
    ours.refresh_from_db()
    assert ours.status == Status.DRAFT


def test_the_status_moves_by_its_steps_alone(secretariat, ours):
    ours.publish(secretariat.user)
    event = next(e for e in events(ours, ROOT) if any(c.name == "status" for c in e.changes))
    restore(secretariat, ours, event, "status")
    ours.refresh_from_db()
    assert ours.is_published


def test_the_page_opens_whatever_was_deleted(agent, ours, parakou):
    indicator = make_indicator(ours)
    make_measurement(indicator, "5")
    indicator.delete()
    newcomer = make_partner(name="Nouveau", status=Status.DRAFT, entered_by=parakou)
    ours.parties.create(partner=newcomer).delete()
    newcomer.delete()
    page = agent.get(reverse("convention_history", args=[ours.reference]))
    assert page.status_code == 200
    assertContains(page, "Mesure")


def test_what_a_line_hung_on_must_come_back_first(agent, ours, parakou):
    action = make_action(ours, places=[parakou])
    line = make_budget_line(ours, action=action)
    line.delete()
    action.delete()
    deleted = [event for event in events(ours, ROOT) if event.is_deletion]
    action_gone, line_gone = deleted
    assertContains(restore(agent, ours, line_gone), "rétablissez-le d’abord")
    restore(agent, ours, action_gone)
    restore(agent, ours, line_gone)
    assert ours.budget_lines.get().action == ours.actions.get()
    assert list(ours.actions.get().places.all()) == [parakou]


def test_a_list_of_which_a_part_is_gone_is_not_half_restored(agent, ours, parakou):
    document = make_document(entered_by=parakou)
    ours.documents.add(document)
    ours.documents.clear()
    document.delete()
    response = restore(agent, ours, events(ours, ROOT)[0], "documents")
    assertContains(response, "n’existe plus")


def test_restored_links_are_seen_by_a_form_opened_before(agent, ours, parakou):
    document = make_document(entered_by=parakou)
    ours.documents.add(document)
    ours.documents.clear()
    ours.refresh_from_db()
    before = ours.version
    restore(agent, ours, events(ours, ROOT)[0], "documents")
    ours.refresh_from_db()
    assert list(ours.documents.all()) == [document]
    assert ours.version > before


def test_a_former_list_of_files_publishes_and_withdraws_as_entry_does(secretariat, ours, parakou):
    """Taken off through its history, a file of a published convention stayed public."""
    by = make_user(Role.SECRETARIAT)
    ours.publish(by)
    document = make_document(entered_by=parakou)
    ours.documents.add(document)
    ours.settle(by)
    restore(secretariat, ours, events(ours, ROOT)[0], "documents")
    document.refresh_from_db()
    assert (ours.documents.count(), document.status) == (0, Status.WITHDRAWN)
    restore(secretariat, ours, events(ours, ROOT)[0], "documents")
    document.refresh_from_db()
    assert (ours.documents.count(), document.status) == (1, Status.PUBLISHED)


def test_history_names_only_what_its_reader_may_see(agent, ours):
    ours.predecessor = make_convention(title="Brouillon des autres")
    ours.save()
    ours.documents.add(make_document(title="Document des autres"))
    ours.documents.clear()
    ours.predecessor = None
    ours.save()
    page = agent.get(reverse("convention_history", args=[ours.reference])).content.decode()
    assert "(non visible)" in page
    assert "des autres" not in page
    agent.force_login(make_user(Role.MEMBER))
    page = agent.get(reverse("convention_history", args=[ours.reference])).content.decode()
    assert "Brouillon des autres" in page


@pytest.mark.parametrize("name", ["partner", "document"])
def test_partners_and_documents_have_a_history_page_and_restore_from_it(secretariat, client, name):
    record = make_partner(name="Avant") if name == "partner" else make_document(title="Avant")
    field = "name" if name == "partner" else "title"
    setattr(record, field, "Après")
    record._history_user = make_user(username="afi")
    record.save()
    key = getattr(record, record.address_field)
    address = reverse(f"{name}_history", args=[key])
    page = secretariat.get(address)
    assertContains(page, "<del>Avant</del>", html=True)
    assertContains(page, "afi")
    event = page.context["page"][0]
    secretariat.post(
        reverse(f"{name}_restore", args=[key]),
        {"model": event.label, "row": event.row.history_id, "field": field},
    )
    record.refresh_from_db()
    assert getattr(record, field) == "Avant"
    old_way = reverse(f"admin:cooperation_{name}_history", args=[record.pk])
    assert secretariat.get(old_way)["Location"] == address
    stranger = make_user(Role.COMMUNE)
    client.force_login(stranger)
    assert client.get(address).status_code == (403 if name == "partner" else 404)
    client.logout()
    assert client.get(address).status_code == 302


def test_the_history_of_a_partner_tells_its_codes_and_no_personal_data(secretariat):
    partner = make_partner()
    partner.codes.create(scheme="BJ-IFU", code="123")
    Contact.objects.create(
        partner=partner, function="Maire", name="Afi Secret", email="afi@example.org"
    )
    page = secretariat.get(reverse("partner_history", args=[partner.slug])).content.decode()
    assert "Code officiel" in page
    assert "Afi" not in page
    assert "afi@example.org" not in page


def test_what_only_the_secretariat_grants_is_not_restored_by_others(agent, ours):
    """An agent gave back the delegation that the secretariat had ended."""
    delegate = make_user(Role.COMMUNE, partner=make_partner())
    delegation = ours.delegations.create(user=delegate)
    delegation.delete()
    (gone,) = [event for event in events(ours, ROOT) if event.is_deletion]
    assertContains(restore(agent, ours, gone), "demandez-le au secrétariat")
    assert not ours.delegations.exists()
    agent.force_login(make_user(Role.SECRETARIAT))
    restore(agent, ours, gone)
    assert ours.delegations.get().user == delegate


def test_a_history_is_no_way_to_what_one_may_not_attach(agent, ours):
    """An agent restored a list that had held a document of members, and read it."""
    document = make_document(access="membres")
    ours.documents.add(document)
    ours.documents.clear()
    row = events(ours, ROOT)[0]
    assertContains(restore(agent, ours, row, "documents"), "n’est pas à vous")
    assert not ours.documents.exists()
    assert agent.get(document.get_absolute_url()).status_code == 404


def test_a_former_link_to_others_drafts_is_not_restored(agent, ours):
    secret = make_convention([make_partner()], title="Secrète")
    ours.predecessor = secret
    ours.save()
    ours.predecessor = None
    ours.save()
    assertContains(restore(agent, ours, events(ours, ROOT)[0], "predecessor"), "n’est pas à vous")
    ours.refresh_from_db()
    assert ours.predecessor is None
