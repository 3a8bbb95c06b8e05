"""Production and treatment that must run together, on one grid."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from lantian.sources.facts import Equipment, Pair
from lantian.supervision.rules.case import Case
from lantian.supervision.rules.levels import States, states
from lantian.supervision.rules.series import Floats, Mask, Series
from lantian.supervision.rules.spans import Span


@dataclass(frozen=True, slots=True)
class Together:
    """A pair with the states of its machines. All masks are False where nothing is known."""

    pair: Pair
    machines: Mapping[str, Equipment]
    production: Mapping[str, States]
    treatment: Mapping[str, States]

    @property
    def reference(self) -> Series:
        return next(iter(self.production.values())).series

    @property
    def step(self) -> int:
        return self.reference.step

    @property
    def producing(self) -> Mask:
        """Any production machine runs."""
        return np.asarray(np.any([one.running for one in self.production.values()], axis=0))

    @property
    def resting(self) -> Mask:
        """All production machines are known to be off."""
        return np.asarray(np.all([one.off for one in self.production.values()], axis=0))

    @property
    def treated(self) -> Mask:
        """The treatment that the pair needs runs (all of it, or any)."""
        every = np.all if self.pair.needs == "all" else np.any
        return np.asarray(every([one.running for one in self.treatment.values()], axis=0))

    @property
    def untreated(self) -> Mask:
        """The treatment that the pair needs is known to be off (one piece of it, where all are needed)."""
        some = np.any if self.pair.needs == "all" else np.all
        return np.asarray(some([one.off for one in self.treatment.values()], axis=0))

    @property
    def known(self) -> Mask:
        """Production and treatment are both known."""
        made = np.any([one.known for one in self.production.values()], axis=0)
        cleaned = np.all([one.known for one in self.treatment.values()], axis=0)
        return np.asarray(made & cleaned)

    @property
    def production_kw(self) -> Floats:
        return _sum(self.production)

    @property
    def treatment_kw(self) -> Floats:
        return _sum(self.treatment)

    @property
    def looked_at(self) -> tuple[tuple[str, str], ...]:
        return tuple(
            (one.series.source, one.series.quantity) for one in (*self.production.values(), *self.treatment.values())
        )

    def names_off(self, span: Span) -> list[str]:
        """Return the names of the treatment machines that were off during most of a span."""
        part = slice(span.first, span.last + 1)
        return [self.machines[code].name for code, one in self.treatment.items() if one.off[part].mean() > 0.5]


def _sum(of: Mapping[str, States]) -> Floats:
    """Return the summed power; NaN where one of them is unknown."""
    return np.asarray(np.sum([one.series.values for one in of.values()], axis=0))


def pairs_of(case: Case) -> Iterator[Together]:
    """Yield the pairs that can be judged: all treatment and at least one production machine have data and levels."""
    machines = {one.code: one for one in case.plant.equipment}
    for pair in case.plant.pairs:
        found = case.telemetry.together((*pair.production, *pair.treatment))
        known = states(machines, found, case.settings)
        made = {code: known[code] for code in pair.production if code in known}
        cleaned = {code: known[code] for code in pair.treatment if code in known}
        if made and len(cleaned) == len(pair.treatment):
            yield Together(pair, machines, made, cleaned)


def normal(values: Floats, where: Mask, least: float) -> float | None:
    """Return the median of the values where the mask holds; None for fewer than `least` of them."""
    seen = values[where & ~np.isnan(values)]
    return float(np.median(seen)) if len(seen) >= least else None


def usual_at(load: Floats, values: Floats, where: Mask, least: int, *, bins: int = 8) -> Floats | None:
    """Return what is usual for `values` at each step's load: the median of those seen at a like load (one of `bins` equally
    filled classes of load); None for fewer than `least` values. A fan that follows production is no fan that was slowed."""
    fine = where & ~np.isnan(values) & ~np.isnan(load)
    if int(fine.sum()) < least:
        return None
    edges = np.unique(np.quantile(load[fine], np.linspace(0, 1, bins + 1)[1:-1]))
    group = np.searchsorted(edges, np.nan_to_num(load))
    made = np.full(len(load), np.nan)
    for one in range(len(edges) + 1):
        seen = values[fine & (group == one)]
        if len(seen) >= 4:
            made[group == one] = np.median(seen)
    return made
