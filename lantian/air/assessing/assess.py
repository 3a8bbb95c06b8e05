"""A place over a period under one law: figures, index of every day, attainment, composite index. Pure."""

from __future__ import annotations

import calendar
import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache

from lantian.air.assessing.days import EIGHT_HOURS, Days, PeriodItem, has_rule_of_days
from lantian.air.assessing.figures import figure_not_below_zero, index_figures, index_of, period_items
from lantian.air.assessing.hours import DECIMALS
from lantian.air.assessing.subjects import STATIONS, Origin
from lantian.standards.air_index import AirIndex, aqi, report_items
from lantian.standards.arrays import MISSING
from lantian.standards.attainment import Attainment, good_day, grade_of, heavy_day, year_attainment
from lantian.standards.composite import CompositeIndex
from lantian.standards.means import day_mean, mda8, month_valid, year_validity
from lantian.standards.provenance import Cited, merged
from lantian.standards.regimes import Regime

HIGHEST_HOUR = "O3_1h"
RAW, DEDUCTED = "raw", "deducted"


@dataclass(frozen=True, slots=True)
class ItemFigures:
    """One pollutant: exact statistics; `days` with a valid value, `hours` with any; `short` months with too few days."""

    mean: Fraction | None
    percentile: Fraction | None
    percent: int
    days: int
    hours: int
    short: tuple[str, ...]
    year_valid: bool | None


@dataclass(frozen=True, slots=True)
class DayIndex:
    """The index of one day; None where no pollutant has a valid value."""

    day: dt.date
    index: AirIndex | None


@dataclass(frozen=True, slots=True)
class StationCount:
    """Of how many stations a place's daily values are made: fewest, most, and the sum over the days that are valid."""

    fewest: int
    most: int
    total: int


@dataclass(frozen=True, slots=True)
class Assessment:
    """Everything about one place and period. `whole_year`: the attainment is the law's; else it is only a comparison.

    `dust`: whether dust hours are left out of the figures ("raw", "deducted"). `origin`: what the values were taken from;
    `stations`: how many stations the daily values are made of, by pollutant (only for values of stations).
    """

    law: Regime
    place: str
    first: dt.date
    last: dt.date
    grade: str
    items: Mapping[str, ItemFigures]
    days: tuple[DayIndex, ...]
    good: int
    heavy: int
    levels: Mapping[int, int]
    primary: Mapping[str, int]
    attainment: Attainment
    whole_year: bool
    class_of_so2: str | None
    composite: CompositeIndex | None
    used: tuple[Cited, ...]
    dust: str = RAW
    origin: Origin | None = None
    stations: Mapping[str, StationCount] = field(default_factory=dict)

    @property
    def synthetic(self) -> bool:
        """Whether the values were invented."""
        return self.origin is not None and self.origin.synthetic

    @property
    def expected(self) -> int:
        """Days of the period."""
        return len(self.days)

    @property
    def with_index(self) -> int:
        """Days that have a published index."""
        return sum(one.index is not None and one.index.aqi is not None for one in self.days)

    @property
    def incomplete(self) -> int:
        """Days with a published index though pollutants were missing: the true one may be higher."""
        return sum(one.index is not None and one.index.aqi is not None and bool(one.index.missing) for one in self.days)


def assess(
    days: Days, place: str, *, grade: str = "II", indices: Sequence[DayIndex] | None = None, dust: str = RAW
) -> Assessment:
    """Assess a place over all days of the arrays; raises ValueError for a place that is not among them.

    `indices`: the days' indices where they are not those of these days (figures without dust, days with it).
    """
    at = days.places.index(place)
    law = days.law
    items = period_items(days)
    figures = {code: _figures(days, code, one, at) for code, one in items.items()}
    indices = tuple(day_indices(days, at) if indices is None else indices)
    published = [one.index for one in indices if one.index is not None and one.index.aqi is not None]
    numbers = [one.aqi for one in published if one.aqi is not None]
    means = {code: figure_not_below_zero(one.mean) for code, one in figures.items()}
    percentiles = {code: figure_not_below_zero(one.percentile) for code, one in figures.items()}
    attainment = year_attainment(law, means, percentiles, grade=grade)
    composite = index_of(law, index_figures(law, items, at))
    return Assessment(
        law=law,
        place=place,
        first=days.days[0],
        last=days.days[-1],
        grade=grade,
        items=figures,
        days=indices,
        good=sum(good_day(law, one) for one in numbers),
        heavy=sum(heavy_day(law, one) for one in numbers),
        levels=dict(sorted(Counter(one.level.number for one in published if one.level).items())),
        primary=_primary(published, items),
        attainment=attainment,
        whole_year=_is_year(days.days),
        class_of_so2=None if means["SO2"] is None else grade_of(law, "SO2", "year", means["SO2"]),
        composite=composite,
        used=_used(law, published, attainment, composite),
        dust=dust,
        origin=days.origins[at] if days.origins else None,
        stations=_stations(days, at),
    )


