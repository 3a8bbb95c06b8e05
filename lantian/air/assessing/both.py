"""A place with and without the dust hours of the list, side by side: which figures leave dust out is the law's (data)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lantian.air.assessing.assess import DEDUCTED, Assessment, assess, day_indices
from lantian.air.assessing.days import Days
from lantian.air.assessing.measured import Measured
from lantian.observations.model import InputVersion
from lantian.standards.attainment import good_day
from lantian.standards.dust import deducts_for, dust_rules
from lantian.standards.regimes import Regime
from lantian.standards.rules import Edition
from lantian.standards.tables import OutOfForceError


@dataclass(frozen=True, slots=True)
class GoodDays:
    """Good days of `n` with an index, when particles of dust hours take no part in the index either."""

    good: int
    n: int


@dataclass(frozen=True, slots=True)
class Both:
    """One place and period, raw and with dust deducted; `shown` says which of them was asked for.

    `dust_hours`: how many hours of the list lie in the period (hours of the place or of any of its stations), `dust_days`
    on which days. `good_deducted`: good days without dust, as they are published beside the raw ones since 2025.
    """

    shown: str
    raw: Assessment
    deducted: Assessment
    dust_hours: int
    dust_days: tuple[dt.date, ...]
    good_deducted: GoodDays
    version: InputVersion

    @property
    def one(self) -> Assessment:
        """The assessment that was asked for."""
        return self.deducted if self.shown == DEDUCTED else self.raw


def both_of(measured: Measured, law: Regime, at: int, *, shown: str, grade: str = "II") -> Both:
    """Assess one of the places (its number) both ways; raises OutOfForceError for dust to be shown without a rule on it."""
    raw_days = measured.days(law)
    return both_of_days(
        measured, raw_days, measured.days(law, deducted=True) if measured.has_dust else None, at, shown, grade
    )


def both_of_days(
    measured: Measured, raw_days: Days, without: Days | None, at: int, shown: str, grade: str = "II"
) -> Both:
    """As `both_of`, of days that are there already (brought to another reference state, say)."""
    rules = rules_on_dust(measured.last, needed=shown == DEDUCTED)
    name, law = measured.names[at], raw_days.law
    raw = assess(raw_days, name, grade=grade)
    if without is None or rules is None:
        same = GoodDays(raw.good, raw.with_index)
        return Both(shown, raw, _as_deducted(raw), 0, (), same, measured.version)
    fresh = day_indices(without, at)
    numbers = [one.index.aqi for one in fresh if one.index is not None and one.index.aqi is not None]
    # Days are counted as they were unless the rule says that dust is left out of them too.
    counted = fresh if deducts_for(rules, "good_days") else raw.days
    figures = without if deducts_for(rules, "means") else raw_days
    deducted = assess(figures, name, grade=grade, indices=counted, dust=DEDUCTED)
    hours, days = dust_of(measured, at)
    good = GoodDays(sum(good_day(law, one) for one in numbers), len(numbers))
    return Both(shown, raw, deducted, hours, days, good, measured.version)


def _as_deducted(raw: Assessment) -> Assessment:
    return replace(raw, dust=DEDUCTED)


def rules_on_dust(day: dt.date, *, needed: bool) -> Edition | None:
    """Return the rules on dust of a day; without any (before 2017) None, or OutOfForceError where they are needed."""
    try:
        return dust_rules(day)
    except OutOfForceError:
        if needed:
            raise
        return None


def dust_of(measured: Measured, at: int) -> tuple[int, tuple[dt.date, ...]]:
    """Return how many hours of the list a place has, and the days that have any."""
    origin = measured.origins[at]
    if origin.daily:
        table = measured.tables[next(iter(origin.sources.values()))]
        marked = np.any(table.dust, axis=0)
        return 24 * int(marked.sum()), _chosen(measured, marked)
    if measured.dust is None:
        return 0, ()
    rows = [measured.sources.index(source) for source in origin.sources.values()]
    hours = np.any(measured.dust[rows], axis=(0, 1))
    days = np.any(hours, axis=-1)
    return int(np.sum(hours)), _chosen(measured, days)


def _chosen(measured: Measured, marked: Any) -> tuple[dt.date, ...]:
    return tuple(measured.day_list[n] for n in np.flatnonzero(marked))
