"""How likely a target is still kept: what past years had in the days that are left. Estimates, with their method and n.

Two answers from the same days. The years: how many past years' remaining days would have kept the target, taken whole.
The draws: the days that are left are cut into stretches, and each stretch is taken from a past year drawn at random,
`draws` times, with a fixed seed. With fewer than `least_years`, or than `least_in_stretch` behind a stretch, there is a
status and no number.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from lantian.air.targets.days import Flags, PlaceDays, Values, Whole
from lantian.air.targets.model import LikelihoodRules, Target, likelihood_rules
from lantian.air.targets.progress import GRADES, Progress, decimals_of, edge_of, figure, wanted
from lantian.standards.arrays import MISSING, percentile
from lantian.standards.arrays.scale import round_ratio
from lantian.standards.attainment import assessed_decimals
from lantian.standards.composite import composite_limits
from lantian.standards.means import percent_of
from lantian.standards.regimes import Regime

_DAY = dt.timedelta(days=1)
_NOWHERE = -1
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PastYear:
    """A past year's remaining days after this year's days so far: would the target have been kept, with which figure.

    `n` valid days of `expected`; `kept` is None where they are too few.
    """

    year: int
    kept: bool | None
    final: float | None
    n: int
    expected: int


@dataclass(frozen=True, slots=True)
class Likelihood:
    """`status`: "ok", "too_few_years", "decided" (kept or lost already), "not_offered".

    `percent` of `draws` kept the target, to a whole per cent; `low`, `middle`, `high` are the 10th, 50th and 90th
    percentile of the year's figure in the draws. `usable` is the smallest number of years behind any stretch.
    """

    status: str
    years: tuple[PastYear, ...]
    usable: int
    percent: int | None = None
    kept_draws: int | None = None
    low: float | None = None
    middle: float | None = None
    high: float | None = None
    rules: LikelihoodRules | None = None

    @property
    def judged(self) -> int:
        return sum(one.kept is not None for one in self.years)

    @property
    def kept(self) -> int:
        return sum(one.kept is True for one in self.years)


def likelihood(
    target: Target,
    everything: PlaceDays,
    first: dt.date,
    as_of: dt.date,
    end: dt.date,
    law: Regime,
    state: Progress,
    *,
    rules: LikelihoodRules | None = None,
) -> Likelihood:
    """Estimate how likely the target is kept at `end`, after the days from `first` to `as_of`.

    `everything` holds the place's days of past years as well; of those only the days that lie in years before
    `first` count. `state` is the target's progress on `as_of`.
    """
    rules = rules or likelihood_rules()
    if state.rest is None or state.status in {"no_data", "thin", "not_here"}:
        return Likelihood("not_offered", (), 0, rules=rules)
    if not state.rest.days or state.rest.safe or not state.rest.reachable:
        return Likelihood("decided", (), 0, rules=rules)
    window = _Window.of(target, everything, first, as_of, end, rules)
    done = everything.cut(first, as_of)
    years = _years(target, done, everything, window, law)
    if int(window.whole.sum()) < rules.least_years or window.usable < rules.least_in_stretch:
        return Likelihood("too_few_years", years, window.usable, rules=rules)
    kept, final = _outcomes(target, done, everything, _drawn(window, rules), law)
    low, middle, high = (float(one) for one in np.percentile(final, [10, 50, 90]))
    hits = int(kept.sum())
    percent = round(Fraction(100 * hits, len(kept)))
    return Likelihood("ok", years, window.usable, percent, hits, low, middle, high, rules)


@dataclass(frozen=True, slots=True)
class _Window:
    """The days that are left: positions of each past year's same days [year, day], and which years may stand for which
    stretch [year, stretch]."""

    years: tuple[int, ...]
    at: Whole
    valid: Flags
    starts: tuple[int, ...]
    fit: Flags
    whole: Flags

    @property
    def usable(self) -> int:
        return int(self.fit.sum(axis=0).min()) if self.fit.size else 0

    @classmethod
    def of(
        cls, target: Target, days: PlaceDays, first: dt.date, as_of: dt.date, end: dt.date, rules: LikelihoodRules
    ) -> _Window:
        left = (end - as_of).days
        past = list(range(days.first.year, first.year))[-rules.most_years :]
        held = days.first, len(days)
        at = np.array([_positions(*held, as_of, end, first.year - year) for year in past], dtype=np.int64)
        at = at.reshape(len(past), left)
        valid = _valid(target, days)[at] & (at != _NOWHERE)
        starts = tuple(range(0, left, rules.block_days))
        counts = np.add.reduceat(valid, starts, axis=1) if past else np.zeros((0, len(starts)), dtype=np.int64)
        sizes = np.diff([*starts, left])
        fit = counts * 100 >= rules.least_capture * sizes
        whole = valid.sum(axis=1) * 100 >= rules.least_capture * left
        return cls(tuple(past), at, valid, starts, fit, whole)


@lru_cache(128)
def _positions(begin: dt.date, held: int, as_of: dt.date, end: dt.date, back: int) -> tuple[int, ...]:
    """Where the days after `as_of` until `end` lie `back` years before, among so many that are held from `begin` on; -1
    for 29 February and what is not held. Kept: all targets of a day ask for the same."""
    found = []
    for n in range(1, (end - as_of).days + 1):
        day = as_of + n * _DAY
        try:
            at = (day.replace(year=day.year - back) - begin).days
        except ValueError:
            at = _NOWHERE
        found.append(at if 0 <= at < held else _NOWHERE)
    return tuple(found)


def _valid(target: Target, days: PlaceDays) -> Flags:
    """Days that count for a target."""
    kind, code = target.statistic.kind, target.statistic.pollutant
    if kind in {"mean", "so2_class", "percentile"}:
        valid: Flags = days.values[code].top != MISSING
        return valid
    if kind == "composite":
        there: Flags = np.logical_and.reduce([one.top != MISSING for one in days.values.values()])
        return there
    indexed: Flags = days.index != MISSING
    return indexed


def _years(
    target: Target, done: PlaceDays, everything: PlaceDays, window: _Window, law: Regime
) -> tuple[PastYear, ...]:
    expected = window.at.shape[1]
    if not window.years:
        return ()
    kept, final = _outcomes(target, done, everything, window.at, law)
    return tuple(
        PastYear(
            year,
            bool(kept[row]) if window.whole[row] else None,
            float(final[row]) if window.whole[row] else None,
            int(window.valid[row].sum()),
            expected,
        )
        for row, year in enumerate(window.years)
    )


def _drawn(window: _Window, rules: LikelihoodRules) -> Whole:
    """Positions of the days left in each draw [draw, day]: every stretch out of one year."""
    random = np.random.Generator(np.random.PCG64(rules.seed))
    left = window.at.shape[1]
    drawn = np.empty((rules.draws, left), dtype=np.int64)
    for stretch, start in enumerate(window.starts):
        end = min(start + rules.block_days, left)
        years = np.flatnonzero(window.fit[:, stretch])
        chosen = years[random.integers(len(years), size=rules.draws)]
        drawn[:, start:end] = window.at[chosen, start:end]
    return drawn


def _outcomes(target: Target, done: PlaceDays, days: PlaceDays, at: Whole, law: Regime) -> tuple[Flags, Floats]:
    """Would the year keep the target with the days at some positions [case, day] after those done; and its figure."""
    kind = target.statistic.kind
    if kind in {"mean", "so2_class"}:
        return _mean_outcomes(target, done, days, at, law)
    if kind == "percentile":
        return _percentile_outcomes(target, done, days, at, law)
    if kind == "composite":
        return _composite_outcomes(target, done, days, at, law)
    return _count_outcomes(target, done, days, at, law)


def _taken(top: Whole, at: Whole) -> Whole:
    return np.where(at == _NOWHERE, MISSING, top[at])


def _sums(top: Whole, at: Whole) -> tuple[Whole, Whole]:
    found = _taken(top, at)
    there = found != MISSING
    return np.where(there, found, 0).sum(axis=1), there.sum(axis=1, dtype=np.int64)


def _mean_outcomes(target: Target, done: PlaceDays, days: PlaceDays, at: Whole, law: Regime) -> tuple[Flags, Floats]:
    code = target.statistic.pollutant
    decimals = assessed_decimals(law, code)
    aim = wanted(target, decimals)
    if target.statistic.kind == "so2_class":
        aim = law.limit(code, "year", GRADES[target.value]).value
    edge, inclusive = edge_of(aim, decimals)
    so_far, n_so_far = done.values[code].total()
    sums, counts = _sums(days.values[code].top, at)
    total, n = sums + so_far, counts + n_so_far
    kept = _at_most(total, n, edge * days.values[code].bottom, inclusive)
    return kept, total / (np.maximum(n, 1) * float(days.values[code].bottom))


def _at_most(total: Whole, n: Whole, edge: Fraction, inclusive: bool) -> Flags:
    """Compare total / n with an edge, exactly."""
    left = [int(one) * edge.denominator for one in total]
    right = [int(one) * edge.numerator for one in n]
    pairs = zip(left, right, strict=True)
    return np.array([one < two or (inclusive and one == two) for one, two in pairs], dtype=np.bool_)


def _count_outcomes(target: Target, done: PlaceDays, days: PlaceDays, at: Whole, law: Regime) -> tuple[Flags, Floats]:
    kind = target.statistic.kind
    flags, so_far = (days.heavy, done.heavy) if kind == "heavy_days" else (days.good, done.good)
    there = at != _NOWHERE
    count = (flags[at] & there).sum(axis=1, dtype=np.int64) + int(so_far.sum())
    if kind == "heavy_days":
        return count <= int(wanted(target, 0)), count.astype(np.float64)
    if kind == "good_days":
        return count >= int(wanted(target, 0)), count.astype(np.float64)
    n = ((days.index != MISSING)[at] & there).sum(axis=1, dtype=np.int64) + done.with_index
    # A share is at least the aim when the days that are not good are at most the rest of it; half rounds to even.
    decimals = decimals_of(target, law)
    scale = 10**decimals
    bottom = np.maximum(n, 1)
    aim = wanted(target, decimals) * scale
    return round_ratio(100 * scale * count, bottom) >= math.ceil(aim), 100.0 * count / bottom


def _joined(values: Values, days: Values, at: Whole) -> Whole:
    """Tops of the days done and of those taken [case, day]."""
    rest = _taken(days.top, at)
    return np.concatenate([np.broadcast_to(values.top, (len(at), len(values.top))), rest], axis=1)


def _percentile_outcomes(
    target: Target, done: PlaceDays, days: PlaceDays, at: Whole, law: Regime
) -> tuple[Flags, Floats]:
    code = target.statistic.pollutant
    decimals = assessed_decimals(law, code)
    edge, inclusive = edge_of(wanted(target, decimals), decimals)
    joined = _joined(done.values[code], days.values[code], at)
    found = percentile(joined, percent_of(law, code), 0).value
    bottom = days.values[code].bottom
    kept = _at_most(found.numerator, found.denominator, edge * bottom, inclusive)
    return kept, found.floats() / bottom


def _composite_outcomes(
    target: Target, done: PlaceDays, days: PlaceDays, at: Whole, law: Regime
) -> tuple[Flags, Floats]:
    """In floats: an estimate, whose last digits decide nothing that a person would notice."""
    edge, _ = edge_of(wanted(target, decimals_of(target, law)), decimals_of(target, law))
    total = np.zeros(len(at))
    for code, limit in composite_limits(law).items():
        values = days.values[code]
        if law.ranking_rules.text(f"statistic.{code}") == "mean":
            so_far, n_so_far = done.values[code].total()
            sums, counts = _sums(values.top, at)
            figures = (sums + so_far) / (np.maximum(counts + n_so_far, 1) * float(values.bottom))
        else:
            joined = _joined(done.values[code], values, at)
            figures = percentile(joined, percent_of(law, code), 0).value.floats() / values.bottom
        total += figures / float(limit.value)
    return total <= float(edge), total


def final_figure(target: Target, days: PlaceDays, law: Regime) -> float | None:
    """The figure of a whole year, for the backtest."""
    value, _ = figure(target, days, law)
    return None if value is None else float(value)
