"""Real boundaries of communes on the map: from a file whose names are matched as everywhere."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from cooperation.models import Partner
from cooperation.typography import spaced
from reports.models import Boundary
from reports.overview import map_on_paper
from tests.contents import load_content
from tests.factories import make_convention, published
from tests.reports.readers import pdf_of, text_of


@pytest.fixture
def communes(db):
    load_content("reference")


def square(west, south, size=0.5):
    east, north = west + size, south + size
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def feature(name, *rings, kind="Polygon", label="NOM"):
    polygons = [[ring] for ring in rings]
    coordinates = polygons[0] if kind == "Polygon" else polygons
    return {
        "type": "Feature",
        "properties": {label: name, "code": "x"},
        "geometry": {"type": kind, "coordinates": coordinates},
    }


@pytest.fixture
def load(communes, tmp_path):
    def load(*features, **options):
        file = tmp_path / "communes.geojson"
        file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
        call_command("load_boundaries", file, source="Essai, 2024", **options)

    return load


def test_boundaries_are_drawn_with_their_source(load, client, capsys):
    """PEHONKO is Péhunco, whatever the file calls it."""
    before = client.get(reverse("overview_map"))
    assertNotContains(before, "Essai, 2024")
    multiple = feature("PEHONKO", square(2, 10), square(2.6, 10), kind="MultiPolygon")
    load(feature("Abomey Calavi", square(2.2, 6.4)), multiple)
    assert {str(one) for one in Boundary.objects.all()} == {"Abomey-Calavi", "Ouassa-Péhunco"}
    assert Boundary.objects.get(commune__name="Ouassa-Péhunco").path.count("M") == 2
    page = client.get(reverse("overview_map"))
    assertContains(page, spaced("leurs limites : Essai, 2024"))
    assertContains(page, "<title>Abomey-Calavi</title>")
    assert "2 communes dessinées" in capsys.readouterr().out


def test_the_inventory_on_paper_has_them_too(load, client, pango):
    """Its map is a drawing with words for who hears it, and names where the boundaries come from."""
    convention = make_convention([Partner.objects.get(slug="abomey-calavi")], **published())
    load(feature("Abomey Calavi", square(2.2, 6.4)))
    drawn = map_on_paper([convention.pk])
    assert [(one.label, one.shown) for one in drawn.circles] == [("Abomey-Calavi", "1")]
    assert [label for _, label in drawn.areas] == ["Abomey-Calavi"]
    text = text_of(pdf_of(client.get(reverse("inventory_file", args=["pdf"]))))
    assert "leurs limites : Essai, 2024" in " ".join(text.split())
    assert "Abomey-Calavi 1" in text.replace("\u00a0", " ")


def test_others_replace_those_that_were_there(load):
    load(feature("Parakou", square(2.5, 9.2)))
    load(feature("Kandi", square(2.8, 11)))
    assert [str(one) for one in Boundary.objects.all()] == ["Kandi"]


@pytest.mark.parametrize(
    ("features", "words"),
    [
        ([feature("Lomé", square(1.2, 6.2)), feature("Kandi", square(2.8, 11))], "commune : Lomé"),
        ([feature("Kandi", square(2.8, 11)), feature("KANDI", square(2, 11))], "deux fois"),
        ([feature("Kandi", square(430000, 1200000))], "pas en degrés"),
        ([feature("Kandi", square(40, 11))], "ne se dessine pas au Bénin"),
        ([feature("Nulle part", square(2, 11))], "Aucune propriété"),
        ([{"type": "Feature", "properties": {}, "geometry": None}], "pas un GeoJSON"),
        ([], "aucun lieu"),
    ],
)
def test_a_file_that_is_wrong_changes_nothing(load, features, words):
    load(feature("Parakou", square(2.5, 9.2)))
    with pytest.raises(CommandError, match=words):
        load(*features)
    assert [str(one) for one in Boundary.objects.all()] == ["Parakou"]


def test_the_property_of_the_names_may_be_told(load):
    one = feature("Kandi", square(2.8, 11))
    one["properties"]["autre"] = "Parakou"
    load(one, name="autre")
    assert Boundary.objects.get().commune == Partner.objects.get(slug="parakou")


def test_a_file_that_is_not_there_is_told(communes, tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        call_command("load_boundaries", tmp_path / "absent.geojson", source="x")
