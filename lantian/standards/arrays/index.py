"""The Air Quality Index of many places and times at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lantian.standards.air_index import NotInReportError, column_of, name_in_report, optional_items, report_items
from lantian.standards.arrays.scale import MISSING, Flags, Whole, round_scaled
from lantian.standards.levels import levels
from lantian.standards.pollutants import item, pollutant
from lantian.standards.regimes import Regime


@dataclass(frozen=True, slots=True)
class AirIndexArrays:
    """Like AirIndex for many places and times: MISSING where there is no number, level 0 where there is none.

    `primary` and `not_computed` hold flags, by pollutant and by item.
    """

    aqi: Whole
    highest: Whole
    iaqi: dict[str, Whole]
    primary: dict[str, Flags]
    level: NDArray[np.int8]
    not_computed: dict[str, Flags]


def round_concentrations(law: Regime, name: str, values: Whole, decimals: int) -> Whole:
    """Round concentrations for the index (CO to 1 decimal, the rest to 0); raises ValueError for a negative one."""
    if ((values < 0) & (values != MISSING)).any():
        raise ValueError(f"a concentration of {name} is negative")
    return round_scaled(values, decimals, index_decimals(law, name))


def index_decimals(law: Regime, name: str) -> int:
    """Decimals to which the index rounds a pollutant's concentration."""
    return int(str(law.index_rules.for_pollutant("decimals", pollutant(name).code).value))


@dataclass(frozen=True, slots=True)
class Ladder:
    """A column of break points as whole numbers, scaled like the rounded concentration, and what holds above it."""

    index: Whole
    concentration: Whole
    above: int


def ladder_of(law: Regime, code: str) -> Ladder:
    """Return an item's break points; `above` is MISSING where the edition computes nothing above the last one."""
    one = item(code)
    steps, _ = column_of(law, one.code)
    scale = 10 ** index_decimals(law, one.pollutant)
    points = [entry.value * scale for _, entry in steps]
    if any(point != point.to_integral_value() for point in points):
        raise ValueError(f"break points of {code} have more decimals than its concentration")
    rules = law.index_rules
    above = rules.whole("cap")
    if f"above.{one.code}.index" in rules:
        above = rules.whole(f"above.{one.code}.index")
    elif f"above.{one.code}.instead" in rules:
        above = MISSING
    index = np.array([low for low, _ in steps], dtype=np.int64)
    return Ladder(index, np.array([int(point) for point in points], dtype=np.int64), above)


def iaqi(law: Regime, code: str, values: Whole, decimals: int) -> Whole:
    """Individual indices of an item's concentrations (scaled by 10^decimals); MISSING for missing and not computed.

    Raises ValueError for a negative concentration, NotInReportError for an item without break points.

    >>> import datetime as dt
    >>> from lantian.standards.regimes import regime_at
    >>> iaqi(regime_at(dt.date(2026, 3, 1)), "CO_24h", np.array([22, 605]), 1).tolist()
    [55, 500]
    """
    steps = ladder_of(law, code)
    amounts = round_concentrations(law, item(code).pollutant, values, decimals)
    there = amounts != MISSING
    inside = np.where(there, amounts, 0)
    step = np.searchsorted(steps.concentration[1:], inside, side="left")
    over = step == len(steps.index) - 1
    step = np.where(over, 0, step)
    low, below = steps.index[step], steps.concentration[step]
    rise, run = steps.index[step + 1] - low, steps.concentration[step + 1] - below
    number = low - ((below - inside) * rise) // run  # rounds up: -(-x // y)
    return np.where(there, np.where(over, steps.above, number), MISSING)


