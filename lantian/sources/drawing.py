"""The register's map as plain data for an SVG: a window of degrees, outlines cut to it, points gathered where they crowd.

Equirectangular at the middle of the window, north up. Nothing is asked of another host; every point is a link.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import shapely
from shapely.geometry.base import BaseGeometry

WIDTH: Final = 720.0
CELL: Final = 30.0  # points closer than this on the paper stand as one
TOUCH: Final = 21.0  # dots closer than this would cover each other
LEAST: Final = 0.004  # degrees: the narrowest window
_RATIO: Final = (0.62, 1.25)  # height to width


@dataclass(frozen=True, slots=True)
class Window:
    """What is seen: degrees of longitude and latitude (WGS-84)."""

    west: float
    south: float
    east: float
    north: float

    @property
    def squeeze(self) -> float:
        """How much shorter a degree of longitude is than one of latitude at the middle."""
        return math.cos(math.radians((self.south + self.north) / 2))

    @property
    def scale(self) -> float:
        return WIDTH / ((self.east - self.west) * self.squeeze)

    @property
    def height(self) -> float:
        return (self.north - self.south) * self.scale

    def holds(self, lon: float, lat: float) -> bool:
        return self.west <= lon <= self.east and self.south <= lat <= self.north

    def project(self, lon: float, lat: float) -> tuple[float, float]:
        """Return where a position lies in the picture."""
        return (lon - self.west) * self.squeeze * self.scale, (self.north - lat) * self.scale

    def written(self) -> str:
        """Return the window as an address writes it."""
        return ",".join(f"{one:.4f}" for one in (self.west, self.south, self.east, self.north))

    def zoomed(self, factor: float) -> Window:
        """Return a window with the same middle, `factor` times as wide."""
        half_x, half_y = (self.east - self.west) / 2 * factor, (self.north - self.south) / 2 * factor
        x, y = (self.west + self.east) / 2, (self.south + self.north) / 2
        return fitted(x - half_x, y - half_y, x + half_x, y + half_y)

    def moved(self, right: float, up: float) -> Window:
        """Return a window moved by shares of its own size."""
        x, y = (self.east - self.west) * right, (self.north - self.south) * up
        return Window(self.west + x, self.south + y, self.east + x, self.north + y)


def fitted(west: float, south: float, east: float, north: float) -> Window:
    """Return the smallest window around these degrees that is neither too flat, too tall nor too narrow."""
    x, y = (west + east) / 2, (south + north) / 2
    squeeze = max(math.cos(math.radians(y)), 0.05)
    wide, high = max((east - west) * squeeze, LEAST), max(north - south, LEAST)
    wide, high = max(wide, high / _RATIO[1]), max(high, wide * _RATIO[0])
    return Window(x - wide / squeeze / 2, y - high / 2, x + wide / squeeze / 2, y + high / 2)


def parse_window(text: str) -> Window | None:
    """Read a window from an address; None where it is none."""
    try:
        west, south, east, north = (float(one) for one in text.split(","))
    except ValueError:
        return None
    good = -180 <= west < east <= 180 and -85 <= south < north <= 85
    return fitted(west, south, east, north) if good else None


@dataclass(frozen=True, slots=True)
class Spot:
    """A thing on the map: where it lies, what it is called, where it leads, its colour and a sign inside the dot."""

    lon: float
    lat: float
    label: str
    link: str
    tone: str
    sign: str = ""


@dataclass(frozen=True, slots=True)
class Dot:
    """One dot of the picture: a thing, or `n` things that stand too close; then `window` is where they come apart
    (None: they stand at one place)."""

    x: float
    y: float
    n: int
    spots: tuple[Spot, ...]
    window: Window | None = None

    @property
    def radius(self) -> float:
        return 9.0 if self.n == 1 else min(20.0, 10.0 + 3.0 * math.log10(self.n) * 2)


def gathered(spots: Iterable[Spot], window: Window) -> list[Dot]:
    """Return the dots of those things that lie in the window, crowds as one dot, in reading order (north-west first)."""
    cells: dict[tuple[int, int], list[Spot]] = defaultdict(list)
    for spot in spots:
        if window.holds(spot.lon, spot.lat):
            x, y = window.project(spot.lon, spot.lat)
            cells[int(y // CELL), int(x // CELL)].append(spot)
    dots = []
    for members in _joined([group for _cell, group in sorted(cells.items())], window):
        x, y = _middle(members, window)
        ordered = tuple(sorted(members, key=lambda one: one.label))
        dots.append(Dot(round(x, 1), round(y, 1), len(ordered), ordered, _apart(ordered, window)))
    return dots


def _middle(spots: Sequence[Spot], window: Window) -> tuple[float, float]:
    lon = sum(one.lon for one in spots) / len(spots)
    lat = sum(one.lat for one in spots) / len(spots)
    return window.project(lon, lat)


def _joined(groups: list[list[Spot]], window: Window) -> list[list[Spot]]:
    """Join groups of neighbouring cells whose middles would cover each other; each looks at those before it."""
    found: list[tuple[float, float, list[Spot]]] = []
    for group in groups:
        x, y = _middle(group, window)
        near = [at for at, one in enumerate(found) if abs(one[0] - x) < CELL and abs(one[1] - y) < CELL]
        close = [at for at in near if math.dist(found[at][:2], (x, y)) < TOUCH]
        if close:
            both = found[close[0]][2] + group
            found[close[0]] = (*_middle(both, window), both)
        else:
            found.append((x, y, group))
    return [one[2] for one in found]


def _apart(spots: Sequence[Spot], window: Window) -> Window | None:
    """The window in which a crowd comes apart; None for a single thing, or where nothing narrower would show more."""
    if len(spots) == 1:
        return None
    lons, lats = [one.lon for one in spots], [one.lat for one in spots]
    wide, high = max(lons) - min(lons), max(lats) - min(lats)
    if max(wide, high) < LEAST / 40:
        return None
    found = fitted(min(lons) - wide * 0.2, min(lats) - high * 0.2, max(lons) + wide * 0.2, max(lats) + high * 0.2)
    return found if found.east - found.west < (window.east - window.west) * 0.95 else None


def outline(geometry: BaseGeometry, window: Window) -> str:
    """Return the SVG path of a polygon, cut to the window and as fine as the picture shows; "" outside it."""
    margin = (window.east - window.west) * 0.05
    cut = shapely.clip_by_rect(
        geometry, window.west - margin, window.south - margin, window.east + margin, window.north + margin
    )
    if cut.is_empty:
        return ""
    drawn = shapely.simplify(cut, 0.7 / (window.scale * window.squeeze))
    return "".join(
        _ring(ring.coords, window)
        for polygon in shapely.get_parts(drawn)
        if polygon.geom_type == "Polygon"
        for ring in (polygon.exterior, *polygon.interiors)
    )


def ring_path(ring: Sequence[tuple[float, float]], window: Window) -> str:
    """Return the SVG path of a closed ring of positions."""
    return _ring(ring, window)


def _ring(coords: Iterable[Sequence[float]], window: Window) -> str:
    points = [window.project(one[0], one[1]) for one in coords]
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points[:-1]) + "Z"
