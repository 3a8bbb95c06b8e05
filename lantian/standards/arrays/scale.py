"""Scaled whole numbers: how concentrations are held in arrays, and rounding half to even on them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Whole: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]
MISSING = int(np.iinfo(np.int64).min)


@dataclass(frozen=True, slots=True)
class RatioArray:
    """Exact fractions: numerator / (denominator * 10^decimals); a numerator of MISSING is no value."""

    numerator: Whole
    denominator: Whole
    decimals: int

    @property
    def there(self) -> Flags:
        found: Flags = self.numerator != MISSING
        return found

    def rounded(self, places: int) -> Whole:
        """Round half to even to `places` decimals; the result is scaled by 10^places, MISSING stays."""
        if places >= self.decimals:
            top, bottom = times(self.numerator, 10 ** (places - self.decimals)), self.denominator
        else:
            top, bottom = self.numerator, self.denominator * 10 ** (self.decimals - places)
        return kept(self.numerator, round_ratio(top, bottom))

    def floats(self) -> NDArray[np.float64]:
        """The nearest floats, NaN for no value; for charts, not for rules."""
        value = self.numerator / (self.denominator * 10.0**self.decimals)
        return np.where(self.there, value, np.nan)

    def fraction(self, *index: int) -> Fraction | None:
        """One element, exact; None for no value."""
        top = int(self.numerator[index])
        if top == MISSING:
            return None
        bottom = int(np.broadcast_to(self.denominator, self.numerator.shape)[index])
        return Fraction(top, bottom * 10**self.decimals)


def scaled(values: ArrayLike, decimals: int) -> Whole:
    """Turn floats that were read from decimal texts into scaled whole numbers; NaN becomes MISSING.

    Raises ValueError for infinity, and for a float that is no decimal of so many decimals: cutting it would be a guess.

    >>> scaled([2.35, float("nan")], 2)[0]
    np.int64(235)
    """
    raw = np.asarray(values, dtype=np.float64)
    gone = np.isnan(raw)
    large = np.where(gone, 0.0, raw) * 10.0**decimals
    if np.isinf(large).any() or (np.abs(large) > 1e14).any():
        raise ValueError("a value is infinite or too large to be held exactly")
    whole = np.rint(large)
    # What a float near this decimal may be off by after the multiplication, far below the distance of two decimals.
    tolerance = 1e-6 + np.abs(large) * 1e-15
    if (off := np.abs(large - whole) > tolerance).any():
        first = raw[off].flat[0]
        raise ValueError(f"{first!r} has more than {decimals} decimals; say how many it has, or round it first")
    return np.where(gone, MISSING, whole.astype(np.int64))


def from_decimals(values: Collection[Decimal | int | str | None], decimals: int) -> Whole:
    """Turn decimals into scaled whole numbers, None into MISSING; raises ValueError for more decimals than said."""
    found = []
    for value in values:
        number = None if value is None else Fraction(value) * 10**decimals
        if number is not None and number.denominator != 1:
            raise ValueError(f"{value} has more than {decimals} decimals")
        found.append(MISSING if number is None else int(number))
    return np.array(found, dtype=np.int64)


def kept(like: Whole, result: Whole) -> Whole:
    """Return `result`, MISSING where `like` is."""
    return np.where(like == MISSING, MISSING, result)


def times(values: Whole, factor: int) -> Whole:
    """Multiply, leaving MISSING alone (it would overflow)."""
    return np.where(values == MISSING, MISSING, np.where(values == MISSING, 0, values) * factor)


def round_ratio(top: Whole, bottom: Whole | int) -> Whole:
    """Round top / bottom to the nearest whole number, half to even; bottom is above 0."""
    whole, rest = np.divmod(np.where(top == MISSING, 0, top), bottom)
    up = (2 * rest > bottom) | ((2 * rest == bottom) & (whole % 2 == 1))
    rounded: Whole = whole + up
    return rounded


def round_scaled(values: Whole, have: int, want: int) -> Whole:
    """Round scaled numbers from `have` to `want` decimals, half to even; the result is scaled by 10^want.

    >>> round_scaled(np.array([25, 35, 251]), 1, 0).tolist()
    [2, 4, 25]
    """
    if want >= have:
        return times(values, 10 ** (want - have))
    return kept(values, round_ratio(values, 10 ** (have - want)))
