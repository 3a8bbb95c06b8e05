"""The table of months of a place: figures, good and heavy days, primary pollutants, composite index."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from lantian.air.assessing.days import Daily, Days, PeriodItem, has_rule_of_days
from lantian.air.assessing.figures import index_figures, index_of, period_items
from lantian.air.assessing.hours import HOURS
from lantian.air.profiles.calendar import DayMark
from lantian.air.profiles.rules import per_cent
from lantian.standards.arrays import RatioArray
from lantian.standards.attainment import good_day, heavy_day
from lantian.standards.composite import CompositeIndex
from lantian.standards.means import month_valid
from lantian.standards.regimes import Regime


@dataclass(frozen=True, slots=True)
class MonthItem:
    """A pollutant in a month: exact figures of `n` valid days; `enough` is the law's, None where it has no number."""

    mean: Fraction | None
    percentile: Fraction | None
    percent: int
    n: int
    hours: int
    enough: bool | None


@dataclass(frozen=True, slots=True)
class Month:
    """A month (`whole`) or the part of it that lies in the period; `expected` days, `with_index` of them have one."""

    year: int
    month: int
    first: dt.date
    last: dt.date
    whole: bool
    items: Mapping[str, MonthItem]
    with_index: int
    good: int
    heavy: int
    levels: Mapping[int, int]
    primary: Mapping[str, int]
    composite: CompositeIndex | None

    @property
    def expected(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def good_share(self) -> Fraction | None:
        """Good days of those with an index, in per cent, exact."""
        return per_cent(self.good, self.with_index)

    def capture(self, code: str) -> Fraction | None:
        """Hours measured of those expected, in per cent, exact."""
        return per_cent(self.items[code].hours, self.expected * HOURS)


def months(days: Days, place: str, calendar: Sequence[DayMark]) -> tuple[Month, ...]:
    """Return the months of a place; `calendar` has one mark for each day. Raises ValueError where it has not."""
    if [one.day for one in calendar] != list(days.days):
        raise ValueError("the calendar must have the days of the arrays")
    at = days.places.index(place)
    spans: dict[tuple[int, int], list[int]] = {}
    for n, day in enumerate(days.days):
        spans.setdefault((day.year, day.month), []).append(n)
    return tuple(
        _month(cut(days, where[0], where[-1] + 1), at, calendar[where[0] : where[-1] + 1]) for where in spans.values()
    )


def cut(days: Days, begin: int, end: int) -> Days:
    """Return some consecutive days of the arrays, the end not included."""
    daily = {code: _cut(one, begin, end) for code, one in days.daily.items()}
    return replace(days, days=days.days[begin:end], daily=daily, highest_hour=days.highest_hour[:, begin:end])


def _cut(one: Daily, begin: int, end: int) -> Daily:
    here = slice(begin, end)
    bottom = one.value.denominator
    bottom = bottom[:, here] if bottom.ndim == 2 and bottom.shape[1] == one.valid.shape[1] else bottom
    value = RatioArray(one.value.numerator[:, here], bottom, one.value.decimals)
    return replace(one, value=value, hours=one.hours[:, here], valid=one.valid[:, here])


def _month(days: Days, at: int, calendar: Sequence[DayMark]) -> Month:
    law, first, last = days.law, days.days[0], days.days[-1]
    whole = first.day == 1 and (last + dt.timedelta(days=1)).day == 1
    items = period_items(days)
    numbers = [one.aqi for one in calendar if one.aqi is not None]
    counts = Counter(name for one in calendar for name in one.primary)
    return Month(
        year=first.year,
        month=first.month,
        first=first,
        last=last,
        whole=whole,
        items={code: _item(law, code, one, at, first, whole) for code, one in items.items()},
        with_index=len(numbers),
        good=sum(good_day(law, one) for one in numbers),
        heavy=sum(heavy_day(law, one) for one in numbers),
        levels=dict(sorted(Counter(one.level.number for one in calendar if one.level).items())),
        primary={code: counts[code] for code in items},
        composite=index_of(law, index_figures(law, items, at)),
    )


def _item(law: Regime, code: str, one: PeriodItem, at: int, first: dt.date, whole: bool) -> MonthItem:
    n = int(one.n[at])
    enough = None
    if whole and has_rule_of_days(law, code):
        enough = month_valid(law, code, first.year, first.month, n)
    return MonthItem(one.mean.fraction(at), one.percentile.fraction(at), one.percent, n, int(one.hours[at]), enough)
