"""Draws the maps once: the package world-atlas 2.0.2 (npm; ISC; Natural Earth, public domain)."""

import json
from collections.abc import Iterator
from pathlib import Path

from babel.core import get_global
from django.core.management.base import BaseCommand

from reports.drawing import BENIN, area, centre, drawn, simplified
from reports.maps import MAPS, Frame

# A page weighs what it shows: of the world, detail of less than a pixel is left out. In degrees.
DETAIL = 0.45
WORLD = Frame(west=-130, north=75, east=155, south=-50, scale=2, latitude=0)


class Command(BaseCommand):
    help = (
        "Draw reports/maps.json from two files of the npm package world-atlas: "
        "countries-10m.json (the outline of Benin) and countries-110m.json (the world)."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("fine", type=Path, help="countries-10m.json")
        parser.add_argument("coarse", type=Path, help="countries-110m.json")

    def handle(self, *, fine, coarse, **options) -> None:
        benin = next(c for c in countries(fine) if c[0] == "BJ")
        world = list(countries(coarse, DETAIL))
        places = {code: centre(max(rings, key=area)) for code, rings in countries(fine) if code}
        maps = {
            "benin": {"frame": BENIN.__dict__, "path": drawn([benin], BENIN)},
            "world": {"frame": WORLD.__dict__, "path": drawn(world, WORLD)},
            "countries": {
                code: [round(x, 1), round(y, 1)] for code, (x, y) in sorted(places.items())
            },
        }
        MAPS.write_text(json.dumps(maps, separators=(",", ":")) + "\n", encoding="utf-8")
        self.stdout.write(f"{MAPS.name}: {len(places)} countries, {MAPS.stat().st_size} bytes")


def countries(path, detail=0) -> Iterator[tuple[str, list[list]]]:
    """(ISO 3166-1 alpha-2 code or "", rings of longitudes and latitudes) of each country."""
    topology = json.loads(path.read_text(encoding="utf-8"))
    aliases = get_global("territory_aliases")
    # A border is one arc of both its countries: it stays the same line for both.
    arcs = [simplified(decoded(arc, topology["transform"]), detail) for arc in topology["arcs"]]
    for country in topology["objects"]["countries"]["geometries"]:
        polygons = country["arcs"] if country["type"] == "MultiPolygon" else [country["arcs"]]
        codes = aliases.get(country.get("id", ""), [""])
        yield codes[0], [ring(polygon[0], arcs) for polygon in polygons]


def decoded(arc, transform) -> list[tuple[float, float]]:
    (across, up), (west, south) = transform["scale"], transform["translate"]
    points, x, y = [], 0, 0
    for dx, dy in arc:
        x, y = x + dx, y + dy
        points.append((x * across + west, y * up + south))
    return points


def ring(numbers, arcs) -> list[tuple[float, float]]:
    """One closed line of several arcs; a negative number is an arc the other way round."""
    points = []
    for number in numbers:
        arc = arcs[number] if number >= 0 else arcs[~number][::-1]
        points += arc[1:] if points else arc
    return points
