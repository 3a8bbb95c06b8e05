"""What analysers, meters and loggers make of the truth: noise, drift, checks, marks, faults, falsification."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lantian.twin.activity import TEN
from lantian.twin.design import Stack
from lantian.twin.meddling import Episode
from lantian.twin.noise import DAY, Bools, Floats, between, generator, lag, raster, steps, wander, white
from lantian.twin.physics import AIR, Truth
from lantian.twin.specs import data, span

Marks = NDArray[np.uint8]
LETTERS = "NCMDFB"
NORMAL, CHECK, MAINTENANCE, FAULT, STOPPED, BROKEN = range(6)
DECIMALS = {
    "o2": 2,
    "flow": 3,
    "velocity": 2,
    "temperature": 1,
    "pressure": 3,
    "moisture": 2,
    "nh3": 2,
    "pm": 2,
    "so2": 2,
    "nox": 2,
}
_OXYGEN_GUARD = 19.5  # above it nothing is converted: loggers then repeat what was measured
_GASES = ("so2", "nox", "nh3", "o2", "pm")
_NOISE = {"pm": (0.02, 0.03), "so2": (0.012, 0.25), "nox": (0.01, 0.3), "nh3": (0.02, 0.03), "o2": (0.003, 0.02)}


@dataclass(frozen=True, slots=True)
class Report:
    """What a stack's logger has minute by minute: measured by factor name, converted by pollutant, a mark. `hourly`: what
    hourly converted and measured means are multiplied with (people who change only these)."""

    measured: Mapping[str, Floats]
    converted: Mapping[str, Floats]
    marks: Marks
    hourly: Mapping[str, Floats]
    factors: Mapping[str, Floats]


def events(seed: int, name: str, kind: str, first: int, n: int) -> Iterator[tuple[int, int]]:
    """Yield the minutes [start, end) of faults of a kind (data/faults.toml) at a machine, analyser or logger."""
    rule = data("faults")[kind]
    for block in range(first // TEN - 1, (first + n) // TEN + 1):
        draw = generator(seed, f"{name} {kind}", block)
        for _ in range(int(draw.poisson(rule["often"]))):
            start = block * TEN + int(draw.integers(TEN))
            yield start, start + round(between(draw, span(rule["minutes"])))


def broken_bags(seed: int, name: str, first: int, n: int) -> Floats:
    """Return the factor on dust while filter bags are broken (1 elsewhere)."""
    mask = raster(list(events(seed, name, "bags", first, n)), first, n)
    factor = between(generator(seed, f"{name} holes"), span(data("faults")["bags"]["more"]))
    return lag(np.where(mask, factor, 1.0), 30)


def report(seed: int, stack: Stack, truth: Truth, found: Sequence[Episode], first: int) -> Report:
    """Return what the logger of a stack has for the minutes from `first` on."""
    n = len(truth.on)
    gas = dict(truth.gas)
    for one in found:
        if one.cheat.kind == "clean_air":
            _diluted(gas, one)
    drawn = white(seed, f"{stack.code} analyser", first, n, len(_GASES))
    measured = {name: _analysed(seed, stack, name, gas[name], drawn, first) for name in stack.factors}
    hourly: dict[str, Floats] = {}
    factors: dict[str, Floats] = {}
    for one in found:
        _falsified(seed, stack, one, measured, hourly, factors, first)
    ratio = conversion(stack.kind.oxygen, measured["o2"])
    converted = {name: measured[name] * ratio for name in stack.pollutants}
    for one in found:
        if one.cheat.kind == "capping":
            _capped(seed, stack, one, measured, converted, ratio, first)
    for name, factor in factors.items():
        converted[name] = converted[name] * factor
    marks = _marked(seed, stack, truth, measured, first)
    for name in stack.factors:
        measured[name] = _rounded(stack, name, measured[name])
    # A logger converts what it got.
    ratio = conversion(stack.kind.oxygen, measured["o2"])
    converted = {name: np.round(measured[name] * ratio * factors.get(name, 1.0), 2) for name in stack.pollutants}
    return Report(measured, converted, marks, hourly, factors)


def conversion(oxygen: float | None, o2: Floats) -> Floats:
    """Return converted over measured concentration: (21 - reference) / (21 - O2), 1 where O2 is that of air or the stack
    has no reference."""
    if oxygen is None:
        return np.ones(len(o2))
    return np.where(o2 < _OXYGEN_GUARD, (21 - oxygen) / (21 - np.minimum(o2, _OXYGEN_GUARD)), 1.0)


def _diluted(gas: dict[str, Floats], one: Episode) -> None:
    share = one.cheat.how["share"] * lag(one.mask.astype(float), 2.5)
    for name in gas:
        if name in ("flow", "velocity", "pressure"):
            continue
        ambient = {"o2": AIR, "moisture": 1.3, "temperature": 20.0}.get(name, 0.0)
        weight = 0.5 * share if name == "temperature" else share
        gas[name] = gas[name] * (1 - weight) + ambient * weight


def _analysed(seed: int, stack: Stack, name: str, true: Floats, drawn: np.ndarray, first: int) -> Floats:
    if name not in _NOISE:
        return true
    relative, absolute = _NOISE[name]
    noise = drawn[_GASES.index(name)]
    blurred = 0.75 * wander(noise, 3) + 0.5 * noise
    # Zero and span wander off from one daily check to the next.
    since = ((first + np.arange(len(true)) - stack.check[0]) % DAY) / DAY
    key = f"{stack.code} {name}"
    span_drift = 0.012 * since * steps(seed, f"{key} span", first - stack.check[0], len(true), DAY)
    zero_drift = 1.2 * absolute * since * steps(seed, f"{key} zero", first - stack.check[0], len(true), DAY)
    found = true * (1 + span_drift + relative * blurred) + absolute * (0.5 * noise) + zero_drift
    low: Floats = np.clip(found, 0.0, 21.0 if name == "o2" else np.inf)
    return low


def _falsified(
    seed: int,
    stack: Stack,
    one: Episode,
    measured: dict[str, Floats],
    hourly: dict[str, Floats],
    factors: dict[str, Floats],
    first: int,
) -> None:
    """What is changed before values are converted, and factors that are put on later."""
    if one.cheat.kind == "scaling":
        table = {"hour": hourly, "converted": factors}.get(one.cheat.mode)
        factor = np.where(one.mask, one.cheat.how["factor"], 1.0)
        for name in one.pollutants:
            if table is None:
                measured[name] = measured[name] * factor
            else:
                table[name] = factor
    elif one.cheat.kind in ("constant", "replay"):
        drawn = white(seed, f"{stack.code} lie", first, len(one.mask), 3)
        lie = _held if one.cheat.kind == "constant" else _repeated
        for row, name in enumerate(_touched(stack, one)):
            measured[name] = lie(measured[name], one, drawn[row % 3])


def _touched(stack: Stack, one: Episode) -> tuple[str, ...]:
    return tuple(name for name in stack.factors if name != "velocity") if one.everything else one.pollutants


def _capped(
    seed: int,
    stack: Stack,
    one: Episode,
    measured: dict[str, Floats],
    converted: dict[str, Floats],
    ratio: Floats,
    first: int,
) -> None:
    """A hard cap leaves what is below; a soft one bends everything from 80 % of the cap on."""
    how = one.cheat.how
    noise = white(seed, f"{stack.code} lie", first, len(ratio), 3)
    for row, name in enumerate(one.pollutants):
        value, cap = converted[name], how["cap"] * stack.kind.limits[name]
        low = np.minimum(value, cap)
        if one.cheat.hard:
            knee = 0.8 * cap
            bent = knee + (cap - knee) * (1 - np.exp(-np.maximum(value - knee, 0) / (cap - knee)))
            low = np.where(value > knee, bent, value)
        low = np.where(low < value, low * (1 - how["noise"] * np.abs(noise[row])), value)
        converted[name] = np.where(one.mask, low, value)
        measured[name] = np.where(one.mask, low / ratio, measured[name])


def _held(value: Floats, one: Episode, noise: np.ndarray) -> Floats:
    found = value.copy()
    for start, end in _pieces(one.mask):
        held = value[start] if value[start] > 0 else float(np.median(value[start:end]))
        found[start:end] = held * (1 + one.cheat.how["noise"] * noise[start:end])
    return found


def _repeated(value: Floats, one: Episode, noise: np.ndarray) -> Floats:
    found, back = value.copy(), round(one.cheat.how["back"]) * DAY
    for start, end in _pieces(one.mask):
        low = max(start, back)
        if end <= low:  # before the window that is wanted
            continue
        found[low:end] = value[low - back : end - back] * (1 + one.cheat.how["noise"] * noise[low:end])
    return np.maximum(found, 0.0)


def _pieces(mask: Bools) -> list[tuple[int, int]]:
    edge = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(edge[::2], edge[1::2], strict=True)]


def _marked(seed: int, stack: Stack, truth: Truth, measured: dict[str, Floats], first: int) -> Marks:
    """Marks of each minute; values during checks are those of the check."""
    n = len(truth.on)
    marks = np.zeros(n, dtype=np.uint8)
    if stack.stop_mark:
        marks[lag(truth.on.astype(float), 12) < 0.2] = STOPPED
    served = raster([_by_day(one) for one in events(seed, stack.code, "maintenance", first, n)], first, n)
    marks[served] = MAINTENANCE
    failed = raster(list(events(seed, stack.code, "fault", first, n)), first, n)
    marks[failed] = FAULT
    at = ((first + np.arange(n)) - stack.check[0]) % DAY
    checked = at < stack.check[1]
    marks[checked] = CHECK
    zero = checked & (at < stack.check[1] // 2)
    held = raster(list(events(seed, stack.code, "stuck", first, n)), first, n)
    for name in (*stack.pollutants, *(("nh3",) if "nh3" in measured else ())):
        top = 0.8 * 2.5 * stack.kind.limits.get(name, 10.0)
        value = np.where(checked, np.where(zero, 0.0, top), measured[name])
        measured[name] = _stuck(np.where(failed, 0.0, value), held)
    measured["o2"] = np.where(failed, AIR, measured["o2"])
    return marks


def _by_day(one: tuple[int, int]) -> tuple[int, int]:
    """Maintenance is done in working hours: the same day, from nine on."""
    start = one[0] // DAY * DAY + 540 + one[0] % 420
    return start, start + one[1] - one[0]


def _stuck(value: Floats, held: Bools) -> Floats:
    found = value.copy()
    for start, end in _pieces(held):
        found[start:end] = value[start]
    return found


def _rounded(stack: Stack, name: str, value: Floats) -> Floats:
    step = stack.resolution.get(name)
    if step is not None and step > 0.02:
        value = np.round(value / step) * step
    found: Floats = np.round(value, DECIMALS[name])
    return found
