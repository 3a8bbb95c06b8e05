"""Polygons of areas: read, checked, and taken to WGS-84."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from lantian.city.pack.datum import DATUMS
from lantian.city.pack.faults import Faults
from lantian.city.pack.positions import feature_positions

# Two neighbours may share a strip that narrow: drawings of one border differ a little.
OVERLAP_SHARE = 0.005
Box = tuple[float, float, float, float]
Ring = list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Shape:
    """One area's polygon in WGS-84 and the line of its feature."""

    code: str
    geometry: BaseGeometry
    line: int


class GeometryError(ValueError):
    """A feature cannot be a polygon; the message says why."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def read_shapes(text: str, file: str, datum: str, bbox: Box | None, faults: Faults) -> dict[str, Shape]:
    """Read the polygons of a GeoJSON text by the `code` of each feature's properties; faults name the feature's line.

    `datum` is one of DATUMS; `bbox` (west, south, east, north in WGS-84) is where everything must lie.
    """
    shapes: dict[str, Shape] = {}
    for line, feature in read_features(text, file, faults):
        shape = read_shape(feature, line, file, datum, faults)
        if shape is None:
            continue
        if shape.code in shapes:
            message = f"area {shape.code} has a second polygon."
            faults.add("duplicate", file, line, message, f"The first is in line {shapes[shape.code].line}.")
            continue
        if bbox and not shapely.box(*bbox).covers(shape.geometry):
            hint = "Check the order (longitude first), the datum, or the bbox in places.toml."
            faults.add("outside", file, line, f"the polygon of {shape.code} leaves the city's bbox.", hint)
        shapes[shape.code] = shape
    _report_overlaps(list(shapes.values()), file, faults)
    return shapes


def read_features(text: str, file: str, faults: Faults) -> Iterator[tuple[int, Any]]:
    """Yield (line, feature) of a GeoJSON FeatureCollection; what is wrong with the file goes to `faults`."""
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        faults.add("json-syntax", file, error.lineno, f"this is not valid JSON: {error.msg}.", column=error.colno)
        return
    except (RecursionError, ValueError):  # a number of a million digits raises a plain ValueError
        faults.add("json-syntax", file, 1, "this is nested too deeply or holds a monstrous number.")
        return
    features = data.get("features") if isinstance(data, dict) else None
    if not isinstance(features, list):
        faults.add("json-syntax", file, 1, "there is no list of features.", "Write a GeoJSON FeatureCollection.")
        return
    lines = [line for line, _ in feature_positions(text)]
    for number, feature in enumerate(features):
        yield (lines[number] if len(lines) == len(features) else 1), feature


def read_shape(feature: Any, line: int, file: str, datum: str, faults: Faults) -> Shape | None:
    """Return a feature's polygon in WGS-84, or None after a fault; `datum` is one of DATUMS."""
    try:
        code, geometry = _parts(feature)
        polygons = [_rings(polygon) for polygon in geometry]
    except GeometryError as error:
        hint = "A ring is a list of [longitude, latitude] pairs whose last equals the first."
        faults.add(error.kind, file, line, f"{error}.", hint)
        return None
    found = shapely.MultiPolygon([(outer, holes) for outer, *holes in _to_wgs84(polygons, datum)])
    if not found.is_valid:
        reason = shapely.is_valid_reason(found)
        faults.add("bad-polygon", file, line, f"the polygon of {code} is not valid: {reason}.", "Repair its rings.")
        return None
    return Shape(code, found.geoms[0] if len(found.geoms) == 1 else found, line)


def _parts(feature: Any) -> tuple[str, list[Any]]:
    """The code of a feature and its list of polygons (each a list of rings)."""
    if not isinstance(feature, dict) or not isinstance(feature.get("properties"), dict):
        raise GeometryError("bad-polygon", "a feature without properties")
    code = feature["properties"].get("code")
    if not isinstance(code, str) or not code:
        raise GeometryError("bad-polygon", "a feature without a code (text) in its properties")
    geometry = feature.get("geometry")
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    coordinates = geometry.get("coordinates") if isinstance(geometry, dict) else None
    if kind not in ("Polygon", "MultiPolygon") or not isinstance(coordinates, list) or not coordinates:
        raise GeometryError("bad-polygon", f"area {code} needs a Polygon or MultiPolygon with coordinates")
    return code, [coordinates] if kind == "Polygon" else coordinates


def _rings(polygon: Any) -> list[Ring]:
    if not isinstance(polygon, list) or not polygon:
        raise GeometryError("bad-polygon", "a polygon without rings")
    return [_ring(ring) for ring in polygon]


def _ring(ring: Any) -> Ring:
    if not isinstance(ring, list) or len(ring) < 4:
        raise GeometryError("bad-polygon", "a ring of fewer than four points")
    points = [_point(point) for point in ring]
    if points[0] != points[-1]:
        raise GeometryError("not-closed", f"a ring is not closed: it begins at {points[0]} and ends at {points[-1]}")
    return points


def _point(point: Any) -> tuple[float, float]:
    good = isinstance(point, list) and len(point) == 2
    if not good or not all(isinstance(one, (int, float)) and not isinstance(one, bool) for one in point):
        raise GeometryError("bad-polygon", f"not a [longitude, latitude] pair: {str(point)[:40]}")
    try:
        longitude, latitude = float(point[0]), float(point[1])
    except OverflowError:
        raise GeometryError("bad-polygon", "a coordinate is far too large") from None
    if not (math.isfinite(longitude) and abs(longitude) <= 180 and abs(latitude) <= 90):
        raise GeometryError("bad-polygon", f"not on the earth: {point}")
    return longitude, latitude


def _to_wgs84(polygons: list[list[Ring]], datum: str) -> Iterator[list[Ring]]:
    """Convert all points in one step, then cut them into their rings again."""
    points = np.array([point for polygon in polygons for ring in polygon for point in ring], dtype=np.float64)
    moved = iter(np.round(DATUMS[datum](points), 6).tolist())
    for polygon in polygons:
        yield [[tuple(next(moved)) for _ in ring] for ring in polygon]


def _report_overlaps(shapes: list[Shape], file: str, faults: Faults) -> None:
    if not shapes:
        return
    geometries = [shape.geometry for shape in shapes]
    pairs = shapely.STRtree(geometries).query(geometries, predicate="intersects")
    for one, two in pairs.T.tolist():
        if one >= two:
            continue
        first, second = shapes[one], shapes[two]
        shared = first.geometry.intersection(second.geometry).area
        share = shared / min(first.geometry.area, second.geometry.area)
        if share > OVERLAP_SHARE:
            message = f"the polygons of {first.code} and {second.code} overlap ({share:.1%} of the smaller)."
            faults.add("overlap", file, second.line, message, f"{first.code} is in line {first.line}.")
