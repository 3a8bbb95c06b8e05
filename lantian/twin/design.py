"""How a plant is built: machines, stacks, habits and the ways in which it cheats, drawn from seed and number.

Plant number 5 is the same plant in a city of 10 and of 200.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lantian.sources import facts
from lantian.twin.noise import between, generator, spread
from lantian.twin.places import Area, somewhere
from lantian.twin.specs import POLLUTANTS, MachineKind, OutletKind, PlantKind, data, plant_kinds, span


@dataclass(frozen=True, slots=True)
class Machine:
    """A metered machine. `line`: number of its line, -1 for all of the unit; `spare`: 0, or 1 and 2 for two that take
    turns; `cycle`: minutes of a batch (0: steady)."""

    code: str
    name: str
    role: str
    line: int
    kw: float
    util: float
    cycle: float
    kind: MachineKind


@dataclass(frozen=True, slots=True)
class Stack:
    """A monitored stack: the gas at full load, raw and aimed-at converted mg/m3, resolution and habits of its analysers."""

    code: str
    kind: OutletKind
    flow: float
    area: float
    full: Mapping[str, float]
    raw: Mapping[str, float]
    aim: Mapping[str, float]
    strength: Mapping[str, float]
    slip: float
    resolution: Mapping[str, float]
    check: tuple[int, int]
    stop_mark: bool

    @property
    def pollutants(self) -> tuple[str, ...]:
        return tuple(one for one in POLLUTANTS if one in self.kind.limits)

    @property
    def factors(self) -> tuple[str, ...]:
        """The names of what it measures, in the order of its packets."""
        return (*self.pollutants, *(("nh3",) if self.kind.denitration else ()), "o2", "flow", "velocity", "temperature", "pressure",
                "moisture")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unit:
    """Lines, their machines and treatment and the stack that they share (None: the stack is not monitored)."""

    number: int
    lines: tuple[int, ...]
    production: tuple[Machine, ...]
    treatment: tuple[Machine, ...]
    outlet: str
    stack: Stack | None
    lead: int
    lag: int


@dataclass(frozen=True, slots=True)
class Cheat:
    """A way in which a plant cheats: kind, unit, how (numbers drawn from data/cheats.toml), whether it is a hard one."""

    kind: str
    unit: int
    hard: bool
    how: Mapping[str, float]
    mode: str = ""


@dataclass(frozen=True, slots=True)
class Design:
    """A plant with everything that the twin needs to let it work."""

    index: int
    seed: int
    kind: PlantKind
    plant: facts.Plant
    units: tuple[Unit, ...]
    duties: tuple[str, ...]
    house: float
    minutely: bool
    drift: Mapping[str, int]
    cheats: tuple[Cheat, ...]
    closed: bool

    @property
    def code(self) -> str:
        return self.plant.code

    @property
    def total(self) -> str:
        return f"{self.plant.code}.M00"

    @property
    def machines(self) -> tuple[Machine, ...]:
        return tuple(one for unit in self.units for one in (*unit.production, *unit.treatment))

    @property
    def stacks(self) -> tuple[Stack, ...]:
        return tuple(unit.stack for unit in self.units if unit.stack is not None)


def build(
    seed: int, index: int, areas: Sequence[Area], allotment: Allotment, *, minute_share: float = 0.1, prefix: str = "T"
) -> Design:
    """Return plant number `index` (from 0). `allotment`: what the plants before it got;
    `minute_share`: share of plants whose
    meters report every minute."""
    kind = _kind(seed, index)
    code = f"{prefix}{index + 1:04d}"
    draw = generator(seed, f"design {code}")
    habits = data("faults")["habits"]
    count = int(draw.integers(kind.lines[0], kind.lines[1] + 1))
    groups = [tuple(range(count))] if kind.shared else [(one,) for one in range(count)]
    weak, tight = draw.uniform() < habits["weak"], draw.uniform() < habits["tight"]
    units = tuple(_unit(code, number, lines, kind, draw, weak, tight) for number, lines in enumerate(groups))
    duty = str(kind.duty[int(draw.integers(len(kind.duty)))])
    grade = str(kind.grades[int(draw.integers(len(kind.grades)))])
    area, lon, lat = somewhere(generator(seed, f"place {code}"), areas)
    closed = bool(generator(seed, f"closed {code}").uniform() < data("orders")["closed"])
    plant = _facts(code, kind, count, units, grade, (area, lon, lat), generator(seed, f"known {code}"))
    loggers = [code, *(unit.outlet for unit in units)]
    return Design(
        index=index, seed=seed, kind=kind, plant=plant, units=units, duties=(duty,) * count,
        house=float(draw.uniform(0.02, 0.07)) * sum(one.kw for unit in units for one in unit.production) + 5,
        minutely=spread(seed, "minutely", index) < minute_share,
        drift={one: _drift(draw, habits) for one in loggers},
        cheats=allotment.cheats(seed, index, code, grade, units, closed), closed=closed,
    )  # fmt: skip


def _kind(seed: int, index: int) -> PlantKind:
    kinds = plant_kinds()
    ends = np.cumsum([one.share for one in kinds])
    return kinds[int(np.searchsorted(ends, spread(seed, "types", index) * ends[-1], side="right"))]


def _drift(draw: np.random.Generator, habits: Mapping[str, Any]) -> int:
    wrong = draw.uniform() < habits["drift"]
    return int(draw.integers(-habits["drift_minutes"], habits["drift_minutes"] + 1)) if wrong else 0


def _unit(
    code: str, number: int, lines: tuple[int, ...], kind: PlantKind, draw: np.random.Generator, weak: bool, tight: bool
) -> Unit:
    one = number + 1
    production = tuple(
        _machine(f"{code}.P{line + 1}{at}", each, "production", line, draw, f"{line + 1}号线{each.zh}")
        for line in lines
        for at, each in enumerate(kind.production, 1)
    )
    treatment: list[Machine] = []
    for each in kind.treatment:
        letters = ("A", "B") if each.needs == "any" else ("",)
        kw = between(draw, each.kw)
        for letter in letters:
            name = f"{one}号{each.zh}{letter}"
            at = f"{code}.T{one}{len(treatment) + 1}"
            treatment.append(_machine(at, each, "treatment", -1, draw, name, kw))
    sloppy = draw.uniform() < data("faults")["habits"]["sloppy"]
    lead = int(draw.integers(1, 4)) if sloppy else int(draw.integers(6, 16))
    lag = int(draw.integers(3, 8)) if sloppy else int(draw.integers(11, 26))
    outlet = f"{code}.DA{one:03d}"
    monitored = kind.outlet is not None and draw.uniform() < kind.outlet.cems
    stack = _stack(outlet, kind.outlet, draw, weak, tight) if kind.outlet is not None and monitored else None
    return Unit(number, lines, production, tuple(treatment), outlet, stack, lead, lag)


def _machine(
    code: str, kind: MachineKind, role: str, line: int, draw: np.random.Generator, name: str, kw: float | None = None
) -> Machine:
    rated = between(draw, kind.kw) if kw is None else kw
    cycle = between(draw, kind.cycle) if kind.cycle[1] else 0.0
    return Machine(code, name, role, line, float(f"{rated:.2g}"), between(draw, kind.util), round(cycle), kind)


def _stack(code: str, kind: OutletKind, draw: np.random.Generator, weak: bool, tight: bool) -> Stack:
    flow = between(draw, kind.flow)
    full = {name: between(draw, getattr(kind, name)) for name in ("o2", "temperature", "moisture", "pressure")}
    raw = {one: between(draw, kind.raw[one]) for one in kind.raw}
    aim = {one: between(draw, kind.level[one]) * limit for one, limit in kind.limits.items()}
    if tight and kind.gases:
        aim["nox"] = float(draw.uniform(0.86, 0.93)) * kind.limits["nox"]
    strength = {one: float(draw.uniform(1.02, 1.08) if weak else draw.uniform(1.2, 1.6)) for one in POLLUTANTS}
    slip = float(draw.uniform(2.0, 7.0) if weak else draw.uniform(0.3, 1.3))
    habits = data("faults")["habits"]
    coarse = draw.uniform() < habits["integer"]
    resolution = {
        "pm": 0.01 if draw.uniform() < 0.7 else 0.1,
        "so2": 2.857 if coarse else 0.01,
        "nox": 2.054 if coarse else 0.01,
    }
    minutes = int(draw.integers(habits["calibration"][0], habits["calibration"][1] + 1))
    check = (int(draw.integers(0, 1440 - minutes)), minutes)
    stop_mark = bool(draw.uniform() < habits["stop_mark"])
    return Stack(code, kind, flow, flow / 9.0, full, raw, aim, strength, slip, resolution, check, stop_mark)


@dataclass
class Allotment:
    """Who cheats how, so far: each kind gets its share among the plants that are able to, hard ones among them too.
    Plants are built in their order, so that a longer list begins like a shorter one."""

    cheating: float
    given: Counter[str] = field(default_factory=Counter)
    hard: Counter[str] = field(default_factory=Counter)

    def cheats(
        self, seed: int, index: int, code: str, grade: str, units: tuple[Unit, ...], closed: bool
    ) -> tuple[Cheat, ...]:
        """Return the ways in which plant number `index` cheats, and count them."""
        if spread(seed, "cheating", index) >= self.cheating:
            return ()
        draw = generator(seed, f"cheats {code}")
        kinds = data("cheats")["kinds"]
        may = [name for name in kinds if _suits(kinds[name]["needs"], grade, units, closed)]
        found: list[Cheat] = []
        while may and len(found) < 1 + (draw.uniform() < data("cheats")["second"]):
            name = min(may, key=lambda one: (self.given[one] + draw.uniform()) / kinds[one]["weight"])
            self.given[name] += 1
            hard = self.hard[name] + draw.uniform() < data("cheats")["hard_share"] * self.given[name]
            self.hard[name] += hard
            found.append(_cheat(name, kinds[name], units, draw, bool(hard)))
            # One way of falsifying an analyser, one answer to orders.
            may = [other for other in may if kinds[other]["needs"] != kinds[name]["needs"]]
        return tuple(found)


def _suits(needs: str, grade: str, units: tuple[Unit, ...], closed: bool) -> bool:
    if closed:
        return needs == "order"
    if needs == "cems":
        return any(unit.stack is not None for unit in units)
    return grade in data("orders")["orange"] if needs == "order" else True


def _cheat(name: str, kind: Mapping[str, Any], units: tuple[Unit, ...], draw: np.random.Generator, hard: bool) -> Cheat:
    how = {key: between(draw, span(value)) for key, value in kind["hard" if hard else "easy"].items() if key != "hours"}
    how |= {"least": kind["hard" if hard else "easy"].get("hours", [0, 0])[0]}
    how |= {"most": kind["hard" if hard else "easy"].get("hours", [0, 0])[1]}
    may = [unit.number for unit in units if kind["needs"] != "cems" or unit.stack is not None]
    modes = kind.get("modes", [""])
    return Cheat(name, may[int(draw.integers(len(may)))], hard, how, str(modes[int(draw.integers(len(modes)))]))


def _facts(
    code: str, kind: PlantKind, count: int, units: tuple[Unit, ...], grade: str, where: tuple[str, float, float],
    draw: np.random.Generator,
) -> facts.Plant:  # fmt: skip
    area, lon, lat = where
    equipment = [facts.Equipment(f"{code}.M00", "企业总电", facts.TOTAL, "total")]
    equipment += [_equipment(one, code, draw) for unit in units for one in (*unit.production, *unit.treatment)]
    return facts.Plant(
        code=code, name=f"虚拟{kind.zh}{code[-4:]}", industry=kind.industry, grade=grade, area=area, lon=lon, lat=lat,
        lines=tuple(facts.Line(f"{code}.L{one + 1}", f"{one + 1}号线", kind.id) for one in range(count)),
        equipment=tuple(equipment), pairs=tuple(pair for unit in units for pair in _pairs(code, unit)),
        outlets=tuple(_outlet(code, kind, unit) for unit in units if kind.outlet is not None), synthetic=True,
    )  # fmt: skip


def _equipment(one: Machine, code: str, draw: np.random.Generator) -> facts.Equipment:
    known = draw.uniform() >= data("faults")["habits"]["unknown_levels"]
    # A machine that follows the load is also running when there is little of it.
    low = {"load": 0.45, "fan": 0.18, "pulse": 0.3}.get(one.kind.law, 0.4)
    run = round(one.kw * one.util * low, 2) if known else None
    off = round(one.kw * 0.05, 2) if known else None
    line = f"{code}.L{one.line + 1}" if one.line >= 0 else ""
    return facts.Equipment(one.code, one.name, one.role, one.kind.kind, line, one.kw, off, run)


def _pairs(code: str, unit: Unit) -> list[facts.Pair]:
    production = tuple(one.code for one in unit.production if not one.kind.duty)
    singles = tuple(one.code for one in unit.treatment if one.kind.needs == "all")
    twins = tuple(one.code for one in unit.treatment if one.kind.needs == "any")
    groups = [(singles, "all"), (twins, "any")]
    return [
        facts.Pair(f"{code}.C{unit.number + 1}{at}", production, group, needs, 5, 10)
        for at, (group, needs) in enumerate(groups, 1)
        if group
    ]


def _outlet(code: str, kind: PlantKind, unit: Unit) -> facts.Outlet:
    outlet = kind.outlet
    if outlet is None:
        raise ValueError(f"plants of the type {kind.id} have no outlet")
    names = {"pm": "a34013", "so2": "a21026", "nox": "a21002"}
    limits = tuple(
        facts.Limit(names[one], float(value), source="twin", clause="invented", ultra_low=outlet.ultra_low)
        for one, value in outlet.limits.items()
    )
    lines = tuple(f"{code}.L{one + 1}" for one in unit.lines)
    oxygen = None if outlet.oxygen is None else float(outlet.oxygen)
    return facts.Outlet(
        unit.outlet, f"{unit.number + 1}号{outlet.zh}", outlet.process, lines, oxygen, outlet.denitration, limits
    )
