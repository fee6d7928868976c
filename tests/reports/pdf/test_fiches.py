"""Fiches: what a person may see of a record, on a few pages."""

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains

from cooperation.roles import Role
from tests.factories import (
    make_action,
    make_avenant,
    make_axis,
    make_budget_line,
    make_convention,
    make_disbursement,
    make_indicator,
    make_measurement,
    make_partner,
    published,
)
from tests.reports.readers import pdf_of, tags, text_of
from tests.search import conventions_found


@pytest.fixture
def convention(parakou, orleans):
    convention = make_convention(
        [parakou, orleans], title="Coopération décrite", objectives="Mieux gérer.", **published()
    )
    axis = make_axis(convention, title="Gouvernance")
    action = make_action(
        convention, axis=axis, title="Former les agents", places=[parakou], results="Vingt formés."
    )
    line = make_budget_line(convention, action=action, amount="1000.10", funder=orleans)
    make_disbursement(line, amount="300.03", paid_on="2020-05")
    make_avenant(convention, ends_on="2023", signed_on="2021", **published())
    indicator = make_indicator(convention, name="Agents formés", target="40")
    make_measurement(indicator, "20")
    return convention


def fiche(client, kind, key):
    return client.get(reverse("fiche", args=[kind, key]))


def plain(reader):
    return text_of(reader).replace("\u202f", " ").replace("\u00a0", " ")


def test_a_convention_with_its_money_its_actions_and_its_results(client, convention, pango):
    reader = pdf_of(fiche(client, "convention", convention.reference))
    text = plain(reader)
    for words in (
        convention.reference,
        "Coopération décrite",
        "2019 – 2023",
        "Orléans",
        "Mieux gérer.",
        "Gouvernance",
        "Former les agents",
        "1 000,10 €",
        "300,03 €",
        "Avenant n° 1",
        "Délibération du conseil : non renseignée",
        "Agents formés",
        "50 % de la cible",
        convention.get_absolute_url(),
    ):
        assert words in text
    assert len(reader.pages) <= 4
    figures = [element for element in tags(reader) if element["/S"] == "/Figure"]
    assert figures
    assert all(element.get("/Alt") for element in figures)


def test_an_action_and_a_commune(client, convention, parakou, pango):
    action = convention.actions.get()
    text = plain(pdf_of(fiche(client, "action", action.reference)))
    assert "Vingt formés." in text
    assert "1 000,10 €" in text
    text = plain(pdf_of(fiche(client, "partenaire", parakou.slug)))
    for words in ("Conventions : 1", "Coopération décrite", "Actions menées ici : 1", "1 000,10 €"):
        assert words in text


def test_the_fullest_records_have_fiches_of_four_pages_at_most(client, content, pango):
    convention = conventions_found("parakou orleans").get()
    for kind, key in (("convention", convention.reference), ("partenaire", "ccp")):
        assert len(pdf_of(fiche(client, kind, key)).pages) <= 4, key


def test_a_draft_says_that_it_is_not_public(sign_in, parakou, pango):
    draft = make_convention([parakou], title="Brouillon")
    client = sign_in(Role.MEMBER)
    assert "n’est pas publique" in plain(pdf_of(fiche(client, "convention", draft.reference)))


def test_what_a_person_does_not_see_has_no_fiche(client, parakou, db):
    draft = make_convention([parakou])
    action = make_action(draft)
    hidden = make_partner(status="brouillon", published_at=None)
    for kind, key in (
        ("convention", draft.reference),
        ("action", action.reference),
        ("partenaire", hidden.slug),
        ("convention", "absente"),
        ("bidule", "x"),
    ):
        assert fiche(client, kind, key).status_code == 404


def test_each_page_leads_to_its_fiche(client, convention, parakou):
    for record, kind, key in (
        (convention, "convention", convention.reference),
        (convention.actions.get(), "action", convention.actions.get().reference),
        (parakou, "partenaire", parakou.slug),
    ):
        assertContains(client.get(record.get_absolute_url()), reverse("fiche", args=[kind, key]))
