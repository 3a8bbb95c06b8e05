"""A sketch of the year month by month: what the done months had, what the others need, shaped like past years."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from lantian.air.targets.days import PlaceDays
from lantian.air.targets.model import Target
from lantian.air.targets.progress import Progress, figure
from lantian.standards.regimes import Regime

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Month:
    """A month: `had` over its `done` days, `so_far` over the year until its end, `need` for its `left` days, `past` what
    the same days had in past years. For numbers of days all four are numbers of days. None where nothing can be said.
    """

    first: dt.date
    done: int
    left: int
    n: int
    had: Fraction | None
    so_far: Fraction | None
    need: Fraction | None
    past: Fraction | None


def months_between(first: dt.date, last: dt.date) -> Iterator[tuple[dt.date, dt.date]]:
    """Yield first and last day of each month, cut to the period."""
    day = first
    while day <= last:
        end = (day.replace(day=1) + dt.timedelta(days=31)).replace(day=1) - _DAY
        yield day, min(end, last)
        day = end + _DAY


def path(
    target: Target,
    everything: PlaceDays,
    first: dt.date,
    as_of: dt.date,
    end: dt.date,
    law: Regime,
    state: Progress,
) -> tuple[Month, ...]:
    """Return the months from `first` to `end`; with a status that has no rest, only what was.

    Needs are shaped like the past: a mean that the rest may have is spread in proportion to past years' means of the
    same days (flat without a past year), good days in proportion to past good days. Their total is exact for means.
    """
    months = list(months_between(first, end))
    rests = {start: (max(start, as_of + _DAY), last) for start, last in months if last > as_of}
    past = {start: _past(target, everything, days, first.year, law) for start, days in rests.items()}
    needs = _needs(target, rests, past, state)
    return tuple(_month(target, everything, first, as_of, span, needs, past, law) for span in months)


def _month(
    target: Target,
    everything: PlaceDays,
    first: dt.date,
    as_of: dt.date,
    span: tuple[dt.date, dt.date],
    needs: dict[dt.date, Fraction],
    past: dict[dt.date, Fraction | None],
    law: Regime,
) -> Month:
    start, last = span
    until = min(last, as_of)
    done = max(0, (until - start).days + 1)
    had, n, so_far = None, 0, None
    if done and target.statistic.kind != "so2_class":
        had, n = figure(target, everything.cut(start, until), law)
        so_far, _ = figure(target, everything.cut(first, until), law)
    elif done:
        had, n = _mean_of_so2(everything.cut(start, until))
        so_far, _ = _mean_of_so2(everything.cut(first, until))
    left = (last - start).days + 1 - done
    return Month(start, done, left, n, had, so_far, needs.get(start), past.get(start))


def _mean_of_so2(days: PlaceDays) -> tuple[Fraction | None, int]:
    values = days.values["SO2"]
    return values.mean(), values.n


def _past(
    target: Target, everything: PlaceDays, span: tuple[dt.date, dt.date], year: int, law: Regime
) -> Fraction | None:
    """Mean over past years of the statistic over the same days; None where no year has any of them."""
    found = []
    for past in range(everything.first.year, year):
        try:
            days = everything.cut(*(day.replace(year=past) for day in span))
        except ValueError:  # 29 February
            days = everything.cut(*(min(day, day.replace(day=28)).replace(year=past) for day in span))
        value, n = _mean_of_so2(days) if target.statistic.kind == "so2_class" else figure(target, days, law)
        if value is not None and 2 * n >= len(days):
            found.append(value)
    return sum(found, Fraction(0)) / len(found) if found else None


def _needs(
    target: Target,
    rests: dict[dt.date, tuple[dt.date, dt.date]],
    past: dict[dt.date, Fraction | None],
    state: Progress,
) -> dict[dt.date, Fraction]:
    rest = state.rest
    if rest is None or rest.value is None or not rest.reachable or not rests:
        return {}
    lengths = {start: (last - day).days + 1 for start, (day, last) in rests.items()}
    if rest.kind == "mean":
        return _spread_mean(rest.value, lengths, past)
    if rest.kind == "good":
        share = target.statistic.kind == "good_share"
        usual = {start: one * lengths[start] / 100 if share and one is not None else one for start, one in past.items()}
        return _spread_days(rest.value, lengths, usual)
    return {}


def _spread_mean(
    allowed: Fraction, lengths: dict[dt.date, int], past: dict[dt.date, Fraction | None]
) -> dict[dt.date, Fraction]:
    """Each month's mean in proportion to its past; weighted by days they make the allowed mean exactly."""
    if any(not value for value in past.values()):
        return dict.fromkeys(lengths, allowed)
    shape = {start: value or Fraction(1) for start, value in past.items()}
    whole = sum((shape[start] * n for start, n in lengths.items()), Fraction(0))
    factor = allowed * sum(lengths.values()) / whole
    return {start: shape[start] * factor for start in lengths}


def _spread_days(
    needed: Fraction, lengths: dict[dt.date, int], past: dict[dt.date, Fraction | None]
) -> dict[dt.date, Fraction]:
    """Good days by month in proportion to what can still be lost in each: those that were good in the past are kept first."""
    if any(value is None for value in past.values()):
        whole = sum(lengths.values())
        return {start: needed * n / whole for start, n in lengths.items()}
    usual = {start: min(past[start] or Fraction(0), Fraction(n)) for start, n in lengths.items()}
    total = sum(usual.values(), Fraction(0))
    if needed <= total and total:
        return {start: one * needed / total for start, one in usual.items()}
    spare = sum(lengths.values()) - total  # more than usual is needed: gain where days were not good
    gain = (needed - total) / spare if spare else Fraction(0)
    return {start: usual[start] + (lengths[start] - usual[start]) * gain for start in lengths}
