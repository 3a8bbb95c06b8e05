"""What the caller must say: minimum counts, windows, decimals, methods. Nothing here has a number of the law."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Literal

_NONE: Mapping[str, int] = MappingProxyType({})
_NO_MONTHS: Mapping[int, int] = MappingProxyType({})


@dataclass(frozen=True)
class Decimals:
    """To how many decimals a mean is rounded (half to even): of a quantity, else `default`; None keeps the scale."""

    default: int | None = None
    by_quantity: Mapping[str, int] = field(default_factory=lambda: _NONE)


@dataclass(frozen=True)
class Combine:
    """How several sources of a place become one hourly value: their mean, when at least `minimum` have one."""

    minimum: int
    decimals: Decimals = Decimals()


@dataclass(frozen=True)
class HourRules:
    """How rows become hours. A day is the natural day of the local clock: its hours are labelled 1 to 24 by their end.

    `offset`: the local clock's distance from UTC. `scale`: values count in 10 to the minus `scale` (0..9). `excluded`:
    flags that make a value void. `version` names the whole set of rules in lineage.
    """

    version: str
    offset: dt.timedelta
    scale: int
    excluded: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.scale <= 9:
            raise ValueError("the scale is a number of decimals from 0 to 9")


@dataclass(frozen=True)
class DayRule:
    """A day's mean is valid with at least `minimum` hours."""

    minimum: int
    decimals: Decimals = Decimals()


@dataclass(frozen=True)
class WindowRule:
    """A day's greatest mean of `hours` successive hours; windows are named by the label of their last hour.

    A window is valid with `minimum` values. The day is valid with `least_windows` valid windows of those from
    `first_label` to `last_label`, or when its greatest is above `keep_above` (a limit that is passed is passed,
    whatever else is lacking).
    """

    hours: int
    minimum: int
    first_label: int
    last_label: int
    least_windows: int
    keep_above: Decimal | None = None
    decimals: Decimals = Decimals()

    def __post_init__(self) -> None:
        if not 1 <= self.minimum <= self.hours <= 12:
            raise ValueError("a window has up to 12 hours, of which 1 or more are asked for")
        if not self.hours <= self.first_label <= self.last_label <= 24:
            raise ValueError("windows lie within one day: hours <= first_label <= last_label <= 24")


@dataclass(frozen=True)
class Span:
    """Periods of `months` months of which one begins in month `first` (1..12), or one interval of days.

    Seasons that begin with December are Span(3, 12). `between` is (first day, day after the last).
    """

    months: int = 1
    first: int = 1
    between: tuple[dt.date, dt.date] | None = None

    def __post_init__(self) -> None:
        if self.months < 1 or 12 % self.months or not 1 <= self.first <= 12:
            raise ValueError("a period is 1, 2, 3, 4, 6 or 12 months long and begins in month 1 to 12")


@dataclass(frozen=True)
class PeriodRule:
    """A period's mean of valid days, when enough of them are there.

    `minimum`: days of the whole period. `month_minimum`: days of every calendar month in it, with exceptions by
    month's number in `month_exceptions`; None asks nothing of months.
    """

    span: Span
    minimum: int
    month_minimum: int | None = None
    month_exceptions: Mapping[int, int] = field(default_factory=lambda: _NO_MONTHS)
    decimals: Decimals = Decimals()


@dataclass(frozen=True)
class Percentile:
    """Which share (0..1, at most four decimals) by which method.

    "linear": between the values at ranks around 1 + (n - 1) * share. "nearest": the value at rank ceil(n * share).
    """

    share: Decimal
    method: Literal["linear", "nearest"]
    decimals: Decimals = Decimals()

    @property
    def parts(self) -> int:
        """The share in ten-thousandths; raises ValueError when it is none."""
        parts = self.share * 10_000
        if not 0 <= parts <= 10_000 or parts != int(parts):
            raise ValueError(f"share {self.share} is not between 0 and 1 with at most four decimals")
        return int(parts)
