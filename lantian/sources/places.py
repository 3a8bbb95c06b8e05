"""Positions: taken to WGS-84 by the datum that was declared, and the area in which they lie, by its polygon."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import shapely
from shapely.geometry import shape

from lantian.city.models import LoadedPack, Place
from lantian.city.pack.datum import DATUMS

Position = tuple[float, float]


def to_wgs84(lon: float | None, lat: float | None, datum: str) -> tuple[float | None, float | None]:
    """Return a position in WGS-84 degrees (to a decimetre); (None, None) without a position or a datum that is known."""
    if lon is None or lat is None or datum not in DATUMS:
        return None, None
    x, y = DATUMS[datum](np.array([[lon, lat]], dtype=np.float64))[0]
    return round(float(x), 6), round(float(y), 6)


class Areas:
    """The polygons of the areas, and of the towns where there are any."""

    def __init__(self, places: Sequence[tuple[int, str, str, dict[str, Any]]]) -> None:
        self._keys = [(key, kind) for key, _code, kind, _boundary in places]
        self._tree = shapely.STRtree([shape(boundary) for *_rest, boundary in places])

    def of(self, positions: Sequence[Position]) -> list[dict[str, int]]:
        """Return for each position {"area": key, "town": key} of what it lies in (nothing for what it lies in no ...)."""
        found: list[dict[str, int]] = [{} for _ in positions]
        if not positions:
            return found
        hits = self._tree.query(shapely.points(np.array(positions, dtype=np.float64)), predicate="intersects")
        for at, polygon in hits.T.tolist():
            key, kind = self._keys[polygon]
            found[at].setdefault("town" if kind == "town" else "area", key)
        return found


def areas() -> Areas:
    """Return the polygons of the pack in force (kept as long as it is in force)."""
    pack = LoadedPack.objects.only("pk", "sha256").first()
    newest = Place.objects.filter(boundary__isnull=False).count()
    return _areas(pack.pk if pack else 0, pack.sha256 if pack else "", newest)


@lru_cache(maxsize=4)
def _areas(_pack: int, _sha256: str, _count: int) -> Areas:
    kinds = [*Place.AREA_KINDS, Place.Kind.TOWN]
    rows = Place.objects.filter(kind__in=kinds, is_active=True, boundary__isnull=False).order_by(
        "kind", "position", "code"
    )
    return Areas(
        [
            (pk, code, kind, dict(shape_))
            for pk, code, kind, shape_ in rows.values_list("pk", "code", "kind", "boundary")
            if shape_
        ]
    )
