"""The table of a chart: exactly what is drawn, for those who read, copy or hear it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from lantian.kit.charts.model import BOX, Chart, Series

Table = tuple[tuple[str, ...], tuple[tuple[Any, ...], ...]]


def table_of(chart: Chart) -> Table:
    """Return (columns, rows): x, then each series with its words and its n; numbers stay numbers, gaps are None."""
    if chart.columns is not None and chart.rows is not None:
        return tuple(chart.columns), tuple(tuple(row) for row in chart.rows)
    if chart.kind == "box":
        return _boxes(chart)
    names = [chart.x_name or _x_name(chart)]
    columns: list[Sequence[Any]] = [chart.x]
    for one in chart.series:
        names.append(f"{one.name} ({one.unit})" if one.unit else one.name)
        columns.append(plain_values(one))
        if one.texts:
            names.append(_("%s: meaning") % one.name)
            columns.append(one.texts)
        if one.n:
            names.append(f"{one.name}: n")
            columns.append(one.n)
    rows = tuple(zip(*columns, strict=True))
    return tuple(names), rows + tuple(_points(chart, len(names)))


def _x_name(chart: Chart) -> str:
    return {"calendar": _("Day"), "map": _("Area")}.get(chart.kind, _("Item"))


def _points(chart: Chart, width: int) -> Iterator[tuple[Any, ...]]:
    """Points of a map stand below its areas: name, value, text, as far as there are columns."""
    for point in chart.points:
        yield (point.name, plain_number(point.value), point.text, *[None] * width)[:width]


def _boxes(chart: Chart) -> Table:
    many = len(chart.series) > 1
    five = (_("Low"), _("Lower quartile"), _("Median"), _("Upper quartile"), _("High"))
    unit = chart.series[0].unit if chart.series else ""
    head = tuple(f"{name} ({unit})" if unit else name for name in five)
    names = (chart.x_name or _x_name(chart), *((_("Series"),) if many else ()), *head, "n")
    rows = [
        (x, *((one.name,) if many else ()), *(box or (None,) * BOX), one.n[at] if one.n else None)
        for one in chart.series
        for at, (x, box) in enumerate(zip(chart.x, plain_values(one), strict=True))
    ]
    return names, tuple(rows)


def plain_values(series: Series) -> list[Any]:
    """Return a series' values as what JSON and tables know: int, float, None; of boxes lists of five."""
    places = series.decimals
    return [plain_number(value, places) for value in series.values]


def plain_number(value: Any, places: int | None = None) -> Any:
    """Return a number as int or float (rounded if it is asked for), None for none and for what is not a number."""
    if value is None or value.__class__ is int:
        return value
    if isinstance(value, tuple | list):
        return [plain_number(one, places) for one in value]
    if isinstance(value, Decimal | Fraction) or value.__class__ is not float:
        value = float(value)
    if not math.isfinite(value):
        return None
    return value if places is None else round(value, places)


def written(value: Any, places: int | None = None) -> str:
    """Write a cell of the table: a dash for a gap, numbers without an exponent.

    >>> [written(one) for one in (None, 3, 4.5, 0.00001, "Monday")]
    ['–', '3', '4.5', '0.00001', 'Monday']
    >>> written(4.8, 2)
    '4.80'
    """
    if value is None or value == "":
        return "–"
    if isinstance(value, float):
        return f"{value:.{places}f}" if places is not None else format(Decimal(repr(value)).normalize(), "f")
    return str(value)
