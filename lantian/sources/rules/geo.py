"""Where a thing lies: in which area and zones, and how far from what. Positions are WGS-84 degrees, distances metres.

Distances are geodesics on the WGS-84 ellipsoid (Karney's algorithm in PROJ, good to nanometres), not chords of a
sphere: over 15 km a sphere is wrong by some 30 m, and a boiler at 14,990 m must be shut while one at 15,010 m may stay.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

Points = NDArray[np.float64]

# The shortest degree of latitude (at the equator), metres; that of longitude there, a little less than it is.
_LATITUDE_DEGREE: Final = 110_574.0
_LONGITUDE_DEGREE: Final = 111_319.0
_BLOCK: Final = 4_000_000  # pairs looked at in one go: 64 MB of distances in degrees
ZONE_KINDS: Final = ("built_up", "no_coal", "no_high_pollution_fuel", "planning", "key_region")


@dataclass(frozen=True, slots=True)
class Near:
    """That point number `point` lies `metres` from centre number `centre`; `bearing` from the point to the centre,
    degrees clockwise from north (0..360)."""

    point: int
    centre: int
    metres: float
    bearing: float


@dataclass(frozen=True)
class Zone:
    """A part of the city where other rules hold, in force from `since` to `until` (inclusive; None: open).

    `area` is the code of the area that it belongs to ("" where it spans several); `synthetic`: invented."""

    code: str
    kind: str
    name_zh: str
    name_en: str
    area: str
    geometry: BaseGeometry
    since: dt.date | None = None
    until: dt.date | None = None
    source: str = ""
    synthetic: bool = False

    def in_force(self, day: dt.date) -> bool:
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


class PlaceIndex:
    """Polygons by code, asked for many points at once. A point on a border belongs to the first of its codes in order."""

    def __init__(self, geometries: Mapping[str, BaseGeometry]) -> None:
        self.codes = tuple(sorted(geometries))
        self._tree = shapely.STRtree([geometries[code] for code in self.codes])

    def locate(self, points: Points) -> list[str | None]:
        """Return for each (longitude, latitude) of an (n, 2) array the code of the polygon that holds it, or None.

        A point that is not finite lies nowhere.
        """
        found: list[str | None] = [None] * len(points)
        for at, codes in self._hits(points):
            found[at] = codes[0]
        return found

    def all_of(self, points: Points) -> list[tuple[str, ...]]:
        """Return for each point the codes of every polygon that holds it, in order."""
        found: list[tuple[str, ...]] = [()] * len(points)
        for at, codes in self._hits(points):
            found[at] = tuple(codes)
        return found

    def _hits(self, points: Points) -> Iterable[tuple[int, list[str]]]:
        good = np.flatnonzero(np.isfinite(points).all(axis=1)) if len(points) else np.empty(0, dtype=np.intp)
        if not len(good) or not self.codes:
            return []
        asked, polygons = self._tree.query(shapely.points(points[good]), predicate="intersects")
        hits: dict[int, list[int]] = {}
        for point, polygon in zip(good[asked].tolist(), polygons.tolist(), strict=True):
            hits.setdefault(point, []).append(polygon)
        return [(point, [self.codes[one] for one in sorted(which)]) for point, which in hits.items()]


class ZoneIndex:
    """The zones of a city, asked by point, kind and day."""

    def __init__(self, zones: Iterable[Zone]) -> None:
        self.zones = {zone.code: zone for zone in zones}
        self._index = PlaceIndex({code: zone.geometry for code, zone in self.zones.items()})

    def kinds(self) -> frozenset[str]:
        """Return the kinds of which there is any zone: where there is none, nothing can be said of "inside"."""
        return frozenset(zone.kind for zone in self.zones.values())

    def at(self, points: Points, day: dt.date) -> list[tuple[Zone, ...]]:
        """Return for each point the zones in force on a day that hold it."""
        return [
            tuple(zone for code in codes if (zone := self.zones[code]).in_force(day))
            for codes in self._index.all_of(points)
        ]


def metres(lon: float, lat: float, to_lon: float, to_lat: float) -> float:
    """Return the geodesic distance of two positions; raises ValueError off the earth.

    >>> round(metres(112.734, 38.4167, 112.734, 38.5167))
    11101
    """
    return near(lon, lat, to_lon, to_lat)[0]


def near(lon: float, lat: float, to_lon: float, to_lat: float) -> tuple[float, float]:
    """Return distance (m) and bearing (degrees, 0..360) from one position to another; raises ValueError off the earth."""
    for one, other in ((lon, lat), (to_lon, to_lat)):
        if not (abs(one) <= 360 and abs(other) <= 90):  # also refuses NaN
            raise ValueError(f"({one}, {other}) is not on the earth: longitude first, in degrees.")
    azimuth, _back, distance = _geod().inv(lon, lat, to_lon, to_lat)
    return float(distance), float(azimuth) % 360.0


def within(points: Points, centres: Points, radius: float | NDArray[np.float64]) -> list[Near]:
    """Return every pair of a point and a centre at most `radius` metres apart (equal counts), by point, then distance.

    `points` (n, 2), `centres` (m, 2); `radius` one number, or one for each centre. Positions that are not finite are
    near nothing. A box of degrees that is never too small leaves out most pairs before a geodesic is computed.
    """
    radii = np.broadcast_to(np.asarray(radius, dtype=np.float64), (len(centres),))
    if not len(points) or not len(centres):
        return []
    step = max(1, _BLOCK // len(centres))
    found: list[Near] = []
    for start in range(0, len(points), step):
        found += _within(points[start : start + step], centres, radii, start)
    return found


def _within(points: Points, centres: Points, radii: NDArray[np.float64], start: int) -> list[Near]:
    which, what = np.nonzero(_maybe(points, centres, radii))
    if not len(which):
        return []
    azimuth, _back, distance = _geod().inv(points[which, 0], points[which, 1], centres[what, 0], centres[what, 1])
    close = np.asarray(distance) <= radii[what]
    rows = np.column_stack((which, what))[close]
    length, turn = np.asarray(distance)[close], np.asarray(azimuth)[close] % 360.0
    order = np.lexsort((rows[:, 1], length, rows[:, 0]))
    return [
        Near(start + int(rows[at, 0]), int(rows[at, 1]), float(length[at]), float(turn[at])) for at in order.tolist()
    ]


def _maybe(points: Points, centres: Points, radii: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Pairs in a box of degrees around each centre that surely holds its circle (False for positions not finite)."""
    tall = radii / _LATITUDE_DEGREE
    # The parallel that is reached farthest from the equator has the shortest degrees of longitude.
    cosine = np.cos(np.radians(np.minimum(np.abs(centres[:, 1]) + tall, 90.0)))
    wide = np.where(cosine > 1e-6, radii / (_LONGITUDE_DEGREE * np.maximum(cosine, 1e-6)), 360.0) * 1.01
    apart = np.abs(points[:, None, 0] - centres[None, :, 0]) % 360.0
    apart = np.minimum(apart, 360.0 - apart)
    inside: NDArray[np.bool_] = (np.abs(points[:, None, 1] - centres[None, :, 1]) <= tall * 1.01) & (apart <= wide)
    return inside


