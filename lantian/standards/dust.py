"""Dust storms: proposing dust hours from hourly PM10, and leaving them out. The official list decides; this proposes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from enum import StrEnum
from fractions import Fraction
from typing import TypeVar

from lantian.standards.means import Values, mean
from lantian.standards.rounding import ratio
from lantian.standards.rules import Edition, rule_book

_V = TypeVar("_V")


class DustDay(StrEnum):
    """What a dust storm left of a day."""

    NONE = "none"
    HOURS = "dust-hours"  # some hours, the rest still gives a valid daily mean of particles
    DAY = "dust-day"  # so many hours that no valid daily mean of particles is left


def dust_rules(day: dt.date) -> Edition:
    """Return the rules on dust storms in force on a day; raises OutOfForceError before 2017-01-01."""
    return rule_book("dust").at(day)


def dust_hours(rules: Edition, pm10: Values) -> list[bool]:
    """Mark the hours of a series of hourly PM10 (µg/m3, gap-free in time, None = missing) that look like dust.

    A storm starts with an hour above 150 that is at least twice the mean of the 6 hours before (3 of them at least
    measured), and ends with the first hour within 10 % of that mean. A missing hour within a storm belongs to it.

    >>> calm, storm = [60] * 6, [130, 160, 700, None, 300, 66]
    >>> dust_hours(dust_rules(dt.date(2021, 3, 15)), calm + storm)[6:]
    [False, True, True, True, True, False]
    """
    values = [None if value is None else ratio(value) for value in pm10]
    window, least = rules.whole("window"), rules.whole("window.at_least")
    ends = Fraction(rules.number("end.ratio"))
    before: Fraction | None = None  # the mean before the storm that is going on
    marks = []
    for hour, value in enumerate(values):
        if before is not None and value is not None and value <= before * ends:
            before = None
        elif before is None and value is not None:
            before = _start(rules, value, values[max(0, hour - window) : hour], least)
        marks.append(before is not None)
    return marks


def _start(rules: Edition, value: Fraction, previous: Sequence[Fraction | None], least: int) -> Fraction | None:
    """Return the mean before the storm when `value` starts one, else None."""
    present = [one for one in previous if one is not None]
    base = mean(present) if len(present) >= least else None
    if base is None or value <= rules.number("start.above") or value < base * Fraction(rules.number("start.ratio")):
        return None
    return base


def deduct(
    rules: Edition, hours: Mapping[str, Sequence[_V | None]], marks: Sequence[bool]
) -> dict[str, list[_V | None]]:
    """Return hourly series by pollutant without the particles of the marked hours; other pollutants stay as they are.

    Raises ValueError when a series and the marks differ in length.
    """
    leaves_out = rules.names("leaves_out")
    return {
        name: [None if marked and name in leaves_out else value for value, marked in zip(series, marks, strict=True)]
        for name, series in hours.items()
    }


def dust_day(marks: Sequence[bool], pm10_day: Values, *, needed: int) -> DustDay:
    """Tell what a day's dust hours leave: `needed` is how many hours a valid daily mean wants (20)."""
    if not any(marks):
        return DustDay.NONE
    left = sum(value is not None and not marked for value, marked in zip(pm10_day, marks, strict=True))
    return DustDay.HOURS if left >= needed else DustDay.DAY


def deducts_for(rules: Edition, figure: str) -> bool:
    """Tell whether dust is left out of a figure: means, composite, good_days, heavy_days; raises ValueError."""
    if figure in rules.names("applies_to"):
        return True
    if figure in rules.names("keeps"):
        return False
    raise ValueError(
        f"no rule on dust for {figure!r}; known: {', '.join(rules.names('applies_to') + rules.names('keeps'))}"
    )
