"""Draws the maps once: the package world-atlas 2.0.2 (npm; ISC; Natural Earth, public domain)."""

import json
from collections.abc import Iterator
from pathlib import Path

from babel.core import get_global
from django.core.management.base import BaseCommand

from reports.maps import MAPS, Frame

BENIN = Frame(west=0.6, north=12.5, east=4, south=5.9, scale=60, latitude=9.3)
WORLD = Frame(west=-130, north=75, east=155, south=-50, scale=2, latitude=0)
# Rings smaller than this, in square pixels, are not drawn.
SMALLEST = 10


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
        world = list(countries(coarse))
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


def countries(path) -> Iterator[tuple[str, list[list]]]:
    """(ISO 3166-1 alpha-2 code or "", rings of longitudes and latitudes) of each country."""
    topology = json.loads(path.read_text(encoding="utf-8"))
    aliases = get_global("territory_aliases")
    arcs = [decoded(arc, topology["transform"]) for arc in topology["arcs"]]
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


def area(points) -> float:
    """Twice the area, whatever the direction."""
    pairs = zip(points, points[1:] + points[:1], strict=True)
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs))


def centre(points) -> tuple[float, float]:
    pairs = list(zip(points, points[1:] + points[:1], strict=True))
    crosses = [x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs]
    whole = 3 * sum(crosses)
    if not whole:
        return points[0]
    x = sum((x1 + x2) * cross for ((x1, _), (x2, _)), cross in zip(pairs, crosses, strict=True))
    y = sum((y1 + y2) * cross for ((_, y1), (_, y2)), cross in zip(pairs, crosses, strict=True))
    return x / whole, y / whole


def drawn(places, frame) -> str:
    """An SVG path: whole pixels, no point twice, no ring too small to see or out of the frame."""
    parts = []
    for _, rings in places:
        for points in rings:
            pixels = [tuple(round(value) for value in frame.place(x, y)) for x, y in points]
            kept = [
                p for p, previous in zip(pixels, [None, *pixels], strict=False) if p != previous
            ]
            inside = any(0 <= x <= frame.width and 0 <= y <= frame.height for x, y in kept)
            if inside and len(kept) > 3 and area(kept) / 2 >= SMALLEST:
                parts += [outline(line) for line in unbroken(kept, frame.width / 2)]
    return "".join(parts)


def unbroken(points, most) -> Iterator[list]:
    """The parts of a line between its jumps from one side of the world to the other."""
    part = points[:1]
    for point in points[1:]:
        if abs(point[0] - part[-1][0]) > most:
            yield part
            part = []
        part.append(point)
    yield part


def outline(points) -> str:
    """M x y l dx dy dx dy… z, with no space where a minus sign parts the numbers."""
    (x, y), *rest = points
    start, steps = f"M{x} {y}l", []
    for next_x, next_y in rest:
        steps.append(f"{next_x - x} {next_y - y}".replace(" -", "-"))
        x, y = next_x, next_y
    return start + " ".join(steps) + "z"
