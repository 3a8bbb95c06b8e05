"""One item's values of one place, as whole numbers: hours or days of a period."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import lcm

import numpy as np
from numpy.typing import NDArray

from lantian.air.assessing.days import Days
from lantian.air.assessing.hours import DECIMALS, Hours, not_below_zero
from lantian.standards import arrays
from lantian.standards.arrays import MISSING
from lantian.standards.arrays.scale import times
from lantian.standards.pollutants import pollutant
from lantian.standards.regimes import Regime

# The index of the air as an item beside the six pollutants.
INDEX = "AQI"
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Values:
    """`numbers` [day, hour] or [day] over `scale` are the values, MISSING for none; `first` is the first day."""

    item: str
    unit: str
    scale: int
    first: dt.date
    numbers: NDArray[np.int64]

    @property
    def days(self) -> tuple[dt.date, ...]:
        return tuple(self.first + dt.timedelta(days=n) for n in range(self.numbers.shape[0]))

    @staticmethod
    def joined(parts: Sequence[Values]) -> Values:
        """Return values that follow each other day by day as one; raises ValueError where they do not, or differ."""
        first, scale = parts[0], lcm(*(one.scale for one in parts))
        for one, following in pairwise(parts):
            if one.item != following.item or one.days[-1] + _DAY != following.first:
                raise ValueError(f"{following.item} from {following.first} does not follow {one.item}")
        numbers = [times(one.numbers, scale // one.scale) for one in parts]
        return Values(first.item, first.unit, scale, first.first, np.concatenate(numbers))

    def at(self, *index: int) -> Fraction | None:
        """One value, exact; None for none."""
        number = int(self.numbers[index])
        return None if number == MISSING else Fraction(number, self.scale)


def hourly(hours: Hours, place: str, item: str, law: Regime | None = None) -> Values:
    """Return the hourly values of a pollutant, or of the hourly index (INDEX, which needs the law).

    Raises ValueError for a place or item that is not there.
    """
    at = hours.places.index(place)
    if item == INDEX:
        if law is None:
            raise ValueError("the index needs the law that it is of")
        return Values(INDEX, "", 1, hours.first, hourly_index(law, hours, place).aqi)
    numbers = hours.values[at, hours.pollutants.index(item)]
    return Values(item, pollutant(item).unit, 10**DECIMALS, hours.first, numbers)


def hourly_index(law: Regime, hours: Hours, place: str) -> arrays.AirIndexArrays:
    """Return the hourly index of a place [day, hour] with level and primary pollutants."""
    at = hours.places.index(place)
    parts = {code: not_below_zero(hours.values[at, n]) for n, code in enumerate(hours.pollutants)}
    return arrays.aqi(law, "hour", parts, DECIMALS)


def daily(days: Days, place: str, item: str) -> Values:
    """Return a pollutant's valid daily values (ozone: highest mean of 8 hours); raises ValueError, KeyError."""
    at, one = days.places.index(place), days.daily[item]
    valid = one.valid[at]
    bottom = np.broadcast_to(one.value.denominator, one.valid.shape)[at]
    common = lcm(*(int(n) for n in np.unique(bottom[valid])))
    top = np.where(valid, one.value.numerator[at], 0) * (common // np.where(valid, bottom, 1))
    return Values(item, pollutant(item).unit, common * 10**DECIMALS, days.days[0], np.where(valid, top, MISSING))


def daily_index(first: dt.date, indices: Sequence[int | None]) -> Values:
    """Return the index of consecutive days as values."""
    numbers = np.array([MISSING if one is None else one for one in indices], dtype=np.int64)
    return Values(INDEX, "", 1, first, numbers)
