"""The map of the areas as paths of an SVG: it needs no script, prints, and can be walked with the keyboard."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from shapely.geometry import shape

from lantian.city.models import LoadedPack, Place

WIDTH = 640.0


@dataclass(frozen=True)
class Shape:
    """One area on the map: `path` is the SVG path; label position in the picture's units."""

    place_id: int
    path: str
    x: float
    y: float


@dataclass(frozen=True)
class Map:
    width: float
    height: float
    shapes: tuple[Shape, ...]

    @property
    def box_width(self) -> float:
        """Width with a margin of 6 on each side."""
        return self.width + 12

    @property
    def box_height(self) -> float:
        return self.height + 12


def area_map() -> Map | None:
    """Return the map of all areas with a boundary, or None where the pack has none (cached per loaded pack)."""
    pack = LoadedPack.objects.first()
    return _build(pack.pk, pack.sha256) if pack else None


@lru_cache(maxsize=4)
def _build(_pack: int, _sha256: str) -> Map | None:
    places = [(p.pk, p.boundary) for p in Place.objects.areas() if p.boundary]
    return draw(places) if places else None


def draw(places: Sequence[tuple[int, dict[str, Any]]]) -> Map:
    """Project (id, GeoJSON geometry, WGS-84 degrees) to a picture WIDTH wide, north up, equirectangular at its middle."""
    geometries = [(key, shape(geometry).simplify(0.004)) for key, geometry in places]
    west = min(g.bounds[0] for _, g in geometries)
    south = min(g.bounds[1] for _, g in geometries)
    east = max(g.bounds[2] for _, g in geometries)
    north = max(g.bounds[3] for _, g in geometries)
    squeeze = math.cos(math.radians((south + north) / 2))
    scale = WIDTH / ((east - west) * squeeze)

    def project(lon: float, lat: float) -> tuple[float, float]:
        return (lon - west) * squeeze * scale, (north - lat) * scale

    shapes = []
    for key, geometry in geometries:
        polygons = getattr(geometry, "geoms", [geometry])
        path = "".join(_ring(project, ring) for p in polygons for ring in [p.exterior, *p.interiors])
        point = geometry.representative_point()
        x, y = project(point.x, point.y)
        shapes.append(Shape(key, path, round(x, 1), round(y, 1)))
    return Map(WIDTH, round((north - south) * scale, 1), tuple(shapes))


def _ring(project: Any, ring: Any) -> str:
    points = [project(*p[:2]) for p in ring.coords[:-1]]
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) + "Z"
