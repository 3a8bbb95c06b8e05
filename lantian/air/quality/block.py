"""Hours of several subjects as one array, and steps in time on it that leave missing values missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lantian.standards.arrays import MISSING

Whole = NDArray[np.int64]
Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]
HOURS = 24


@dataclass(frozen=True, slots=True)
class Block:
    """`values[subject, pollutant, hour]` in thousandths of the unit, MISSING for none.

    The first hour is hour 1 of a local day (the one that begins at midnight), hours follow each other without a gap.
    `neighbours`: for a subject the positions of those that it is compared with.
    """

    subjects: tuple[str, ...]
    pollutants: tuple[str, ...]
    values: Whole
    neighbours: Mapping[int, tuple[int, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.values.shape[:2] != (len(self.subjects), len(self.pollutants)) or self.values.shape[2] % HOURS:
            raise ValueError("values are [subject, pollutant, hour], of whole days")

    @property
    def there(self) -> Mask:
        found: Mask = self.values != MISSING
        return found

    def without(self, void: Mask) -> Block:
        """The same hours, void ones missing."""
        return Block(self.subjects, self.pollutants, np.where(void, MISSING, self.values), self.neighbours)

    def floats(self) -> Floats:
        """Values in thousandths as floats, NaN for none: exact below 2**53."""
        return np.where(self.there, self.values, np.nan).astype(np.float64)


def shifted(values: Floats, hours: int) -> Floats:
    """Return for every hour the value `hours` later (negative: earlier), NaN beyond the ends."""
    found = np.full_like(values, np.nan)
    if hours == 0:
        found[...] = values
    elif abs(hours) < values.shape[-1]:
        if hours > 0:
            found[..., :-hours] = values[..., hours:]
        else:
            found[..., -hours:] = values[..., :hours]
    return found


def run_lengths(mask: Mask) -> NDArray[np.int64]:
    """Return for every true hour the length of the run of true hours that it lies in, 0 for the others.

    >>> run_lengths(np.array([True, True, False, True])).tolist()
    [2, 2, 0, 1]
    """
    flat = mask.reshape(-1, mask.shape[-1])
    padded = np.zeros((flat.shape[0], flat.shape[1] + 2), dtype=np.int8)
    padded[:, 1:-1] = flat
    step = np.diff(padded, axis=1)
    row, first = np.nonzero(step == 1)
    _, until = np.nonzero(step == -1)
    lengths = until - first
    found = np.zeros(flat.shape, dtype=np.int64)
    # Every run's hours are its row and its first hour plus 0, 1, … length - 1.
    within = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    found[np.repeat(row, lengths), np.repeat(first, lengths) + within] = np.repeat(lengths, lengths)
    return found.reshape(mask.shape)
