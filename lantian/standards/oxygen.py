"""Conversion of a stack's concentration to its reference oxygen: C = C' x (21 - reference) / (21 - measured). Exact.

The formula runs off towards 21 %: an analyser that breathes air would make any value out of nothing. From the guard
(`oxygen.guard`) on the result is no number but the word "stopped"; a reading that cannot be is "invalid".

    >>> import datetime as dt
    >>> convert_oxygen("50", "12", "9", dt.date(2020, 6, 5)).value
    Fraction(200, 3)
    >>> convert_oxygen("50", "20.6", "9", dt.date(2020, 6, 5)).status.value
    'stopped'
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import TypeAlias

from lantian.standards.stacks import stack_rules

Number: TypeAlias = int | float | Decimal | Fraction | str


class Oxygen(StrEnum):
    """What became of a value. Only "converted" and "as_measured" come with a number."""

    CONVERTED = "converted"
    AS_MEASURED = "as_measured"  # the limit has no reference oxygen
    STOPPED = "stopped"  # oxygen at or above the guard: the plant stands, or air leaks in
    INVALID = "invalid"  # a reading that cannot be: below 0 %, above air, not a number
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Converted:
    """A value at the reference oxygen (mg/m³, exact), or None with the reason in `status`."""

    value: Fraction | None
    status: Oxygen


def convert_oxygen(value: Number | None, measured: Number | None, reference: Number | None, day: dt.date) -> Converted:
    """Convert a concentration (mg/m³) from the measured oxygen (%) to the reference oxygen (%; None: no conversion).

    A concentration below 0 is invalid, one of 0 stays 0. A reference at or above the guard raises ValueError: that is
    no limit's reference but a mistake.
    """
    air, guard, lowest = bounds(day)
    amount, got = _exact(value), _exact(measured)
    if amount is None:
        return Converted(None, Oxygen.MISSING if value is None else Oxygen.INVALID)
    if amount < 0:
        return Converted(None, Oxygen.INVALID)
    if reference is None:
        return Converted(amount, Oxygen.AS_MEASURED)
    wanted = checked_reference(reference, guard, lowest)
    if got is None:
        return Converted(None, Oxygen.MISSING if measured is None else Oxygen.INVALID)
    if not lowest <= got <= air + 1:  # an analyser on air may read a little above 21
        return Converted(None, Oxygen.INVALID)
    if got >= guard:
        return Converted(None, Oxygen.STOPPED)
    return Converted(amount * (air - wanted) / (air - got), Oxygen.CONVERTED)


def bounds(day: dt.date) -> tuple[Fraction, Fraction, Fraction]:
    """Return the oxygen of air, the guard and the lowest reading that can be, in %."""
    rules = stack_rules(day)
    return (
        Fraction(rules.number("oxygen.air")),
        Fraction(rules.number("oxygen.guard")),
        Fraction(rules.number("oxygen.lowest")),
    )


def checked_reference(reference: Number, guard: Fraction, lowest: Fraction) -> Fraction:
    """Return a reference oxygen exactly; raises ValueError for one that no limit can have."""
    wanted = _exact(reference)
    if wanted is None or not lowest <= wanted < guard:
        raise ValueError(f"a reference oxygen lies from {lowest} to below {guard} %, not {reference!r}")
    return wanted


def _exact(number: Number | None) -> Fraction | None:
    """The number exactly as it is written (a float as its shortest decimal); None when it is none."""
    if number is None or (isinstance(number, float) and not math.isfinite(number)):
        return None
    try:
        return Fraction(str(number)) if isinstance(number, float) else Fraction(number)
    except (ValueError, OverflowError, ZeroDivisionError):
        return None
