"""Means, eight-hour maxima, percentiles, composite indices and ranks of many series at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np

from lantian.standards.arrays.scale import MISSING, Flags, RatioArray, Whole, times
from lantian.standards.composite import composite_limits, own_weights, rule_weights
from lantian.standards.pollutants import core_codes, pollutant
from lantian.standards.regimes import Regime
from lantian.standards.tables import table

# Values of a part: a megabyte.
_PART = 131_072
# For fewer parts a thread more is not worth its start.
_LEAST_PARTS = 8
_LARGEST = int(np.iinfo(np.int64).max)


@dataclass(frozen=True, slots=True)
class StatisticArray:
    """A statistic of the last axis with the number of data and whether that suffices."""

    value: RatioArray
    n: Whole
    valid: Flags


def mean(values: Whole, decimals: int) -> StatisticArray:
    """Mean of the last axis over the values that are there; `valid` where there is one at all."""
    total, n = in_parts(_sum, values)
    return StatisticArray(RatioArray(np.where(n > 0, total, MISSING), np.maximum(n, 1), decimals), n, n > 0)


def in_parts(reduction: Callable[[Whole], tuple[Whole, ...]], values: Whole) -> tuple[Whole, ...]:
    """Reduce the last axis of big arrays part by part, so that what comes between stays in the processor's cache; of very
    big ones as many parts at once as there are processors."""
    if values.ndim < 2 or values.size <= _PART:
        return reduction(values)
    step = max(1, len(values) * _PART // values.size)
    pieces = [values[at : at + step] for at in range(0, len(values), step)]
    workers = min(os.cpu_count() or 1, len(pieces) // _LEAST_PARTS)
    if workers > 1:
        with ThreadPoolExecutor(workers) as pool:
            parts = list(pool.map(reduction, pieces))
    else:
        parts = [reduction(one) for one in pieces]
    return tuple(np.concatenate(each) for each in zip(*parts, strict=True))


def _sum(values: Whole) -> tuple[Whole, ...]:
    """Sum and number of the values that are there."""
    there = values != MISSING
    return np.where(there, values, 0).sum(axis=-1, dtype=np.int64), there.sum(axis=-1, dtype=np.int64)


def count(values: Whole) -> Whole:
    """Number of the values that are there in the last axis."""
    return in_parts(lambda part: ((part != MISSING).sum(axis=-1, dtype=np.int64),), values)[0]


def day_mean(law: Regime, name: str, hours: Whole, decimals: int) -> StatisticArray:
    """Daily means of hourly values, last axis 24 hours; raises ValueError for another length."""
    _check_hours(law, hours)
    code = pollutant(name).code
    needed = table("validity").at(law.start, statistic="day", pollutant=code, count="hours")
    found = mean(hours, decimals)
    return StatisticArray(found.value, found.n, found.n >= int(needed.value))


def _check_hours(law: Regime, hours: Whole) -> None:
    if hours.shape[-1:] != (law.assessment_rules.whole("hour.last"),):
        raise ValueError(f"the last axis must be the 24 hours of a day, its shape is {hours.shape}")


def mda8(law: Regime, hours: Whole, decimals: int, *, grade: str = "II") -> StatisticArray:
    """Daily maximum of ozone's 8-hour means, last axis 24 hours; validity as in `means.mda8`, n counts valid windows."""
    _check_hours(law, hours)
    rules = law.assessment_rules
    length, first, last = (rules.whole(f"8h.{key}") for key in ("length", "first_end", "last_end"))
    needed = int(table("validity").at(law.start, statistic="8h", pollutant="O3", count="hours").value)
    common = lcm(*range(needed, length + 1))  # brings sums over 6, 7 and 8 hours to one denominator
    factors = np.array([common // one if one >= needed else 0 for one in range(length + 1)], dtype=np.int64)

    def best(part: Whole) -> tuple[Whole, ...]:
        there = part != MISSING
        sums = _window_sums(np.where(there, part, 0), length)[..., first - length : last - length + 1]
        counts = _window_sums(there.astype(np.int64), length)[..., first - length : last - length + 1]
        enough = counts >= needed
        windows = np.where(enough, sums * factors[counts], MISSING)
        return windows.max(axis=-1), enough.sum(axis=-1, dtype=np.int64)

    highest, n = in_parts(best, hours)
    limit = law.limit("O3", "8h", grade).value * common * 10**decimals
    exceeds = (highest > int(limit)) & bool(rules.rule("8h.valid_if_above_limit").value)
    value = RatioArray(highest, np.full(highest.shape, common, dtype=np.int64), decimals)
    return StatisticArray(value, n, (n >= rules.whole("8h.windows")) | exceeds)


def _window_sums(values: Whole, length: int) -> Whole:
    """Sums over `length` neighbours of the last axis: result i is the sum of values i .. i + length - 1."""
    start = np.zeros((*values.shape[:-1], 1), dtype=np.int64)
    running = np.concatenate([start, np.cumsum(values, axis=-1)], axis=-1)
    sums: Whole = running[..., length:] - running[..., :-length]
    return sums


def percentile(values: Whole, percent: int, decimals: int) -> StatisticArray:
    """Percentile of the last axis over the values that are there, as in `means.percentile`; raises ValueError."""
    if not 0 <= percent <= 100:
        raise ValueError(f"a percentile lies between 0 and 100, not at {percent}")
    there = values != MISSING
    n = there.sum(axis=-1, dtype=np.int64)
    ordered = np.sort(np.where(there, values, _LARGEST), axis=-1)
    steps, part = np.divmod(np.maximum(n - 1, 0) * percent, 100)
    lower = np.take_along_axis(ordered, steps[..., None], axis=-1)[..., 0]
    following = np.minimum(steps + 1, np.maximum(n - 1, 0))
    upper = np.take_along_axis(ordered, following[..., None], axis=-1)[..., 0]
    some = n > 0
    lower, upper = np.where(some, lower, 0), np.where(some, upper, 0)
    top = np.where(some, lower * 100 + (upper - lower) * part, MISSING)
    return StatisticArray(RatioArray(top, np.full(top.shape, 100, dtype=np.int64), decimals), n, some)


def composite_index(
    law: Regime,
    concentrations: Mapping[str, Whole],
    decimals: int,
    *,
    variant: str = "unweighted",
    weights: Mapping[str, Decimal | int | str] | None = None,
) -> RatioArray:
    """Composite indices of many places; all six pollutants, scaled by 10^decimals. MISSING where one is missing.

    Raises ValueError when a pollutant is absent or a concentration negative, NoSuchEntryError for unknown weights.
    """
    given = {pollutant(name).code: values for name, values in concentrations.items()}
    if set(given) != set(core_codes()):
        raise ValueError(f"a composite index needs {', '.join(core_codes())}; got {', '.join(given) or 'nothing'}")
    factors = rule_weights(law, variant) if weights is None else own_weights(law, weights)
    parts = {
        name: Fraction(factors[name].value) / Fraction(limit.value) for name, limit in composite_limits(law).items()
    }
    common = lcm(*(one.denominator for one in parts.values()))
    total: Any = np.int64(0)
    gone: Any = np.bool_(False)
    for name, values in given.items():
        gone = gone | (values == MISSING)
        if ((values < 0) & (values != MISSING)).any():
            raise ValueError(f"a concentration of {name} is negative")
        total = total + times(values, int(parts[name] * common)) * (values != MISSING)
    top = np.where(gone, MISSING, total)
    return RatioArray(top, np.full(top.shape, common, dtype=np.int64), decimals)


def rank(values: Whole) -> Whole:
    """Ranks from 1 of scaled figures along the last axis, smallest first; equal ones share, 0 where MISSING."""
    flat = values.reshape(-1, values.shape[-1])
    ranks = np.zeros_like(flat)
    for row, out in zip(flat, ranks, strict=True):
        there = row != MISSING
        out[there] = np.searchsorted(np.sort(row[there]), row[there], side="left") + 1
    return ranks.reshape(values.shape)
