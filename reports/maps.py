"""Where communes and countries are, on maps drawn once (`make_maps`); nothing is fetched."""

import json
from dataclasses import dataclass, field
from functools import cache
from math import cos, radians, sqrt
from pathlib import Path

MAPS = Path(__file__).with_name("maps.json")
# The radius of the largest circle, in pixels.
LARGEST = 12
SMALLEST = 3


@dataclass(frozen=True)
class Frame:
    """What part of the world a map shows, in degrees, and how large: pixels a degree of latitude."""

    west: float
    north: float
    east: float
    south: float
    scale: float
    # Where east-west distances are true.
    latitude: float

    @property
    def width(self) -> int:
        return round(self.place(self.east, self.south)[0])

    @property
    def height(self) -> int:
        return round(self.place(self.east, self.south)[1])

    def place(self, longitude, latitude) -> tuple:
        """Pixels from the left and from the top."""
        across = (longitude - self.west) * cos(radians(self.latitude)) * self.scale
        return across, (self.north - latitude) * self.scale


@dataclass(frozen=True)
class Circle:
    """One place: how much there is, and where it leads."""

    x: float
    y: float
    radius: float
    label: str
    shown: str
    address: str
    # Whether it counts what a grouping of the place signed, not the place itself.
    is_grouped: bool = False


@dataclass(frozen=True)
class Map:
    name: str
    frame: Frame
    path: str
    circles: list[Circle]
    # [(SVG path, label), …] of the places whose boundary is known, and where they come from.
    areas: list[tuple[str, str]] = field(default_factory=list)
    source: str = ""


@cache
def drawings() -> dict:
    return json.loads(MAPS.read_text(encoding="utf-8"))


def make_map(name, title, places, *, areas=(), source="") -> Map:
    """A map with a circle for each (longitude, latitude, amount, label, shown, address, is_grouped).

    Areas are as the amounts; the largest are drawn first, so that none hides another.
    """
    drawing = drawings()[name]
    frame = Frame(**drawing["frame"])
    most = max((float(place[2]) for place in places), default=1) or 1
    circles = []
    for longitude, latitude, amount, *words in sorted(places, key=lambda place: -place[2]):
        x, y = frame.place(float(longitude), float(latitude))
        radius = max(SMALLEST, LARGEST * sqrt(float(amount) / most))
        circles.append(Circle(round(x, 1), round(y, 1), round(radius, 1), *words))
    return Map(title, frame, drawing["path"], circles, list(areas), source)


def country_centres() -> dict:
    """{"BJ": (longitude, latitude), …}."""
    return drawings()["countries"]
