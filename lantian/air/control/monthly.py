"""A month of every source: how much was measured, how much is flagged, how many days are valid, how fresh it is."""

from __future__ import annotations

import calendar
import datetime as dt
from collections import Counter
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lantian.air.assessing.days import Days, daily_values, has_rule_of_days
from lantian.air.assessing.hours import HOURS, Hours, read_hours
from lantian.air.control.data import HOUR, Source, sources
from lantian.air.quality.block import Block, Mask
from lantian.air.quality.checking import gaps
from lantian.air.quality.flags import automatic, split, void_names
from lantian.air.quality.loading import load, midnight
from lantian.air.queries import remembered, shelf
from lantian.standards.arrays import MISSING
from lantian.standards.means import month_valid
from lantian.standards.pollutants import core_codes
from lantian.standards.regimes import regime_at

LONG_GAP = 6


@dataclass(frozen=True, slots=True)
class Month:
    """One source in one month. Counts are of hours of six pollutants; `capture` in per cent.

    `flags`: hours by flag in force. `valid_days`: the least of the pollutants; `days`: those of the month that are over.
    `short`: pollutants that cannot reach the month's number of days any more. `year_days`: the least number of valid days
    of the year so far, `year_over`: its days so far. `by_day`: capture of each day.
    """

    source: Source
    n: int
    expected: int
    flags: Counter[str]
    void: int
    valid_days: int
    days: int
    short: tuple[str, ...]
    year_days: int
    year_over: int
    last: dt.datetime
    gaps: int
    longest: int
    calibration: int
    by_day: tuple[float | None, ...] = field(repr=False)

    @property
    def capture(self) -> float | None:
        return round(100 * self.n / self.expected, 1) if self.expected else None

    @property
    def suspect(self) -> float | None:
        """Share of values with an automatic flag, in per cent."""
        if not self.n:
            return None
        return round(100 * sum(n for name, n in self.flags.items() if name in automatic()) / self.n, 2)


def month_of_sources(first: dt.date, until: dt.datetime, kind: str = "") -> tuple[Month, ...]:
    """Return every source that has hours in the year of the month that begins on `first`; `until`: the present moment.

    `kind`: only cities, areas or stations. Names of sources are in the present language.
    """
    hour = until.replace(minute=0, second=0, microsecond=0)
    found = remembered("control.month", (first, hour), lambda: tuple(_months(first, hour)))
    named = sources()
    return tuple(replace(one, source=named[one.source.source]) for one in found if kind in ("", one.source.kind))


def _months(first: dt.date, until: dt.datetime) -> list[Month]:
    offset = shelf().offset
    last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
    # Only hours that are over are expected; a month that is not over ends with its last whole hour.
    over = min(last, (until.astimezone(dt.UTC) + offset).date())
    if over < first:
        return []
    january = dt.date(first.year, 1, 1)
    chosen = [
        one for one in sources().values()
        if one.first.date() <= over and one.last.date() >= january
    ]  # fmt: skip
    if not chosen:
        return []
    names = [one.source for one in chosen]
    # Flags are told of the month's hours only; of the year only its days are wanted, and the grid reads them quickly.
    loaded = load(shelf().reader, names, first, over, offset)
    year = read_hours(shelf().reader, {name: name for name in names}, january, over, offset)
    start = (first - january).days
    hours_over = int(min((until - midnight(first, offset)) / HOUR, ((over - first).days + 1) * HOURS))
    # Values of hours that are still to come (a clock that is behind, a demonstration's) count as little as the hours.
    values = loaded.block.values.copy()
    values[..., hours_over:] = MISSING
    block = replace(loaded.block, values=values)
    days = daily_values(regime_at(january), _until(year, start * HOURS + hours_over))
    void = loaded.with_any(void_names())
    void[..., hours_over:] = False
    marked = loaded.marked().filter(pl.col("hour") < hours_over)
    return [
        _month(
            one,
            at,
            block,
            void[at],
            marked.filter(marked["subject"] == at),
            days,
            start,
            hours_over,
            first,
            last,
        )
        for at, one in enumerate(chosen)
    ]


def _until(hours: Hours, end: int) -> Hours:
    """Return hours without those from the `end`-th on."""
    values = hours.values.reshape(*hours.values.shape[:2], -1).copy()
    values[..., end:] = MISSING
    return replace(hours, values=values.reshape(hours.values.shape))


def _month(
    source: Source,
    at: int,
    block: Block,
    void: Mask,
    marked: pl.DataFrame,
    days: Days,
    start: int,
    hours: int,
    first: dt.date,
    last: dt.date,
) -> Month:
    mine = block.values[at : at + 1]
    there = mine != MISSING
    n, expected = int(there.sum()), hours * len(core_codes())
    valid = {code: one.valid[at] for code, one in days.daily.items()}
    in_month = {code: int(one[start:].sum()) for code, one in valid.items()}
    over = hours // HOURS
    left = (last - first).days + 1 - over
    law = regime_at(first)
    short = tuple(
        code for code, count in in_month.items()
        if has_rule_of_days(law, code)
        and not month_valid(law, code, first.year, first.month, min(count + left, (last - first).days + 1))
    )  # fmt: skip
    found = gaps(Block(block.subjects[at : at + 1], block.pollutants, mine))
    counted = _flags(marked)
    return Month(
        source, n, expected, counted, int(void.sum()), min(in_month.values()), over, short,
        min(int(one.sum()) for one in valid.values()), start + over, source.last,
        sum(one.hours >= LONG_GAP for one in found), max((one.hours for one in found), default=0),
        sum(one.calibration for one in found), _by_day(there, hours),
    )  # fmt: skip


def _flags(marked: pl.DataFrame) -> Counter[str]:
    return Counter(name for names in marked["flags"].to_list() for name in split(names))


def _by_day(there: NDArray[np.bool_], hours: int) -> tuple[float | None, ...]:
    """Capture of every day in per cent; of the present day only the hours that are over are expected."""
    found: list[float | None] = []
    pollutants = there.shape[1]
    for day in range(there.shape[2] // HOURS):
        expected = min(HOURS, hours - day * HOURS) * pollutants
        n = int(there[..., day * HOURS : (day + 1) * HOURS].sum())
        found.append(min(100.0, 100 * n / expected) if expected > 0 else None)
    return tuple(found)
