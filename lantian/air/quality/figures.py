"""The air's kept figures: daily values, means and percentiles of months and years of every source, with the law's validity.

`lantian.observations.figures.recompute` brings them up to date after an import, a flag or a correction; what a figure
was before stays in the store.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lantian.air.assessing.days import Daily, daily_values, has_rule_of_days, period_item
from lantian.air.assessing.hours import DECIMALS, HOURS, Hours, rules_text
from lantian.air.quality.loading import local_day
from lantian.observations.figures import Definition
from lantian.observations.model import InputVersion
from lantian.observations.statistics.rules import Span
from lantian.standards.arrays import MISSING, RatioArray, scaled
from lantian.standards.means import month_valid, year_validity
from lantian.standards.pollutants import core_codes, pollutant
from lantian.standards.regimes import Regime, regime_at, split_by_regime

DAY, MONTH_MEAN, MONTH_PERCENTILE = "air.day", "air.month.mean", "air.month.percentile"
YEAR_MEAN, YEAR_PERCENTILE = "air.year.mean", "air.year.percentile"
NAMES = (DAY, MONTH_MEAN, MONTH_PERCENTILE, YEAR_MEAN, YEAR_PERCENTILE)
_HOUR = dt.timedelta(hours=1)
_NOWHERE = InputVersion(-1, -1, None)
_COLUMNS = ("subject", "quantity", "unit", "period_from", "period_to", "value", "n", "expected", "valid")


@dataclass(frozen=True, slots=True)
class _Ready:
    """Rows that are computed already, in the place of a question to the engine."""

    frame: pl.DataFrame

    def to_polars(self) -> pl.DataFrame:
        return self.frame


def definitions(offset: dt.timedelta) -> tuple[Definition, ...]:
    """Return the figures that are kept, for a store whose local clock has this distance from UTC."""
    version, _ = rules_text()

    def define(name: str, compute: Callable[[_Series], pl.DataFrame], span: Span | None) -> Definition:
        def computed(rows: Any) -> Any:
            series = _series(rows, offset)
            return _Ready(pl.DataFrame(schema=_schema()) if series is None else compute(series))

        return Definition(name, version, core_codes(), computed, span)

    month, year = Span(1), Span(12)
    return (
        define(DAY, _days, None),
        define(MONTH_MEAN, lambda one: _periods(one, month, percentiles=False), month),
        define(MONTH_PERCENTILE, lambda one: _periods(one, month, percentiles=True), month),
        define(YEAR_MEAN, lambda one: _periods(one, year, percentiles=False), year),
        define(YEAR_PERCENTILE, lambda one: _periods(one, year, percentiles=True), year),
    )


@dataclass(frozen=True, slots=True)
class _Series:
    """Daily values of sources by pollutant over days that follow each other."""

    sources: tuple[str, ...]
    quantities: tuple[str, ...]
    days: tuple[dt.date, ...]
    daily: dict[str, Daily]


def _series(rows: Any, offset: dt.timedelta) -> _Series | None:
    """Make days of the store's hours that are not void; None without any hour."""
    columns = ("source", "quantity", "valid_from", "valid_to", "value", "flags")
    frame: pl.DataFrame = rows.select(*columns).to_polars()
    frame = frame.filter(pl.col("valid_to") - pl.col("valid_from") == _HOUR)
    if frame.is_empty():
        return None
    _, void = rules_text()
    first, last = (local_day(frame["valid_from"].min(), offset), local_day(frame["valid_from"].max(), offset))  # type: ignore[arg-type]
    counted = frame.filter(pl.col("flags").str.split(",").list.set_intersection(list(void)).list.len() == 0)
    sources = tuple(sorted(frame["source"].unique().to_list()))
    there = set(frame["quantity"].unique())
    quantities = tuple(code for code in core_codes() if code in there)
    hours = Hours(sources, core_codes(), first, _values(counted, sources, first, last, offset), _NOWHERE)
    return _Series(sources, quantities, hours.days, _daily(hours, last))


