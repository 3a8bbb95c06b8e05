"""Random numbers that depend on seed, name and hour only, whatever period is asked for. Hours count from 1970 in UTC."""

from __future__ import annotations

import zlib
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_BLOCK = 4096


def generator(seed: int, name: str, number: int) -> np.random.Generator:
    """Return a stream of random numbers of its own for a name and a number (a month, a block of hours)."""
    return np.random.default_rng([seed, zlib.crc32(name.encode()), number % 2**32])


def white(seed: int, name: str, first: int, n: int) -> Floats:
    """Return `n` independent standard normal numbers for the hours from `first` on."""
    blocks = range(first // _BLOCK, (first + n - 1) // _BLOCK + 1)
    drawn = np.concatenate([generator(seed, name, one).standard_normal(_BLOCK) for one in blocks])
    begin = first - blocks[0] * _BLOCK
    return drawn[begin : begin + n]


def smooth(seed: int, name: str, first: int, n: int, hours: float) -> Floats:
    """Return standard normal numbers that remember about `hours`: a sum over the past, weighted exponentially.

    The past is cut after six times `hours`, so that a number depends on nothing that came before.
    """
    kernel = _kernel(hours)
    drawn = white(seed, name, first - len(kernel) + 1, n + len(kernel) - 1)
    found: Floats = np.convolve(drawn, kernel, mode="valid")
    return found


@lru_cache(maxsize=16)
def _kernel(hours: float) -> Floats:
    weights = np.exp(-np.arange(int(6 * hours)) / hours)
    scaled: Floats = weights / np.sqrt((weights**2).sum())
    return scaled