def day_indices(days: Days, place: int) -> list[DayIndex]:
    """Return the index of every day of a place (its number in the arrays)."""
    return [DayIndex(day, _day_index(days, place, n)) for n, day in enumerate(days.days)]


def _stations(days: Days, at: int) -> dict[str, StationCount]:
    if not days.origins or days.origins[at].basis != STATIONS:
        return {}
    found = {}
    for code, counts in days.stations.items():
        there = counts[at][days.daily[code].valid[at]]
        fewest, most = (int(there.min()), int(there.max())) if there.size else (0, 0)
        found[code] = StationCount(fewest, most, int(there.sum()))
    return found


def _figures(days: Days, code: str, one: PeriodItem, at: int) -> ItemFigures:
    valid = [day for day, good in zip(days.days, days.daily[code].valid[at], strict=True) if good]
    ruled = has_rule_of_days(days.law, code)
    return ItemFigures(
        mean=one.mean.fraction(at),
        percentile=one.percentile.fraction(at),
        percent=one.percent,
        days=int(one.n[at]),
        hours=int(one.hours[at]),
        short=_short_months(days.law, code, days.days, valid) if ruled else (),
        year_valid=year_validity(days.law, code, valid[0].year, valid).valid
        if ruled and valid and _is_year(days.days)
        else None,
    )


def _short_months(law: Regime, code: str, days: Sequence[dt.date], valid: Sequence[dt.date]) -> tuple[str, ...]:
    """Months that lie wholly in the period and have too few valid days for a mean."""
    inside = Counter((day.year, day.month) for day in days)
    there = Counter((day.year, day.month) for day in valid)
    whole = [month for month, n in inside.items() if n == calendar.monthrange(*month)[1]]
    return tuple(f"{y}-{m:02}" for y, m in whole if not month_valid(law, code, y, m, there[y, m]))


def _is_year(days: Sequence[dt.date]) -> bool:
    first, last = days[0], days[-1]
    return first == dt.date(first.year, 1, 1) and last == dt.date(first.year, 12, 31)


def _day_index(days: Days, place: int, day: int) -> AirIndex | None:
    """The index of a day from its valid values; ozone's highest hour counts where its 8-hour value does."""
    values = {code: figure_not_below_zero(one.fraction(place, day)) for code, one in days.daily.items()}
    if all(value is None for value in values.values()):
        return None
    highest = int(days.highest_hour[place, day])
    if HIGHEST_HOUR in report_items(days.law, "day") and highest != MISSING and values[EIGHT_HOURS] is not None:
        values[HIGHEST_HOUR] = figure_not_below_zero(Fraction(highest, 10**DECIMALS))
    return _index_of(days.law, tuple(values.items()))


@lru_cache(4096)
def _index_of(law: Regime, values: tuple[tuple[str, Fraction | None], ...]) -> AirIndex:
    """The index of a day's values. Kept: the days of a year are asked for again after every hour, all but one as before."""
    return aqi(law, "day", dict(values))


def _primary(published: Sequence[AirIndex], items: Mapping[str, PeriodItem]) -> dict[str, int]:
    """Days on which each pollutant was primary; a day with two of them counts for both."""
    counts = Counter(name for one in published for name in one.primary)
    return {code: counts[code] for code in items}


def _used(
    law: Regime, published: Sequence[AirIndex], attainment: Attainment, composite: CompositeIndex | None
) -> tuple[Cited, ...]:
    """Every number and rule of the law that took part."""
    rules = law.assessment_rules
    last = rules.whole("hour.last")
    daily = [day_mean(law, "PM2.5", [1] * last).used, mda8(law, [1] * last).used]
    keys = ("hour.first", "hour.last", "percentile.formula", "good_day.at_most", "heavy_day.above", "decimals.rate")
    return merged(
        *daily,
        [rules.rule(key) for key in keys],
        [rules.rule(f"percentile.{code}") for code in rules.names("year.percentile")],
        *(one.used for one in published),
        attainment.used,
        composite.used if composite else (),
    )
