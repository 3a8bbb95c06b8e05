"""A place's days as exact whole numbers over years: what targets, their rest and their likelihood are counted from."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from hashlib import blake2b
from math import lcm

import numpy as np
from numpy.typing import NDArray

from lantian.air.assessing.days import Days
from lantian.air.assessing.hours import DECIMALS
from lantian.air.assessing.tally import day_indices
from lantian.standards.arrays import MISSING
from lantian.standards.regimes import Regime

Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Values:
    """Daily values of a pollutant: `top / bottom` in its own unit, MISSING in `top` where a day has no valid value."""

    top: Whole
    bottom: int

    def mean(self) -> Fraction | None:
        """Mean of the valid days, exact; None without any."""
        total, n = self.total()
        return Fraction(total, n * self.bottom) if n else None

    def total(self) -> tuple[int, int]:
        """Sum of the tops and the number of valid days."""
        there = self.top != MISSING
        return int(np.where(there, self.top, 0).sum()), int(there.sum())

    @property
    def n(self) -> int:
        return int((self.top != MISSING).sum())


@dataclass(frozen=True, slots=True)
class PlaceDays:
    """A place's days from `first` on: values by pollutant, the day's index (MISSING for none), good and heavy days.

    Each day is judged by the law in force on it. `synthetic`: among the data are invented ones.
    """

    place: str
    first: dt.date
    values: Mapping[str, Values]
    index: Whole
    good: Flags
    heavy: Flags
    synthetic: bool = False

    def __len__(self) -> int:
        return len(self.index)

    @property
    def last(self) -> dt.date:
        return self.first + (len(self) - 1) * _DAY

    def cut(self, first: dt.date, last: dt.date) -> PlaceDays:
        """Return the days of a period; those outside of what is held are missing. Raises ValueError for an empty period."""
        n = (last - first).days + 1
        if n < 1:
            raise ValueError(f"the period ends ({last}) before it begins ({first})")
        at = np.arange(n) + (first - self.first).days
        return replace(self.take(at), first=first)

    def take(self, at: Whole) -> PlaceDays:
        """Return the days at some positions (outside of 0 … n-1: missing), in that order."""
        inside = (at >= 0) & (at < len(self))
        safe = np.where(inside, at, 0)
        if not len(self):
            raise ValueError("there are no days to take from")
        values = {
            code: Values(np.where(inside, one.top[safe], MISSING), one.bottom) for code, one in self.values.items()
        }
        return replace(
            self,
            values=values,
            index=np.where(inside, self.index[safe], MISSING),
            good=inside & self.good[safe],
            heavy=inside & self.heavy[safe],
        )

    @property
    def with_index(self) -> int:
        """Days that have an index."""
        return int((self.index != MISSING).sum())

    def fingerprint(self) -> bytes:
        """A name for all that figures and standings of these days follow from: the same as long as every day is."""
        made = blake2b(f"{self.place} {self.first} {self.synthetic}".encode(), digest_size=16)
        for code, one in self.values.items():
            made.update(f"{code} {one.bottom}".encode())
            made.update(np.ascontiguousarray(one.top).data)
        for flags in (self.index, self.good, self.heavy):
            made.update(np.ascontiguousarray(flags).data)
        return made.digest()


def place_days(
    parts: Sequence[Days],
    at: int,
    *,
    kept: Sequence[bool] | None = None,
    synthetic: bool = False,
    indices: Sequence[Whole] | None = None,
) -> PlaceDays:
    """Join the days of the place that stands at `at` in every part, consecutive periods each under its own law.

    `kept`: parts whose days count (all if left out). `indices` [place, day]: the days' indices of each part, where the
    caller has them. Raises ValueError when the parts do not follow each other day by day.
    """
    for one, two in itertools.pairwise(parts):
        if two.days[0] != one.days[-1] + _DAY:
            raise ValueError(f"after {one.days[-1]} come the days from {two.days[0]} on")
    counts = kept or [True] * len(parts)
    values = {code: _values(parts, at, code, counts) for code in parts[0].daily}
    every = indices or [day_indices(part).aqi for part in parts]
    own = [np.where(counted, one[at], MISSING) for one, counted in zip(every, counts, strict=True)]
    judged = [_judged(part.law, index) for part, index in zip(parts, own, strict=True)]
    index = np.concatenate(own)
    good, heavy = (np.concatenate([pair[n] for pair in judged]) for n in (0, 1))
    return PlaceDays(parts[0].places[at], parts[0].days[0], values, index, good, heavy, synthetic)


def _values(parts: Sequence[Days], row: int, code: str, kept: Sequence[bool]) -> Values:
    tops, bottoms = [], []
    for part, counted in zip(parts, kept, strict=True):
        daily = part.daily[code]
        valid = daily.valid[row] & counted
        bottom = np.broadcast_to(daily.value.denominator, daily.valid.shape)[row]
        tops.append(np.where(valid, daily.value.numerator[row], MISSING))
        bottoms.append(np.where(valid, bottom, 1))
    top, bottom = np.concatenate(tops), np.concatenate(bottoms)
    common = lcm(*(int(one) for one in np.unique(bottom)))
    there = top != MISSING
    exact = np.where(there, np.where(there, top, 0) * (common // bottom), MISSING)
    return Values(exact, common * 10**DECIMALS)


def _judged(law: Regime, index: Whole) -> tuple[Flags, Flags]:
    """Good and heavy days among some indices."""
    rules = law.assessment_rules
    there = index != MISSING
    return there & (index <= rules.whole("good_day.at_most")), there & (index > rules.whole("heavy_day.above"))
