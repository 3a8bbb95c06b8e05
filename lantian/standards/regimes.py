"""Which law holds on which day. A regime comes from a date; there is none by default.

Limits changed on 2026-03-01 and change again on 2031-01-01, the index on 2026-03-01. A period that spans a change has
no single law: `regime_for` refuses it and says how to choose, `split_by_regime` cuts it.
"""

from __future__ import annotations

import datetime as dt
import itertools
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from lantian.standards.rules import Edition, rule_book
from lantian.standards.tables import Confidence, Entry, OutOfForceError, table

_DAY = dt.timedelta(days=1)


class UnknownDateError(OutOfForceError):
    """No regime is known for this day."""


class SpansChangeError(ValueError):
    """The period lies under more than one regime; choose one by name or split the period."""


class NoSuchRegimeError(LookupError):
    """No regime has this name."""


@dataclass(frozen=True, slots=True)
class Regime:
    """The editions that hold together from `start` to `until` (inclusive; None = open)."""

    name: str
    zh: str
    en: str
    start: dt.date
    until: dt.date | None
    limits_set: str
    aqi_set: str
    assessment_set: str
    composite_set: str
    source: str
    clause: str
    confidence: Confidence
    note: str

    def covers(self, day: dt.date) -> bool:
        return self.start <= day and (self.until is None or day <= self.until)

    def limit(self, pollutant: str, period: str, grade: str) -> Entry:
        """Return a limit: period year, quarter, day, 8h or hour; grade I or II. Raises NoSuchEntryError.

        >>> regime_at(dt.date(2026, 3, 1)).limit("PM2.5", "year", "II").value
        Decimal('30')
        """
        return table("ambient_limits").at(self.start, pollutant=pollutant, period=period, grade=grade)

    def limits(self) -> tuple[Entry, ...]:
        """Every limit of this regime, in the order of the standard's tables."""
        return tuple(one for one in table("ambient_limits") if one.in_force(self.start))

    @property
    def index_rules(self) -> Edition:
        """Rules of the Air Quality Index."""
        return rule_book("aqi_rules").at(self.start)

    @property
    def index_standard(self) -> str:
        """Name of the standard of the index, e.g. HJ 633-2012."""
        return table("iaqi_breakpoints").at(self.start, pollutant="SO2", period="day", iaqi="0").source

    @property
    def assessment_rules(self) -> Edition:
        """Rules of daily values, percentiles, attainment."""
        return rule_book("assessment").at(self.start)

    @property
    def ranking_rules(self) -> Edition:
        """Rules of the composite index and of ranking."""
        return rule_book("ranking").at(self.start)


@cache
def regimes() -> tuple[Regime, ...]:
    """All regimes, oldest first; raises ValueError when the file leaves a gap, overlaps or names an unknown set."""
    text = resources.files(__package__).joinpath("data/regimes.toml").read_text(encoding="utf-8")
    found = tuple(_regime(row) for row in tomllib.loads(text)["regime"])
    for one, two in itertools.pairwise(found):
        if one.until is None or two.start != one.until + _DAY:
            raise ValueError(f"regimes {one.name} and {two.name} do not follow each other day by day")
    return found


def _regime(row: dict[str, Any]) -> Regime:
    return Regime(
        name=row["id"],
        zh=row["zh"],
        en=row["en"],
        start=row["from"],
        until=row.get("until"),
        limits_set=row["limits"],
        aqi_set=row["aqi"],
        assessment_set=row["assessment"],
        composite_set=row["composite"],
        source=row["source"],
        clause=row["clause"],
        confidence=Confidence(row["confidence"]),
        note=row.get("note", ""),
    )


def regime_at(day: dt.date) -> Regime:
    """Return the regime of a day; raises UnknownDateError before the first one, TypeError for a datetime or no date.

    >>> regime_at(dt.date(2026, 2, 28)).name, regime_at(dt.date(2026, 3, 1)).name
    ('2012', '2026-transition')
    """
    if isinstance(day, dt.datetime) or not isinstance(day, dt.date):
        raise TypeError(f"a regime is asked by local date, not by {day!r}")
    for one in regimes():
        if one.covers(day):
            return one
    raise UnknownDateError(f"no standard is known for {day}; the first known day is {regimes()[0].start}")


def regime_named(name: str) -> Regime:
    """Return a regime by its name, for a comparison under another law than the day's; raises NoSuchRegimeError."""
    for one in regimes():
        if one.name == name:
            return one
    raise NoSuchRegimeError(f"no regime {name!r}; known regimes: {', '.join(one.name for one in regimes())}")


def regime_for(first: dt.date, last: dt.date) -> Regime:
    """Return the one regime of a period, both days included.

    Raises SpansChangeError when the law changes within it, UnknownDateError, ValueError when `last` is before `first`.
    """
    parts = split_by_regime(first, last)
    if len(parts) > 1:
        changes = ", ".join(str(start) for _, start, _ in parts[1:])
        names = ", ".join(repr(one.name) for one, _, _ in parts)
        raise SpansChangeError(
            f"the law changes within {first}..{last} (on {changes}): choose one with regime_named({names}) "
            "or cut the period with split_by_regime"
        )
    return parts[0][0]


def split_by_regime(first: dt.date, last: dt.date) -> list[tuple[Regime, dt.date, dt.date]]:
    """Cut a period where the law changes: (regime, first day, last day) each; raises UnknownDateError, ValueError."""
    if last < first:
        raise ValueError(f"the period ends ({last}) before it begins ({first})")
    parts = []
    day = first
    while day <= last:
        one = regime_at(day)
        end = last if one.until is None else min(last, one.until)
        parts.append((one, day, end))
        day = end + _DAY
    return parts
