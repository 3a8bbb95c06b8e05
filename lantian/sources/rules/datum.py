"""Coordinates in the datum that somebody declared: taken to WGS-84 and back, and doubted aloud, never changed.

    >>> to_wgs84(116.41024449916938, 39.91640428150164, "GCJ-02")
    (116.404, 39.915)

The register keeps what was declared and computes with WGS-84. A coordinate without a datum is not used: the datums
differ by half a kilometre, which is a wrong village, a wrong side of a border, or a boiler on the wrong side of a limit.
`doubts` finds points that lie outside their area as declared and inside it in another datum (or with longitude and
latitude exchanged), and proposes; a person decides.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from lantian.city.pack.datum import DATUMS, FROM_WGS84, is_shifted

Points = NDArray[np.float64]

NAMES: Final = tuple(DATUMS)
EXCHANGED: Final = "exchanged"  # the proposal that longitude and latitude stand in each other's place
_DECIMALS = 9  # 0.1 mm: hides the last bits of floating point, nothing else


class DatumError(ValueError):
    """The datum is not declared, or is none that is known."""


@dataclass(frozen=True, slots=True)
class Declared:
    """A position as somebody wrote it. `area` is the code of the area it is said to lie in ("": not said)."""

    code: str
    lon: float
    lat: float
    datum: str
    area: str = ""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A position that another reading would explain. `outside` is how far (m) it lies from its area as declared;
    `proposals`: datums, or "exchanged", with which it would lie inside."""

    declared: Declared
    outside: float
    proposals: tuple[str, ...]


def to_wgs84(lon: float, lat: float, datum: str) -> tuple[float, float]:
    """Return one position in WGS-84 degrees, good to a millimetre; raises DatumError, and ValueError off the earth."""
    return _one(convert(_point(lon, lat), datum, "WGS-84"))


def from_wgs84(lon: float, lat: float, datum: str) -> tuple[float, float]:
    """Return one WGS-84 position in another datum; raises DatumError, and ValueError off the earth."""
    return _one(convert(_point(lon, lat), "WGS-84", datum))


def convert(points: Points, source: str, target: str) -> Points:
    """Take an (n, 2) array of longitude and latitude in degrees from one datum to another; raises DatumError."""
    for name in (source, target):
        if name not in DATUMS:
            known = ", ".join(NAMES)
            raise DatumError(f"{name or 'no'} datum: declare one of {known}; it cannot be guessed from a position.")
    return points.copy() if source == target else FROM_WGS84[target](DATUMS[source](points))


def shifted_here(lon: float, lat: float) -> bool:
    """Tell whether public maps shift a WGS-84 position at all: outside mainland China GCJ-02 equals WGS-84."""
    return bool(is_shifted(_point(lon, lat))[0])


def doubts(points: Sequence[Declared], areas: Mapping[str, BaseGeometry]) -> list[Doubt]:
    """Return the positions that lie outside their area as declared but inside it in another reading.

    `areas`: boundaries in WGS-84 by code. A position that names no area, or one without a boundary, is held against
    all of them together. Positions without a known datum are skipped: that is another fault. Nothing is changed.
    """
    groups: dict[tuple[str, str], list[Declared]] = defaultdict(list)
    for one in points:
        if one.datum in DATUMS:
            groups[one.datum, one.area if one.area in areas else ""].append(one)
    whole = shapely.union_all(list(areas.values())) if areas else None
    found: list[Doubt] = []
    for (datum, area), members in groups.items():
        boundary = areas[area] if area else whole
        if boundary is not None:
            found += _doubts_of(members, datum, boundary)
    order = {id(one): at for at, one in enumerate(points)}
    return sorted(found, key=lambda doubt: order[id(doubt.declared)])


def summary(found: Iterable[Doubt]) -> dict[tuple[str, str], int]:
    """Count the doubts by (declared datum, proposal): many alike are one wrong column, not many wrong rows."""
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for doubt in found:
        for proposal in doubt.proposals:
            counts[doubt.declared.datum, proposal] += 1
    return dict(counts)


def _doubts_of(members: list[Declared], datum: str, boundary: BaseGeometry) -> list[Doubt]:
    raw = np.array([(one.lon, one.lat) for one in members], dtype=np.float64)
    shapely.prepare(boundary)
    now = DATUMS[datum](raw)
    outside = ~_inside(boundary, now)
    if not outside.any():
        return []
    readings = {name: _inside(boundary, DATUMS[name](raw)) for name in NAMES if DATUMS[name] is not DATUMS[datum]} | {
        EXCHANGED: _inside(boundary, DATUMS[datum](raw[:, ::-1].copy()))
    }
    found = []
    for at in np.flatnonzero(outside):
        proposals = tuple(dict.fromkeys(name for name, fits in readings.items() if fits[at] and name != "CGCS2000"))
        if proposals:
            found.append(Doubt(members[at], _metres_outside(boundary, now[at]), proposals))
    return found


def _inside(boundary: BaseGeometry, points: Points) -> NDArray[np.bool_]:
    fits: NDArray[np.bool_] = shapely.intersects_xy(boundary, points[:, 0], points[:, 1])
    return fits


def _metres_outside(boundary: BaseGeometry, point: Points) -> float:
    from lantian.sources.rules.geo import metres

    lon, lat = float(point[0]), float(point[1])
    if not (abs(lon) <= 180 and abs(lat) <= 90):
        return float("nan")
    nearest = shapely.get_coordinates(shapely.shortest_line(shapely.Point(lon, lat), boundary))[1]
    return metres(lon, lat, float(nearest[0]), float(nearest[1]))


def _point(lon: float, lat: float) -> Points:
    if not (abs(lon) <= 180 and abs(lat) <= 90):  # also refuses NaN
        raise ValueError(f"({lon}, {lat}) is not on the earth: longitude -180..180, latitude -90..90.")
    return np.array([[lon, lat]], dtype=np.float64)


def _one(points: Points) -> tuple[float, float]:
    return round(float(points[0, 0]), _DECIMALS), round(float(points[0, 1]), _DECIMALS)
