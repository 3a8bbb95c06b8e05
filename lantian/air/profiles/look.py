"""One place and period under one law: hours, days, assessment and calendar together, made once for all pages."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

from lantian.air.assessing.assess import Assessment
from lantian.air.assessing.both import Both
from lantian.air.assessing.days import Days
from lantian.air.assessing.hours import HOURS, Hours
from lantian.air.assessing.subjects import Origin
from lantian.air.profiles.calendar import DayMark, marks
from lantian.air.profiles.months import Month, months
from lantian.standards.regimes import Regime


@dataclass(frozen=True)
class Look:
    """What the pages show of a place; `calendar` has a mark for each day, `hours_there` counts values of all items
    (a table of days counts as whole days)."""

    place: str
    hours: Hours
    days: Days
    both: Both
    calendar: tuple[DayMark, ...]
    hours_there: int

    @property
    def assessment(self) -> Assessment:
        """The assessment of what was measured, dust and all."""
        return self.both.raw

    @property
    def law(self) -> Regime:
        return self.days.law

    @property
    def origin(self) -> Origin | None:
        """What the values were taken from; None where nobody said."""
        return self.assessment.origin

    @property
    def synthetic(self) -> bool:
        """Whether the values are invented."""
        return self.assessment.synthetic

    @property
    def only_days(self) -> bool:
        """Whether there is a table of daily values and no hours."""
        return self.origin is not None and self.origin.daily

    @property
    def first(self) -> dt.date:
        return self.days.days[0]

    @property
    def last(self) -> dt.date:
        return self.days.days[-1]

    @property
    def hours_expected(self) -> int:
        """Values that there could be: six pollutants, every hour."""
        return len(self.hours.pollutants) * len(self.days.days) * HOURS

    @cached_property
    def months(self) -> tuple[Month, ...]:
        """The table of months."""
        return months(self.days, self.place, self.calendar)


def look_of(days: Days, hours: Hours, both: Both) -> Look:
    """Return the look of the place that was assessed; raises ValueError where the days have no such place."""
    place = both.raw.place
    at = days.places.index(place)
    there = sum(int(one.hours[at].sum()) for one in days.daily.values())
    return Look(place, hours, days, both, marks(both.raw.days), there)
