import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from pytest_django.asserts import assertContains

from cooperation.roles import Role
from reports.models import Bilan
from tests.reports.bilans import content_of, edition_of


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"first_year": "2021", "last_year": "2020"}, "finit avant"),
        ({"first_year": "1990", "last_year": "2020"}, "20 années au plus"),
        ({"first_year": "0", "last_year": "2020"}, "1899"),
        ({"first_year": "99999999999", "last_year": "2020"}, "2101"),
        ({"first_year": "2020", "last_year": "2020", "filters": "theme=zzz"}, "pas un choix"),
        ({"first_year": "2020", "last_year": "2020", "filters": "state=expiree"}, "filtre d’état"),
        ({"first_year": "", "last_year": ""}, "obligatoire"),
    ],
)
def test_a_period_or_scope_without_sense_is_said(sign_in, data, words):
    response = sign_in(Role.SECRETARIAT).post(reverse("bilan_start"), {"title": "x"} | data)
    assertContains(response, words)
    assert not Bilan.objects.exists()


def test_a_pdf_in_hand_is_compared_with_the_published_one(client, bilan, secretary, pango):
    edition = edition_of(bilan, secretary)
    address = reverse("edition_check")
    genuine = content_of(edition)

    def check(**data):
        return client.post(address, {"numero": edition.mark.lower()} | data)

    assertContains(check(fichier=ContentFile(genuine, "b.pdf")), "C’est bien le PDF publié")
    assertContains(check(fichier=ContentFile(genuine + b" ", "b.pdf")), "n’est pas le PDF publié")
    assertContains(check(empreinte=edition.pdf_sha256.upper()), "C’est bien le PDF publié")
    assertContains(check(empreinte=edition.facts_sha256), "C’est bien")
    assertContains(check(empreinte="0" * 64), "n’est pas le PDF publié")
    assertContains(check(empreinte="abc"), "64 chiffres")
    assertContains(check(), "remplacée", count=0)
    assertContains(check(), edition.pdf_sha256)
    assertContains(client.get(address, {"numero": edition.mark}), edition.facts_sha256)
    for absent in ("BILAN-2021-1-E9", "x", "BILAN-2021-1-E99999999999999999999", "É" * 40):
        assertContains(client.post(address, {"numero": absent}), "Aucune édition publiée")
