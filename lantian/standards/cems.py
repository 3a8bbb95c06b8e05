"""Continuous monitors of stacks: which hours and days are valid, how much was captured, what stands in for what is missing.

    >>> import datetime as dt
    >>> day = dt.date(2020, 6, 5)
    >>> hour_valid(44, day), hour_valid(45, day)
    (False, True)
    >>> substitution(Decimal("0.92"), 30, day).hours
    720

Substituted hours make amounts (t), never concentrations: an exceedance is judged by measured, unmarked hours only.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from lantian.standards.rules import Rule
from lantian.standards.stacks import stack_rules


def minute_valid(readings: int, day: dt.date) -> bool:
    """Tell whether so many readings make a minute's mean."""
    return readings >= stack_rules(day).whole("valid.minute.readings")


def hour_valid(minutes: int, day: dt.date) -> bool:
    """Tell whether so many valid minutes make an hour's mean; raises ValueError for more than 60."""
    if not 0 <= minutes <= 60:
        raise ValueError(f"an hour has 0 to 60 minutes, not {minutes}")
    return minutes >= stack_rules(day).whole("valid.hour.minutes")


def day_valid(hours: int, day: dt.date) -> bool:
    """Tell whether so many valid hours make a day's mean; raises ValueError for more than 24."""
    if not 0 <= hours <= 24:
        raise ValueError(f"a day has 0 to 24 hours, not {hours}")
    return hours >= stack_rules(day).whole("valid.day.hours")


def month_valid(days: int, day: dt.date) -> bool:
    """Tell whether so many valid days make the month of `day` valid."""
    rules = stack_rules(day)
    return days >= rules.whole("valid.february.days" if day.month == 2 else "valid.month.days")


def capture(valid_hours: int, running_hours: int) -> Decimal | None:
    """Return valid hours over the hours that the source ran, 0..1; None when it did not run; raises ValueError."""
    if not 0 <= valid_hours <= running_hours:
        raise ValueError(f"{valid_hours} valid hours of {running_hours} that the source ran")
    return Decimal(valid_hours) / Decimal(running_hours) if running_hours else None


@dataclass(frozen=True, slots=True)
class Substitution:
    """What stands in for missing hours: the highest of the last `hours` valid hours; None: nothing may, and another
    approved method must be used. `used`: the rules behind it, with how sure they are."""

    hours: int | None
    used: tuple[Rule, ...]


def substitution(captured: Decimal | None, gap_hours: int, day: dt.date) -> Substitution:
    """Return what stands in for a gap of so many hours in a quarter of which `captured` (0..1) was measured (HJ 75).

    Raises ValueError for a share outside 0..1 or a gap below one hour. Nothing captured is known: nothing stands in.
    """
    if gap_hours < 1:
        raise ValueError(f"a gap lasts one hour or more, not {gap_hours}")
    if captured is not None and not 0 <= captured <= 1:
        raise ValueError(f"a capture rate is a share of 0 to 1, not {captured}")
    rules = stack_rules(day)
    high, least = rules.rule("capture.high"), rules.rule("capture.least")
    if captured is None or captured * 100 < rules.number("capture.least"):
        return Substitution(None, (least,))
    if captured * 100 < rules.number("capture.high"):
        return Substitution(rules.whole("window.low"), (high, least, rules.rule("window.low")))
    short = gap_hours <= rules.whole("gap.short")
    key = "window.high.short" if short else "window.high.long"
    return Substitution(rules.whole(key), (high, rules.rule("gap.short"), rules.rule(key)))


@dataclass(frozen=True, slots=True)
class UltraLow:
    """How many of a month's valid hours keep every ultra-low limit. `share` 0..1 (exact), None without a valid hour;
    `met` None then too. `needed`: the rule's share (0..1)."""

    kept: int
    valid: int
    share: Fraction | None
    needed: Fraction
    met: bool | None


def ultra_low(hours: Iterable[bool | None], day: dt.date) -> UltraLow:
    """Judge a month by its hours: True keeps all limits, False breaks one, None is not valid (stopped, marked, missing)."""
    needed = Fraction(stack_rules(day).number("ultra_low.share")) / 100
    judged = [one for one in hours if one is not None]
    kept = sum(judged)
    share = Fraction(kept, len(judged)) if judged else None
    return UltraLow(kept, len(judged), share, needed, None if share is None else share >= needed)
