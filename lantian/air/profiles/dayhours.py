"""The 24 hours of one day: values, hourly index, sliding means that end with each hour."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from lantian.air.assessing.days import EIGHT_HOURS, hours_needed
from lantian.air.assessing.hours import DECIMALS, HOURS, Hours
from lantian.air.profiles.values import hourly_index
from lantian.standards.arrays import MISSING
from lantian.standards.levels import Level, levels
from lantian.standards.regimes import Regime


@dataclass(frozen=True, slots=True)
class Sliding:
    """A mean of the `length` hours that end with this one: exact, None with fewer than `needed` of them."""

    value: Fraction | None
    n: int
    length: int
    needed: int


@dataclass(frozen=True, slots=True)
class HourOfDay:
    """One hour; `hour` is 1 to 24, `ends` its end by the clock. `values` and `sliding` by pollutant, exact."""

    hour: int
    ends: dt.datetime
    values: Mapping[str, Fraction | None]
    aqi: int | None
    highest: int | None
    level: Level | None
    primary: tuple[str, ...]
    sliding: Mapping[str, Sliding]


def window_of(law: Regime, code: str) -> int:
    """Hours of a pollutant's sliding mean: 8 for ozone, else the day's 24."""
    return law.assessment_rules.whole("8h.length") if code == EIGHT_HOURS else HOURS


def hours_of_day(law: Regime, hours: Hours, place: str) -> tuple[HourOfDay, ...]:
    """Return the hours of the last day of the arrays; they must hold the day before it too, for the sliding means.

    Raises ValueError for fewer than two days, or a place that is not there.
    """
    if len(hours.days) < 2:
        raise ValueError("the sliding means of a day need the hours of the day before it")
    at = hours.places.index(place)
    index = hourly_index(law, hours, place)
    known = levels(law)
    # After the last measured hour of the day there is nothing to speak of: those hours may not even be over.
    measured = _hours_measured(hours.values[at, :, -1])
    slides = {
        code: _sliding(hours.values[at, n].reshape(-1), window_of(law, code), hours_needed(law, code), measured)
        for n, code in enumerate(hours.pollutants)
    }
    midnight = dt.datetime.combine(hours.days[-1], dt.time())
    return tuple(
        HourOfDay(
            hour=hour + 1,
            ends=midnight + dt.timedelta(hours=hour + 1),
            values={code: _exact(hours.values[at, n, -1, hour]) for n, code in enumerate(hours.pollutants)},
            aqi=_whole(index.aqi[-1, hour]),
            highest=_whole(index.highest[-1, hour]),
            level=known[int(index.level[-1, hour]) - 1] if index.level[-1, hour] else None,
            primary=tuple(code for code, here in index.primary.items() if here[-1, hour]),
            sliding={code: found[hour - HOURS] for code, found in slides.items()},
        )
        for hour in range(HOURS)
    )


def _hours_measured(day: NDArray[np.int64]) -> int:
    """How many hours of a day [pollutant, hour] there are up to the last one with any value."""
    there = np.flatnonzero((day != MISSING).any(axis=0))
    return int(there[-1]) + 1 if len(there) else 0


def _sliding(numbers: NDArray[np.int64], length: int, needed: int, measured: int) -> list[Sliding]:
    """The sliding means that end with each of the last 24 hours; none after the first `measured` of them."""
    found = []
    begin = len(numbers) - HOURS
    for end in range(begin + 1, len(numbers) + 1):
        window = numbers[max(0, end - length) : end]
        there = window[window != MISSING]
        n = len(there)
        value = Fraction(int(there.sum()), n * 10**DECIMALS) if n and n >= needed and end - begin <= measured else None
        found.append(Sliding(value, n, length, needed))
    return found


def _exact(number: np.int64) -> Fraction | None:
    return None if number == MISSING else Fraction(int(number), 10**DECIMALS)


def _whole(number: np.int64) -> int | None:
    return None if number == MISSING else int(number)
