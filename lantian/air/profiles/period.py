"""Periods in an address: reading them, their neighbours, and cutting them where days are still to come."""

from __future__ import annotations

import datetime as dt
import re

from lantian.air.assessing.periods import (
    HALF,
    MONTH,
    OTHER,
    QUARTER,
    YEAR,
    NoPeriodError,
    Period,
    month_end,
    period_named,
)

_DAY = dt.timedelta(days=1)
# Whole periods by the months that they have.
LENGTHS = {MONTH: 1, QUARTER: 3, HALF: 6, YEAR: 12}
_WHOLE = re.compile(r"[12][0-9]{3}(-?[QqHh][1-4]|-[0-9]{2})?")
_DAYS = re.compile(r"([12][0-9]{3}-[0-9]{2}-[0-9]{2})\.\.([12][0-9]{3}-[0-9]{2}-[0-9]{2})")
# Nothing was measured before, and nobody plans beyond: a wrong digit shall be told, not computed.
EARLIEST, LATEST = dt.date(1990, 1, 1), dt.date(2099, 12, 31)
# Longer ones are many pages of figures at once: nobody reads them, and they cost minutes.
LONGEST = 3 * 366


class PeriodError(ValueError):
    """A text names no period; `reason` is form, day, order, long, or range."""

    def __init__(self, text: str, reason: str) -> None:
        self.text, self.reason = text, reason
        super().__init__(f"{text!r} is no period ({reason}): write 2020, 2020Q2, 2020-05 or 2020-05-01..2020-05-20")


def read_period(text: str) -> Period:
    """Return the period that a text names: 2020, 2020H1, 2020Q2, 2020-05, 2020-05-01..2020-05-20; raises PeriodError.

    >>> read_period("2020Q2").last
    datetime.date(2020, 6, 30)
    """
    text = text.strip()
    if found := _DAYS.fullmatch(text):
        try:
            return days_of_own(dt.date.fromisoformat(found[1]), dt.date.fromisoformat(found[2]))
        except PeriodError:
            raise
        except ValueError:
            raise PeriodError(text, "day") from None
    if not _WHOLE.fullmatch(text):
        raise PeriodError(text, "form")
    try:
        return _in_range(period_named(text))
    except NoPeriodError:
        raise PeriodError(text, "day") from None


def days_of_own(first: dt.date, last: dt.date) -> Period:
    """Return the period of two days, both included; raises PeriodError."""
    text = f"{first}..{last}"
    if last < first:
        raise PeriodError(text, "order")
    if (last - first).days >= LONGEST:
        raise PeriodError(text, "long")
    return _in_range(Period(first, last))


def _in_range(period: Period) -> Period:
    if period.first < EARLIEST or period.last > LATEST:
        raise PeriodError(period.text, "range")
    return period


def around(kind: str, day: dt.date) -> Period:
    """Return the month, quarter, half-year or year that a day lies in; raises ValueError for another kind."""
    if kind not in LENGTHS:
        raise ValueError(f"a day lies in a {', '.join(LENGTHS)}, not in {kind!r}")
    length = LENGTHS[kind]
    first = day.replace(month=(day.month - 1) // length * length + 1, day=1)
    return Period(first, month_end(first.replace(month=first.month + length - 1)))


def before(period: Period) -> Period:
    """The period of the same kind, or of as many days, that ends the day before this one begins."""
    end = period.first - _DAY
    return around(period.kind, end) if period.kind != OTHER else Period(end - (period.last - period.first), end)


def after(period: Period) -> Period:
    """The period of the same kind, or of as many days, that begins the day after this one ends."""
    start = period.last + _DAY
    return around(period.kind, start) if period.kind != OTHER else Period(start, start + (period.last - period.first))


def until(period: Period, day: dt.date) -> Period:
    """This period cut after a day; the same period where it ends earlier or begins later."""
    return Period(period.first, day) if period.first <= day < period.last else period
