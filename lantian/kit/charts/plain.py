"""A chart as the plain values that the script in the browser draws. Pure."""

from __future__ import annotations

from typing import Any

from lantian.kit.charts.model import Chart, Series
from lantian.kit.charts.table import plain_number, plain_values


def plain(chart: Chart) -> dict[str, Any]:
    """Return what the script needs; empty entries are left out."""
    entries = {
        "id": chart.id,
        "title": chart.title,
        "kind": chart.kind,
        "x": list(chart.x),
        "xName": chart.x_name,
        "series": [_series(one) for one in chart.series],
        "marks": [{"label": one.label, "value": plain_number(one.value), "axis": one.axis} for one in chart.marks],
        "bands": [{"first": one.first, "last": one.last, "label": one.label} for one in chart.bands],
        "steps": [
            {"low": plain_number(one.low), "high": plain_number(one.high), "label": one.label, "colour": one.colour}
            for one in chart.steps
        ],
        "points": [
            {
                "name": one.name,
                "at": [one.lon, one.lat],
                "value": plain_number(one.value),
                "text": one.text,
                "link": one.link,
            }
            for one in chart.points
        ],
        "links": list(chart.links),
        "geometry": chart.geometry,
        "horizontal": chart.horizontal,
        "note": chart.note,
        "synthetic": chart.synthetic,
    }
    return {name: value for name, value in entries.items() if value or name in ("x", "series")}


def _series(one: Series) -> dict[str, Any]:
    entries = {
        "name": one.name,
        "values": plain_values(one),
        "unit": one.unit,
        "kind": one.kind,
        "colour": one.colour,
        "stack": one.stack,
        "axis": one.axis,
        "texts": list(one.texts),
        "n": list(one.n),
    }
    made = {name: value for name, value in entries.items() if value or name in ("name", "values")}
    return made if one.decimals is None else {**made, "decimals": one.decimals}
