"""Register, devices and labels as plain data for files: what other programs read without importing the twin."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from lantian.sources import facts
from lantian.twin.city import City
from lantian.twin.loggers import loggers
from lantian.twin.places import Area

FORMATS = ("parquet", "csv")


def plant_record(plant: facts.Plant) -> dict[str, Any]:
    """Return a plant as JSON has it: the fields of `facts.Plant`, moments and days as ISO text."""
    found = json.loads(json.dumps(dataclasses.asdict(plant), default=_text, ensure_ascii=False))
    return dict(found)


def _text(value: object) -> str:
    if isinstance(value, dt.date):
        return value.isoformat()
    raise TypeError(f"{value!r} cannot be written as JSON")


def device_records(city: City) -> list[dict[str, Any]]:
    """Return the devices of a city: number, system code, password, dialect, plant, points; see `Logger.device`."""
    return [each.device(one.plant.area) for one in city.designs for each in loggers(one)]


def read_areas(path: Path, codes: Sequence[str] = ()) -> tuple[Area, ...]:
    """Read areas from a GeoJSON FeatureCollection whose features have a property `code` (Polygon or MultiPolygon; outer
    rings). Raises ValueError when there is none."""
    features = json.loads(path.read_text(encoding="utf-8")).get("features", [])
    found = [one for one in map(_area, features) if one is not None and (not codes or one.code in codes)]
    if not found:
        raise ValueError(f"{path} has no area with a code and a polygon")
    return tuple(found)


def _area(feature: dict[str, Any]) -> Area | None:
    geometry, code = feature.get("geometry") or {}, (feature.get("properties") or {}).get("code")
    polygons = {"Polygon": [geometry.get("coordinates")], "MultiPolygon": geometry.get("coordinates")}.get(
        str(geometry.get("type")), []
    )
    rings = tuple(tuple((float(p[0]), float(p[1])) for p in polygon[0][:-1]) for polygon in polygons or () if polygon)
    return Area(str(code), rings) if code and rings else None


def make(city: City, folder: Path, *, form: str = "parquet", telemetry: bool = True) -> Iterator[str]:
    """Write a city into a folder: telemetry plant by plant, labels, plants.json, devices.json, city.json, ambient.
    Yield a line for each. Raises ValueError for an unknown form."""
    if form not in FORMATS:
        raise ValueError(f"{form}: one of {', '.join(FORMATS)} is wanted")
    (folder / "telemetry").mkdir(parents=True, exist_ok=True)
    _json(folder / "plants.json", [plant_record(one) for one in city.plants])
    _json(folder / "devices.json", device_records(city))
    yield f"plants.json, devices.json: {len(city.plants)} plants"
    labels = city.labels.with_columns(pl.col("quantities").list.join(" "))
    _table(labels, folder / f"labels.{form}")
    yield f"labels.{form}: {labels.height} labels"
    if not telemetry:
        _told(city, folder)
        return
    _table(city.weather(city.start, city.end), folder / f"weather.{form}")
    _table(city.ambient(city.start, city.end), folder / f"ambient.{form}")
    yield f"weather.{form}, ambient.{form}"
    count = 0
    for design, rows in zip(city.designs, city.frames(city.start, city.end), strict=True):
        _table(rows.with_columns(synthetic=pl.lit(value=True)), folder / "telemetry" / f"{design.code}.{form}")
        count += rows.height
    yield f"telemetry: {count:,} rows"
    _told(city, folder)


def _told(city: City, folder: Path) -> None:
    told = {
        "seed": city.seed,
        "plants": len(city.plants),
        "days": city.days,
        "start": city.start.isoformat(),
        "synthetic": True,
    }
    _json(folder / "city.json", told)  # last: a folder with it is whole


def _table(rows: pl.DataFrame, path: Path) -> None:
    if path.suffix == ".parquet":
        rows.write_parquet(path)
    else:
        rows.write_csv(path)


def _json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
