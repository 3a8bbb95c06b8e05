"""What cheats do, when, and the labels that say so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from lantian.twin.activity import HALF, IGNORE, TEN, Response, Work, responses
from lantian.twin.design import Cheat, Design, Machine, Unit
from lantian.twin.noise import DAY, Bools, Floats, generator, intervals, raster, widened
from lantian.twin.orders import demands
from lantian.twin.physics import Meddling, runs_of

NIGHT = "off_at_night"
ANALYSER = ("clean_air", "scaling", "capping", "constant", "replay")
KINDS = (NIGHT, *ANALYSER, IGNORE, HALF)
_LEAST = {NIGHT: 20, "constant": 60, "replay": 120, "capping": 60, "scaling": 60, "clean_air": 30}


@dataclass(frozen=True, slots=True)
class Label:
    """A planted case: minutes [start, end) of the city's clock. `subject`: machine, outlet, line or plant; `quantities`:
    names of pollutants; `order`: the id of the order that was not carried out."""

    plant: str
    subject: str
    kind: str
    start: int
    end: int
    hard: bool
    quantities: tuple[str, ...] = ()
    mode: str = ""
    order: str = ""


@dataclass(frozen=True, slots=True)
class Episode:
    """One falsification of a stack's analysers: which minutes of the window, which pollutants."""

    cheat: Cheat
    mask: Bools
    pollutants: tuple[str, ...]
    everything: bool


def unit_on(unit: Unit, work: Sequence[Work]) -> Bools:
    """Return when any line of a unit works."""
    found: Bools = np.logical_or.reduce([work[one].on for one in unit.lines])
    return found


def machines_off(design: Design, unit: Unit, on: Bools, first: int) -> dict[str, Bools]:
    """Return the minutes in which treatment is switched off at night while the unit works, by machine code."""
    cheat = next((one for one in design.cheats if one.kind == NIGHT and one.unit == unit.number), None)
    if cheat is None:
        return {}
    n = len(on)
    mask = raster(list(_nights(design, cheat, first, n)), first, n) & widened(on, -15, -15)
    mask = raster(runs_of(mask, _LEAST[NIGHT]), 0, n)
    return {one.code: mask for one in _switched(design, unit, cheat)}


