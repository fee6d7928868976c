"""A framework, its programmes and their conventions: one tree, of which each has its own dates."""

import json

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from agreements.duplicates import likely_doubles, merge
from agreements.models import Convention
from tests.factories import make_convention, make_user, published
from tests.refusals import refused
from tests.reports.readers import pdf_of, text_of
from tests.sheets import csv_file


@pytest.fixture
def guyancourt(parakou, orleans):
    """Four levels, as Guyancourt and Comè have them: charter, framework, programme, yearly convention."""
    found, over = [], None
    for number, title in enumerate(("Charte", "Cadre", "Programme", "Annuelle")):
        facts = {"title": title, "starts_on": str(2004 + number), "framework": over}
        over = make_convention([parakou, orleans], **facts, **published())
        found.append(over)
    return found


def told(convention):
    rows = convention.tree(Convention.objects.published().with_term())
    return [(depth, one.title) for depth, one in rows]


def test_each_shows_the_whole_tree(client, guyancourt):
    """Programmes under one framework hid each other: each was said to follow the last."""
    expected = list(enumerate(["Charte", "Cadre", "Programme", "Annuelle"]))
    for convention in guyancourt:
        assert told(convention) == expected
        page = client.get(convention.get_absolute_url())
        assertContains(page, "Cadre, programmes et conventions")
        assertContains(page, f"{convention.title} (cette convention)")


def test_siblings_stand_side_by_side_and_a_programme_outlives_its_framework(guyancourt, parakou):
    _, cadre, programme, _ = guyancourt
    facts = {"title": "Second programme", "starts_on": "2015", "ends_on": "2030"}
    make_convention([parakou], **facts, framework=cadre, **published())
    assert told(programme)[-1] == (2, "Second programme")
    assert Convention.objects.with_term().get(title="Second programme").state == "en-vigueur"


def test_what_one_may_not_see_is_not_in_the_tree(client, guyancourt, parakou):
    _, cadre, programme, yearly = guyancourt
    secret = make_convention([parakou], title="Secrète", framework=programme)
    assertNotContains(client.get(cadre.get_absolute_url()), "Secrète")
    Convention.objects.filter(pk=programme.pk).update(status="retire")
    # Its convention does not vanish with it.
    assert (0, "Annuelle") in told(yearly)
    assert secret.framework == programme


def test_a_convention_alone_has_no_tree(client, parakou, orleans):
    convention = make_convention([parakou, orleans], **published())
    assert told(convention) == []
    assertNotContains(client.get(convention.get_absolute_url()), "Cadre, programmes")


def test_a_tree_is_no_circle(guyancourt):
    charte, *_, yearly = guyancourt
    charte.framework = yearly
    assert "tourneraient en rond" in refused(charte, "framework")


def test_programs_and_files_tell_the_framework(client, guyancourt):
    charte, cadre, *_ = guyancourt
    row = client.get(f"/api/v1/conventions/{cadre.reference}/").json()
    assert row["framework"] == charte.reference
    (line,) = [
        row
        for row in json.loads(b"".join(client.get("/conventions/export.json")))["results"]
        if row["reference"] == cadre.reference
    ]
    assert line["framework"] == charte.reference
    iati = b"".join(client.get(reverse("iati_activities"))).decode()
    assert f'framework="{charte.reference}"' in iati


def test_the_fiche_shows_the_tree(client, guyancourt, pango):
    address = reverse("fiche", args=["convention", guyancourt[1].reference])
    assert "niveau 2 : Cadre" in text_of(pdf_of(client.get(address)))


def test_a_framework_and_what_is_under_it_are_no_doubles(guyancourt):
    Convention.objects.update(starts_on="2010", ends_on="2012")
    pairs = {(p.first.title, p.second.title) for p in likely_doubles(Convention.objects.all())}
    linked = {("Charte", "Cadre"), ("Cadre", "Programme"), ("Programme", "Annuelle")}
    assert not pairs & linked


def test_a_merge_keeps_what_is_under_each(guyancourt, parakou, secretary):
    _, cadre, programme, _ = guyancourt
    kept = make_convention([parakou], title="Cadre, gardé", **published())
    merge(kept, cadre, by=secretary, taken_fields=["framework"], taken_groups=(), reason="Double")
    programme.refresh_from_db()
    assert (programme.framework, kept.framework.title) == (kept, "Charte")


def test_a_list_says_what_a_row_is_under(client, guyancourt, parakou, orleans):
    charte, *_ = guyancourt
    client.force_login(make_user("secretariat"))
    lines = f"Intitulé;Partie 1;Partie 2;Relève de\nProjet d’eau;Parakou;Orléans;{charte.reference}"
    page = client.post(
        reverse("import_start", args=["conventions"]), {"file": csv_file(lines)}, follow=True
    )
    assertContains(page, "Relève de")


def test_a_framework_is_not_given_by_force(guyancourt):
    charte, *_ = guyancourt
    charte.framework = charte
    with pytest.raises(ValidationError):
        charte.full_clean()
