"""Periods of assessment: month, quarter, half-year, year, or any; and the same period of the year before."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass

MONTH, QUARTER, HALF, YEAR, OTHER = "month", "quarter", "half-year", "year", "other"
_LENGTHS = {MONTH: 1, QUARTER: 3, HALF: 6, YEAR: 12}
_FORMS = {
    MONTH: re.compile(r"(?P<year>\d{4})-(?P<number>0[1-9]|1[0-2])"),
    QUARTER: re.compile(r"(?P<year>\d{4})-?[Qq](?P<number>[1-4])"),
    HALF: re.compile(r"(?P<year>\d{4})-?[Hh](?P<number>[12])"),
    YEAR: re.compile(r"(?P<year>\d{4})(?P<number>)"),
}


class NoPeriodError(ValueError):
    """A text is no period."""


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `first` to `last`, both included. `kind`: month, quarter, half-year, year or other."""

    first: dt.date
    last: dt.date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"the period ends ({self.last}) before it begins ({self.first})")

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def kind(self) -> str:
        """What the period is by its days: a whole month, quarter, half-year, year, else other."""
        if not self.whole_months:
            return OTHER
        months = (self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1
        for kind, length in _LENGTHS.items():
            if months == length and (self.first.month - 1) % length == 0:
                return kind
        return OTHER

    @property
    def whole_months(self) -> bool:
        return self.first.day == 1 and self.last == month_end(self.last)

    @property
    def text(self) -> str:
        """How the period is written: 2020-05, 2020Q2, 2020H1, 2020, or its two days."""
        number = (self.first.month - 1) // _LENGTHS.get(self.kind, 1) + 1
        forms = {
            MONTH: f"{self.first:%Y-%m}",
            QUARTER: f"{self.first.year}Q{number}",
            HALF: f"{self.first.year}H{number}",
            YEAR: str(self.first.year),
        }
        return forms.get(self.kind, f"{self.first}..{self.last}")

    def years_before(self, years: int = 1) -> Period:
        """Return the same period of an earlier year; whole months stay whole, 29 February is 28 where there is none."""
        last = _back(self.last, years)
        return Period(_back(self.first, years), month_end(last) if self.whole_months else last)


def _back(day: dt.date, years: int) -> dt.date:
    end = calendar.monthrange(day.year - years, day.month)[1]
    return day.replace(year=day.year - years, day=min(day.day, end))


def month_end(day: dt.date) -> dt.date:
    """Return the last day of a day's month."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def period_named(text: str) -> Period:
    """Return the period of a text: 2020-05, 2020Q2, 2020H1, 2020; raises NoPeriodError.

    >>> period_named("2020Q1").last
    datetime.date(2020, 3, 31)
    """
    for kind, form in _FORMS.items():
        if match := form.fullmatch(text.strip()):
            first = dt.date(int(match["year"]), (int(match["number"] or 1) - 1) * _LENGTHS[kind] + 1, 1)
            last = first.replace(month=first.month + _LENGTHS[kind] - 1)
            return Period(first, month_end(last))
    raise NoPeriodError(f"{text!r} is no period: write 2020-05, 2020Q2, 2020H1, 2020, or two days YYYY-MM-DD")
