"""What goes wrong with instruments, planned month by month so that it is known where quality control has to find it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lantian.air.synthetic.noise import generator
from lantian.air.synthetic.values import POLLUTANTS, Site

Whole = NDArray[np.int64]
ALL = "*"
CALIBRATION = "calibration"
_EPOCH = dt.date(1970, 1, 1)
_APART = 8  # hours between two faults of a station, so that each can be told from the others
_GASES = ("SO2", "NO2", "CO", "O3")
# Share of months with a daily zero that is not marked, for so many days, of these (their zero is far from their usual value).
_UNMARKED, _ZERO_DAYS, _ZEROED = 0.05, 14, ("NO2", "O3")
_FINE, _COARSE = POLLUTANTS.index("PM2.5"), POLLUTANTS.index("PM10")


@dataclass(frozen=True, slots=True)
class Kind:
    """How often in a station's month (expected), and how long in hours (least, most)."""

    name: str
    often: float
    least: int
    most: int
    quantities: tuple[str, ...]


# In the order of planning: long ones find room first.
KINDS = (
    Kind("offline", 0.04, 24, 120, (ALL,)),
    Kind("neighbours", 0.08, 24, 60, ("SO2", "NO2", "PM10", "PM2.5")),
    Kind("stuck", 0.20, 26, 40, POLLUTANTS),
    Kind("order", 0.25, 1, 5, ("PM2.5",)),
    Kind("negative", 0.20, 1, 3, ("SO2", "NO2", "O3", "PM2.5")),
    Kind("spike", 0.40, 1, 1, ("SO2", "NO2", "O3", "PM10")),
    Kind("range", 0.03, 1, 2, ("SO2", "NO2", "O3")),
    Kind("gap", 2.50, 1, 6, (ALL, *POLLUTANTS)),
)
CITY_KINDS = (Kind("gap", 0.8, 1, 4, (ALL,)),)


@dataclass(frozen=True, slots=True)
class Label:
    """A planted fault: hours `first` to `last`, both included, counted from 1970 in UTC. `quantity` may be ALL.

    `flagged`: the instrument itself said so (only calibration).
    """

    source: str
    quantity: str
    kind: str
    first: int
    last: int
    flagged: bool = False

    def covers(self, quantity: str) -> bool:
        return self.quantity in (quantity, ALL)


def months(first: int, last: int, offset: int) -> Iterator[tuple[int, int]]:
    """Yield the local months that touch the hours from `first` to `last`, as (first hour, first hour after it)."""
    day = (_EPOCH + dt.timedelta(hours=first + offset)).replace(day=1)
    while (begin := _hour(day, offset)) <= last:
        day = (day + dt.timedelta(days=32)).replace(day=1)
        yield begin, _hour(day, offset)


def _hour(day: dt.date, offset: int) -> int:
    return (day - _EPOCH).days * 24 - offset


def planned(seed: int, site: Site, begin: int, end: int) -> list[Label]:
    """Return the faults of a site in the month of hours `begin` to `end` - 1, none near another.

    A city's values are made from many stations: now and then they are lacking, nothing else goes wrong.
    """
    source = site.source
    kinds = KINDS if site.instruments else CITY_KINDS
    drawn = generator(seed, f"{source} faults", begin)
    taken = np.zeros(end - begin, dtype=bool)
    found = list(_calibrations(source, begin, end, drawn, taken)) if site.instruments else []
    for kind in kinds:
        for _ in range(int(drawn.poisson(kind.often))):
            label = _placed(kind, source, begin, drawn, taken)
            found += [label] if label else []
    return sorted(found, key=lambda one: (one.first, one.quantity))


