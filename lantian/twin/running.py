"""One plant over some time: everything that its meters and analysers have, minute by minute."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lantian.twin.activity import Work, works
from lantian.twin.design import Design, Unit
from lantian.twin.meddling import episodes, meddling, unit_on
from lantian.twin.noise import DAY, Bools, Floats, generator, raster, slow, white
from lantian.twin.physics import Truth, unit_truth
from lantian.twin.reporting import Report, broken_bags, events, report
from lantian.twin.sky import Chimney
from lantian.twin.specs import data

_TAIL = DAY // 2  # minutes after the window: what is decided by the length of a run must not depend on the window's end


@dataclass(frozen=True, slots=True)
class StackRun:
    """A unit's truth and what its stack's logger has (None without analysers), from the window's first minute on."""

    unit: Unit
    truth: Truth
    report: Report | None


@dataclass(frozen=True, slots=True)
class PlantRun:
    """A plant in the minutes `first` .. `first` + n: kW that the meters have, by code; units; when each logger's
    messages arrive late (minute of arrival) or never (-1), by logger."""

    design: Design
    first: int
    n: int
    kw: Mapping[str, Floats]
    units: tuple[StackRun, ...]
    arrival: Mapping[str, np.ndarray]

    def stack(self, outlet: str) -> StackRun:
        return next(one for one in self.units if one.unit.outlet == outlet)


def run(design: Design, low: int, high: int) -> PlantRun:
    """Let a plant work from minute `low` to `high` (of the city's clock) and return what its instruments have."""
    before = DAY * (1 + max((math.ceil(one.how.get("back", 0)) for one in design.cheats), default=0))
    first = (low // DAY) * DAY - before
    n = high + _TAIL - first
    work = works(design, first, n)
    cut = slice(low - first, high - first)
    found = [_unit(design, unit, work, first, n) for unit in design.units]
    kw = {code: power for one in found for code, power in one.truth.kw.items()}
    kw = {code: _metered(design, code, power, first) for code, power in kw.items()}
    kw[design.total] = _total(design, [one.truth for one in found], first, n)
    drift = design.drift[design.code]
    return PlantRun(
        design, low, high - low, {code: _shift(power, drift)[cut] for code, power in kw.items()},
        tuple(_cut(one, cut, design.drift[one.unit.outlet]) for one in found),
        {logger: arrivals(design.seed, logger, low, high) for logger in (design.code, *(s.code for s in design.stacks))},
    )  # fmt: skip


def _unit(design: Design, unit: Unit, work: tuple[Work, ...], first: int, n: int) -> StackRun:
    on = unit_on(unit, work)
    lies = episodes(design, unit, on, first)
    done = meddling(design, unit, on, lies, first)
    bags = broken_bags(design.seed, unit.outlet, first, n)
    truth = unit_truth(design.seed, unit, design.kind.id, work, done, bags, first)
    return StackRun(unit, truth, report(design.seed, unit.stack, truth, lies, first) if unit.stack else None)


def _metered(design: Design, code: str, power: Floats, first: int) -> Floats:
    held = raster(list(events(design.seed, code, "stuck", first, len(power))), first, len(power))
    if held.any():
        starts = np.where(held & ~np.concatenate(([False], held[:-1])), np.arange(len(power)), 0)
        power = np.where(held, power[np.maximum.accumulate(starts)], power)
    return np.round(power, 2)


def _total(design: Design, truths: list[Truth], first: int, n: int) -> Floats:
    """All machines, and offices, light, workshops: more by day and when the plant works."""
    machines = sum((power for one in truths for power in one.kw.values()), np.zeros(n))
    on = np.logical_or.reduce([one.on for one in truths])
    clock = (first + np.arange(n)) % DAY
    day = 0.7 + 0.3 * np.sin(np.clip((clock - 360) / 840, 0, 1) * np.pi)
    noise = white(design.seed, f"{design.code} house", first, n, 1)[0]
    house = (
        design.house
        * day
        * (0.35 + 0.65 * on)
        * (1 + 0.05 * noise + 0.08 * slow(design.seed, f"{design.code} house", first, n, 60))
    )
    found: Floats = np.round(np.maximum(machines * 1.012 + house, 0.0), 2)
    return found


def _shift(values: np.ndarray, minutes: int) -> np.ndarray:
    """A clock that is fast by some minutes says a later time for the same value."""
    return values if minutes == 0 else np.roll(values, minutes)


def _cut(one: StackRun, cut: slice, drift: int) -> StackRun:
    truth = Truth(
        {code: power[cut] for code, power in one.truth.kw.items()}, {k: v[cut] for k, v in one.truth.gas.items()},
        {k: v[cut] for k, v in one.truth.converted.items()}, one.truth.on[cut],
    )  # fmt: skip
    if one.report is None:
        return StackRun(one.unit, truth, None)
    said = one.report
    moved = Report(
        {k: _shift(v, drift)[cut] for k, v in said.measured.items()},
        {k: _shift(v, drift)[cut] for k, v in said.converted.items()}, _shift(said.marks, drift)[cut],
        {k: _shift(v, drift)[cut] for k, v in said.hourly.items()},
        {k: _shift(v, drift)[cut] for k, v in said.factors.items()},
    )  # fmt: skip
    return StackRun(one.unit, truth, moved)


def arrivals(seed: int, logger: str, low: int, high: int) -> np.ndarray:
    """Return for each minute `low` .. `high` the minute at which its values arrive: at once (the minute after), when the
    connection is back, or never (-1)."""
    n = high - low
    found = low + np.arange(n) + 1
    rule = data("faults")["outage"]
    for start, end in events(seed, logger, "outage", low, n):
        draw = generator(seed, f"{logger} backfill", start)
        lost, later = draw.uniform() < rule["lost"], int(draw.integers(1, 20))
        a, b = max(start - low, 0), min(end - low, n)
        if b > a:
            found[a:b] = -1 if lost else end + later
    return found


def missing(arrival: np.ndarray) -> Bools:
    """Return which minutes never arrive."""
    found: Bools = arrival < 0
    return found


def emitting(run: PlantRun) -> list[Chimney]:
    """Return a plant's monitored stacks as sources of plumes: true emission, hour by hour, in g/s."""
    plant = run.design.plant
    found = []
    for one in run.units:
        if one.unit.stack is None or plant.lon is None or plant.lat is None:
            continue
        gas, stack = one.truth.gas, one.unit.stack
        rate = {name: (gas[name] * gas["flow"]).reshape(-1, 60).mean(axis=1) / 1000 for name in stack.pollutants}
        found.append(Chimney(plant.lon, plant.lat, 20 + 12 * math.log1p(stack.flow), rate))
    return found
