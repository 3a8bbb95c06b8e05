"""Random numbers that depend on seed, name and time only, never on the window that is asked for.

Minutes are counted on the city's clock from 1970-01-01 00:00. White noise is drawn day by day, slow noise by knots; a
first-order lag runs from the beginning of its input, so callers put a day before what they keep.
"""

from __future__ import annotations

import zlib
from functools import lru_cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Whole = NDArray[np.int64]
DAY = 1440
_BLOCK = 512
_STEPS = {"types": 5**0.5 / 2 - 0.5, "cheating": 2**0.5, "minutely": 3**0.5}


def generator(seed: int, name: str, number: int = 0) -> np.random.Generator:
    """Return a stream of random numbers of its own for a name and a number."""
    return np.random.default_rng([seed, zlib.crc32(name.encode()), number % 2**32])


def between(draw: np.random.Generator, span: tuple[float, float]) -> float:
    """Draw a number between two ends."""
    return float(draw.uniform(span[0], span[1]))


def spread(seed: int, name: str, index: int) -> float:
    """Return number `index` of a sequence in 0..1 that covers it evenly for every length (steps of an irrational number,
    another for every name, so that two names are independent)."""
    return float((index * _STEPS[name] + generator(seed, name).uniform()) % 1.0)


def white(seed: int, name: str, first: int, n: int, rows: int) -> NDArray[np.float32]:
    """Return independent standard normal numbers [row, minute] for the `n` minutes from `first` on (whole days)."""
    days = range(first // DAY, (first + n - 1) // DAY + 1)
    drawn = [generator(seed, name, day).standard_normal((rows, DAY), dtype=np.float32) for day in days]
    low = first - days[0] * DAY
    return np.concatenate(drawn, axis=1)[:, low : low + n]


@lru_cache(maxsize=4096)
def _knots(seed: int, name: str, block: int) -> Floats:
    found: Floats = generator(seed, name, block).standard_normal(_BLOCK)
    return found


def slow(seed: int, name: str, first: int, n: int, step: int) -> Floats:
    """Return smooth noise of about unit spread for `n` minutes: normal knots every `step` minutes, straight between."""
    low, high = first // step, (first + n) // step + 2
    blocks = range(low // _BLOCK, high // _BLOCK + 1)
    knots = np.concatenate([_knots(seed, name, one) for one in blocks])[low - blocks[0] * _BLOCK :][: high - low]
    at = (first - low * step + np.arange(n)) / step
    found: Floats = np.interp(at, np.arange(len(knots)), knots)
    return found


def steps(seed: int, name: str, first: int, n: int, step: int) -> Floats:
    """Return normal numbers that stay for `step` minutes each and then jump: batches of coal, settings of people."""
    low, high = first // step, (first + n) // step + 1
    blocks = range(low // _BLOCK, high // _BLOCK + 1)
    knots = np.concatenate([_knots(seed, name, one) for one in blocks])[low - blocks[0] * _BLOCK :]
    found: Floats = knots[(first + np.arange(n)) // step - low]
    return found


def lag(values: NDArray[np.floating], minutes: float) -> Floats:
    """Return a first-order lag of values by a time constant."""
    alpha = 1 - float(np.exp(-1 / minutes))
    return pl.Series(np.asarray(values, dtype=np.float64)).ewm_mean(alpha=alpha, adjust=False).to_numpy()


def wander(drawn: NDArray[np.float32], minutes: float) -> Floats:
    """Return noise of unit spread that remembers about `minutes`, made from white noise."""
    alpha = 1 - float(np.exp(-1 / minutes))
    found: Floats = lag(drawn, minutes) * np.sqrt((2 - alpha) / alpha)
    return found


def raster(intervals: list[tuple[int, int]], first: int, n: int) -> Bools:
    """Return which of `n` minutes from `first` on lie in some interval [start, end)."""
    change = np.zeros(n + 1, dtype=np.int64)
    for start, end in intervals:
        low, high = min(max(start - first, 0), n), min(max(end - first, 0), n)
        if high > low:
            change[low] += 1
            change[high] -= 1
    found: Bools = np.cumsum(change[:n]) > 0
    return found


def intervals(on: Bools, first: int) -> list[tuple[int, int]]:
    """Return the runs [start, end) of true minutes."""
    edge = np.flatnonzero(np.diff(np.concatenate(([False], on, [False])).astype(np.int8)))
    return [(first + int(a), first + int(b)) for a, b in zip(edge[::2], edge[1::2], strict=True)]


def widened(on: Bools, before: int, after: int) -> Bools:
    """Return runs that begin `before` minutes earlier and end `after` minutes later (negative: later, earlier)."""
    return raster([(a - before, b + after) for a, b in intervals(on, 0)], 0, len(on))