def _values(
    frame: pl.DataFrame, sources: Sequence[str], first: dt.date, last: dt.date, offset: dt.timedelta
) -> NDArray[np.int64]:
    days = (last - first).days + 1
    begin = dt.datetime.combine(first, dt.time(), dt.UTC) - offset
    values = np.full((len(sources), len(core_codes()), days * HOURS), MISSING, dtype=np.int64)
    at = frame.select(
        pl.col("source").replace_strict({one: n for n, one in enumerate(sources)}, return_dtype=pl.Int64),
        pl.col("quantity").replace_strict({one: n for n, one in enumerate(core_codes())}, return_dtype=pl.Int64),
        ((pl.col("valid_from") - begin).dt.total_seconds() // 3600).alias("hour"),
    )
    numbers = scaled(frame["value"].round(DECIMALS).to_numpy(), DECIMALS)
    values[at["source"].to_numpy(), at["quantity"].to_numpy(), at["hour"].to_numpy()] = numbers
    return values.reshape(len(sources), len(core_codes()), days, HOURS)


def _daily(hours: Hours, last: dt.date) -> dict[str, Daily]:
    """Every day under its own law."""
    parts = []
    for law, start, end in split_by_regime(hours.first, last):
        low, high = (start - hours.first).days, (end - hours.first).days + 1
        piece = Hours(hours.places, hours.pollutants, start, hours.values[:, :, low:high], hours.version)
        parts.append(daily_values(law, piece).daily)
    return {code: _joined([part[code] for part in parts]) for code in hours.pollutants}


def _joined(parts: Sequence[Daily]) -> Daily:
    if len(parts) == 1:
        return parts[0]
    bottoms = [np.broadcast_to(one.value.denominator, one.value.numerator.shape) for one in parts]
    value = RatioArray(
        np.concatenate([one.value.numerator for one in parts], axis=1), np.concatenate(bottoms, axis=1), DECIMALS
    )
    return Daily(
        value,
        np.concatenate([one.hours for one in parts], axis=1),
        np.concatenate([one.valid for one in parts], axis=1),
    )


def _days(series: _Series) -> pl.DataFrame:
    """Daily means (of ozone the highest mean of 8 hours); a day without any hour has no row."""
    rows = []
    for code in series.quantities:
        one = series.daily[code]
        values = one.value.floats()
        for subject, day in zip(*np.nonzero(one.hours > 0), strict=True):
            number, start = values[subject, day], series.days[day]
            value = None if np.isnan(number) else float(number)
            n = int(one.hours[subject, day])
            rows.append(
                _row(
                    series,
                    subject,
                    code,
                    start,
                    start + dt.timedelta(days=1),
                    value,
                    n,
                    HOURS,
                    bool(one.valid[subject, day]),
                )
            )
    return _frame(rows)


def _periods(series: _Series, span: Span, *, percentiles: bool) -> pl.DataFrame:
    rows = []
    for first, until in _calendar(series.days, span):
        inside = [n for n, day in enumerate(series.days) if first <= day < until]
        law = regime_at(until - dt.timedelta(days=1))
        for code in series.quantities:
            one = _cut(series.daily[code], inside)
            item = period_item(law, code, one)
            values = (item.percentile if percentiles else item.mean).floats()
            for subject in np.nonzero(one.hours.sum(axis=1) > 0)[0].tolist():
                number = values[subject]
                value = None if np.isnan(number) else float(number)
                valid = value is not None and _enough(
                    law, code, span, first, one, subject, [series.days[n] for n in inside]
                )
                n = int(item.n[subject])
                rows.append(_row(series, subject, code, first, until, value, n, (until - first).days, valid))
    return _frame(rows)


def _calendar(days: Sequence[dt.date], span: Span) -> list[tuple[dt.date, dt.date]]:
    """Return the months or years that the days lie in, as (first day, day after the last)."""
    if span.months == 1:
        firsts = sorted({day.replace(day=1) for day in days})
        return [(one, one + dt.timedelta(days=calendar.monthrange(one.year, one.month)[1])) for one in firsts]
    return [(dt.date(year, 1, 1), dt.date(year + 1, 1, 1)) for year in sorted({day.year for day in days})]


def _cut(one: Daily, at: Sequence[int]) -> Daily:
    bottom = np.broadcast_to(one.value.denominator, one.value.numerator.shape)
    value = RatioArray(one.value.numerator[:, at], bottom[:, at], DECIMALS)
    return Daily(value, one.hours[:, at], one.valid[:, at])


def _enough(
    law: Regime, code: str, span: Span, first: dt.date, one: Daily, subject: int, days: Sequence[dt.date]
) -> bool:
    """Tell whether the law's number of valid days is there; where the law has none, any valid day will do."""
    valid = [day for day, good in zip(days, one.valid[subject], strict=True) if good]
    if not valid or not has_rule_of_days(law, code):
        return bool(valid)
    if span.months == 1:
        return month_valid(law, code, first.year, first.month, len(valid))
    return year_validity(law, code, first.year, valid).valid


def _row(series: _Series, subject: int, code: str, *rest: Any) -> tuple[Any, ...]:
    return (series.sources[subject], code, pollutant(code).unit, *rest)


def _schema() -> dict[str, Any]:
    kinds = (pl.String, pl.String, pl.String, pl.Date, pl.Date, pl.Float64, pl.Int64, pl.Int64, pl.Boolean)
    return dict(zip(_COLUMNS, kinds, strict=True))


def _frame(rows: list[tuple[Any, ...]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=_schema(), orient="row")
