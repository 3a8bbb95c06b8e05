"""Periods that indicators are asked for, and how they are written in an address. No Django.

2020-06-05       a day               2020          a year
2020-W23         a week (ISO)        2020-2021     a heating season, from its calendar
2020-06          a month             to-2020-06-05 the year until that day
2020-Q2          a quarter
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Protocol

KINDS: Final = ("day", "week", "month", "quarter", "season", "year", "to-date")
_DAY = dt.timedelta(days=1)


class Season(Protocol):
    """A heating season: first and last day of the one that begins in a year (None when the calendar knows none)."""

    def __call__(self, year: int) -> tuple[dt.date, dt.date] | None: ...


class PeriodError(ValueError):
    """The text is no period."""


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """From `start` to `end`, both inclusive. `code` is how an address writes it."""

    start: dt.date
    end: dt.date
    kind: str
    code: str

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise PeriodError(f"unknown kind of period {self.kind!r}; known: {', '.join(KINDS)}")
        if self.end < self.start:
            raise PeriodError(f"a period ends on or after its start: {self.start}–{self.end}")

    def __str__(self) -> str:
        return self.code

    def __contains__(self, day: dt.date) -> bool:
        return self.start <= day <= self.end

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1


def day(date: dt.date) -> Period:
    return Period(date, date, "day", date.isoformat())


def week(date: dt.date) -> Period:
    """The ISO week (Monday to Sunday) of a day."""
    year, number, weekday = date.isocalendar()
    start = date - dt.timedelta(days=weekday - 1)
    return Period(start, start + dt.timedelta(days=6), "week", f"{year}-W{number:02}")


def month(date: dt.date) -> Period:
    """The month of a day.

    >>> month(dt.date(2020, 2, 11)).end
    datetime.date(2020, 2, 29)
    """
    last = calendar.monthrange(date.year, date.month)[1]
    return Period(date.replace(day=1), date.replace(day=last), "month", f"{date:%Y-%m}")


def quarter(date: dt.date) -> Period:
    number = (date.month - 1) // 3 + 1
    start = dt.date(date.year, 3 * number - 2, 1)
    return Period(start, month(dt.date(date.year, 3 * number, 1)).end, "quarter", f"{date.year}-Q{number}")


def year(date: dt.date) -> Period:
    return Period(dt.date(date.year, 1, 1), dt.date(date.year, 12, 31), "year", f"{date.year:04}")


def to_date(date: dt.date) -> Period:
    """From the first day of the year to a day: what is known of the running year."""
    return Period(dt.date(date.year, 1, 1), date, "to-date", f"to-{date.isoformat()}")


def season(begins: int, seasons: Season) -> Period:
    """The heating season that begins in a year; raises PeriodError when the calendar has none."""
    days = seasons(begins)
    if days is None:
        raise PeriodError(f"the calendar has no heating season that begins in {begins}")
    return Period(*days, "season", f"{begins}-{begins + 1}")


_FORMS: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Period]], ...]] = (
    (re.compile(r"to-(\d{4}-\d\d-\d\d)"), lambda m: to_date(dt.date.fromisoformat(m[1]))),
    (re.compile(r"(\d{4}-\d\d-\d\d)"), lambda m: day(dt.date.fromisoformat(m[1]))),
    (re.compile(r"(\d{4})-W(\d\d)"), lambda m: week(dt.date.fromisocalendar(int(m[1]), int(m[2]), 1))),
    (re.compile(r"(\d{4})-(\d\d)"), lambda m: month(dt.date(int(m[1]), int(m[2]), 1))),
    (re.compile(r"(\d{4})-Q([1-4])"), lambda m: quarter(dt.date(int(m[1]), 3 * int(m[2]), 1))),
    (re.compile(r"(\d{4})"), lambda m: year(dt.date(int(m[1]), 1, 1))),
)
_SEASON = re.compile(r"(\d{4})-(\d{4})")


def parse(text: str, seasons: Season | None = None) -> Period:
    """Read a period as an address writes it; raises PeriodError that says which forms there are.

    >>> parse("2020-Q2").start, parse("to-2020-06-05").kind
    (datetime.date(2020, 4, 1), 'to-date')
    """
    try:
        if (match := _SEASON.fullmatch(text)) and seasons is not None and int(match[2]) == int(match[1]) + 1:
            return season(int(match[1]), seasons)
        for form, make in _FORMS:
            if match := form.fullmatch(text):
                return make(match)
    except PeriodError:
        raise
    except (ValueError, OverflowError) as error:  # a year 0, a week that ends after the last day that there is
        raise PeriodError(f"{text!r} is no period: {error}") from None
    raise PeriodError(
        f"{text!r} is no period; write 2020, 2020-Q2, 2020-06, 2020-W23, 2020-06-05, 2020-2021 or to-2020-06-05"
    )


_OF: Final[dict[str, Callable[[dt.date], Period]]] = {
    "day": day, "week": week, "month": month, "quarter": quarter, "year": year, "to-date": to_date,
}  # fmt: skip


def holding(kind: str, date: dt.date, seasons: Season | None = None) -> Period:
    """Return the period of a kind that holds a day; for a day between seasons, the last season before it.

    Raises PeriodError for an unknown kind, or when the calendar has no season.
    """
    if kind != "season":
        if kind not in _OF:
            raise PeriodError(f"unknown kind of period {kind!r}; known: {', '.join(KINDS)}")
        return _OF[kind](date)
    if seasons is None:
        raise PeriodError("a season needs the city's calendar")
    begun = [season(y, seasons) for y in (date.year - 1, date.year) if (days := seasons(y)) and days[0] <= date]
    if not begun:
        raise PeriodError(f"the calendar has no heating season before {date}")
    return begun[-1]


def before(period: Period, seasons: Season | None = None) -> Period:
    """Return the period of the same kind just before; a year to date goes back to the end of the month before."""
    if period.kind == "to-date":
        first = period.end.replace(day=1)
        return to_date(first - _DAY)
    return holding(period.kind, period.start - _DAY, seasons)


def last(kind: str, date: dt.date, count: int, seasons: Season | None = None) -> list[Period]:
    """Return the `count` newest periods of a kind up to the one that holds `date`, oldest first.

    Stops early where the calendar of seasons ends.
    """

    def backwards() -> Iterator[Period]:
        period = holding(kind, date, seasons)
        for _ in range(count):
            yield period
            try:
                period = before(period, seasons)
            except PeriodError:
                return

    try:
        return sorted(backwards())
    except PeriodError:
        return []
