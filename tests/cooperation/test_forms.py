"""A partner that is likely there already is told before it is added, at every door."""

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from cooperation.importing.likely import likely
from cooperation.models import Partner
from tests.cooperation.rest.programs import Program
from tests.factories import make_partner
from tests.sheets import read, rows, table


@pytest.fixture
def cergy():
    return make_partner(name="Communauté d’agglomération de Cergy-Pontoise", country="FR")


@pytest.mark.parametrize(
    ("name", "country", "is_told"),
    [
        ("Communauté d’agglomération de Cergy Pontoise", "FR", True),
        ("Communaute d'agglomeration Cergy-Pontoise", "", True),
        ("Communauté d’agglomération de Cergy-Pontoise", "BE", False),
        ("Cergy", "FR", False),
        ("Communauté d’agglomération du Beauvaisis", "FR", False),
    ],
)
def test_a_name_is_likely_that_of_a_partner_that_is_there(cergy, name, country, is_told):
    assert bool(likely(name, country, Partner.objects.all())) is is_told


def test_numbers_tell_apart():
    make_partner(name="Section 12 du programme", country="FR")
    assert not likely("Section 13 du programme", "FR", Partner.objects.all())


FORM = {
    "name": "Communauté d’agglomération Cergy-Pontoise",
    "country": "FR",
    "kind": "groupement",
    **{
        f"{prefix}-{name}_FORMS": "0"
        for prefix in ("contacts", "codes", "memberships")
        for name in ("TOTAL", "INITIAL")
    },
}


def test_the_form_asks_before_it_adds(secretariat, cergy):
    address = reverse("admin:cooperation_partner_add")
    assertNotContains(secretariat.get(address), 'type="checkbox" name="is_another"')
    page = secretariat.post(address, FORM)
    assertContains(page, "Peut-être déjà dans le registre")
    assertContains(page, "Cergy-Pontoise")
    assertContains(page, 'type="checkbox" name="is_another"')
    secretariat.post(address, FORM | {"is_another": "on"})
    assert Partner.objects.filter(name=FORM["name"]).exists()


def test_a_partner_that_is_changed_is_not_asked_about(secretariat, cergy):
    other = make_partner(name="Communauté d’agglomération Cergy-Pontoise", country="FR")
    page = secretariat.get(reverse("admin:cooperation_partner_change", args=[other.pk]))
    assertNotContains(page, "is_another")


def test_the_api_asks_before_it_adds(secretary, cergy):
    address, office = "/api/v1/partners/", Program(secretary)
    body = {"name": FORM["name"], "country": "FR"}
    answer = office.post(address, body)
    assert answer.status_code == 422
    assert "Peut-être déjà dans le registre" in str(answer.json())
    assert office.post(address, body | {"is_another": True}).status_code == 201


def test_a_list_of_partners_asks_before_it_adds(secretary, cergy):
    line = "Communauté d’agglomération Cergy-Pontoise;France"
    job = read(table(line, headings="Nom;Pays"), secretary, "partenaires")
    assert rows(job)[2].verdict == "question"
    (question,) = job.questions.values()
    assert question["choices"][0][0] == cergy.slug
