"""The course of the day in two periods, hour by hour."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from lantian.air.profiles.cells import Cell, by_hour
from lantian.air.profiles.values import Values
from lantian.standards.ranking import change


@dataclass(frozen=True, slots=True)
class HourPair:
    """One hour of the day on both sides; difference (now - before) and change in per cent of the means, exact."""

    hour: int
    now: Cell
    before: Cell

    @property
    def difference(self) -> Fraction | None:
        """How much higher the mean is now; None where one side has too few values."""
        if self.now.mean is None or self.before.mean is None:
            return None
        return self.now.mean - self.before.mean

    @property
    def change(self) -> Fraction | None:
        """The change in per cent of the side before; None where that is 0 or a side has too few values."""
        if self.now.mean is None or not self.before.mean:
            return None
        return change(self.now.mean, self.before.mean)


def compare_hours(now: Values, before: Values) -> tuple[HourPair, ...]:
    """Return the 24 hours of the day of two periods of one item; raises ValueError for two different items."""
    if now.item != before.item:
        raise ValueError(f"{now.item} cannot be compared with {before.item}")
    mine, other = by_hour(now), by_hour(before)
    return tuple(HourPair(hour, mine[hour], other[hour]) for hour in mine)
