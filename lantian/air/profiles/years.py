"""The same days of two years side by side, month by month and hour by hour, on the basis of `assessing.compare`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import lcm

import numpy as np

from lantian.air.assessing.compare import Comparison
from lantian.air.profiles.look import Look
from lantian.air.profiles.months import Month
from lantian.air.profiles.values import Values
from lantian.standards.arrays import MISSING
from lantian.standards.ranking import change
from lantian.standards.reference_state import NotConvertibleError, conversion_factor
from lantian.standards.tables import OutOfForceError


@dataclass(frozen=True, slots=True)
class Pair:
    """A figure on both sides, exact, and its change in per cent; None where a side has none, or before it was 0."""

    now: Fraction | None
    before: Fraction | None

    @property
    def change(self) -> Fraction | None:
        return change(self.now, self.before) if self.now is not None and self.before else None


@dataclass(frozen=True, slots=True)
class MonthPair:
    """A month and the same month a year before."""

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
    """A period and the same days a year before: the comparison, and both sides as looks in the state compared."""

    comparison: Comparison
    now: Look
    before: Look

    def months(self) -> tuple[MonthPair, ...]:
        """Month by month; raises ValueError where the two sides have different months."""
        now, before = self.now.months, self.before.months
        if [one.month for one in now] != [one.month for one in before]:
            raise ValueError("the two periods do not have the same months")
        return tuple(MonthPair(one, other) for one, other in zip(now, before, strict=True))


def restated_values(values: Values, like: dt.date) -> Values:
    """Return hourly values of a pollutant in the reference state of a day, exact; as they are where they cannot be
    converted (the comparison names such pollutants)."""
    try:
        factors = _factors(values.item, values.days, like)
    except (NotConvertibleError, OutOfForceError):
        return values
    bottom = lcm(*(factor.denominator for factor in factors))
    if all(factor == 1 for factor in factors):
        return values
    tops = np.array([factor.numerator * (bottom // factor.denominator) for factor in factors], dtype=np.int64)
    there = values.numbers != MISSING
    numbers = np.where(there, np.where(there, values.numbers, 0) * tops[:, None], MISSING)
    return replace(values, scale=values.scale * bottom, numbers=numbers)


def _factors(code: str, days: Sequence[dt.date], like: dt.date) -> list[Fraction]:
    return [conversion_factor(code, day, like) for day in days]
