"""Values of a place out of those of its stations: the mean of the stations that have one, when enough of them do.

Arrays hold whole numbers (see `lantian.standards.arrays`); the first axis is the stations. A station that is in service
and has no data at all still counts among those that should have some.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import lcm

import numpy as np
from numpy.typing import NDArray

from lantian.standards.arrays import MISSING, RatioArray
from lantian.standards.arrays.scale import round_ratio
from lantian.standards.regimes import Regime

Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]

# A sum of so many daily values, times 100 for percentiles, still fits into 64 bits below this.
_ROOM = 2**62 // (366 * 100)
# What a daily value is held in where its exact fraction would need more room: a millionth of its last decimal.
_FINE = 10**6


@dataclass(frozen=True, slots=True)
class Combined:
    """A place's values, how many of its stations had one, and whether these were enough."""

    value: RatioArray
    n: Whole
    valid: Flags


def enough(law: Regime, n: Whole, expected: Whole) -> Flags:
    """Tell where `n` of `expected` stations suffice (75 % by HJ 663): never without a station."""
    share = law.assessment_rules.whole("city.station_share")
    found: Flags = (n > 0) & (100 * n >= share * expected)
    return found


def hours_of_place(law: Regime, values: Whole, serves: Flags, expected: Whole) -> tuple[Whole, Whole]:
    """Return a place's hours [pollutant, day, hour] and the number of stations with a value, from [station, pollutant, day, hour].

    `serves[station, day]`: which stations count on which day; `expected[day]`: how many should. Values are rounded half
    to even to the decimals of the input, MISSING where too few stations have one.
    """
    there = (values != MISSING) & serves[:, None, :, None]
    n = there.sum(axis=0, dtype=np.int64)
    total = np.where(there, values, 0).sum(axis=0, dtype=np.int64)
    valid = enough(law, n, expected[None, :, None])
    return np.where(valid, round_ratio(total, np.maximum(n, 1)), MISSING), n


def days_of_place(law: Regime, value: RatioArray, valid: Flags, serves: Flags, expected: Whole) -> Combined:
    """Return a place's daily values [day] from its stations' [station, day]: the mean of the stations' valid ones.

    Exact, unless the fraction would not fit: then to a millionth of the last decimal.
    """
    counted = valid & value.there & serves
    n = counted.sum(axis=0, dtype=np.int64)
    bottoms = np.broadcast_to(value.denominator, counted.shape)
    common = lcm(*(int(one) for one in np.unique(bottoms[counted])))
    factor = common // np.where(counted, bottoms, 1)
    total = np.where(counted, np.where(counted, value.numerator, 0) * factor, 0).sum(axis=0, dtype=np.int64)
    some = n > 0
    ratio = RatioArray(np.where(some, total, MISSING), np.where(some, n * common, 1), value.decimals)
    return Combined(roomy(ratio, some), n, some & enough(law, n, expected))


def highest_of_place(values: Whole, counted: Flags) -> Whole:
    """Return the mean [day] of the stations' highest hours [station, day] over those that count, MISSING for none."""
    there = counted & (values != MISSING)
    n = there.sum(axis=0, dtype=np.int64)
    total = np.where(there, values, 0).sum(axis=0, dtype=np.int64)
    return np.where(n > 0, round_ratio(total, np.maximum(n, 1)), MISSING)


def roomy(value: RatioArray, valid: Flags) -> RatioArray:
    """Return daily values that can be brought to one denominator and added up over a year within 64 bits.

    They are left as they are where that is so; else rounded half to even to a millionth of their last decimal.
    """
    bottoms = np.broadcast_to(value.denominator, valid.shape)
    used = np.unique(bottoms[valid])
    common = lcm(*(int(one) for one in used)) if len(used) else 1
    whole_units = np.abs(value.numerator[valid]) // np.maximum(bottoms[valid], 1)
    largest = int(whole_units.max()) if whole_units.size else 0
    if common * (largest + 1) < _ROOM:
        return value
    top, bottom = np.where(valid, value.numerator, 0), np.where(valid, bottoms, 1)
    whole, rest = np.divmod(top, bottom)
    fine = whole * _FINE + round_ratio(rest * _FINE, bottom)
    return RatioArray(np.where(valid, fine, MISSING), np.full(fine.shape, _FINE, dtype=np.int64), value.decimals)
