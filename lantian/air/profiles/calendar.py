"""The calendar of a place: every day with its index, level and primary pollutants; runs of bad days."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from lantian.air.assessing.assess import DayIndex
from lantian.standards.levels import Level
from lantian.standards.regimes import Regime


@dataclass(frozen=True, slots=True)
class DayMark:
    """A day: `aqi` and `level` are None without a published index; `missing` names pollutants without a value."""

    day: dt.date
    aqi: int | None
    level: Level | None
    primary: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def measured(self) -> bool:
        """Whether any pollutant had a valid value."""
        return self.aqi is not None or bool(self.missing)


def marks(indices: Sequence[DayIndex]) -> tuple[DayMark, ...]:
    """Return the days of an assessment as a calendar shows them."""
    return tuple(_mark(one) for one in indices)


def _mark(one: DayIndex) -> DayMark:
    index = one.index
    if index is None:
        return DayMark(one.day, None, None, (), ())
    return DayMark(one.day, index.aqi, index.level, index.primary, index.missing)


@dataclass(frozen=True, slots=True)
class Episode:
    """Consecutive days whose index is above a bound.

    `open_before`, `open_after`: the day next to it has no index or lies outside the period, so it may be longer.
    """

    first: dt.date
    last: dt.date
    above: int
    days: int
    highest: int
    highest_on: tuple[dt.date, ...]
    mean: Fraction
    primary: Mapping[str, int]
    open_before: bool
    open_after: bool


def bounds(law: Regime) -> tuple[int, int]:
    """The two bounds of the law: above the first a day is not good, above the second it is one of heavy pollution."""
    rules = law.assessment_rules
    return rules.whole("good_day.at_most"), rules.whole("heavy_day.above")


def episodes(days: Sequence[DayMark], above: int, *, at_least: int = 1) -> tuple[Episode, ...]:
    """Return the runs of at least so many consecutive days with an index above a bound, in their order.

    Raises ValueError where the days are not consecutive, or for a length below 1.
    """
    if at_least < 1:
        raise ValueError(f"a run has at least one day, not {at_least}")
    for one, following in pairwise(days):
        if following.day - one.day != dt.timedelta(days=1):
            raise ValueError(f"{following.day} does not follow {one.day}")
    found = (_episode(days, begin, end, above) for begin, end in _runs(days, above))
    return tuple(one for one in found if one.days >= at_least)


def _runs(days: Sequence[DayMark], above: int) -> Iterator[tuple[int, int]]:
    """Yield (begin, end) of each run, the end not included."""
    begin: int | None = None
    for at, one in enumerate(days):
        over = one.aqi is not None and one.aqi > above
        if over and begin is None:
            begin = at
        elif not over and begin is not None:
            yield begin, at
            begin = None
    if begin is not None:
        yield begin, len(days)


def _episode(days: Sequence[DayMark], begin: int, end: int, above: int) -> Episode:
    inside = days[begin:end]
    numbers = [one.aqi for one in inside if one.aqi is not None]
    highest = max(numbers)
    return Episode(
        first=inside[0].day,
        last=inside[-1].day,
        above=above,
        days=len(inside),
        highest=highest,
        highest_on=tuple(one.day for one in inside if one.aqi == highest),
        mean=Fraction(sum(numbers), len(numbers)),
        primary=Counter(name for one in inside for name in one.primary),
        open_before=begin == 0 or days[begin - 1].aqi is None,
        open_after=end == len(days) or days[end].aqi is None,
    )
