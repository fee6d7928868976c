"""IATI files come in: the registry's own come back identical, others as drafts or with a reason."""

import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django.asserts import assertContains

from actions.models import Action, BudgetLine, IatiActivity
from agreements.models import Convention
from cooperation.models import Import, Partner, Theme
from cooperation.roles import Role
from tests.actions.iati.readers import FOREIGN, activities, activity, bring_in
from tests.factories import (
    make_convention,
    published,
)


def test_an_import_of_activities_is_undone_whole(secretariat, parakou):
    theme = Theme.objects.create(name="Eau", slug="eau", dac_code="14030")
    before = Partner.objects.count()
    job = bring_in(secretariat, FOREIGN, {"partenaire:fonds de l eau": "+"})
    secretariat.post(f"/imports/{job.reference}/annuler/")
    job.refresh_from_db()
    assert job.state == "annule", job.notice
    for model in (Convention, Action, BudgetLine, IatiActivity):
        assert not model.objects.exists(), model
    assert Partner.objects.count() == before
    assert Theme.objects.get() == theme


def test_an_agent_brings_in_what_their_commune_signs(commune_agent_in, parakou):
    job = bring_in(commune_agent_in, FOREIGN, {"partenaire:fonds de l eau": "+"})
    assert job.counts["ajout"] == 2
    made = Partner.objects.get(name="Fonds de l’eau")
    assert (made.status, made.entered_by) == ("brouillon", parakou)


@pytest.fixture
def commune_agent_in(sign_in, parakou):
    return sign_in(Role.COMMUNE, partner=parakou)


def test_an_agent_of_elsewhere_brings_in_nothing(sign_in, parakou):
    job = bring_in(sign_in(Role.COMMUNE), FOREIGN, {"partenaire:fonds de l eau": "+"})
    assert not Convention.objects.exists()
    assert any("n’est pas parmi les parties" in row.trouble for row in job.rows.all())


def test_an_action_does_not_join_what_is_published(sign_in, parakou, orleans):
    make_convention([parakou, orleans], **published())
    convention = Convention.objects.get()
    IatiActivity.objects.create(convention=convention, identifier="XX-ailleurs")
    job = bring_in(sign_in(Role.COMMUNE, partner=parakou), FOREIGN)
    row = job.rows.get(cells__0="XX-2")
    assert (row.verdict, "soumise ou publiée" in row.trouble) == ("refusee", True)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<iati-activities",
        b"<html/>",
        b'<iati-activities version="1.05"><iati-activity/></iati-activities>',
        b'<iati-activities version="2.03"/>',
        b'<!DOCTYPE x [<!ENTITY a "b">]><iati-activities version="2.03"><iati-activity/></iati-activities>',
        b"PK\x03\x04",
    ],
)
def test_what_is_no_activities_file_is_refused(secretariat, content):
    file = SimpleUploadedFile("x.xml", content, "application/xml")
    page = secretariat.post("/imports/nouveau/iati/", {"file": file, "reason": "Essai"})
    assert page.status_code == 200
    assert 'role="alert"' in page.content.decode()
    assert not Import.objects.exists()


def test_no_entity_is_opened(secretariat, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("mot de passe")
    bomb = f'<!DOCTYPE x [<!ENTITY a SYSTEM "file://{secret}">]>'.encode()
    content = bomb + FOREIGN.replace(b'<?xml version="1.0"?>\n', b"").replace(b"Boire.", b"&a;")
    file = SimpleUploadedFile("x.xml", content, "application/xml")
    page = secretariat.post("/imports/nouveau/iati/", {"file": file, "reason": "Essai"})
    assert "mot de passe" not in page.content.decode()
    assert not Import.objects.exists()


def test_what_is_left_out_comes_back_as_a_file_to_mend(secretariat):
    wrong = activity("N--1", "<x:a xmlns:x='urn:x'/>", title="")
    job = bring_in(secretariat, activities(activity("XX-1"), wrong))
    page = secretariat.get(f"/imports/{job.reference}/").content.decode()
    address = f"/imports/{job.reference}/a-corriger.xml"
    assert (address in page, "a-corriger.csv" in page) == (True, False)
    back = secretariat.get(address).getvalue()
    assert "Ligne 1 : intitulé" in back.decode()
    mended = back.replace(b"<narrative/>", b"<narrative>Un titre</narrative>")
    assert bring_in(secretariat, mended).counts == {"ajout": 1}
    assert secretariat.get(f"/imports/{job.reference}/a-corriger.csv").status_code == 404


def test_what_stands_between_and_within_texts_is_read_and_kept(secretariat):
    title = "Eau <b>potable</b> <!-- vu --> pour tous"
    line = '<budget><period-start iso-date="2020-01-01"/><period-end iso-date="2020-12-31"/>'
    line += '<value currency="EUR">10<!-- et -->00</value></budget>'
    second = "<title><narrative>Deuxième</narrative></title>"
    content = activities(activity("XX-1", line + second, title=title), "perdu", activity("XX-2"))
    assert bring_in(secretariat, content).counts == {"ajout": 2}
    kept = IatiActivity.objects.get(identifier="XX-1")
    assert kept.convention.title.split() == ["Eau", "potable", "pour", "tous"]
    assert BudgetLine.objects.get().amount == 1000
    assert "<b>potable</b>" in kept.elements
    assert "Deuxième" in kept.elements


def test_an_attribute_that_the_registry_does_not_know_is_kept(secretariat):
    own = (
        '<registre:convention title="X" inconnu="a" predecessor="CONV-1990-0001">'
        '<registre:axis title="A" number="1" autre="b"/></registre:convention>'
    )
    assert bring_in(secretariat, activities(activity("XX-1", own))).counts == {"ajout": 1}
    kept = IatiActivity.objects.get().elements
    for text in ('inconnu="a"', 'autre="b"', 'predecessor="CONV-1990-0001"'):
        assert text in kept, text


@pytest.mark.parametrize(
    ("inside", "attributes", "words"),
    [
        ("", " ".join(f'a{n}="x"' for n in range(60_000)), "100 attributs"),
        ("<title/>" * 30_000, "", "20000 éléments"),
    ],
    ids=["attributes", "elements"],
)
def test_a_small_file_freezes_nobody(secretariat, inside, attributes, words):
    """Two megabytes of attributes kept the site busy for five minutes."""
    began = time.monotonic()
    content = f'<iati-activities version="2.03"><iati-activity {attributes}>{inside}</iati-activity></iati-activities>'
    response = secretariat.post(
        "/imports/nouveau/iati/",
        {"file": SimpleUploadedFile("a.xml", content.encode()), "reason": "Essai"},
    )
    assertContains(response, words)
    assert time.monotonic() - began < 10
