"""When lines work and how hard: shifts, campaigns, stops, and what orders do to them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from lantian.twin.design import Cheat, Design
from lantian.twin.noise import DAY, Bools, Floats, between, generator, intervals, lag, raster, slow
from lantian.twin.orders import Demand, demands
from lantian.twin.specs import Duty, duties

TEN = 10 * DAY
_EPOCH = dt.date(1970, 1, 1)
OBEY, IGNORE, HALF = "obey", "ignored_order", "half_order"


@dataclass(frozen=True, slots=True)
class Response:
    """How a plant answers a demand on one of its lines. `left`: share of normal that it really does; `night`: it stops
    by day and works at night; `early`: minutes that it is ready before the beginning."""

    demand: Demand
    line: int
    kind: str
    left: float
    night: bool
    early: int
    hard: bool


@dataclass(frozen=True, slots=True)
class Work:
    """Minute by minute for one line: on (its machines are switched on), and load 0..1.1 while on."""

    on: Bools
    load: Floats


def works(design: Design, first: int, n: int) -> tuple[Work, ...]:
    """Return what each line does in the `n` minutes from `first` on."""
    answers = responses(design, first - 2 * DAY, first + n + DAY)
    return tuple(
        _line(design, line, [one for one in answers if one.line == line], first, n)
        for line in range(len(design.duties))
    )


def _line(design: Design, line: int, answers: Sequence[Response], first: int, n: int) -> Work:
    name = f"{design.code} line {line}"
    duty = duties()[design.duties[line]]
    on = np.zeros(n, dtype=bool) if design.closed else normal(design.seed, name, duty, first, n)
    load = _load(design.seed, name, duty, first, n)
    for one in answers:
        on, load = _answered(one, bool(duty.shifts), on, load, first, design, name)
    return Work(on, np.where(on, load, 0.0))


def normal(seed: int, name: str, duty: Duty, first: int, n: int) -> Bools:
    """Return when a line works if nobody orders anything."""
    on = raster(_shifts(seed, name, duty, first, n), first, n) if duty.shifts else np.ones(n, dtype=bool)
    if duty.months:
        days = range(first // DAY, (first + n - 1) // DAY + 1)
        season = [(day * DAY, day * DAY + DAY) for day in days if _month(day) in duty.months]
        on &= raster(season, first, n)
    if duty.campaign[1]:
        draw = generator(seed, f"{name} campaign")
        work, idle = round(between(draw, duty.campaign) * DAY), round(between(draw, duty.idle_days) * DAY)
        on &= (first + np.arange(n) + int(draw.integers(work + idle))) % (work + idle) < work
    return on & ~raster(list(_stops(seed, name, duty, first, n)), first, n)


def _month(day: int) -> int:
    return (_EPOCH + dt.timedelta(days=day)).month


def _shifts(seed: int, name: str, duty: Duty, first: int, n: int) -> list[tuple[int, int]]:
    found = []
    for day in range(first // DAY - 2, (first + n) // DAY + 1):
        draw = generator(seed, f"{name} day", day)
        sunday = (day + 3) % 7 == 6
        worked = draw.uniform() < duty.works * (0.35 if sunday else 1.0)
        for start, minutes in duty.shifts:
            begin = day * DAY + start + int(draw.integers(-duty.jitter, duty.jitter + 1))
            end = day * DAY + start + minutes + int(draw.integers(-duty.jitter, duty.jitter + 1))
            if worked:
                found.append((begin, end))
    return found


def _stops(seed: int, name: str, duty: Duty, first: int, n: int) -> Iterator[tuple[int, int]]:
    if not duty.stops:
        return
    for block in range(first // TEN - 1, (first + n) // TEN + 1):
        draw = generator(seed, f"{name} stops", block)
        for _ in range(int(draw.poisson(duty.stops))):
            start = block * TEN + int(draw.integers(TEN))
            yield start, start + round(60 * between(draw, duty.hours))


def _load(seed: int, name: str, duty: Duty, first: int, n: int) -> Floats:
    hourly, daily, short = duty.swing
    clock = (first + np.arange(n)) % DAY
    load = 0.86 - hourly * np.cos(2 * np.pi * (clock - 180) / DAY)
    load = load + daily * slow(seed, f"{name} days", first, n, DAY) + short * slow(seed, f"{name} hours", first, n, 90)
    load = np.clip(load, 0.5, 1.08)
    if duty.pause:
        draw = generator(seed, f"{name} pause")
        for start, minutes in duty.shifts:
            middle = start + minutes // 2 + int(draw.integers(-30, 31))
            rest = ((clock - middle) % DAY) < duty.pause
            load = np.where(rest, 0.08, load)
    return load


def responses(design: Design, low: int, high: int) -> list[Response]:
    """Return how the plant answers every demand that touches the minutes `low` to `high`, line by line."""
    cheat = next((one for one in design.cheats if one.kind in (IGNORE, HALF)), None)
    return [
        _response(design, demand, line, cheat)
        for demand in demands(design, low, high)
        for line in (demand.lines or range(len(design.duties)))
    ]


def _response(design: Design, demand: Demand, line: int, cheat: Cheat | None) -> Response:
    # All lines of an order are answered alike: it is one decision.
    draw = generator(design.seed, f"{design.code} answers {demand.lines}", demand.start // 60)
    early, less, does, night = (float(one) for one in draw.uniform(size=4))
    left = demand.share * (0.7 + 0.2 * less) if demand.share else 0.0
    kind = OBEY
    if cheat is not None and does < cheat.how["does"]:
        kind = cheat.kind
        left = 1.0 if kind == IGNORE else demand.share + (1 - demand.share) * cheat.how["gap"]
    by_night = kind == HALF and (night < 0.5 or not demand.share) and not (demand.share and cheat and cheat.hard)
    return Response(demand, line, kind, left, by_night, int(5 + 70 * early), bool(cheat and cheat.hard))


def _answered(
    one: Response, shifts: bool, on: Bools, load: Floats, first: int, design: Design, name: str
) -> tuple[Bools, Floats]:
    n = len(on)
    start, end = one.demand.start, one.demand.end
    if design.closed:
        return _secretly(one, on, load, first, design, name)
    if one.kind == IGNORE:
        return on, load
    whole = raster([(start - one.early, end + one.early // 3)], first, n)
    clock = (first + np.arange(n)) % DAY
    if one.night:  # by day everybody may look
        whole &= (clock >= 360) & (clock < 1260)
        return on & ~whole, load
    if one.left <= 0:
        return on & ~whole, load
    if shifts:
        return on & ~_shortened(on, whole, one.left, first), load
    ramp = lag(whole.astype(float), 20)
    return on, load * (1 - ramp * (1 - one.left))


def _shortened(on: Bools, whole: Bools, left: float, first: int) -> Bools:
    """The end of every run within an order is cut so that a share of it is left."""
    cut = [(start + round((end - start) * left), end) for start, end in intervals(on, first)]
    return raster(cut, first, len(on)) & whole


def _secretly(one: Response, on: Bools, load: Floats, first: int, design: Design, name: str) -> tuple[Bools, Floats]:
    """A closed plant whose owner does not care works in some nights."""
    if one.kind == OBEY:
        return on, load
    nights = []
    for day in range(first // DAY - 1, (first + len(on)) // DAY + 1):
        draw = generator(design.seed, f"{name} secret", day)
        if draw.uniform() < (0.3 if one.hard else 0.55):
            begin = day * DAY + int(draw.integers(1260, 1440))
            nights.append((begin, begin + int(draw.integers(150, 420))))
    return on | raster(nights, first, len(on)), load
