"""Lines of longitudes and latitudes drawn as SVG paths, in whole pixels."""

from collections.abc import Iterator
from math import hypot

from reports.maps import Frame

BENIN = Frame(west=0.6, north=12.5, east=4, south=5.9, scale=60, latitude=9.3)
# Rings smaller than this, in square pixels, are not drawn.
SMALLEST = 10


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


def simplified(points, tolerance) -> list[tuple[float, float]]:
    """A line without the points that stray less than `tolerance` from it (Douglas and Peucker)."""
    (x1, y1), *between, (x2, y2) = points
    length = hypot(x2 - x1, y2 - y1)
    strays = [
        abs((x - x1) * (y2 - y1) - (y - y1) * (x2 - x1)) / length
        if length
        else hypot(x - x1, y - y1)
        for x, y in between
    ]
    if not strays or max(strays) < tolerance:
        return [points[0], points[-1]]
    furthest = strays.index(max(strays)) + 1
    before = simplified(points[: furthest + 1], tolerance)
    return before[:-1] + simplified(points[furthest:], tolerance)


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
