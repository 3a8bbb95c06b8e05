"""Where invented plants stand: inside areas that the caller gives, or in an invented square."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Ring = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Area:
    """An area: its code and outer rings of (lon, lat), WGS-84."""

    code: str
    rings: tuple[Ring, ...]


INVENTED = (Area("twin-1", (((110.0, 36.0), (110.4, 36.0), (110.4, 36.4), (110.0, 36.4)),)),)


def inside(lon: float, lat: float, ring: Ring) -> bool:
    """Tell whether a point lies in a ring (even-odd rule)."""
    found = False
    for (x1, y1), (x2, y2) in zip(ring, [*ring[1:], ring[0]], strict=True):
        if (y1 > lat) != (y2 > lat) and lon < (x2 - x1) * (lat - y1) / (y2 - y1) + x1:
            found = not found
    return found


def somewhere(draw: np.random.Generator, areas: Sequence[Area]) -> tuple[str, float, float]:
    """Draw an area and a point in it, as (code, lon, lat). Raises ValueError for an area without extent."""
    area = (areas or INVENTED)[int(draw.integers(len(areas or INVENTED)))]
    ring = max(area.rings, key=len)
    lons, lats = [point[0] for point in ring], [point[1] for point in ring]
    for _ in range(2000):
        lon, lat = float(draw.uniform(min(lons), max(lons))), float(draw.uniform(min(lats), max(lats)))
        if inside(lon, lat, ring):
            return area.code, round(lon, 5), round(lat, 5)
    raise ValueError(f"no point found inside the area {area.code}")
