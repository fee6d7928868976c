"""The boundaries of communes: read from a GeoJSON file, drawn once, kept until others replace them."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import transaction

from cooperation.importing.matching import PartnerMatcher
from cooperation.journal import move_on
from cooperation.models import Partner
from reports.drawing import BENIN, drawn
from reports.models import Boundary

# Names of a message that tells of what is unknown or missing.
MOST_TOLD = 12


@transaction.atomic
def load_boundaries(path: Path, *, source: str, name: str = "") -> list[str]:
    """Replace the boundaries of communes by those of a GeoJSON file, in degrees (WGS 84).

    Communes are known by the names that they go by everywhere; `name` is the property that holds them,
    or else the one that names most. Returns the communes that the file lacks. ValidationError, in
    French, where a place is no commune, is there twice or has no outline: nothing is changed then.
    """
    features = read_features(path)
    matcher = PartnerMatcher(Partner.objects.published().communes())
    name = name or best_name(features, matcher)
    communes = {p.pk: p for p in Partner.objects.published().communes()}
    found, unknown = {}, []
    for properties, rings in features:
        text = str(properties.get(name) or "")
        keys = matcher.named(text) if text else set()
        if len(keys) != 1:
            unknown.append(text or "(sans nom)")
            continue
        (key,) = keys
        if key in found:
            raise ValidationError(f"{communes[key]} est là deux fois.")
        found[key] = drawn([(text, rings)], BENIN)
        if not found[key]:
            raise ValidationError(f"Le contour de « {text} » ne se dessine pas au Bénin.")
    if unknown:
        told = ", ".join(unknown[:MOST_TOLD]) + ("…" if len(unknown) > MOST_TOLD else "")
        raise ValidationError(f"Ces noms ne sont ceux d’aucune commune : {told}.")
    Boundary.objects.all().delete()
    Boundary.objects.bulk_create(
        Boundary(commune_id=key, path=line, source=source) for key, line in found.items()
    )
    move_on()
    return sorted(str(commune) for key, commune in communes.items() if key not in found)


def read_features(path) -> list[tuple[dict, list]]:
    """[(properties, outer rings), …] of the places of a GeoJSON file."""
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
        features = [
            (dict(feature["properties"] or {}), list(rings_of(feature["geometry"])))
            for feature in content["features"]
        ]
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise ValidationError("Ce fichier n’est pas un GeoJSON de polygones.") from error
    if not features:
        raise ValidationError("Ce fichier ne contient aucun lieu.")
    return features


def rings_of(geometry) -> Iterator[list]:
    """The outer ring of each polygon, as (longitude, latitude) pairs."""
    polygons = {"Polygon": [geometry["coordinates"]], "MultiPolygon": geometry["coordinates"]}
    for polygon in polygons[geometry["type"]]:
        ring = [(float(point[0]), float(point[1])) for point in polygon[0]]
        if any(abs(x) > 180 or abs(y) > 90 for x, y in ring):
            raise ValidationError(
                "Ces coordonnées ne sont pas en degrés : convertissez-les (WGS 84)."
            )
        yield ring


def best_name(features, matcher) -> str:
    """The property whose values name most communes."""
    named = Counter(
        name
        for properties, _ in features
        for name, value in properties.items()
        if isinstance(value, str) and len(matcher.named(value)) == 1
    )
    if not named:
        raise ValidationError("Aucune propriété de ce fichier ne porte le nom d’une commune.")
    return named.most_common(1)[0][0]
