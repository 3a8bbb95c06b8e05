"""Periods as the pages name them: a month, a quarter, a year, or days of one's own. One text in an address."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass

MONTH, QUARTER, YEAR, OWN = "month", "quarter", "year", "own"
# Years of four digits from 1000 on: the calendar of the language ends soon before and after.
_YEAR = re.compile(r"([12][0-9]{3})")
_QUARTER = re.compile(r"([12][0-9]{3})-Q([1-4])", re.IGNORECASE)
_MONTH = re.compile(r"([12][0-9]{3})-([0-9]{2})")
_OWN = re.compile(r"([12][0-9]{3}-[0-9]{2}-[0-9]{2})\.\.([12][0-9]{3}-[0-9]{2}-[0-9]{2})")
_DAY = dt.timedelta(days=1)
# Longer ones are many pages of figures at once: nobody reads them, and they cost minutes.
LONGEST = 3 * 366


class PeriodError(ValueError):
    """A text names no period; `reason` is form, day, order, or long."""

    def __init__(self, text: str, reason: str) -> None:
        self.text, self.reason = text, reason
        super().__init__(f"{text!r} is no period ({reason}): write 2020, 2020-Q2, 2020-05 or 2020-05-01..2020-05-20")


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `first` to `last`, both included; `kind` is MONTH, QUARTER, YEAR or OWN."""

    kind: str
    first: dt.date
    last: dt.date

    @property
    def text(self) -> str:
        """What stands in an address; `read_period` reads it."""
        if self.kind == YEAR:
            return f"{self.first:%Y}"
        if self.kind == QUARTER:
            return f"{self.first:%Y}-Q{(self.first.month + 2) // 3}"
        if self.kind == MONTH:
            return f"{self.first:%Y-%m}"
        return f"{self.first}..{self.last}"

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def previous(self) -> Period:
        """The period of the same kind before this one."""
        return self._beside(self.first - _DAY)

    def following(self) -> Period:
        """The period of the same kind after this one."""
        return self._beside(self.last + _DAY)

    def _beside(self, day: dt.date) -> Period:
        if self.kind != OWN:
            return period_of(self.kind, day)
        rest = self.last - self.first
        return Period(OWN, day, day + rest) if day > self.last else Period(OWN, day - rest, day)

    def year_before(self) -> Period:
        """The same days a year before; 29 February becomes 28 February."""
        return Period(self.kind, _year_before(self.first), _last_of(self))

    def until(self, day: dt.date) -> Period:
        """This period cut after a day; the same period where it ends earlier or begins later."""
        if not self.first <= day < self.last:
            return self
        return Period(self.kind, self.first, day)


def _year_before(day: dt.date) -> dt.date:
    year = day.year - 1
    return day.replace(year=year, day=min(day.day, calendar.monthrange(year, day.month)[1]))


def _last_of(period: Period) -> dt.date:
    """The last day a year before: the end of February stays the end of it, unless one day alone is asked for."""
    last = period.last
    ends = last == _month_end(last.year, last.month) and period.first != last
    return _month_end(last.year - 1, last.month) if ends else _year_before(last)


def period_of(kind: str, day: dt.date) -> Period:
    """Return the month, quarter or year that a day lies in; raises ValueError for another kind."""
    if kind == YEAR:
        return Period(YEAR, day.replace(month=1, day=1), day.replace(month=12, day=31))
    if kind == QUARTER:
        start = (day.month - 1) // 3 * 3 + 1
        return Period(QUARTER, day.replace(month=start, day=1), _month_end(day.year, start + 2))
    if kind == MONTH:
        return Period(MONTH, day.replace(day=1), _month_end(day.year, day.month))
    raise ValueError(f"a day lies in a month, a quarter or a year, not in {kind!r}")


def _month_end(year: int, month: int) -> dt.date:
    return dt.date(year, month, calendar.monthrange(year, month)[1])


def read_period(text: str) -> Period:
    """Return the period that a text names: 2020, 2020-Q2, 2020-05, 2020-05-01..2020-05-20; raises PeriodError.

    >>> read_period("2020-Q2").last
    datetime.date(2020, 6, 30)
    """
    text = text.strip()
    try:
        if found := _YEAR.fullmatch(text):
            return period_of(YEAR, dt.date(int(found[1]), 1, 1))
        if found := _QUARTER.fullmatch(text):
            return period_of(QUARTER, dt.date(int(found[1]), 3 * int(found[2]), 1))
        if found := _MONTH.fullmatch(text):
            return period_of(MONTH, dt.date(int(found[1]), int(found[2]), 1))
        if found := _OWN.fullmatch(text):
            return own_period(dt.date.fromisoformat(found[1]), dt.date.fromisoformat(found[2]))
    except PeriodError:
        raise
    except ValueError:
        raise PeriodError(text, "day") from None
    raise PeriodError(text, "form")


def own_period(first: dt.date, last: dt.date) -> Period:
    """Return the period of some days, named as a month, quarter or year where it is one; raises PeriodError."""
    text = f"{first}..{last}"
    if last < first:
        raise PeriodError(text, "order")
    if (last - first).days >= LONGEST:
        raise PeriodError(text, "long")
    for kind in (MONTH, QUARTER, YEAR):
        whole = period_of(kind, first)
        if (whole.first, whole.last) == (first, last):
            return whole
    return Period(OWN, first, last)
