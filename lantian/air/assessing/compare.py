"""Comparisons of a place: with the same period of an earlier year, both sides on one basis; and under several laws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from lantian.air.assessing.assess import ItemFigures
from lantian.air.assessing.both import Both, both_of_days
from lantian.air.assessing.days import Days, period_item
from lantian.air.assessing.measured import Measured
from lantian.air.assessing.periods import Period
from lantian.air.assessing.states import restated
from lantian.air.assessing.subjects import Origin
from lantian.standards.attainment import assessed
from lantian.standards.ranking import change
from lantian.standards.regimes import Regime

# What the capture of the two sides says about a change.
SURE, SHORT, TURNS, NONE = "sure", "short", "turns", "none"


@dataclass(frozen=True, slots=True)
class Change:
    """A figure of both sides, exact; the change in its unit and in per cent of the unrounded figures (above 0 is worse).

    `alike`: the change in per cent when only calendar days that are valid on both sides count (None for percentiles and
    for figures that are no mean), `alike_days` their number. `standing`: "sure"; "short" (a side has fewer valid days than
    the law wants); "turns" (counting only days alike turns the sign); "none" (a side has no figure).
    """

    statistic: str
    now: Fraction | None
    before: Fraction | None
    alike: Fraction | None
    alike_days: int
    standing: str

    @property
    def difference(self) -> Fraction | None:
        return None if self.now is None or self.before is None else self.now - self.before

    @property
    def percent(self) -> Fraction | None:
        return None if self.now is None or not self.before else change(self.now, self.before)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A place now and before, under one law and in one reference state (that of the last day of now).

    `items`: the figure that the composite index takes, by pollutant; `means`: the means of all six. `same_origin`: both
    sides come from the same series.
    """

    law: Regime
    place: str
    period: Period
    earlier: Period
    now: Both
    before: Both
    items: Mapping[str, Change]
    means: Mapping[str, Change]
    index: Change
    converted: tuple[str, ...]
    unconverted: tuple[str, ...]
    same_origin: bool


def compared(
    now: Measured, before: Measured, law: Regime, *, shown: str, grade: str, origins: tuple[Origin, Origin]
) -> Comparison:
    """Compare the first place of both; see `ask.compare_years`."""
    like = now.last
    raw_now, raw_before = restated(now.days(law), like), restated(before.days(law), like)
    left_now = restated(now.days(law, deducted=True), like).days if now.has_dust else None
    left_before = restated(before.days(law, deducted=True), like).days if before.has_dust else None
    a = both_of_days(now, raw_now.days, left_now, 0, shown, grade)
    b = both_of_days(before, raw_before.days, left_before, 0, shown, grade)
    deducted = shown == "deducted"
    used = (
        left_now if deducted and left_now else raw_now.days,
        left_before if deducted and left_before else raw_before.days,
    )
    items, means = _changes(law, a, b, used)
    return Comparison(
        law,
        now.names[0],
        Period(now.first, now.last),
        Period(before.first, before.last),
        a,
        b,
        items,
        means,
        _index_change(a, b, items),
        tuple(dict.fromkeys((*raw_now.converted, *raw_before.converted))),
        tuple(dict.fromkeys((*raw_now.unconverted, *raw_before.unconverted))),
        origins[0] is origins[1],
    )


def _changes(law: Regime, a: Both, b: Both, used: tuple[Days, Days]) -> tuple[dict[str, Change], dict[str, Change]]:
    alike = _alike(*used)
    figures = {code: (one, b.one.items[code]) for code, one in a.one.items.items()}
    items, means = {}, {}
    for code, (now, before) in figures.items():
        statistic = law.ranking_rules.text(f"statistic.{code}")
        means[code] = _change(law, code, "mean", now, before, alike)
        items[code] = means[code] if statistic == "mean" else _change(law, code, statistic, now, before, alike)
    return items, means


def _change(
    law: Regime, code: str, statistic: str, now: ItemFigures, before: ItemFigures, alike: Mapping[str, Alike]
) -> Change:
    a, b = (one.mean if statistic == "mean" else one.percentile for one in (now, before))
    same = alike[code]
    both = change(same.now, same.before) if statistic == "mean" and same.now is not None and same.before else None
    plain = change(a, b) if a is not None and b else None
    standing = SURE
    if plain is None:
        standing = NONE
    elif (
        both is not None
        and both * plain < 0
        and assessed(law, code, same.now or 0) != assessed(law, code, same.before or 0)
    ):
        standing = TURNS
    elif now.short or before.short or not same.days:
        standing = SHORT
    return Change(statistic, a, b, both, same.days, standing)


def _index_change(a: Both, b: Both, items: Mapping[str, Change]) -> Change:
    now, before = (None if one.one.composite is None else one.one.composite.value for one in (a, b))
    worst = [one.standing for one in items.values()]
    standing = NONE if now is None or before is None else TURNS if TURNS in worst else SHORT if SHORT in worst else SURE
    return Change("composite", now, before, None, min((one.alike_days for one in items.values()), default=0), standing)


@dataclass(frozen=True, slots=True)
class Alike:
    """Means over the calendar days that are valid on both sides."""

    now: Fraction | None
    before: Fraction | None
    days: int


def _alike(now: Days, before: Days) -> dict[str, Alike]:
    there = {(day.month, day.day): n for n, day in enumerate(before.days)}
    pairs = [(n, there[day.month, day.day]) for n, day in enumerate(now.days) if (day.month, day.day) in there]
    found = {}
    for code in now.daily:
        a, b = now.daily[code], before.daily[code]
        kept = [(n, m) for n, m in pairs if a.valid[0, n] and b.valid[0, m]]
        found[code] = Alike(
            _mean(now, code, [n for n, _ in kept]), _mean(before, code, [m for _, m in kept]), len(kept)
        )
    return found


def _mean(days: Days, code: str, kept: list[int]) -> Fraction | None:
    if not kept:
        return None
    one = days.daily[code]
    only = np.zeros_like(one.valid)
    only[0, kept] = one.valid[0, kept]
    return period_item(days.law, code, replace(one, valid=only)).mean.fraction(0)
