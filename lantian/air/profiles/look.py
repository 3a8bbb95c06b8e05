"""One place and period under one law: hours, days, assessment and calendar together, made once for all pages."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from lantian.air.assessing.assess import Assessment, assess
from lantian.air.assessing.days import Days
from lantian.air.assessing.hours import HOURS, Hours
from lantian.air.assessing.subjects import Origin
from lantian.air.profiles.calendar import DayMark, marks
from lantian.air.profiles.months import Month, months
from lantian.standards.regimes import Regime


@dataclass(frozen=True, slots=True)
class Look:
    """What the pages show of a place; `calendar` has a mark for each day, `hours_there` counts values of all items
    (a table of days counts as whole days)."""

    place: str
    hours: Hours
    days: Days
    assessment: Assessment
    calendar: tuple[DayMark, ...]
    hours_there: int

    @property
    def law(self) -> Regime:
        return self.days.law

    @property
    def origin(self) -> Origin | None:
        """What the values were taken from; None where nobody said."""
        return self.days.origins[self.days.places.index(self.place)] if self.days.origins else None

    @property
    def synthetic(self) -> bool:
        """Whether the values are invented."""
        return self.origin is not None and self.origin.synthetic

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

    def months(self) -> tuple[Month, ...]:
        """The table of months."""
        return months(self.days, self.place, self.calendar)


def look_of(days: Days, hours: Hours, place: str, *, grade: str = "II") -> Look:
    """Return the look of a place from its days and hours; raises ValueError for a place that is not there."""
    found = assess(days, place, grade=grade)
    at = days.places.index(place)
    there = sum(int(one.hours[at].sum()) for one in days.daily.values())
    return Look(place, hours, days, found, marks(found.days), there)
