"""What all places of a region share: calendar, heating, weather that comes and goes, dust from the north-west."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lantian.air.synthetic.noise import Floats, generator, smooth

Whole = NDArray[np.int64]
MODES = 4
_EPOCH = dt.date(1970, 1, 1)
_YEAR = 365.25
_RAMP = 7  # days over which heating sets in and ends
# Dust comes in these months: (expected events beside the sure ones, sure ones).
_DUST_MONTHS = {3: (0.8, 0), 4: (0.7, 1), 5: (0.8, 0)}
_LONGEST_DUST = 36


@dataclass(frozen=True, slots=True)
class Dust:
    """A dust storm over the region: first hour, length in hours, greatest hourly PM10 that it adds (µg/m3)."""

    first: int
    hours: int
    peak: float


@dataclass(frozen=True, slots=True)
class Sky:
    """Arrays over the hours `first`, `first` + 1 …; weather is standard normal, `winter`, `spring`, `heating` 0 to 1."""

    first: int
    hour: Whole
    weekday: Whole
    years: Floats
    winter: Floats
    spring: Floats
    heating: Floats
    stagnation: Floats
    sun: Floats
    modes: Floats
    dust: tuple[Dust, ...]

    @property
    def n(self) -> int:
        return len(self.hour)


def sky(
    seed: int, first: int, n: int, *, offset: int, heated: Callable[[dt.date], bool], since: dt.date = dt.date(2019, 1, 1)
) -> Sky:  # fmt: skip
    """Return the region's sky over `n` hours. `offset`: hours from UTC to the local clock; `heated`: in the heating
    season; `since`: when the years of the trend begin."""
    local = first + offset + np.arange(n)
    day = local // 24
    winter = _bump(day, 15)
    return Sky(
        first=first,
        hour=local % 24,
        weekday=(day + 3) % 7,  # 1970-01-01 was a Thursday
        years=(local / 24 - (since - _EPOCH).days) / _YEAR,
        winter=winter,
        spring=_bump(day, 100) ** 3,
        heating=_ramp(day, heated) * (0.4 + 0.6 * winter),  # stoves burn more when it is colder
        stagnation=smooth(seed, "stagnation", first, n, 40),
        sun=smooth(seed, "sun", first, n, 50),
        modes=np.stack([smooth(seed, f"mode {one}", first, n, 22) for one in range(MODES)]),
        dust=dust_events(seed, first, n, offset),
    )


def _bump(day: Whole, middle: int) -> Floats:
    """1 on a day of the year, 0 half a year from it."""
    found: Floats = (1 + np.cos(2 * np.pi * (day - middle) / _YEAR)) / 2
    return found


def _ramp(day: Whole, heated: Callable[[dt.date], bool]) -> Floats:
    low, high = int(day[0]) - _RAMP, int(day[-1]) + _RAMP
    on = np.array([heated(_EPOCH + dt.timedelta(days=one)) for one in range(low, high + 1)], dtype=float)
    window = 2 * _RAMP + 1
    found: Floats = np.convolve(on, np.ones(window) / window, mode="valid")[day - day[0]]
    return found


def dust_events(seed: int, first: int, n: int, offset: int) -> tuple[Dust, ...]:
    """Return the dust storms that touch some hours; they begin in spring."""
    start = _EPOCH + dt.timedelta(hours=first + offset - 2 * _LONGEST_DUST)
    end = _EPOCH + dt.timedelta(hours=first + offset + n)
    found: list[Dust] = []
    for number in range(start.year * 12 + start.month - 1, end.year * 12 + end.month):
        found += _dust_of_month(seed, number, offset)
    return tuple(one for one in found if one.first < first + n and one.first + one.hours + _LONGEST_DUST > first)


def _dust_of_month(seed: int, number: int, offset: int) -> list[Dust]:
    month = number % 12 + 1
    if month not in _DUST_MONTHS:
        return []
    expected, sure = _DUST_MONTHS[month]
    drawn = generator(seed, "dust", number)
    begin = (dt.date(number // 12, month, 1) - _EPOCH).days * 24 - offset
    return [
        Dust(begin + int(drawn.integers(0, 28 * 24)), int(drawn.integers(10, _LONGEST_DUST)), float(drawn.uniform(300, 1000)))
        for _ in range(sure + int(drawn.poisson(expected)))
    ]  # fmt: skip
