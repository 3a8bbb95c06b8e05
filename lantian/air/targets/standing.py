"""How targets stand on a day: to date raw and with dust left out, what the rest may have, likelihood, order of danger."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from lantian.air.targets.days import PlaceDays
from lantian.air.targets.likelihood import Likelihood, likelihood
from lantian.air.targets.model import OF_DAYS, Target, likelihood_rules
from lantian.air.targets.path import Month, path
from lantian.air.targets.progress import Progress, ToDate, progress, wanted
from lantian.observations.model import InputVersion
from lantian.standards.dust import deducts_for, dust_rules
from lantian.standards.regimes import Regime, regime_at, split_by_regime
from lantian.standards.tables import OutOfForceError

_DAY = dt.timedelta(days=1)
# Decimals within which a strict comparison of an entered figure is told apart.
_FINE = 6
_FIGURES = {"good_share": "good_days", "good_days": "good_days", "heavy_days": "heavy_days", "composite": "composite"}


@dataclass(frozen=True, slots=True)
class Standing:
    """A target on a day. `raw` and `deducted` (dust hours left out) beside each other; `judged_by` tells which of them
    the rules judge by ("raw" or "deducted"). `law` is the year's; `law_changes`: days are judged by more than one.
    """

    target: Target
    first: dt.date
    as_of: dt.date
    end: dt.date
    law: Regime
    law_changes: bool
    raw: Progress
    deducted: Progress
    judged_by: str
    likelihood: Likelihood
    version: InputVersion | None
    synthetic: bool

    @property
    def state(self) -> Progress:
        """The progress that the rules judge by."""
        return self.deducted if self.judged_by == "deducted" else self.raw

    @property
    def danger(self) -> tuple[int, float]:
        """Sorts the most endangered first: lost, then by likelihood, then what cannot be judged, last what is safe."""
        return _danger(self)


_RANKS = {"missed": 0, "lost": 0, "behind": 1, "on_course": 2, "thin": 3, "no_data": 4, "not_here": 5, "not_begun": 6}
_SAFE = 7
_EVEN = 50


def _danger(one: Standing) -> tuple[int, float]:
    status = one.state.status
    if status not in {"behind", "on_course"}:
        return _RANKS.get(status, _SAFE), 0.0
    percent = one.likelihood.percent
    if percent is None:
        return _RANKS[status], float(_EVEN)
    return (1 if percent < _EVEN else 2), float(percent)


def stand(
    target: Target,
    days: tuple[PlaceDays, PlaceDays] | None,
    today: dt.date,
    *,
    version: InputVersion | None = None,
    period: tuple[dt.date, dt.date] | None = None,
) -> Standing:
    """Return how a target stands at the beginning of `today`: yesterday is the last day that is over.

    `days`: the place's days raw and with dust left out, past years included; None without data. `period`: instead of
    the target's calendar year (for a backtest).
    """
    first, end = period or (dt.date(target.year, 1, 1), dt.date(target.year, 12, 31))
    as_of = min(end, today - _DAY)
    law = regime_at(end)
    changes = len(split_by_regime(first, end)) > 1
    basis = judged_by(target, end)
    none = Likelihood("not_offered", (), 0, rules=likelihood_rules())
    if as_of < first or days is None or target.statistic.kind not in OF_DAYS:
        state = _without(target, first, as_of)
        synthetic = days is not None and days[0].synthetic
        return Standing(target, first, as_of, end, law, changes, state, state, basis, none, version, synthetic)
    raw, deducted = (progress(target, one.cut(first, as_of), (end - as_of).days, law) for one in days)
    judged, state = (days[1], deducted) if basis == "deducted" else (days[0], raw)
    odds = likelihood(target, judged, first, as_of, end, law, state)
    synthetic = days[0].synthetic
    return Standing(target, first, as_of, end, law, changes, raw, deducted, basis, odds, version, synthetic)


def stand_with(
    target: Target, number: Decimal, n: int | None, expected: int | None, today: dt.date, *, synthetic: bool = False
) -> Standing:
    """Return a standing from a figure that came another way (a rank, a value that people entered): compared, no rest."""
    none = stand(target, None, today)
    aim = wanted(target, 0 if target.statistic.unit == "名" else _FINE)
    gap = aim - number if target.comparator.startswith(">") else number - aim
    met, over = gap <= 0, none.as_of == none.end
    status = ("kept" if met else "missed") if over else ("on_course" if met else "behind")
    state = Progress(status, ToDate(Fraction(number), number, n or 0, expected or 0), gap, None)
    return replace(none, raw=state, deducted=state, synthetic=synthetic)


def months_of(one: Standing, days: tuple[PlaceDays, PlaceDays] | None) -> tuple[Month, ...]:
    """Return the year month by month, on the basis that the target is judged by; nothing without data."""
    if days is None or one.as_of < one.first or one.target.statistic.kind not in OF_DAYS:
        return ()
    chosen = days[1] if one.judged_by == "deducted" else days[0]
    return path(one.target, chosen, one.first, one.as_of, one.end, one.law, one.state)


def _without(target: Target, first: dt.date, as_of: dt.date) -> Progress:
    empty = ToDate(None, None, 0, max(0, (as_of - first).days + 1))
    if as_of < first:
        return Progress("not_begun", empty, None, None)
    status = "no_data" if target.statistic.kind in OF_DAYS else "not_here"
    return Progress(status, empty, None, None)


def judged_by(target: Target, day: dt.date) -> str:
    """Return "deducted" where the rules on dust leave it out of the figure that the target is set for, else "raw"."""
    kind = target.statistic.kind
    if kind not in OF_DAYS:
        return "raw"
    try:
        rules = dust_rules(day)
    except OutOfForceError:  # before dust was left out
        return "raw"
    return "deducted" if deducts_for(rules, _FIGURES.get(kind, "means")) else "raw"


def stand_all(
    targets: Iterable[Target],
    raw: Mapping[str, PlaceDays],
    deducted: Mapping[str, PlaceDays],
    today: dt.date,
    version: InputVersion | None,
) -> list[Standing]:
    """Return how many targets stand, the most endangered first; days by the code of the place."""
    found = []
    for one in targets:
        here = (raw[one.place], deducted[one.place]) if one.place in raw and one.place in deducted else None
        found.append(stand(one, here, today, version=version))
    return sorted(found, key=lambda each: each.danger)
