"""From a declared datum to WGS-84 and back. The datum is never guessed: a pack without one is refused.

GCJ-02 is the shifted datum of public maps in mainland China: WGS-84 plus an offset of some hundred metres that is a
smooth function of the position. Its formula has no closed inverse, so the way back is a fixed-point iteration
(p = shifted - offset(p)); the offset changes by less than 1/1000 of a step, so it settles in a few rounds.
BD-09 turns and shifts GCJ-02 once more; the closed way back that is in common use is wrong by up to a metre, so that
too is iterated. CGCS2000 and WGS-84 agree within decimetres and are taken as equal.

The shift holds in mainland China; as the public implementations do, that is taken to be a box of degrees. Outside the
box nothing is shifted. Within the few hundred metres of its edge, where a shifted point leaves the box, there is no
way back that is right for both sides: a point that came from inside wins.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]

_AXIS = 6378245.0  # semi-major axis of the Krasovsky 1940 ellipsoid, metres
_ECCENTRICITY2 = 0.00669342162296594323
_BD_TURN = np.pi * 3000.0 / 180.0
_ROUNDS = 12
# The shift is defined for mainland China only.
_WEST, _EAST, _SOUTH, _NORTH = 72.004, 137.8347, 0.8293, 55.8271


def _waves(x: Points, y: Points) -> tuple[Points, Points]:
    """The two sums of sines that make the shift, in metres (north, east) before scaling to degrees."""
    root = np.sqrt(np.abs(x))
    common = (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + common
    north += (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y / 30.0 * np.pi)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + common
    east += (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    return north, east


def is_shifted(points: Points) -> NDArray[np.bool_]:
    """Tell for each WGS-84 point whether public maps shift it: whether it lies in the box of mainland China."""
    longitude, latitude = points[:, 0], points[:, 1]
    inside: NDArray[np.bool_] = (
        (longitude >= _WEST) & (longitude <= _EAST) & (latitude >= _SOUTH) & (latitude <= _NORTH)
    )
    return inside


def _offset(points: Points) -> Points:
    """How far GCJ-02 lies from WGS-84 at WGS-84 points (longitude, latitude), in degrees, wherever they are."""
    longitude, latitude = points[:, 0], points[:, 1]
    north, east = _waves(longitude - 105.0, latitude - 35.0)
    angle = np.radians(latitude)
    magic = 1.0 - _ECCENTRICITY2 * np.sin(angle) ** 2
    to_north = np.degrees(north * magic**1.5 / (_AXIS * (1.0 - _ECCENTRICITY2)))
    to_east = np.degrees(east * np.sqrt(magic) / (_AXIS * np.cos(angle)))
    return np.column_stack((to_east, to_north))


def wgs84_to_gcj02(points: Points) -> Points:
    """Shift an (n, 2) array of longitude and latitude in degrees from WGS-84 to GCJ-02."""
    return np.where(is_shifted(points)[:, None], points + _offset(points), points)


def gcj02_to_wgs84(points: Points) -> Points:
    """Take an (n, 2) array of longitude and latitude in degrees from GCJ-02 back to WGS-84."""
    # Away from the box the formula is meaningless and may run off: those points stand still meanwhile.
    near = (np.abs(points[:, 0] - (_WEST + _EAST) / 2) < (_EAST - _WEST) / 2 + 1) & (
        np.abs(points[:, 1] - (_SOUTH + _NORTH) / 2) < (_NORTH - _SOUTH) / 2 + 1
    )
    found = points.copy()
    for _ in range(_ROUNDS):
        found = np.where(near[:, None], points - _offset(found), points)
    return np.where((near & is_shifted(found))[:, None], found, points)


def gcj02_to_bd09(points: Points) -> Points:
    """Take an (n, 2) array of longitude and latitude in degrees from GCJ-02 to BD-09."""
    x, y = points[:, 0], points[:, 1]
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * _BD_TURN)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * _BD_TURN)
    return np.column_stack((radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006))


def bd09_to_gcj02(points: Points) -> Points:
    """Take an (n, 2) array of longitude and latitude in degrees from BD-09 back to GCJ-02."""
    found = points.copy()
    for _ in range(_ROUNDS):
        found = found + (points - gcj02_to_bd09(found))
    return found


def wgs84_to_bd09(points: Points) -> Points:
    """Take an (n, 2) array of longitude and latitude in degrees from WGS-84 to BD-09."""
    return gcj02_to_bd09(wgs84_to_gcj02(points))


def bd09_to_wgs84(points: Points) -> Points:
    """Take an (n, 2) array of longitude and latitude in degrees from BD-09 to WGS-84."""
    return gcj02_to_wgs84(bd09_to_gcj02(points))


def _same(points: Points) -> Points:
    return points


DATUMS: dict[str, Callable[[Points], Points]] = {
    "WGS-84": _same,
    "CGCS2000": _same,
    "GCJ-02": gcj02_to_wgs84,
    "BD-09": bd09_to_wgs84,
}
FROM_WGS84: dict[str, Callable[[Points], Points]] = {
    "WGS-84": _same,
    "CGCS2000": _same,
    "GCJ-02": wgs84_to_gcj02,
    "BD-09": wgs84_to_bd09,
}
