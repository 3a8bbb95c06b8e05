"""The same rules on NumPy arrays: whole numbers only, so every result equals the scalar functions' exactly.

A concentration with `decimals` decimals is held as int64 times 10^decimals (2.35 mg/m3 with 2 decimals is 235); MISSING
stands for no value. Means and percentiles come back as a RatioArray, numerator over denominator, and are rounded once.
Arrays may have any shape; statistics reduce the last axis. Values up to 10^6 with up to 6 decimals cannot overflow.
"""

from lantian.standards.arrays.assessment import attains, change, city_value, dust_hours
from lantian.standards.arrays.index import AirIndexArrays, aqi, iaqi, index_decimals, round_concentrations
from lantian.standards.arrays.scale import MISSING, RatioArray, from_decimals, round_scaled, scaled
from lantian.standards.arrays.statistics import (
    StatisticArray,
    composite_index,
    count,
    day_mean,
    mda8,
    mean,
    percentile,
    rank,
)

__all__ = [
    "MISSING",
    "AirIndexArrays",
    "RatioArray",
    "StatisticArray",
    "aqi",
    "attains",
    "change",
    "city_value",
    "composite_index",
    "count",
    "day_mean",
    "dust_hours",
    "from_decimals",
    "iaqi",
    "index_decimals",
    "mda8",
    "mean",
    "percentile",
    "rank",
    "round_concentrations",
    "round_scaled",
    "scaled",
]
