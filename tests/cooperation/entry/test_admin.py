import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from actions.models import Action
from agreements.models import Convention
from cooperation.models import Theme
from cooperation.records.gates import Status
from cooperation.roles import Role
from tests.entry import ADD, add_line, change, errors, page_data
from tests.factories import (
    make_action,
    make_avenant,
    make_axis,
    make_convention,
    make_document,
    make_partner,
    make_user,
    published,
)
from tests.search import conventions_found


@pytest.fixture
def theirs():
    """The draft of another commune, with one of everything."""
    convention = make_convention(title="La leur")
    make_avenant(convention)
    make_action(convention, axis=make_axis(convention))
    return convention


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
    assert [row["text"] for row in response.json()["results"]] == ["Orléans – commune, France"]


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


def test_a_member_enters_nothing(client, ours):
    client.force_login(make_user(Role.MEMBER))
    assert client.get(change(ours)).status_code == 302
    assert "connexion" in client.get(ADD)["Location"] or "login" in client.get(ADD)["Location"]


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


def test_a_new_convention_is_saved_and_handed_over_by_one_button(agent, ours):
    """It is in nobody's rows before it is saved: the second button was gone."""
    assertContains(agent.get(ADD), "Enregistrer et soumettre")
    assertContains(agent.get(change(ours)), "Enregistrer et soumettre")
