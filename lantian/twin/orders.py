"""Warnings over the invented city and what they demand of plants: the orders of the register."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from lantian.twin.design import Design
from lantian.twin.noise import DAY, between, generator
from lantian.twin.specs import data, span

_TEN = 10 * DAY


@dataclass(frozen=True, slots=True)
class Warning:
    """A warning: level and minutes [start, end)."""

    level: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Demand:
    """What a plant is ordered: stop (share 0) or limit to a share of normal; lines: numbers, empty for all of them.
    `end` of a closure is far away."""

    id: str
    kind: str
    start: int
    end: int
    share: float = 0.0
    lines: tuple[int, ...] = ()


FOREVER = 2**31


def warnings(seed: int, low: int, high: int) -> tuple[Warning, ...]:
    """Return the warnings that touch the minutes `low` to `high`, in time."""
    blocks = range(low // _TEN - 1, high // _TEN + 1)
    found = [one for block in blocks for one in _of_block(seed, block)]
    return tuple(one for one in found if one.end > low and one.start < high)


@lru_cache(maxsize=1024)
def _of_block(seed: int, block: int) -> tuple[Warning, ...]:
    rules, draw = data("orders"), generator(seed, "warnings", block)
    found: list[Warning] = []
    for _ in range(int(draw.poisson(rules["often"]))):
        day, start = int(draw.integers(0, 5)), int(rules["starts"][int(draw.integers(len(rules["starts"])))])
        begin = block * _TEN + day * DAY + start
        level = str(rules["levels"][int(draw.integers(len(rules["levels"])))])
        end = begin + 60 * round(between(draw, span(rules["hours"])))
        if all(end < one.start or begin > one.end for one in found):
            found.append(Warning(level, begin, end))
    return tuple(sorted(found, key=lambda one: one.start))


def demands(design: Design, low: int, high: int) -> tuple[Demand, ...]:
    """Return the orders on a plant that touch the minutes `low` to `high`."""
    if design.closed:
        start = generator(design.seed, "closing").integers(200, 400)
        return (Demand(f"{design.code}-close", "close", -int(start) * DAY, FOREVER),)
    return tuple(_demands(design, low, high))


def _demands(design: Design, low: int, high: int) -> Iterator[Demand]:
    rules = data("orders")
    for one in warnings(design.seed, low, high):
        asked = rules[one.level].get(design.plant.grade)
        if asked is None:
            continue
        count, number = len(design.duties), f"{design.code}-{one.start // 60}"
        if "stop" in asked and design.kind.id not in rules["no_stop"]["types"]:
            lines = tuple(range(max(1, round(count * asked["stop"]))))
            if len(lines) == count and asked["stop"] < 1:  # a single line cannot stop by half
                yield Demand(number, "limit", one.start, one.end, asked.get("limit", asked["stop"]))
                continue
            yield Demand(number, "stop", one.start, one.end, 0.0, () if len(lines) == count else lines)
        else:
            share = asked.get("limit", rules["no_stop"]["share"])
            yield Demand(number, "limit", one.start, one.end, float(share))
