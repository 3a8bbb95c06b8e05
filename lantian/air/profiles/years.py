"""The same days of two years side by side, both under one law and in one reference state."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import lcm

import numpy as np

from lantian.air.assessing.days import Daily, Days
from lantian.air.profiles.look import Look
from lantian.air.profiles.months import Month
from lantian.air.profiles.values import Values
from lantian.standards.arrays import MISSING, RatioArray
from lantian.standards.arrays.scale import round_ratio
from lantian.standards.ranking import change
from lantian.standards.reference_state import NotConvertibleError, conversion_factor
from lantian.standards.rounding import Number


@dataclass(frozen=True, slots=True)
class Basis:
    """What brings the earlier side to the later one's reference state: a factor for each day and pollutant.

    `lost` are pollutants whose values cannot be brought over (particles across 2018-09-01): they are not compared, and
    neither is what is made of all six (index of the days, composite index).
    """

    factors: Mapping[str, tuple[Fraction, ...]]
    lost: tuple[str, ...]

    @property
    def converted(self) -> bool:
        """Whether any value was changed."""
        return any(factor != 1 for each in self.factors.values() for factor in each)


def basis_of(codes: Sequence[str], before: Sequence[dt.date], like: dt.date) -> Basis:
    """Return how values of some days are brought to the reference state of another day; raises OutOfForceError."""
    factors: dict[str, tuple[Fraction, ...]] = {}
    for code in codes:
        try:
            factors[code] = tuple(conversion_factor(code, day, like) for day in before)
        except NotConvertibleError:
            continue
    return Basis(factors, tuple(code for code in codes if code not in factors))


def days_on(basis: Basis, days: Days) -> Days:
    """Return days brought to the reference state of a basis; pollutants that are lost have no valid value.

    Ozone's highest hour is rounded to the decimals in which hours are held; every other value stays exact.
    """
    if not basis.converted and not basis.lost:
        return days
    daily = {
        code: _scaled(one, basis.factors[code]) if code in basis.factors else _without(one)
        for code, one in days.daily.items()
    }
    ozone = basis.factors.get("O3")
    highest = days.highest_hour if ozone is None else _rounded(days.highest_hour, ozone)
    return replace(days, daily=daily, highest_hour=highest)


def _scaled(one: Daily, factors: Sequence[Fraction]) -> Daily:
    top = np.array([factor.numerator for factor in factors], dtype=np.int64)
    bottom = np.array([factor.denominator for factor in factors], dtype=np.int64)
    there = one.value.there
    numerator = np.where(there, np.where(there, one.value.numerator, 0) * top, MISSING)
    denominator = np.broadcast_to(one.value.denominator, numerator.shape) * bottom
    return replace(one, value=RatioArray(numerator, denominator, one.value.decimals))


def _without(one: Daily) -> Daily:
    gone = np.full(one.value.numerator.shape, MISSING, dtype=np.int64)
    return replace(
        one,
        value=RatioArray(gone, np.ones_like(gone), one.value.decimals),
        valid=np.zeros_like(one.valid),
    )


def _rounded(highest: np.ndarray, factors: Sequence[Fraction]) -> np.ndarray:
    top = np.array([factor.numerator for factor in factors], dtype=np.int64)
    bottom = np.array([factor.denominator for factor in factors], dtype=np.int64)
    there = highest != MISSING
    return np.where(there, round_ratio(np.where(there, highest, 0) * top, bottom), MISSING)


def values_on(basis: Basis, values: Values) -> Values:
    """Return hourly or daily values of a pollutant in the reference state of a basis, exact; raises KeyError if lost."""
    factors = basis.factors[values.item]
    bottom = lcm(*(factor.denominator for factor in factors))
    if bottom == 1 and all(factor == 1 for factor in factors):
        return values
    tops = np.array([factor.numerator * (bottom // factor.denominator) for factor in factors], dtype=np.int64)
    if values.numbers.ndim == 2:
        tops = tops[:, None]
    there = values.numbers != MISSING
    numbers = np.where(there, np.where(there, values.numbers, 0) * tops, MISSING)
    return replace(values, scale=values.scale * bottom, numbers=numbers)


@dataclass(frozen=True, slots=True)
class Pair:
    """A figure on both sides, exact, and its change in per cent; None where a side has none, or before it was 0."""

    now: Fraction | None
    before: Fraction | None

    @property
    def change(self) -> Fraction | None:
        return change(self.now, self.before) if self.now is not None and self.before else None

    @property
    def difference(self) -> Fraction | None:
        return None if self.now is None or self.before is None else self.now - self.before


def pair(now: Number | None, before: Number | None) -> Pair:
    """Return a pair of two numbers."""
    return Pair(None if now is None else Fraction(now), None if before is None else Fraction(before))


@dataclass(frozen=True, slots=True)
class MonthPair:
    """A month and the same month a year before; `comparable`: both are whole and have enough days for the law."""

    now: Month
    before: Month

    def item(self, code: str, statistic: str) -> Pair:
        """A pollutant's `mean` or `percentile` on both sides."""
        sides = (self.now.items[code], self.before.items[code])
        now, before = (one.mean if statistic == "mean" else one.percentile for one in sides)
        return Pair(now, before)

    @property
    def composite(self) -> Pair:
        """The composite index on both sides, exact."""
        now, before = (one.composite.value if one.composite else None for one in (self.now, self.before))
        return Pair(now, before)

    def enough(self, code: str) -> bool:
        """Whether neither side has fewer valid days than the law wants of a month."""
        return self.now.items[code].enough is not False and self.before.items[code].enough is not False


@dataclass(frozen=True, slots=True)
class TwoYears:
    """A period and the same days a year before, on one basis."""

    now: Look
    before: Look
    basis: Basis

    def months(self) -> tuple[MonthPair, ...]:
        """Month by month; raises ValueError where the two sides have different months."""
        now, before = self.now.months(), self.before.months()
        if [one.month for one in now] != [one.month for one in before]:
            raise ValueError("the two periods do not have the same months")
        return tuple(MonthPair(one, other) for one, other in zip(now, before, strict=True))
