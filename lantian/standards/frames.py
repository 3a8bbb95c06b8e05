"""The index as Polars expressions, on scaled whole numbers, equal to the scalar functions exactly.

A concentration column holds Int64 times 10^decimals (`scaled` makes one from floats that were read from decimal texts);
null is missing. The expressions run in lazy frames as well. A negative concentration has no index: it gives null, as a
missing one does; `negatives` counts them, so that a caller can refuse the data instead.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import reduce
from itertools import pairwise
from typing import TypeVar

import polars as pl

from lantian.standards.air_index import name_in_report, optional_items, report_items
from lantian.standards.arrays.index import index_decimals, ladder_of
from lantian.standards.arrays.scale import MISSING
from lantian.standards.levels import levels
from lantian.standards.pollutants import item
from lantian.standards.regimes import Regime

Frame = TypeVar("Frame", pl.DataFrame, pl.LazyFrame)
_STEP = "_step_"  # prefix of columns that live only within `with_aqi`


def scaled(column: pl.Expr, decimals: int) -> pl.Expr:
    """Floats that were read from texts with at most so many decimals, as scaled whole numbers; NaN becomes null.

    An expression cannot refuse a float with more decimals: it is cut to the nearest; check with `arrays.scaled`.
    """
    factor: int = 10**decimals
    return (column.fill_nan(None) * factor).round(0).cast(pl.Int64)


def negatives(columns: Collection[pl.Expr]) -> pl.Expr:
    """Count the negative values of several columns."""
    return reduce(lambda one, two: one + two, [(column < 0).sum() for column in columns])


def round_scaled(column: pl.Expr, have: int, want: int) -> pl.Expr:
    """Round from `have` to `want` decimals, half to even."""
    unit: int = 10 ** abs(have - want)
    if want >= have:
        return column * unit
    whole = column // unit
    rest = column - whole * unit
    up = (rest * 2 > unit) | ((rest * 2 == unit) & (whole % 2 == 1))
    return whole + up.cast(pl.Int64)


def iaqi(law: Regime, code: str, column: pl.Expr, decimals: int) -> pl.Expr:
    """Individual index of an item; null for missing, negative and not computed. Raises as `air_index.iaqi` for the code.

    >>> import datetime as dt
    >>> from lantian.standards.regimes import regime_at
    >>> frame = pl.DataFrame({"CO": [22, 605, None]})
    >>> frame.select(iaqi(regime_at(dt.date(2026, 3, 1)), "CO_24h", pl.col("CO"), 1)).to_series().to_list()
    [55, 500, None]
    """
    amount = round_scaled(column, decimals, index_decimals(law, item(code).pollutant))
    return _line(law, code, amount)


def _line(law: Regime, code: str, amount: pl.Expr) -> pl.Expr:
    """The index of an already rounded concentration."""
    steps = ladder_of(law, code)
    points = list(zip(steps.index.tolist(), steps.concentration.tolist(), strict=True))
    index = pl.lit(None if steps.above == MISSING else steps.above, dtype=pl.Int64)
    for (low, below), (high, top) in reversed(list(pairwise(points))):
        rise, run = high - low, top - below
        line = low - ((below - amount) * rise) // run  # rounds up
        index = pl.when(amount <= top).then(line).otherwise(index)
    return pl.when(amount >= 0).then(index).otherwise(None)


def with_aqi(
    frame: Frame,
    law: Regime,
    report: str,
    columns: Mapping[str, str],
    decimals: int | Mapping[str, int],
    *,
    exempt: Collection[str] = (),
) -> Frame:
    """Return the frame with the columns `aqi`, `highest`, `level` (1..6), `primary` (a list of codes), `iaqi_<name>`.

    `columns`: the frame's column by pollutant or item, as in `air_index.aqi`; an absent item is missing everywhere. `aqi`
    is null where the standard wants "NA". Raises UnknownReportError, NotInReportError, UnknownPollutantError, ValueError
    without columns. Built in steps, each on columns of the one before: as one expression it would grow without bounds.
    """
    named = _named(law, report, columns)
    if not named:
        raise ValueError("no item is given")
    every = {**report_items(law, report), **optional_items(law, report)}
    places = decimals if isinstance(decimals, int) else {_label(law, report, n): d for n, d in decimals.items()}
    rounded: dict[str, pl.Expr] = {
        f"{_STEP}{name}": round_scaled(
            pl.col(column),
            places if isinstance(places, int) else places[name],
            index_decimals(law, every[name].pollutant),
        )
        for name, column in named.items()
    }
    items = report_items(law, report)
    excused = {_label(law, report, name) for name in exempt}
    found = frame.with_columns(**rounded).with_columns(**_indices(law, report, set(named)))
    highest = pl.max_horizontal([pl.col(f"iaqi_{name}") for name in items])
    lacking = pl.any_horizontal([pl.col(f"iaqi_{name}").is_null() for name in items if name not in excused])
    found = found.with_columns(highest=highest, **{f"{_STEP}lacking": lacking})
    found = found.with_columns(aqi=_published(law))
    found = found.with_columns(level=level(law, pl.col("aqi")), primary=_primary(law, report))
    return found.drop([*rounded, f"{_STEP}lacking"])


def _label(law: Regime, report: str, name: str) -> str:
    return name_in_report(law, report, name)


def _named(law: Regime, report: str, columns: Mapping[str, str]) -> dict[str, str]:
    named: dict[str, str] = {}
    for name, column in columns.items():
        label = _label(law, report, name)
        if label in named:
            raise ValueError(f"{label} is given twice")
        named[label] = column
    return named


def _indices(law: Regime, report: str, named: Collection[str]) -> dict[str, pl.Expr]:
    """The index of every item of the report, null for those without a column; another item may step in (2012)."""
    every = {**report_items(law, report), **optional_items(law, report)}
    by_code = {one.code: name for name, one in every.items()}
    own = {name: _line(law, every[name].code, pl.col(f"{_STEP}{name}")) for name in named}
    nothing = pl.lit(None, dtype=pl.Int64)
    indices = {}
    for name, one in report_items(law, report).items():
        index = own.get(name, nothing)
        rule = law.index_rules.get(f"above.{one.code}.instead")
        other = own.get(by_code.get(str(rule.value), "")) if rule else None
        if other is not None and name in named:
            index = pl.when(index.is_null() & (pl.col(f"{_STEP}{name}") >= 0)).then(other).otherwise(index)
        indices[f"iaqi_{name}"] = index
    return indices


def _published(law: Regime) -> pl.Expr:
    rules = law.index_rules
    if rules.text("missing.rule") == "report":
        return pl.col("highest")
    hidden = pl.col(f"{_STEP}lacking") & (pl.col("highest") <= rules.whole("missing.publish_above"))
    return pl.when(hidden).then(None).otherwise(pl.col("highest"))


def level(law: Regime, index: pl.Expr) -> pl.Expr:
    """Number of the level (1..6) of an AQI; null for null."""
    found = pl.lit(None, dtype=pl.Int8)
    for one in reversed(levels(law)):
        found = pl.when(index <= one.high).then(pl.lit(one.number, dtype=pl.Int8)).otherwise(found)
    return found


def _primary(law: Regime, report: str) -> pl.Expr:
    """Codes of the primary pollutants, in the report's order; an empty list for none."""
    items: dict[str, list[pl.Expr]] = {}
    for name, one in report_items(law, report).items():
        items.setdefault(one.pollutant, []).append(pl.col(f"iaqi_{name}") == pl.col("aqi"))
    named = pl.col("aqi") > law.index_rules.whole("primary.above")
    marks = [
        pl.when(named & pl.any_horizontal(same)).then(pl.lit(code)).otherwise(pl.lit(None, dtype=pl.String))
        for code, same in items.items()
    ]
    return pl.concat_list(marks).list.drop_nulls()
