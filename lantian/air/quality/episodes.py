"""Flagged hours put together: the same subject, pollutant and flag in hours that follow each other are one episode."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

HOUR = dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Flagged:
    """A value with a flag in force. `start` is when its hour began (UTC); `said_at` when the flag was set."""

    source: str
    place: str
    pollutant: str
    start: dt.datetime
    value: float
    unit: str
    flag: str
    reason: str
    who: str
    said_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Episode:
    """Hours of one flag; `first` is the start of the first, `until` the end of the last."""

    source: str
    place: str
    pollutant: str
    flag: str
    first: dt.datetime
    until: dt.datetime
    values: tuple[Flagged, ...] = field(repr=False)

    @property
    def id(self) -> str:
        """A name that stays the same as long as the episode begins with the same hour."""
        text = f"{self.source}|{self.pollutant}|{self.flag}|{self.first.isoformat()}"
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def hours(self) -> int:
        return len(self.values)

    @property
    def lowest(self) -> float:
        return min(one.value for one in self.values)

    @property
    def highest(self) -> float:
        return max(one.value for one in self.values)

    @property
    def unit(self) -> str:
        return self.values[0].unit

    @property
    def reason(self) -> str:
        """The reason of its most odd hour: the highest value's."""
        return max(self.values, key=lambda one: one.value).reason

    @property
    def state(self) -> str:
        """Changes whenever anything about one of its flags changes: what a form shows that it saw."""
        text = "|".join(f"{one.start.isoformat()} {one.said_at.isoformat()} {one.value}" for one in self.values)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def episodes(flagged: Iterable[Flagged], apart: int = 1) -> list[Episode]:
    """Return the episodes, newest first; hours with up to `apart` other hours between them belong together."""
    found: list[Episode] = []
    run: list[Flagged] = []
    for one in sorted(flagged, key=lambda f: (f.source, f.pollutant, f.flag, f.start)):
        if run and not _goes_on(run[-1], one, apart):
            found.append(_episode(run))
            run = []
        run.append(one)
    if run:
        found.append(_episode(run))
    return sorted(found, key=lambda e: (e.first, e.source, e.pollutant, e.flag), reverse=True)


def _goes_on(before: Flagged, after: Flagged, apart: int) -> bool:
    same = (before.source, before.pollutant, before.flag) == (after.source, after.pollutant, after.flag)
    return same and after.start - before.start <= (1 + apart) * HOUR


def _episode(run: list[Flagged]) -> Episode:
    one = run[0]
    return Episode(one.source, one.place, one.pollutant, one.flag, one.start, run[-1].start + HOUR, tuple(run))
