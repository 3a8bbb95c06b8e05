"""The list of dust: which hours of which place are left out, and by which document. It lives as lasting flags in the store.

The official list decides (it is led by the national monitoring centre); `proposals` only says what the rule on hourly PM10
finds. Nothing is overwritten: an entry is taken back by rows that say so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lantian.air.assessing.dust import FLAG
from lantian.air.assessing.hours import DECIMALS
from lantian.air.assessing.periods import Period
from lantian.air.assessing.series import STATION
from lantian.air.assessing.shelf import Shelf
from lantian.air.assessing.subjects import Subject
from lantian.observations.model import Batch, Query, Receipt
from lantian.observations.schema import KEY
from lantian.observations.store import Store
from lantian.standards import arrays
from lantian.standards.arrays import MISSING
from lantian.standards.dust import dust_rules
from lantian.standards.pollutants import core_codes
from lantian.standards.regimes import regime_at
from lantian.standards.rounding import round_half_even
from lantian.standards.tables import table

_HOUR, _DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
# The rule looks back some hours and a storm may last for days: so many days before the period are read too.
_LOOK_BACK = 3


@dataclass(frozen=True, slots=True)
class Entry:
    """Hours of a place from `begin` to before `end` (aware), left out because of `document`."""

    place: str
    begin: dt.datetime
    end: dt.datetime
    document: str


@dataclass(frozen=True, slots=True)
class Listed:
    """Hours in a row of a place that are left out: who listed them when, and why. `hours`: of the clock; `values`: flags set."""

    subject: Subject
    begin: dt.datetime
    end: dt.datetime
    reason: str
    who: str
    at: dt.datetime
    values: int

    @property
    def hours(self) -> int:
        return int((self.end - self.begin) / _HOUR)


@dataclass(frozen=True, slots=True)
class Proposal:
    """Hours in a row that look like dust. `highest`: hourly PM10; `before`: its mean over the hours before (the six of the
    rule), rounded to whole µg/m3; `listed`: how many of the hours are in the list already."""

    subject: Subject
    begin: dt.datetime
    end: dt.datetime
    highest: int
    before: int | None
    listed: int

    @property
    def hours(self) -> int:
        return int((self.end - self.begin) / _HOUR)


@dataclass(frozen=True, slots=True)
class Written:
    """What was done with an entry: how many flags were set or taken back, how many were so already, where nothing is.

    `days_kept`: values of days that the entry touches, but leaves enough hours of: a table of days cannot leave hours out.
    """

    entry: Entry
    flags: int
    already: int
    days_kept: int

    @property
    def nothing(self) -> bool:
        """Whether the store has nothing that the entry is about."""
        return self.flags + self.already + self.days_kept == 0


# -- what is listed ------------------------------------------------------------------------------------------------------


def listed(shelf: Shelf, period: Period, subjects: Iterable[Subject] | None = None) -> tuple[Listed, ...]:
    """Return what the list leaves out in a period, by place (stations only where asked for), newest hours first."""
    asked = [one for one in shelf.subjects if one.kind != STATION] if subjects is None else list(subjects)
    rows = _said(shelf, period)
    if rows is None:
        return ()
    found: list[Listed] = []
    for subject in asked:
        own = rows.filter(pl.col("source").is_in(sources_of(subject)))
        found += _runs(subject, own, shelf.offset)
    return tuple(sorted(found, key=lambda one: (one.begin, one.subject.name), reverse=True))


def _said(shelf: Shelf, period: Period) -> pl.DataFrame | None:
    start, end = _span(shelf, period)
    answer = shelf.reader.flags(Query(quantities=core_codes(), start=start - _DAY, end=end)).expression
    rows = answer.filter(answer.flag == FLAG)
    columns = [*KEY, "retracted", "reason", "who", "known_at"]
    found: pl.DataFrame = rows.select(*columns).to_polars()
    found = found.filter(~pl.col("retracted") & (pl.col("valid_to") > start))
    return None if found.is_empty() else found


def _runs(subject: Subject, rows: pl.DataFrame, offset: dt.timedelta) -> list[Listed]:
    """Hours in a row with the same reason and person become one line, whatever the number of sources and pollutants."""
    if rows.is_empty():
        return []
    hours = (
        rows.group_by("valid_from", "valid_to", "reason", "who")
        .agg(pl.len().alias("values"), pl.col("known_at").max().alias("at"))
        .sort("reason", "who", "valid_from")
    )
    zone, found = dt.timezone(offset), list[Listed]()
    for begin, end, reason, who, values, at in hours.iter_rows():
        last = found[-1] if found else None
        if last is not None and (last.end, last.reason, last.who) == (begin.astimezone(zone), reason, who):
            both = last.values + values
            found[-1] = Listed(subject, last.begin, end.astimezone(zone), reason, who, max(last.at, at), both)
        else:
            found.append(Listed(subject, begin.astimezone(zone), end.astimezone(zone), reason, who, at, values))
    return found


def _span(shelf: Shelf, period: Period) -> tuple[dt.datetime, dt.datetime]:
    start = dt.datetime.combine(period.first, dt.time(), dt.timezone(shelf.offset))
    return start, start + period.days * _DAY


# -- what the rule proposes ----------------------------------------------------------------------------------------------


def proposals(shelf: Shelf, subjects: Sequence[Subject], period: Period) -> tuple[Proposal, ...]:
    """Return the hours that look like dust by the rule of the period's last day; raises OutOfForceError before 2017.

    Places whose values are a table of days have no hours to look at.
    """
    rules = dust_rules(period.last)
    wide = Period(period.first - _LOOK_BACK * _DAY, period.last)
    law = regime_at(period.last)
    measured = shelf.measure([one for one in subjects if _hourly(one)], wide.first, wide.last)
    if not measured.subjects:
        return ()
    pm10 = measured.hours(law).values[:, core_codes().index("PM10")].reshape(len(measured.subjects), -1)
    marks = arrays.dust_hours(rules, pm10, DECIMALS)
    start, _ = _span(shelf, wide)
    first, window = _LOOK_BACK * 24, rules.whole("window")
    known = {(one.subject.name, hour) for one in listed(shelf, period, measured.subjects) for hour in _hours(one)}
    found = []
    for at, subject in enumerate(measured.subjects):
        for begin, end in _stretches(marks[at]):
            if end <= first:
                continue
            when = start + begin * _HOUR
            done = sum((subject.name, start + hour * _HOUR) in known for hour in range(begin, end))
            values = pm10[at, begin:end]
            found.append(
                Proposal(subject, when, start + end * _HOUR, _whole(values.max()), _mean(pm10[at], begin, window), done)
            )
    return tuple(sorted(found, key=lambda one: (one.begin, one.subject.name)))


def _hourly(subject: Subject) -> bool:
    return any(not one.daily for one in subject.origins)


def _hours(one: Listed) -> Iterable[dt.datetime]:
    return (one.begin + n * _HOUR for n in range(one.hours))


def _stretches(marks: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], marks, [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _whole(value: int) -> int:
    return int(round_half_even(Fraction(int(value), 10**DECIMALS), 0))


def _mean(values: NDArray[np.int64], begin: int, window: int) -> int | None:
    past = values[max(0, begin - window) : begin]
    there = past[past != MISSING]
    return _whole(int(there.sum()) // len(there)) if len(there) else None


# -- changing the list ---------------------------------------------------------------------------------------------------


def sources_of(subject: Subject) -> tuple[str, ...]:
    """Return every source of a place: its own series and those of its stations, real and invented."""
    return tuple(dict.fromkeys(source for one in subject.origins for source in one.sources.values()))


def write_entries(
    store: Store,
    shelf: Shelf,
    entries: Sequence[Entry],
    *,
    actor: str,
    key: str,
    retract: bool = False,
    reason: str = "",
    wait: float = 10.0,
) -> tuple[tuple[Written, ...], Receipt | None]:
    """Set the flags of some entries, or take them back (`reason` says why); what is so already is left alone.

    All in one batch named by `key`: the same key again does nothing. The receipt is None when there was nothing to do.
    Raises UnknownPlaceError, StoreError (somebody else writes, nobody is named), OutOfForceError before 2017.
    """
    rows: dict[tuple[object, ...], dict[str, object]] = {}
    done = []
    for entry in entries:
        written, new = _rows(shelf, entry, retract, reason)
        fresh = {tuple(row[name] for name in KEY): row for row in new}
        rows |= {name: row for name, row in fresh.items() if name not in rows}
        done.append(written)
    if not rows:
        return tuple(done), None
    batch = Batch(
        id=f"dust:{key}", actor=actor, reason=reason or "; ".join(dict.fromkeys(one.document for one in entries))
    )
    with store.writer("list of dust", wait=wait) as writer:
        receipt = writer.flag(batch, list(rows.values()))
    return tuple(done), receipt


def _rows(shelf: Shelf, entry: Entry, retract: bool, reason: str) -> tuple[Written, list[dict[str, object]]]:
    subject = shelf.find(entry.place)
    zone = dt.timezone(shelf.offset)
    leaves_out = dust_rules(entry.begin.astimezone(zone).date()).names("leaves_out")
    query = Query(sources_of(subject), leaves_out, (), entry.begin - _DAY, entry.end)
    found = shelf.reader.rows(query, (*KEY, "flags"))
    touched = found.filter(pl.col("valid_to") > entry.begin)
    inside = (pl.col("valid_from") >= entry.begin) & (pl.col("valid_to") <= entry.end)
    whole, split = touched.filter(inside), touched.filter(~inside)
    spoiled = split.filter(_hours_left(entry) < _needed(entry.begin.astimezone(zone).date()))
    taken = pl.concat([whole, spoiled])
    has = taken["flags"].str.split(",").list.contains(FLAG) if len(taken) else pl.Series([], dtype=pl.Boolean)
    wanted = taken.filter(has if retract else ~has)
    rows = [
        {
            **row,
            "flag": FLAG,
            "reason": reason or entry.document,
            "retracted": retract,
            "lasting": True,
        }
        for row in wanted.select(*KEY).iter_rows(named=True)
    ]
    return Written(entry, len(rows), len(taken) - len(rows), len(split) - len(spoiled)), rows


def _hours_left(entry: Entry) -> pl.Expr:
    """Hours of an interval that lie outside an entry: of a day in a table they must suffice for a mean."""
    begin, end = pl.col("valid_from"), pl.col("valid_to")
    inside = pl.min_horizontal(end, pl.lit(entry.end)) - pl.max_horizontal(begin, pl.lit(entry.begin))
    return (end - begin - inside).dt.total_hours()


def _needed(day: dt.date) -> int:
    """Hours that the mean of a day needs (20)."""
    return int(table("validity").at(day, statistic="day", pollutant="PM10", count="hours").value)
