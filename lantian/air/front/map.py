"""The map of the air now: areas of the pack coloured by level, stations as dots. All positions in WGS-84."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from shapely.geometry import mapping, shape

from lantian.air.front.board import Board, Line
from lantian.air.front.words import age_words, hour_text, index_mark, law_words, localised, primary_words, version_words
from lantian.air.looks import level_steps
from lantian.air.network import Station
from lantian.city.models import LoadedPack, Place
from lantian.city.pack.datum import DATUMS
from lantian.kit.charts import Chart, Point, Series
from lantian.standards.regimes import regime_at

_FINE = 0.004  # degrees: finer than a pixel of the drawing
_DECIMALS = 4


def now_map(board: Board, stations: Sequence[Station], links: dict[str, str]) -> Chart | None:
    """Return the map of a board, None where the pack has no boundaries. Late hours have no colour: they are not now."""
    geometry = _geometry()
    if geometry is None:
        return None
    law = regime_at(board.moment.date())
    labels = {one.code: one.label for one in board.areas}
    drawn = [one for one in board.areas if one.code in geometry]
    return Chart(
        id="now",
        title=_("Real-time AQI at %s") % hour_text(board.moment),
        kind="map",
        x=tuple(one.label for one in drawn),
        x_name=_("Area"),
        series=(Series(_("AQI"), tuple(_number(one) for one in drawn), texts=tuple(_text(one) for one in drawn)),),
        steps=level_steps(law),
        geometry={
            "type": "FeatureCollection",
            "features": [
                {"type": "Feature", "properties": {"name": labels[code], "cp": middle}, "geometry": outline}
                for code, (outline, middle) in geometry.items()
                if code in labels
            ],
        },
        points=tuple(_points(board, stations, links)),
        links=tuple(links.get(one.code, "") for one in drawn),
        columns=(_("Place"), _("AQI"), _("Air quality level"), _("Primary pollutant"), _("Hour"), _("State")),
        rows=tuple(_row(one) for one in board.lines),
        note=_note(board, law_words(law)),
        synthetic=board.synthetic,
    )


def _note(board: Board, law: str) -> str:
    there = sum(one.is_present for one in board.areas)
    counted = _("Areas with a present hour: %(n)d of %(all)d") % {"n": there, "all": len(board.areas)}
    parts = [counted, _("Law: %s") % law, _("Late hours have no colour")]
    return " · ".join([*parts, version_words(board.version)])


def _number(line: Line) -> int | None:
    if not line.is_present or line.present is None or line.present.hour is None:
        return None
    hour = line.present.hour
    return hour.aqi if hour.aqi is not None else hour.highest


def _text(line: Line) -> str:
    air = line.present
    if air is None or air.hour is None:
        return age_words(air)
    if not line.is_present:
        return f"{hour_text(air.hour.ends)}: {index_mark(air.law, air.hour)}, {age_words(air)}"
    words = [primary_words(air.hour.primary)] if air.hour.primary else []
    return ", ".join([*words, hour_text(air.hour.ends)])


def _row(line: Line) -> tuple[Any, ...]:
    air = line.present
    if air is None or air.hour is None:
        return line.label, None, "", "", "", age_words(air)
    level = localised(air.hour.level) if air.hour.level else ""
    mark = air.hour.aqi if air.hour.aqi is not None else index_mark(air.law, air.hour)
    return line.label, mark, level, primary_words(air.hour.primary), hour_text(air.hour.ends), age_words(air)


def _points(board: Board, stations: Sequence[Station], links: dict[str, str]) -> list[Point]:
    where = {one.code: at for one in stations if (at := position(one)) is not None}
    return [
        Point(line.label, *where[line.code], value=_number(line), text=_point_text(line), link=links.get(line.code, ""))
        for line in board.stations
        if line.code in where
    ]


def _point_text(line: Line) -> str:
    level = line.present.hour.level if line.is_present and line.present and line.present.hour else None
    return ", ".join(([localised(level)] if level else []) + [_text(line)])


def position(station: Station) -> tuple[float, float] | None:
    """Return a station's longitude and latitude in WGS-84, rounded to some ten metres; None where it has none."""
    if station.lon is None or station.lat is None:
        return None
    lon, lat = DATUMS[station.datum](np.array([[station.lon, station.lat]]))[0]
    return round(float(lon), _DECIMALS), round(float(lat), _DECIMALS)


def _geometry() -> dict[str, Any] | None:
    pack = LoadedPack.objects.only("pk", "sha256").first()
    return _outlines(pack.pk, pack.sha256) if pack else None


@lru_cache(maxsize=4)
def _outlines(_pack: int, _sha256: str) -> dict[str, Any] | None:
    """Outline and a point inside for the label, by code of area, as fine as a screen shows."""
    found = {one.code: _outline(one.boundary) for one in Place.objects.areas() if one.boundary}
    return found or None


def _outline(boundary: dict[str, Any]) -> tuple[dict[str, Any], list[float]]:
    drawn = shape(boundary).simplify(_FINE)
    inside, plain = drawn.representative_point(), mapping(drawn)
    outline = {"type": plain["type"], "coordinates": _rounded(plain["coordinates"])}
    return outline, [round(inside.x, _DECIMALS), round(inside.y, _DECIMALS)]


def _rounded(part: Any) -> Any:
    if isinstance(part[0], int | float):
        return [round(part[0], _DECIMALS), round(part[1], _DECIMALS)]
    return [_rounded(each) for each in part]
