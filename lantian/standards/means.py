"""Statistics of the assessment (HJ 663): means, eight-hour windows, percentiles and when they are valid. Exact.

Values are decimals, integers, texts or fractions in the pollutant's own unit; None is missing. Statistics come back as
Fractions, so that rounding happens once, from the raw value. Hours are labelled by their end: 1 is 00:00-01:00, 24 the last.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from lantian.standards.pollutants import pollutant
from lantian.standards.provenance import Cited, merged
from lantian.standards.regimes import Regime
from lantian.standards.rounding import Number, ratio
from lantian.standards.tables import Entry, NoSuchEntryError, table

Values: TypeAlias = Sequence[Number | None]


@dataclass(frozen=True, slots=True)
class Statistic:
    """A statistic with `n` of `expected` data; `value` stays None without data, `valid` tells whether it counts."""

    value: Fraction | None
    n: int
    expected: int
    valid: bool
    used: tuple[Cited, ...]

    @property
    def counted(self) -> Fraction | None:
        """The value where it is valid, else None."""
        return self.value if self.valid else None


def _needed(law: Regime, statistic: str, name: str, count: str) -> Entry:
    return table("validity").at(law.start, statistic=statistic, pollutant=name, count=count)


def _needed_in_month(law: Regime, code: str, month: int) -> Entry:
    """How many daily values a month needs; sampled pollutants have no rule of their own for February."""
    if month == 2:
        with suppress(NoSuchEntryError):
            return _needed(law, "year", code, "february")
    return _needed(law, "year", code, "month")


def _present(values: Values) -> list[Fraction]:
    return [ratio(value) for value in values if value is not None]


def mean(values: Values) -> Fraction | None:
    """Return the arithmetic mean of the values that are there, None when there are none.

    >>> mean([1, None, 2])
    Fraction(3, 2)
    """
    present = _present(values)
    return sum(present, Fraction(0)) / len(present) if present else None


def day_mean(law: Regime, name: str, hours: Values) -> Statistic:
    """Return a day's mean of its 24 hourly values; valid with enough hours (20). Raises ValueError unless 24 are given.

    Raises NoSuchEntryError for a pollutant without a daily mean of hours (O3: use `mda8`).

    >>> from lantian.standards.regimes import regime_at
    >>> day_mean(regime_at(dt.date(2020, 1, 1)), "SO2", [10] * 19 + [None] * 5).valid
    False
    """
    code = pollutant(name).code
    _check_hours(law, hours)
    needed = _needed(law, "day", code, "hours")
    present = _present(hours)
    return Statistic(mean(hours), len(present), len(hours), len(present) >= needed.value, (needed,))


def _check_hours(law: Regime, hours: Values) -> None:
    expected = law.assessment_rules.whole("hour.last")
    if len(hours) != expected:
        raise ValueError(f"a day has {expected} hourly values (None for a missing one), not {len(hours)}")


def eight_hour_means(law: Regime, hours: Values) -> list[Fraction | None]:
    """Return the valid means of 8 hours of a natural day, those that end at hours 8 to 24 (17 windows); None: not valid.

    A window needs 6 of its 8 hours. Raises ValueError unless 24 hourly values are given.
    """
    _check_hours(law, hours)
    rules = law.assessment_rules
    length, first, last = (rules.whole(f"8h.{key}") for key in ("length", "first_end", "last_end"))
    needed = _needed(law, "8h", "O3", "hours").value
    windows = [hours[end - length : end] for end in range(first, last + 1)]
    return [mean(window) if len(_present(window)) >= needed else None for window in windows]


def mda8(law: Regime, hours: Values, *, grade: str = "II") -> Statistic:
    """Return ozone's highest mean of 8 hours of a day; `n` counts its valid windows.

    Valid with 14 windows; with fewer it still counts when it exceeds the limit of the grade (HJ 663, 6.1.2).
    Raises ValueError unless 24 hourly values are given.
    """
    rules = law.assessment_rules
    windows = eight_hour_means(law, hours)
    present = [one for one in windows if one is not None]
    highest = max(present, default=None)
    limit = law.limit("O3", "8h", grade)
    enough = len(present) >= rules.whole("8h.windows")
    used: list[Cited] = [_needed(law, "8h", "O3", "hours"), rules.rule("8h.windows")]
    used += [rules.rule(f"8h.{key}") for key in ("first_end", "last_end")]
    if not enough:
        used += [rules.rule("8h.valid_if_above_limit"), limit]
        enough = bool(rules.rule("8h.valid_if_above_limit").value) and highest is not None and highest > limit.value
    return Statistic(highest, len(present), len(windows), enough, tuple(used))


def percentile(values: Values, percent: int) -> Fraction | None:
    """Return the percentile of the values that are there: k = 1 + (n - 1) p / 100, straight line between neighbours.

    None when there are none. Raises ValueError outside 0..100.

    >>> percentile([1, 2, 3, 4], 90)
    Fraction(37, 10)
    """
    if not 0 <= percent <= 100:
        raise ValueError(f"a percentile lies between 0 and 100, not at {percent}")
    ordered = sorted(_present(values))
    if not ordered:
        return None
    steps, part = divmod((len(ordered) - 1) * percent, 100)
    if not part:
        return ordered[steps]
    return ordered[steps] + (ordered[steps + 1] - ordered[steps]) * Fraction(part, 100)


def percent_of(law: Regime, name: str) -> int:
    """Return which percentile of the daily values is assessed for a pollutant; raises NoSuchEntryError."""
    return law.assessment_rules.whole(f"percentile.{pollutant(name).code}")


def assessed_percentile(law: Regime, name: str, daily: Values) -> Statistic:
    """Return the assessed percentile of a pollutant's valid daily values (valid when there is one at all).

    How many days a year's percentile needs for CO and O3 is not known here: check `year_validity` of the other items.
    """
    rules = law.assessment_rules
    code = pollutant(name).code
    present = _present(daily)
    value = percentile(daily, percent_of(law, code))
    used = (rules.rule(f"percentile.{code}"), rules.rule("percentile.formula"))
    return Statistic(value, len(present), len(daily), value is not None, used)


@dataclass(frozen=True, slots=True)
class YearValidity:
    """Whether a year has enough daily values: `short` names the months that lack some (1..12), 0 the year itself."""

    valid: bool
    days: int
    short: tuple[int, ...]
    used: tuple[Cited, ...]


def year_validity(law: Regime, name: str, year: int, days: Collection[dt.date]) -> YearValidity:
    """Tell whether the days with a valid daily value suffice for the year's mean (324, and 27 a month, 25 in February).

    Raises ValueError for a day of another year, NoSuchEntryError for a pollutant without such a rule (CO, O3).
    """
    code = pollutant(name).code
    distinct = set(days)
    if stray := sorted(day for day in distinct if day.year != year):
        raise ValueError(f"{stray[0]} is not in {year}")
    months = {month: _needed_in_month(law, code, month) for month in range(1, 13)}
    year_needs = _needed(law, "year", code, "days")
    per_month = Counter(day.month for day in distinct)
    short = [month for month in range(1, 13) if per_month[month] < months[month].value]
    if len(distinct) < year_needs.value:
        short.insert(0, 0)
    return YearValidity(not short, len(distinct), tuple(short), merged([year_needs], months.values()))


def month_valid(law: Regime, name: str, year: int, month: int, valid_days: int) -> bool:
    """Tell whether a month has enough daily values for its mean (27, in February 25), as the year's mean asks of it.

    Raises NoSuchEntryError for a pollutant without such a rule (CO, O3), ValueError for more days than the month has.
    """
    code = pollutant(name).code
    if not 0 <= valid_days <= calendar.monthrange(year, month)[1]:
        raise ValueError(f"{year}-{month:02} cannot have {valid_days} valid days")
    return valid_days >= _needed_in_month(law, code, month).value


def hour_valid(law: Regime, name: str, minutes: int) -> bool:
    """Tell whether an hour was sampled long enough for a mean (45 minutes); raises NoSuchEntryError for particles."""
    return minutes >= _needed(law, "hour", pollutant(name).code, "minutes").value


def period_mean(daily: Values) -> Statistic:
    """Return the mean of daily means (month, quarter, season, year); valid when there is a value at all."""
    present = _present(daily)
    return Statistic(mean(daily), len(present), len(daily), bool(present), ())


def city_value(law: Regime, stations: Mapping[str, Number | None]) -> Statistic:
    """Return a city's value of an hour or day: the mean of its evaluation stations, control stations left out by the caller.

    Valid when at least 75 % of the stations have a value. For O3 the stations' daily maxima are averaged.
    Raises ValueError without stations.
    """
    if not stations:
        raise ValueError("a city value needs at least one evaluation station")
    rules = law.assessment_rules
    share = rules.number("city.station_share")
    present = _present(list(stations.values()))
    enough = bool(present) and Fraction(100 * len(present), len(stations)) >= share
    return Statistic(mean(present), len(present), len(stations), enough, (rules.rule("city.station_share"),))


def days_in(year: int) -> int:
    """Days of a year: 365 or 366."""
    return 366 if calendar.isleap(year) else 365