def _calibrations(
    source: str, begin: int, end: int, drawn: np.random.Generator, taken: NDArray[np.bool_]
) -> Iterator[Label]:
    """Every week the gases are compared with a standard and the hour is marked. Now and then an instrument checks its
    zero every day and nobody has set the mark."""
    for at in range(int(drawn.integers(_APART, 7 * 24)), end - begin, 7 * 24):
        _take(taken, at, at)
        yield from (Label(source, gas, CALIBRATION, begin + at, begin + at, flagged=True) for gas in _GASES)
    if drawn.uniform() > _UNMARKED:
        return
    gas = _ZEROED[int(drawn.integers(len(_ZEROED)))]
    for at in range(int(drawn.integers(_APART, 10 * 24)), end - begin, 24)[:_ZERO_DAYS]:
        if not taken[at]:
            taken[max(0, at - 2) : at + 3] = True
            yield Label(source, gas, CALIBRATION, begin + at, begin + at)


def _placed(kind: Kind, source: str, begin: int, drawn: np.random.Generator, taken: NDArray[np.bool_]) -> Label | None:
    quantity = kind.quantities[int(drawn.integers(len(kind.quantities)))]
    length = int(drawn.integers(kind.least, kind.most + 1))
    for at in drawn.integers(_APART, len(taken) - length - _APART, 20):
        if not taken[at : at + length].any():
            _take(taken, int(at), int(at) + length - 1)
            return Label(source, quantity, kind.name, begin + int(at), begin + int(at) + length - 1)
    return None


def _take(taken: NDArray[np.bool_], first: int, last: int) -> None:
    taken[max(0, first - _APART) : last + _APART + 1] = True


def spoil(steps: Whole, there: NDArray[np.bool_], first: int, label: Label, seed: int) -> None:
    """Change the values [pollutant, hour] of a station (in steps, from the hour `first`) as a fault says.

    `first` must not be after the label's: what is stuck is stuck at the value before.
    """
    low, high = max(label.first - first, 0), label.last - first + 1
    rows = [at for at, code in enumerate(POLLUTANTS) if label.covers(code)]
    drawn = generator(seed, f"{label.source} {label.kind} {label.quantity}", label.first)
    if label.kind in ("gap", "offline"):
        there[rows, low:high] = False
        return
    if label.kind == CALIBRATION and label.flagged:
        steps[rows[0], low:high] = int(drawn.integers(380, 420))
    else:
        _CHANGES[label.kind](steps, rows[0], slice(low, high), drawn)


def _stuck(steps: Whole, row: int, at: slice, drawn: np.random.Generator) -> None:
    steps[row, at] = steps[row, at.start]


def _spike(steps: Whole, row: int, at: slice, drawn: np.random.Generator) -> None:
    steps[row, at] = steps[row, at] * int(drawn.integers(5, 9)) + 350


def _negative(steps: Whole, row: int, at: slice, drawn: np.random.Generator) -> None:
    steps[row, at] = -drawn.integers(2, 12, at.stop - at.start)


def _order(steps: Whole, row: int, at: slice, drawn: np.random.Generator) -> None:
    more = drawn.uniform(1.15, 1.6, at.stop - at.start)
    steps[_FINE, at] = np.rint(steps[_COARSE, at] * more).astype(np.int64) + 8


def _neighbours(steps: Whole, row: int, at: slice, drawn: np.random.Generator) -> None:
    moved = steps[row, at] * int(drawn.integers(3, 5)) + 60
    steps[row, at] = moved
    if row == _FINE:  # both come from one inlet: the order of the two stays right
        steps[_COARSE, at] = np.maximum(steps[_COARSE, at], moved + 5)


def _range(steps: Whole, row: int, at: slice, drawn: np.random.Generator) -> None:
    steps[row, at] = int(drawn.integers(1500, 2000))


def _zero(steps: Whole, row: int, at: slice, drawn: np.random.Generator) -> None:
    steps[row, at] = int(drawn.integers(0, 3))


_CHANGES: dict[str, Callable[[Whole, int, slice, np.random.Generator], None]] = {
    "stuck": _stuck,
    "spike": _spike,
    "negative": _negative,
    "order": _order,
    "neighbours": _neighbours,
    "range": _range,
    CALIBRATION: _zero,
}
