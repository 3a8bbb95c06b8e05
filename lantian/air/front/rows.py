"""A board's line as a row of the page."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from lantian.air.front.board import Line
from lantian.air.front.words import age_words, hour_text, index_mark, localised, primary_words, shown_value
from lantian.kit.charts import spark
from lantian.standards.levels import Level


@dataclass(frozen=True, slots=True)
class Row:
    """What stands in the table; `values` in the order of the standard's table. `lacking`: pollutants without a value."""

    line: Line
    url: str
    mark: str
    level: Level | None
    level_name: str
    primary: str
    values: tuple[Decimal | None, ...]
    hour: str
    age: str
    spark: SafeString
    n: int
    lacking: int
    advice: str
    series: str


def row_of(line: Line, url: str) -> Row:
    """Return a line's row."""
    air = line.present
    if air is None:
        return Row(line, url, "–", None, "", "–", (), "", _no_source(line), SafeString(""), 0, 0, "", "")
    level = air.hour.level if air.hour else None
    values = tuple(shown_value(air.law, code, value) for code, value in air.values.items())
    day = [one.aqi if one.aqi is not None else one.highest for one in air.day]
    return Row(
        line=line,
        url=url,
        mark=index_mark(air.law, air.hour),
        level=level,
        level_name=localised(level) if level else "",
        primary=primary_words(air.hour.primary) if air.hour else "–",
        values=values,
        hour=hour_text(air.hour.ends) if air.hour else "",
        age=age_words(air),
        spark=spark(day, _spark_words(line.label, day)),
        n=air.n,
        lacking=sum(value is None for value in values) if air.hour else 0,
        advice=_advice(level),
        series=localised(line.origin.series) if line.origin else "",
    )


def _no_source(line: Line) -> str:
    if line.subject is None:
        return _("no series and no station counts for it")
    return age_words(None)


def _spark_words(label: str, day: list[int | None]) -> str:
    there = [value for value in day if value is not None]
    if not there:
        return ""
    return _("AQI of %(place)s in 24 hours: %(low)d to %(high)d, %(n)d hours there") % {
        "place": label,
        "low": min(there),
        "high": max(there),
        "n": len(there),
    }


def _advice(level: Level | None) -> str:
    if level is None:
        return ""
    return level.advice_en if localised(level) == level.en else level.advice_zh
