"""From the datum that a pack declares to WGS-84. The datum is never guessed: a pack without one is refused.

GCJ-02 is the shifted datum of public maps in mainland China: WGS-84 plus an offset of some hundred metres that is a
smooth function of the position. Its formula has no closed inverse, so the way back is a fixed-point iteration
(p = shifted - offset(p)); the offset changes by less than 1/1000 of a step, so it settles in a few rounds.
BD-09 turns and shifts GCJ-02 once more. CGCS2000 and WGS-84 agree within decimetres and are taken as equal.
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


def _shift(points: Points) -> Points:
    """How far GCJ-02 lies from WGS-84 at WGS-84 points (longitude, latitude), in degrees."""
    longitude, latitude = points[:, 0], points[:, 1]
    north, east = _waves(longitude - 105.0, latitude - 35.0)
    angle = np.radians(latitude)
    magic = 1.0 - _ECCENTRICITY2 * np.sin(angle) ** 2
    to_north = np.degrees(north * magic**1.5 / (_AXIS * (1.0 - _ECCENTRICITY2)))
    to_east = np.degrees(east * np.sqrt(magic) / (_AXIS * np.cos(angle)))
    inside = (longitude >= _WEST) & (longitude <= _EAST) & (latitude >= _SOUTH) & (latitude <= _NORTH)
    return np.where(inside[:, None], np.column_stack((to_east, to_north)), 0.0)


def wgs84_to_gcj02(points: Points) -> Points:
    """Shift an (n, 2) array of longitude and latitude in degrees from WGS-84 to GCJ-02."""
    return points + _shift(points)


def gcj02_to_wgs84(points: Points) -> Points:
    """Take an (n, 2) array of longitude and latitude in degrees from GCJ-02 back to WGS-84."""
    found = points.copy()
    for _ in range(_ROUNDS):
        found = points - _shift(found)
    return found


def bd09_to_wgs84(points: Points) -> Points:
    """Take an (n, 2) array of longitude and latitude in degrees from BD-09 to WGS-84."""
    x, y = points[:, 0] - 0.0065, points[:, 1] - 0.006
    radius = np.hypot(x, y) - 0.00002 * np.sin(y * _BD_TURN)
    angle = np.arctan2(y, x) - 0.000003 * np.cos(x * _BD_TURN)
    return gcj02_to_wgs84(np.column_stack((radius * np.cos(angle), radius * np.sin(angle))))


def _same(points: Points) -> Points:
    return points


DATUMS: dict[str, Callable[[Points], Points]] = {
    "WGS-84": _same,
    "CGCS2000": _same,
    "GCJ-02": gcj02_to_wgs84,
    "BD-09": bd09_to_wgs84,
}
