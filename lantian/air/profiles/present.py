"""The air now: each place's newest hour before a moment, how late it is, and the day that led to it. Pure.

An hour is named by its end, as the release names it. Nothing late is ever shown as present: whoever draws asks `fresh`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import groupby

import numpy as np

from lantian.air.assessing.hours import DECIMALS, HOURS, Hours
from lantian.air.profiles.values import hourly_index
from lantian.standards.arrays import MISSING, AirIndexArrays
from lantian.standards.levels import Level, levels
from lantian.standards.regimes import Regime, regime_at

PRESENT, LATE, OLD, NONE = "present", "late", "old", "none"
_HOUR = dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class HourIndex:
    """The index of one hour. `aqi` is None where the law wants no number; `highest` is the highest single index then."""

    ends: dt.datetime
    aqi: int | None
    highest: int | None
    level: Level | None
    primary: tuple[str, ...]

    @property
    def incomplete(self) -> bool:
        """Whether pollutants are missing without which the law gives no index."""
        return self.aqi is None and self.highest is not None


@dataclass(frozen=True, slots=True)
class Present:
    """A place at a moment. `hour`: its newest one with any value, None for none in the hours that were looked through.

    `late`: whole hours between the hour that should be there and this one. `values` by pollutant, exact. `day`: the 24
    hours that end with the one that should be there, oldest first.
    """

    place: str
    law: Regime
    fresh: str
    late: int | None
    hour: HourIndex | None
    values: Mapping[str, Fraction | None]
    day: tuple[HourIndex, ...]

    @property
    def n(self) -> int:
        """How many of the last 24 hours have an index."""
        return sum(one.highest is not None for one in self.day)


def hour_due(moment: dt.datetime, law: Regime) -> dt.datetime:
    """Return the end of the newest hour that must be there at a moment: the last full one, less the law's time to publish."""
    full = moment.replace(minute=0, second=0, microsecond=0)
    return full - law.index_rules.whole("publish.hour.lag") * _HOUR


def days_for(moment: dt.datetime) -> tuple[dt.date, dt.date]:
    """Return the first and the last day whose hours `present` needs for a moment (local)."""
    return moment.date() - dt.timedelta(days=2), moment.date()


def present(hours: Hours, moment: dt.datetime) -> tuple[Present, ...]:
    """Return every place at a moment (local time of the hours, naive or aware); hours after it count for nothing.

    Raises ValueError where the hours do not reach from 24 hours before the moment to its own day.
    """
    local = moment.replace(tzinfo=None)
    first, last = days_for(local)
    days = hours.days
    if not (days[0] <= local.date() - dt.timedelta(days=1) and days[-1] >= last):
        raise ValueError(f"the hours must reach from {first} to {last}, not from {days[0]} to {days[-1]}")
    known = _until(hours, local)
    law = regime_at(local.date())
    due = hour_due(local, law)
    return tuple(_present(known, name, law, local, due) for name in hours.places)


def _until(hours: Hours, moment: dt.datetime) -> Hours:
    """The hours that are over at a moment; later ones are taken out."""
    midnight = dt.datetime.combine(hours.first, dt.time())
    over = int((moment - midnight) // _HOUR)
    values = hours.values.copy()
    flat = values.reshape(*values.shape[:2], -1)
    flat[:, :, over:] = MISSING
    return replace(hours, values=values)


def _present(hours: Hours, place: str, law: Regime, moment: dt.datetime, due: dt.datetime) -> Present:
    marks = _marks(hours, place)
    at = hours.places.index(place)
    flat = hours.values[at].reshape(len(hours.pollutants), -1)
    with_any = np.flatnonzero((flat != MISSING).any(axis=0))
    full = moment.replace(minute=0, second=0, microsecond=0)
    newest = int(with_any[-1]) if len(with_any) else None
    # The day ends with the newest full hour where it is there already, else with the one that is due.
    end = full if newest is not None and marks[newest].ends == full else due
    day = tuple(one for one in marks if end - HOURS * _HOUR < one.ends <= end)
    if newest is None:
        return Present(place, law, NONE, None, None, dict.fromkeys(hours.pollutants), day)
    hour = marks[newest]
    late = max(0, int((due - hour.ends) // _HOUR))
    values = {code: _exact(flat[n, newest]) for n, code in enumerate(hours.pollutants)}
    fresh = PRESENT if not late else LATE if late < HOURS else OLD
    return Present(place, regime_at((hour.ends - _HOUR).date()), fresh, late, hour, values, day)


def _marks(hours: Hours, place: str) -> list[HourIndex]:
    """The index of every hour, each under the law of its day."""
    found: list[HourIndex] = []
    for law, group in groupby(enumerate(hours.days), key=lambda one: regime_at(one[1])):
        at = [n for n, _ in group]
        piece = replace(hours, first=hours.days[at[0]], values=hours.values[:, :, at[0] : at[-1] + 1], stations=None)
        found += _marks_of(law, piece, hourly_index(law, piece, place))
    return found


def _marks_of(law: Regime, hours: Hours, index: AirIndexArrays) -> list[HourIndex]:
    known = levels(law)
    midnight = dt.datetime.combine(hours.first, dt.time())
    found = []
    for n in range(len(hours.days) * HOURS):
        day, hour = divmod(n, HOURS)
        level = int(index.level[day, hour])
        primary = tuple(code for code, here in index.primary.items() if here[day, hour])
        aqi, highest = (
            None if one[day, hour] == MISSING else int(one[day, hour]) for one in (index.aqi, index.highest)
        )
        found.append(HourIndex(midnight + (n + 1) * _HOUR, aqi, highest, known[level - 1] if level else None, primary))
    return found


def _exact(number: np.int64) -> Fraction | None:
    return None if number == MISSING else Fraction(int(number), 10**DECIMALS)
