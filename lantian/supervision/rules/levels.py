"""When is a machine off, idle, running? From its known levels, its rated power, or from what its meter showed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lantian.sources.facts import Equipment
from lantian.supervision.rules.parameters import Settings
from lantian.supervision.rules.series import Floats, Mask, Series

# Below this many values a histogram teaches nothing.
_ENOUGH = 48


@dataclass(frozen=True, slots=True)
class Levels:
    """At most `off` kW: off. At least `run` kW: it runs. `how`: given, rated or learned."""

    off: float
    run: float
    how: str


@dataclass(frozen=True, slots=True)
class States:
    """The states of one machine at each step; a step that is neither known off nor known running is idle or unknown."""

    series: Series
    levels: Levels

    @property
    def running(self) -> Mask:
        return np.nan_to_num(self.series.values, nan=-1.0) >= self.levels.run

    @property
    def off(self) -> Mask:
        return self.series.known & (np.nan_to_num(self.series.values, nan=np.inf) <= self.levels.off)

    @property
    def known(self) -> Mask:
        return self.series.known


def split(values: Floats) -> float | None:
    """Return the power that best parts a histogram in two (Otsu), or None where it has one hump only."""
    if len(values) < _ENOUGH:
        return None
    ordered = np.sort(values)
    size = len(ordered)
    low = np.cumsum(ordered)[:-1]
    count = np.arange(1, size)
    mean_low, mean_high = low / count, (ordered.sum() - low) / (size - count)
    between = count * (size - count) * (mean_high - mean_low) ** 2
    best = int(np.argmax(between))
    # Two humps: the upper mean is several times the lower, and the gap holds most of the variance.
    if mean_high[best] < 3 * max(mean_low[best], 1e-9) or between[best] < 0.7 * size * size * ordered.var():
        return None
    return float((mean_low[best] + mean_high[best]) / 2)


def levels(equipment: Equipment, values: Floats, settings: Settings) -> Levels | None:
    """Return the levels of a machine; None when nothing is known of it (no level, no rated power, too few values)."""
    if equipment.off_kw is not None and equipment.run_kw is not None:
        return Levels(equipment.off_kw, equipment.run_kw, "given")
    if equipment.rated_kw:
        return Levels(settings["off_share"] * equipment.rated_kw, settings["run_share"] * equipment.rated_kw, "rated")
    seen = values[~np.isnan(values)]
    middle = split(seen)
    if middle is not None:
        return Levels(0.5 * middle, middle, "learned")
    if len(seen) < _ENOUGH:
        return None
    usual = float(np.median(seen))
    return Levels(settings["off_share"] * usual, settings["run_share"] * usual, "learned")


def states(machines: Mapping[str, Equipment], found: Mapping[str, Series], settings: Settings) -> dict[str, States]:
    """Return the states of the machines that have data and levels."""
    made = {}
    for code, series in found.items():
        known = levels(machines[code], series.values, settings)
        if known is not None:
            made[code] = States(series, known)
    return made