def aqi(
    law: Regime,
    report: str,
    values: Mapping[str, Whole],
    decimals: int | Mapping[str, int],
    *,
    unmonitored: Collection[str] = (),
    exempt: Collection[str] = (),
) -> AirIndexArrays:
    """Indices of many places and times at once; arguments as in `air_index.aqi`, arrays of one shape, scaled.

    `decimals`: one number, or one by the names used in `values`. An item that is absent is missing everywhere.
    Raises UnknownReportError, NotInReportError, UnknownPollutantError, ValueError (negative, no item at all).
    """
    if not values:
        raise ValueError("no item is given")
    parts = _all_indices(law, report, values, decimals)
    shape = np.broadcast_shapes(*(one.shape for one in parts.values()))
    excused = {name_in_report(law, report, name) for name in exempt}
    left_out = excused | {name_in_report(law, report, name) for name in unmonitored}
    if clash := [name for name in left_out & set(parts) if (parts[name] != MISSING).any()]:
        raise NotInReportError(f"{', '.join(sorted(clash))}: given, but said to be unmonitored")
    not_computed = _step_in(law, report, parts)
    gone = np.full(shape, MISSING, dtype=np.int64)
    found = {name: parts.get(name, gone) for name in report_items(law, report)}
    lacking = np.zeros(shape, dtype=np.bool_)
    for name, one in found.items():
        if name not in excused:
            lacking |= (one == MISSING) | (name in left_out)
    highest = np.maximum.reduce([np.broadcast_to(one, shape) for one in found.values()])
    published = np.where(lacking & ~_publishable(law, highest), MISSING, highest)
    return AirIndexArrays(
        aqi=published,
        highest=highest,
        iaqi=found,
        primary=_primary(law, report, found, published),
        level=_levels(law, published),
        not_computed=not_computed,
    )


def _all_indices(
    law: Regime, report: str, values: Mapping[str, Whole], decimals: int | Mapping[str, int]
) -> dict[str, Whole]:
    every = {**report_items(law, report), **optional_items(law, report)}
    parts: dict[str, Whole] = {}
    for name, amounts in values.items():
        label = name_in_report(law, report, name)
        if label in parts:
            raise ValueError(f"{label} is given twice")
        places = decimals if isinstance(decimals, int) else decimals[name]
        index = iaqi(law, every[label].code, amounts, places)
        # Told apart from missing for the moment: given, but above a table that has no index there.
        parts[label] = np.where((index == MISSING) & (amounts != MISSING), MISSING + 1, index)
    return parts


def _step_in(law: Regime, report: str, parts: dict[str, Whole]) -> dict[str, Flags]:
    """Put the other item's index where an item has none above its table; return where none was there to step in."""
    by_code = {one.code: name for name, one in {**report_items(law, report), **optional_items(law, report)}.items()}
    before = dict(parts)
    left: dict[str, Flags] = {}
    for name, one in report_items(law, report).items():
        if name not in parts:
            continue
        above = before[name] == MISSING + 1
        rule = law.index_rules.get(f"above.{one.code}.instead")
        other = before.get(by_code.get(str(rule.value), "")) if rule else None
        if other is not None:
            parts[name] = np.where(above, other, before[name])
        left[name] = above & ((parts[name] == MISSING + 1) | (parts[name] == MISSING))
        parts[name] = np.where(parts[name] == MISSING + 1, MISSING, parts[name])
    return left


def _publishable(law: Regime, highest: Whole) -> Flags:
    rules = law.index_rules
    top = MISSING if rules.text("missing.rule") == "report" else rules.whole("missing.publish_above")
    publishable: Flags = highest > top
    return publishable


def _primary(law: Regime, report: str, found: Mapping[str, Whole], published: Whole) -> dict[str, Flags]:
    named = published > law.index_rules.whole("primary.above")
    flags: dict[str, Flags] = {}
    for name, one in report_items(law, report).items():
        here = named & (found[name] == published)
        flags[one.pollutant] = flags[one.pollutant] | here if one.pollutant in flags else here
    return flags


def _levels(law: Regime, published: Whole) -> NDArray[np.int8]:
    tops = np.array([one.high for one in levels(law)], dtype=np.int64)
    number = np.searchsorted(tops, published, side="left") + 1
    return np.where(published == MISSING, 0, number).astype(np.int8)
