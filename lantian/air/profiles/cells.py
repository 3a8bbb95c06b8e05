"""Distributions: values sorted into cells, each with exact quantiles, its number of values and its capture."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from lantian.air.profiles.rules import per_cent, rules
from lantian.air.profiles.values import Values
from lantian.standards.arrays import MISSING
from lantian.standards.workdays import is_working_day, national_years

WORKING, WEEKEND, HOLIDAY = "working", "weekend", "holiday"
DAY_TYPES = (WORKING, WEEKEND, HOLIDAY)
WEEKDAYS = tuple(range(1, 8))
HOURS = tuple(range(1, 25))


@dataclass(frozen=True, slots=True)
class Cell:
    """The values of one cell: `n` of `expected`; all statistics are exact and None where `enough` is False."""

    n: int
    expected: int
    enough: bool
    mean: Fraction | None = None
    low: Fraction | None = None
    high: Fraction | None = None
    quantiles: Mapping[int, Fraction] | None = None

    @property
    def capture(self) -> Fraction | None:
        """Values there of those that could be, in per cent, exact; None where none could."""
        return per_cent(self.n, self.expected)

    def quantile(self, percent: int) -> Fraction | None:
        """A percentile among those of the rules; None where there are too few values."""
        return None if self.quantiles is None else self.quantiles[percent]


def cell_of(numbers: NDArray[np.int64], scale: int, expected: int) -> Cell:
    """Return the cell of some values (none of them MISSING), of which `expected` could be there."""
    n = len(numbers)
    if not rules().enough(n, expected):
        return Cell(n, expected, False)
    ordered = np.sort(numbers)
    total = sum(map(int, ordered)) if int(ordered[-1]) > 2**40 else int(ordered.sum())
    return Cell(
        n=n,
        expected=expected,
        enough=True,
        mean=Fraction(total, n * scale),
        low=Fraction(int(ordered[0]), scale),
        high=Fraction(int(ordered[-1]), scale),
        quantiles={percent: quantile(ordered, percent, scale) for percent in rules().percents},
    )


def quantile(ordered: NDArray[np.int64], percent: int, scale: int) -> Fraction:
    """Return a percentile of sorted values as the standard computes it: 1 + (n - 1) p / 100, straight between."""
    step, part = divmod((len(ordered) - 1) * percent, 100)
    low = int(ordered[step])
    high = int(ordered[step + 1]) if part else low
    return Fraction(low * 100 + (high - low) * part, 100 * scale)


def cells(values: Values, keys: NDArray[np.int64], count: int) -> tuple[Cell, ...]:
    """Return `count` cells; `keys` has the shape of the values and says which cell each belongs to (-1: none)."""
    where, numbers = keys.reshape(-1), values.numbers.reshape(-1)
    inside = where >= 0
    expected = np.bincount(where[inside], minlength=count)
    there = inside & (numbers != MISSING)
    order = np.argsort(where[there], kind="stable")
    sorted_keys, sorted_numbers = where[there][order], numbers[there][order]
    bounds = np.searchsorted(sorted_keys, np.arange(count + 1))
    return tuple(
        cell_of(sorted_numbers[bounds[n] : bounds[n + 1]], values.scale, int(expected[n])) for n in range(count)
    )


def by_hour(values: Values) -> dict[int, Cell]:
    """Return the distribution of each hour of the day; hour 1 is the one that ends at 01:00."""
    keys = np.broadcast_to(np.arange(len(HOURS)), values.numbers.shape)
    return dict(zip(HOURS, cells(values, keys, len(HOURS)), strict=True))


def by_weekday_hour(values: Values) -> dict[tuple[int, int], Cell]:
    """Return the distribution of each weekday (Monday is 1) and hour of the day."""
    weekday = _of_days(values, lambda day: day.isoweekday() - 1)
    keys = weekday * len(HOURS) + np.arange(len(HOURS))
    names = [(day, hour) for day in WEEKDAYS for hour in HOURS]
    return dict(zip(names, cells(values, keys, len(names)), strict=True))


def by_day_type(values: Values) -> dict[str, Cell]:
    """Return the distributions of working days, weekends and public holidays (see `day_type`)."""
    keys = _of_days(values, lambda day: DAY_TYPES.index(day_type(day)))
    return dict(zip(DAY_TYPES, cells(values, keys, len(DAY_TYPES)), strict=True))


def by_day_type_hour(values: Values) -> dict[tuple[str, int], Cell]:
    """Return the distribution of each kind of day and hour."""
    kinds = _of_days(values, lambda day: DAY_TYPES.index(day_type(day)))
    keys = kinds * len(HOURS) + np.arange(len(HOURS))
    names = [(kind, hour) for kind in DAY_TYPES for hour in HOURS]
    return dict(zip(names, cells(values, keys, len(names)), strict=True))


def by_month(values: Values) -> dict[tuple[int, int], Cell]:
    """Return the distribution of each (year, month) that the values touch."""
    days = values.days
    months = list(dict.fromkeys((day.year, day.month) for day in days))
    place = {month: n for n, month in enumerate(months)}
    keys = _of_days(values, lambda day: place[day.year, day.month])
    return dict(zip(months, cells(values, keys, len(months)), strict=True))


def day_type(day: dt.date) -> str:
    """Return what kind of day it is: a public holiday (with the days off around it), a weekend day, or a working day.

    A weekend day that is worked instead of another day is a working day. In a year whose arrangement is not known
    there are weekends only: `unknown_years` names them.
    """
    year = national_years().get(day.year)
    if year and day in year.off:
        return HOLIDAY
    return WORKING if is_working_day(day) else WEEKEND


def unknown_years(days: Sequence[dt.date]) -> tuple[int, ...]:
    """Return the years of some days for which the country's holidays are not known."""
    return tuple(sorted({day.year for day in days} - set(national_years())))


def _of_days(values: Values, key: Callable[[dt.date], int]) -> NDArray[np.int64]:
    """Return one key for each day, in the shape of the values."""
    days = np.array([key(day) for day in values.days], dtype=np.int64)
    if values.numbers.ndim == 1:
        return days
    return np.broadcast_to(days[:, None], values.numbers.shape)
