"""Who is in a convention: a commune, or the arrondissement of it that the text engages."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from pytest_django.asserts import assertContains

from agreements.models import Party
from tests.factories import make_arrondissement, make_convention, make_partner, published
from tests.reports.readers import pdf_of, text_of
from tests.sheets import read, rows, table, written

HEADINGS = "Intitulé;Partie 1;Arrondissement de la partie 1;Partie 2"


@pytest.fixture
def kilibo():
    return make_arrondissement(make_partner(name="Ouessè"), name="Kilibo", code="BJ-CO-OUE-05")


@pytest.fixture
def convention(kilibo, orleans):
    convention = make_convention([kilibo.commune, orleans], title="Amitié", **published())
    convention.parties.filter(partner=kilibo.commune).update(arrondissement=kilibo)
    return convention


def test_it_is_named_wherever_its_commune_would_be(client, pango, convention):
    told = "Kilibo, arrondissement de Ouessè"
    assertContains(client.get(convention.get_absolute_url()), told)
    assertContains(client.get("/inventaire/"), told)
    row = client.get(reverse("convention_export", args=["json"])).getvalue().decode()
    assert told in row
    fiche = client.get(f"/fiches/convention/{convention.reference}.pdf")
    assert told in text_of(pdf_of(fiche))
    (party, _) = client.get(f"/api/v1/conventions/{convention.reference}/").json()["parties"]
    assert (party["partner"]["slug"], party["arrondissement"]) == ("ouesse", "BJ-CO-OUE-05")
    activity = client.get(f"/iati/activities/{convention.reference}.xml")
    assertContains(activity, 'arrondissement="BJ-CO-OUE-05"')


def test_it_counts_at_its_commune(client, convention):
    assertContains(client.get("/conventions/", {"commune": "ouesse"}), "Amitié")


def test_it_is_of_the_commune_that_is_party(convention, kilibo, orleans):
    party = Party(convention=convention, partner=orleans, arrondissement=kilibo, role="bailleur")
    with pytest.raises(ValidationError, match="n’est pas un arrondissement de ce partenaire"):
        party.full_clean()


def test_a_list_names_it(secretary, kilibo, orleans):
    job = read(table("Amitié;Ouessè;Kilibo;Orléans", headings=HEADINGS), secretary)
    written(job)
    assert Party.objects.get(partner=kilibo.commune).arrondissement == kilibo
    wrong = read(table("Autre;Orléans;Kilibo;Ouessè", headings=HEADINGS), secretary)
    assert "n’est pas un arrondissement de ce partenaire" in rows(wrong)[2].trouble