def circle(lon: float, lat: float, radius: float, corners: int = 72) -> list[tuple[float, float]]:
    """Return a closed ring of positions `radius` metres from a centre, clockwise from north, for drawing."""
    turns = np.linspace(0.0, 360.0, corners, endpoint=False)
    lons, lats, _back = _geod().fwd(np.full(corners, lon), np.full(corners, lat), turns, np.full(corners, radius))
    ring = [(float(x), float(y)) for x, y in zip(lons, lats, strict=True)]
    return [*ring, ring[0]]


def square_metres(geometry: BaseGeometry) -> float:
    """Return the area of a polygon or several on the ellipsoid (0 for what has no area).

    >>> round(square_metres(shapely.box(112.0, 38.0, 112.01, 38.01)) / 1000)
    975
    """
    if geometry.is_empty:
        return 0.0
    area, _length = _geod().geometry_area_perimeter(shapely.orient_polygons(geometry))
    return abs(float(area))


def as_points(positions: Sequence[tuple[float | None, float | None]]) -> Points:
    """Return positions as an (n, 2) array; a missing one becomes NaN, which lies nowhere and near nothing."""
    rows = [(np.nan, np.nan) if lon is None or lat is None else (lon, lat) for lon, lat in positions]
    return np.array(rows, dtype=np.float64).reshape(-1, 2)


@cache
def _geod() -> pyproj.Geod:
    return pyproj.Geod(ellps="WGS84")
