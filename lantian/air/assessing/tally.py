"""The index of every day of many places at once, and how many of them were good or heavy. Pure.

The same numbers as `assess` finds day by day for one place; a country's year takes a tenth of a second.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lantian.air.assessing.days import EIGHT_HOURS, Days
from lantian.air.assessing.hours import DECIMALS, not_below_zero
from lantian.standards import arrays
from lantian.standards.air_index import report_items
from lantian.standards.arrays import MISSING, AirIndexArrays, index_decimals
from lantian.standards.arrays.scale import Whole

HIGHEST_HOUR = "O3_1h"


@dataclass(frozen=True, slots=True)
class Tally:
    """Days of each place [place]: `with_index` have a published index, `good` and `heavy` of them are that."""

    places: tuple[str, ...]
    with_index: NDArray[np.int64]
    good: NDArray[np.int64]
    heavy: NDArray[np.int64]


def day_indices(days: Days) -> AirIndexArrays:
    """Return the index of every day [place, day] from its valid values; ozone's highest hour counts where its 8-hour value does."""
    law = days.law
    values: dict[str, Whole] = {}
    decimals: dict[str, int] = {}
    for code, one in days.daily.items():
        decimals[code] = index_decimals(law, code)
        values[code] = np.where(one.valid, one.value.rounded(decimals[code]), MISSING)
    if HIGHEST_HOUR in report_items(law, "day"):
        decimals[HIGHEST_HOUR] = DECIMALS
        values[HIGHEST_HOUR] = np.where(days.daily[EIGHT_HOURS].valid, days.highest_hour, MISSING)
    return arrays.aqi(law, "day", {code: not_below_zero(one) for code, one in values.items()}, decimals)


def tally(days: Days) -> Tally:
    """Count the days of all places."""
    rules = days.law.assessment_rules
    index = day_indices(days).aqi
    there = index != MISSING
    return Tally(
        places=days.places,
        with_index=there.sum(axis=-1, dtype=np.int64),
        good=(there & (index <= rules.whole("good_day.at_most"))).sum(axis=-1, dtype=np.int64),
        heavy=(there & (index > rules.whole("heavy_day.above"))).sum(axis=-1, dtype=np.int64),
    )
