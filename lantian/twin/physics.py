"""What really happens at a unit: heat, draught, gas, treatment, power. Minute arrays, nothing reported yet.

Light mass balance: gas and consumed oxygen follow the heat; what is removed follows the dose; converted concentration =
raw x exp(-removal); what an analyser sees is diluted as the oxygen says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from lantian.twin.activity import Work
from lantian.twin.design import Machine, Stack, Unit
from lantian.twin.noise import DAY, Bools, Floats, generator, intervals, lag, slow, steps, wander, white, widened
from lantian.twin.specs import duties

AIR = 20.9
_LEAST = 0.45  # speed of a fan without load, against full load
_NATURAL = 0.22  # draught of a hot stack without its fan


@dataclass(frozen=True, slots=True)
class Meddling:
    """What people do to a unit. `off`: minutes in which a machine is switched off though it ought to run; `more`: true
    converted emission against usual, per pollutant."""

    off: Mapping[str, Bools] = field(default_factory=dict)
    more: Mapping[str, Floats] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Truth:
    """A unit minute by minute: kW by machine code; the gas in the stack by factor name (dry, mg/m3, %, m3/s ...);
    converted concentrations; whether the unit works."""

    kw: Mapping[str, Floats]
    gas: Mapping[str, Floats]
    converted: Mapping[str, Floats]
    on: Bools


def unit_truth(
    seed: int, unit: Unit, kind: str, work: Sequence[Work], meddling: Meddling, bags: Floats, first: int
) -> Truth:
    """Return what a unit does in the minutes from `first` on; the first day is for running in. `bags`: factor on dust."""
    lines = [work[one] for one in unit.lines]
    n = len(lines[0].on)
    on = np.logical_or.reduce([one.on for one in lines])
    heat = sum((lag(one.load, 14) for one in lines), np.zeros(n)) / len(lines)
    # No process heats up without gas: heat is what burns now, what is stored warms the gas only.
    machines = (*unit.production, *unit.treatment)
    noise = white(seed, f"{unit.outlet} machines", first, n, len(machines))
    kw = {
        machine.code: _production(machine, work[machine.line], noise[at], first)
        for at, machine in enumerate(unit.production)
    }
    wanted = widened(on, unit.lead, unit.lag)
    stack = unit.stack
    runs = {one.code: wanted & _turn(seed, unit, one, first, n) & ~meddling.off.get(one.code, np.zeros(n, dtype=bool))
            for one in unit.treatment}  # fmt: skip
    removal = _Removal(seed, unit, runs, meddling, bags, heat, first)
    for at, machine in enumerate(unit.treatment, len(unit.production)):
        kw[machine.code] = _treatment(machine, runs[machine.code], heat, removal.dose(machine), noise[at], first)
    if stack is None:
        return Truth(kw, {}, {}, on)
    gas, converted = _gas(seed, stack, unit, runs, heat, removal, first)
    return Truth(kw, gas, converted, on)


def _turn(seed: int, unit: Unit, machine: Machine, first: int, n: int) -> Bools:
    """Of two machines that take turns the one runs for some days, then the other; both for some minutes between."""
    if machine.kind.needs != "any":
        return np.ones(n, dtype=bool)
    draw = generator(seed, f"{unit.outlet} turns {machine.kind.kind}")
    days, shift = int(draw.integers(3, 9)), int(draw.integers(8 * DAY))
    turn = ((first + np.arange(n) + shift) // (days * DAY)) % 2
    return widened(turn == (0 if machine.code == _first_of(unit, machine) else 1), 3, 3)


def _first_of(unit: Unit, machine: Machine) -> str:
    return next(one.code for one in unit.treatment if one.kind == machine.kind)


def _production(machine: Machine, work: Work, noise: np.ndarray, first: int) -> Floats:
    """kW of a production machine: idling takes a part, batches and roughness lie on top."""
    n = len(work.on)
    on, load = work.on, work.load
    clock = first + np.arange(n)
    if machine.kind.duty:
        start, minutes = duties()[machine.kind.duty].shifts[0]
        on = on & ((clock % DAY - start) % DAY < minutes)
    if machine.cycle:
        phase = (clock + (hash_of(machine.code) % 97)) % round(machine.cycle)
        load = load * np.where(phase < 0.72 * machine.cycle, 1.12, 0.3)
    rough = 1 + machine.kind.rough * (0.6 * noise + 0.8 * wander(noise, 6))
    full = machine.kw * machine.util
    power = full * (0.13 + 0.87 * lag(np.where(on, load, 0.0), machine.kind.tau)) * rough
    found: Floats = np.where(on, power, machine.kw * 0.006 * (1 + 0.1 * noise))
    return np.maximum(found, 0.0)


def hash_of(code: str) -> int:
    """Return a number that depends on a code only."""
    return sum(ord(letter) * (at + 7) for at, letter in enumerate(code)) * 2654435761 % 2**32


def _treatment(machine: Machine, runs: Bools, heat: Floats, dose: Floats, noise: np.ndarray, first: int) -> Floats:
    full = machine.kw * machine.util
    law = machine.kind.law
    if law == "fan":
        share = (_LEAST + (1 - _LEAST) * np.minimum(heat, 1.1)) ** 2.7
    elif law == "so2":
        share = 0.5 + 0.42 * dose * np.clip(heat / 0.86, 0.2, 1.2)
    elif law == "nox":
        share = 0.34 + 0.55 * dose * np.clip(heat / 0.86, 0.2, 1.2)
    elif law == "pulse":
        phase = (first + np.arange(len(runs)) + hash_of(machine.code) % 89) % 23
        share = np.where(phase < 9, 0.95, 0.55)
    else:
        share = 0.72 + 0.2 * np.minimum(heat, 1.1)
    rough = 1 + machine.kind.rough * (0.5 * noise + 0.8 * wander(noise, 8))
    started = lag(runs.astype(float), 0.8)
    found: Floats = np.where(
        runs, full * np.maximum(share, 0.05) * started * rough, machine.kw * 0.004 * (1 + 0.1 * noise)
    )
    return np.clip(found, 0.0, machine.kw * 1.12)


class _Removal:
    """How much of each pollutant is taken out, and how hard the machines work for it."""

    def __init__(
        self,
        seed: int,
        unit: Unit,
        runs: Mapping[str, Bools],
        meddling: Meddling,
        bags: Floats,
        heat: Floats,
        first: int,
    ) -> None:
        self._unit, self._runs = unit, runs
        self.logs: dict[str, Floats] = {}
        self._doses: dict[str, Floats] = {}
        stack, n = unit.stack, len(heat)
        if stack is None:
            return
        drawn = white(seed, f"{unit.outlet} gas", first, n, len(stack.pollutants))
        for row, one in enumerate(stack.pollutants):
            self._add(seed, stack, one, drawn[row], meddling.more.get(one), bags, first)

    def _add(
        self, seed: int, stack: Stack, one: str, noise: np.ndarray, more: Floats | None, bags: Floats, first: int
    ) -> None:
        n, name = len(noise), f"{stack.code} {one}"
        raw, aim = float(np.log(stack.raw[one])), float(np.log(stack.aim[one]))
        slowly = 0.13 * slow(seed, f"{name} raw", first, n, 170) + 0.13 * steps(seed, f"{name} coal", first, n, 3 * DAY)
        rough = 0.05 if one == "pm" else 0.07
        disturbed = slowly + rough * wander(noise, 5)
        goal = aim + 0.05 * steps(seed, f"{name} setting", first, n, 2 * DAY + 1)
        if more is not None:
            goal = goal + lag(np.log(more), 25)
        usual = max(raw - aim, 0.05)
        works = self._machines(one)
        if works.size == 0:  # nothing to remove it: it is as the fuel is
            self.logs[one] = goal + disturbed
            return
        wanted = np.maximum(raw + lag(disturbed, 12) - goal, 0.0)
        strength = stack.strength[one]
        given = np.minimum(wanted, usual * strength)
        self._doses[one] = given / usual
        active = lag(works.astype(float), 4.0 if one == "so2" else 2.5)
        if one == "pm":
            given = np.maximum(given - np.log(bags), 0.0)
            active = 0.35 + 0.65 * active  # dust settles a little in any case
        self.logs[one] = raw + disturbed - given * active

    def _machines(self, one: str) -> Bools:
        codes = [machine.code for machine in self._unit.treatment if machine.kind.removes == one]
        return np.logical_or.reduce([self._runs[code] for code in codes]) if codes else np.zeros(0, dtype=bool)

    def dose(self, machine: Machine) -> Floats:
        """Return how hard a machine works for its pollutant, about 1."""
        n = len(self._runs[machine.code])
        return self._doses.get(machine.kind.law, np.ones(n))


def _gas(
    seed: int, stack: Stack, unit: Unit, runs: Mapping[str, Bools], heat: Floats, removal: _Removal, first: int
) -> tuple[dict[str, Floats], dict[str, Floats]]:
    n = len(heat)
    noise = white(seed, f"{stack.code} stack", first, n, 5)
    fans = [one.code for one in unit.treatment if one.kind.law == "fan"]
    drawing = (
        lag(np.logical_or.reduce([runs[one] for one in fans]).astype(float), 1.5) if fans else np.minimum(heat * 3, 1)
    )
    speed = _LEAST + (1 - _LEAST) * np.minimum(heat, 1.1)
    draught = drawing * speed + (1 - drawing) * _NATURAL * np.minimum(heat * 4, 1)
    burning = np.clip(heat / np.maximum(draught, 0.05), 0, 1.04) * (heat > 0.01)
    leak = 1 + 0.02 * wander(noise[0], 15) + 0.025 * slow(seed, f"{stack.code} leak", first, n, 240)
    o2 = np.clip(AIR - (AIR - stack.full["o2"]) * burning * leak, 0.3, AIR)
    warm = lag(burning * np.minimum(draught * 2, 1), 25)
    outside = 18 + 6 * slow(seed, "outside", first, n, 720)
    gas = {
        "o2": o2,
        "flow": stack.flow * draught * (1 + 0.012 * noise[1]),
        "temperature": outside
        + (stack.full["temperature"] - outside) * np.minimum(warm, 1.05)
        + 0.4 * wander(noise[2], 10),
        "moisture": np.clip(1.3 + (stack.full["moisture"] - 1.3) * burning + 0.15 * wander(noise[3], 12), 0.2, 40),
        "pressure": stack.full["pressure"] * draught**2 + 0.004 * noise[4],
    }
    gas["flow"] = np.maximum(gas["flow"], 0.0)
    wet = gas["flow"] / (1 - gas["moisture"] / 100) * (273.15 + gas["temperature"]) / 273.15
    gas["velocity"] = wet / stack.area
    converted = {one: np.exp(removal.logs[one]) for one in stack.pollutants}
    diluted = _dilution(stack, o2, burning)
    for one in stack.pollutants:
        gas[one] = converted[one] * diluted
    if stack.kind.denitration:
        dose = removal.dose(next(one for one in unit.treatment if one.kind.law == "nox"))
        pump = next(one.code for one in unit.treatment if one.kind.law == "nox")
        gas["nh3"] = stack.slip * np.exp(3.2 * (dose - 1)) * np.minimum(burning, 1) * lag(runs[pump].astype(float), 6)
    return gas, converted


def _dilution(stack: Stack, o2: Floats, burning: Floats) -> Floats:
    if stack.kind.oxygen is None:
        return np.minimum(burning, 1.0)
    return (21 - o2) / (21 - stack.kind.oxygen) * np.minimum(20 * burning, 1.0)


def runs_of(on: Bools, least: int) -> list[tuple[int, int]]:
    """Return the runs of true minutes of at least some length, by position."""
    return [(a, b) for a, b in intervals(on, 0) if b - a >= least]
