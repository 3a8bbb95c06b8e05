"""The city's calendar: heating season, dispatch days, publicity period, working days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lantian.standards.tables import Confidence
from lantian.standards.workdays import is_working_day, national_years

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class HeatingSeason:
    """Days of central heating, (month, day) to (month, day), both included, in force between two years' autumns."""

    start: tuple[int, int]
    end: tuple[int, int]
    since: dt.date | None
    until: dt.date | None
    source: str
    confidence: Confidence

    def beginning_in(self, year: int) -> tuple[dt.date, dt.date]:
        """First and last day of the season that begins in `year`."""
        over_new_year = self.start > self.end
        return dt.date(year, *self.start), dt.date(year + over_new_year, *self.end)


@dataclass(frozen=True, slots=True)
class Dispatch:
    """Days of the month: a round opens, reports are due, the circular goes out (a day beyond the month = its last)."""

    opens: int
    due: int
    circular: int
    source: str
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class Publicity:
    """How long a finished item is published before the office approves it."""

    days: int
    working_days: bool
    source: str
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class LocalDays:
    """Days off (or worked) that only this city has."""

    start: dt.date
    end: dt.date
    worked: bool
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Calendar:
    heating_seasons: tuple[HeatingSeason, ...]
    dispatch: Dispatch
    publicity: Publicity
    weekend: tuple[int, ...]
    local_days: tuple[LocalDays, ...]

    def heating_season(self, year: int) -> tuple[dt.date, dt.date]:
        """First and last day of the heating season that begins in `year`; raises LookupError when none is known."""
        for season in self.heating_seasons:
            first, last = season.beginning_in(year)
            if (season.since is None or season.since <= first) and (season.until is None or first <= season.until):
                return first, last
        raise LookupError(f"the pack's calendar has no heating season that begins in {year}")

    def in_heating_season(self, day: dt.date) -> bool:
        """Tell whether a day lies in a heating season."""
        for year in (day.year - 1, day.year):
            try:
                first, last = self.heating_season(year)
            except LookupError:
                continue
            if first <= day <= last:
                return True
        return False

    def knows_holidays(self, year: int) -> bool:
        """Tell whether the country's arrangement of a year is known; if not, only weekends are days off."""
        return year in national_years()

    def is_working_day(self, day: dt.date) -> bool:
        for local in self.local_days:
            if local.start <= day <= local.end:
                return local.worked
        return is_working_day(day, frozenset(self.weekend))

    def add_working_days(self, day: dt.date, count: int) -> dt.date:
        """The `count`-th working day after `day` (the day itself is not counted); `day` for 0."""
        while count > 0:
            day += _DAY
            count -= self.is_working_day(day)
        return day

    def publicity_ends(self, published: dt.date) -> dt.date:
        """Last day of the publicity period of something published on a day."""
        if self.publicity.working_days:
            return self.add_working_days(published, self.publicity.days)
        return published + self.publicity.days * _DAY

    def dispatch_days(self, year: int, month: int) -> tuple[dt.date, dt.date, dt.date]:
        """The days of a month when its round opens, when reports are due and when the circular goes out."""
        last = (dt.date(year + month // 12, month % 12 + 1, 1) - _DAY).day
        days = (self.dispatch.opens, self.dispatch.due, self.dispatch.circular)
        opens, due, circular = (dt.date(year, month, min(day, last)) for day in days)
        return opens, due, circular


def calendar_from_plain(data: Mapping[str, Any]) -> Calendar:
    """Build a calendar from what `plain()` made of one (as stored in a database)."""
    return Calendar(
        heating_seasons=tuple(_season(row) for row in data["heating_seasons"]),
        dispatch=Dispatch(**{**data["dispatch"], "confidence": Confidence(data["dispatch"]["confidence"])}),
        publicity=Publicity(**{**data["publicity"], "confidence": Confidence(data["publicity"]["confidence"])}),
        weekend=tuple(data["weekend"]),
        local_days=tuple(
            LocalDays(**{**row, "start": dt.date.fromisoformat(row["start"]), "end": dt.date.fromisoformat(row["end"])})
            for row in data["local_days"]
        ),
    )


def _season(row: Mapping[str, Any]) -> HeatingSeason:
    since, until = (dt.date.fromisoformat(row[name]) if row[name] else None for name in ("since", "until"))
    start, end = (tuple(row[name]) for name in ("start", "end"))
    return HeatingSeason(start, end, since, until, row["source"], Confidence(row["confidence"]))