def _nights(design: Design, cheat: Cheat, first: int, n: int) -> Iterator[tuple[int, int]]:
    for day in range(first // DAY - 1, (first + n) // DAY + 1):
        draw = generator(design.seed, f"{design.code} nights", day)
        if draw.uniform() < cheat.how["night"]:
            kind = "hard" if cheat.hard else "easy"
            start = day * DAY + int(cheat.how["start"]) + int(draw.integers(-30, 31))
            pieces = 1 if kind == "easy" else int(draw.integers(1, 3))
            for _ in range(pieces):
                minutes = round(60 * float(draw.uniform(cheat.how["least"], cheat.how["most"])))
                yield start, start + minutes
                start += minutes + int(draw.integers(60, 180))


def _switched(design: Design, unit: Unit, cheat: Cheat) -> list[Machine]:
    """Machines that can be spared: not the fan without which a kiln does not burn. A careful cheat takes one kind only."""
    may = [one for one in unit.treatment if one.kind.removes]
    if cheat.hard:
        kinds = list(dict.fromkeys(one.kind.kind for one in may))
        chosen = kinds[int(generator(design.seed, f"{design.code} spared").integers(len(kinds)))]
        may = [one for one in may if one.kind.kind == chosen]
    return may


def episodes(design: Design, unit: Unit, on: Bools, first: int) -> list[Episode]:
    """Return the falsifications at a unit's stack in the window of `on`, which says when the unit works."""
    if unit.stack is None:
        return []
    return [
        _episode(design, unit, cheat, on, first)
        for cheat in design.cheats
        if cheat.kind in ANALYSER and cheat.unit == unit.number
    ]


def _episode(design: Design, unit: Unit, cheat: Cheat, on: Bools, first: int) -> Episode:
    n, stack = len(on), unit.stack
    if stack is None:
        raise ValueError(f"{unit.outlet} has no analysers")
    mask = raster(list(_blocks(design, cheat, first, n)), first, n) & widened(on, -20, -5)
    mask = raster(runs_of(mask, _LEAST[cheat.kind]), 0, n)
    draw = generator(design.seed, f"{stack.code} which {cheat.kind}")
    # What comes nearest to its limit is what people lie about.
    near = sorted(stack.pollutants, key=lambda one: -stack.aim[one] / stack.kind.limits[one])
    several = draw.uniform() < (0.2 if cheat.hard else 0.6) or cheat.kind in ("clean_air", "replay")
    chosen = tuple(near if cheat.kind in ("clean_air", "replay") else near[: 2 if several else 1])
    return Episode(cheat, mask, chosen, everything=bool(draw.uniform() < 0.5 and not cheat.hard))


def _blocks(design: Design, cheat: Cheat, first: int, n: int) -> Iterator[tuple[int, int]]:
    for block in range(first // TEN - 1, (first + n) // TEN + 1):
        draw = generator(design.seed, f"{design.code} {cheat.kind}", block)
        count = int(cheat.how["often"] + draw.uniform())
        for at in range(count):
            room = TEN // count
            minutes = min(round(60 * float(draw.uniform(cheat.how["least"], cheat.how["most"]))), room - 60)
            start = block * TEN + at * room + int(draw.integers(0, room - minutes))
            yield start, start + minutes


def meddling(design: Design, unit: Unit, on: Bools, found: Sequence[Episode], first: int) -> Meddling:
    """Return what is done to the unit itself: machines switched off, less treatment where the analyser lies."""
    more: dict[str, Floats] = {}
    for one in found:
        for pollutant in one.pollutants:
            more[pollutant] = more.get(pollutant, np.ones(len(on))) * np.where(one.mask, one.cheat.how["more"], 1.0)
    return Meddling(machines_off(design, unit, on, first), more)


def labels(design: Design, work: Sequence[Work], first: int, low: int, high: int) -> list[Label]:
    """Return the labels of a plant between the minutes `low` and `high`; `work` begins at `first`, before `low`."""
    found: list[Label] = []
    for unit in design.units:
        on = unit_on(unit, work)
        for code, mask in machines_off(design, unit, on, first).items():
            hard = next(one.hard for one in design.cheats if one.kind == NIGHT)
            found += [Label(design.code, code, NIGHT, a, b, hard) for a, b in intervals(mask, first)]
        for one in episodes(design, unit, on, first):
            found += [
                Label(design.code, unit.outlet, one.cheat.kind, a, b, one.cheat.hard, one.pollutants, one.cheat.mode)
                for a, b in intervals(one.mask, first)
            ]
    found += _order_labels(design, work, first, low, high)
    return [_clipped(one, low, high) for one in found if one.start < high and one.end > low]


def _clipped(one: Label, low: int, high: int) -> Label:
    return Label(one.plant, one.subject, one.kind, max(one.start, low), min(one.end, high), one.hard, one.quantities, one.mode,
                 one.order)  # fmt: skip


def _order_labels(design: Design, work: Sequence[Work], first: int, low: int, high: int) -> Iterator[Label]:
    seen = set()
    for one in responses(design, low, high):
        subject = f"{design.code}.L{one.line + 1}" if one.demand.lines else design.code
        if one.kind not in (IGNORE, HALF) or (subject, one.demand.id) in seen:
            continue
        lines = one.demand.lines or range(len(work))
        on = np.logical_or.reduce([work[line].on for line in lines])
        within = raster([(max(one.demand.start, low), min(one.demand.end, high))], first, len(on)) & on
        seen.add((subject, one.demand.id))
        kind, order = one.kind, one.demand.id
        if design.closed:  # every night that it works is a case
            yield from (
                Label(design.code, subject, IGNORE, a, b, one.hard, order=order) for a, b in intervals(within, first)
            )
        elif within.sum() >= 120 and _too_much(design, one, work, lines, first, low, high):
            start, end = one.demand.start, one.demand.end
            yield Label(design.code, subject, kind, start, end, one.hard, mode=_way(one.night, one.left), order=order)


def _too_much(
    design: Design, one: Response, work: Sequence[Work], lines: Sequence[int], first: int, low: int, high: int
) -> bool:
    """A limit is broken only by who does more than it leaves of the usual: not by a plant that stood for other reasons."""
    if not one.demand.share:
        return True
    load = np.sum([work[line].load for line in lines], axis=0)
    ordered = raster([(each.start, each.end) for each in demands(design, low, high)], first, len(load))
    inside = raster([(low, high)], first, len(load))
    mine = raster([(max(one.demand.start, low), min(one.demand.end, high))], first, len(load))
    usual = load[inside & ~ordered]
    return usual.size > 0 and float(load[mine].mean()) > 1.02 * one.demand.share * float(usual.mean())


def _way(night: bool, left: float) -> str:
    return "at night" if night else f"{left:.2f} of normal"
