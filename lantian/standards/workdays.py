"""Working days: weekends, the country's holidays and the weekend days worked instead (`data/holidays.toml`)."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Year:
    """One year's arrangement: days off beyond weekends, and weekend days that are worked."""

    year: int
    off: frozenset[dt.date]
    worked: frozenset[dt.date]
    source: str
    confidence: str


def days_between(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    """Yield the days from `first` to `last`, both included."""
    day = first
    while day <= last:
        yield day
        day += _DAY


def read_years(text: str) -> dict[int, Year]:
    """Read the arrangement of each year; raises ValueError for a day of another year or both off and worked."""
    years = {}
    for row in tomllib.loads(text)["year"]:
        spans = row["holidays"]
        off = frozenset(day for span in spans for day in days_between(span["from"], span["until"]))
        year = Year(row["year"], off, frozenset(row["worked"]), row["source"], row["confidence"])
        if stray := [day for day in year.off | year.worked if day.year != year.year]:
            raise ValueError(f"year {year.year} lists days of another year: {sorted(stray)}")
        if both := year.off & year.worked:
            raise ValueError(f"year {year.year} lists days as both off and worked: {sorted(both)}")
        if year.year in years:
            raise ValueError(f"year {year.year} is listed twice")
        years[year.year] = year
    return years


@cache
def national_years() -> dict[int, Year]:
    """The years whose national arrangement is known."""
    return read_years(resources.files(__package__).joinpath("data/holidays.toml").read_text(encoding="utf-8"))


def is_working_day(day: dt.date, weekend: frozenset[int] = frozenset({6, 7})) -> bool:
    """Tell whether a day is worked in the whole country; `weekend` holds ISO weekdays (Monday = 1).

    A year without a known arrangement has weekends only; ask `national_years()` whether it is known.
    """
    year = national_years().get(day.year)
    if year and day in year.off:
        return False
    return bool(year and day in year.worked) or day.isoweekday() not in weekend
