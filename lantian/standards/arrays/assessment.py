"""City values, comparison with limits, change and dust hours of many series at once."""

from __future__ import annotations

import numpy as np

from lantian.standards.arrays.scale import MISSING, Flags, RatioArray, Whole
from lantian.standards.arrays.statistics import StatisticArray, mean
from lantian.standards.attainment import assessed_decimals
from lantian.standards.pollutants import pollutant
from lantian.standards.regimes import Regime
from lantian.standards.rules import Edition


def city_value(law: Regime, stations: Whole, decimals: int) -> StatisticArray:
    """City values: the mean over the last axis (evaluation stations), valid with 75 % of them; raises ValueError."""
    count = stations.shape[-1]
    if not count:
        raise ValueError("a city value needs at least one evaluation station")
    found = mean(stations, decimals)
    share = law.assessment_rules.whole("city.station_share")
    return StatisticArray(found.value, found.n, (found.n > 0) & (100 * found.n >= share * count))


def attains(law: Regime, name: str, values: RatioArray, period: str, *, grade: str) -> Flags:
    """Tell which statistics keep a limit (period year, day, 8h or hour) after rounding; False where there is no value.

    Raises NoSuchEntryError where the regime has no such limit, ValueError for a negative statistic.
    """
    code = pollutant(name).code
    if ((values.numerator < 0) & values.there).any():
        raise ValueError(f"a statistic of {code} is negative")
    places = assessed_decimals(law, code)
    limit = law.limit(code, period, grade).value * 10**places
    if limit != limit.to_integral_value():
        raise ValueError(f"the limit of {code} has more decimals than its assessed statistic")
    keeps: Flags = values.there & (values.rounded(places) <= int(limit))
    return keeps


def change(now: Whole, before: Whole) -> RatioArray:
    """Change in per cent of figures with the same number of decimals; MISSING where one is missing or `before` is 0."""
    gone = (now == MISSING) | (before == MISSING) | (before <= 0)
    base = np.where(gone, 1, before)
    top = np.where(gone, MISSING, (np.where(gone, 0, now) - base) * 100)
    return RatioArray(top, base, 0)


def dust_hours(rules: Edition, pm10: Whole, decimals: int) -> Flags:
    """Mark dust hours as `dust.dust_hours` does; the last axis is time, gap-free, the others are series."""
    window, least = rules.whole("window"), rules.whole("window.at_least")
    start, above, end = (rules.number(key) for key in ("start.ratio", "start.above", "end.ratio"))
    (start_top, start_bottom), (end_top, end_bottom) = start.as_integer_ratio(), end.as_integer_ratio()
    threshold = int(above * 10**decimals)
    there = pm10 != MISSING
    amounts = np.where(there, pm10, 0)
    marks = np.zeros(pm10.shape, dtype=np.bool_)
    total = np.zeros(pm10.shape[:-1], dtype=np.int64)  # sum and count of the hours before the storm that is going on
    count = np.zeros(pm10.shape[:-1], dtype=np.int64)
    for hour in range(pm10.shape[-1]):
        now, here = amounts[..., hour], there[..., hour]
        storm = count > 0
        over = storm & here & (now * count * end_bottom <= total * end_top)
        past = slice(max(0, hour - window), hour)
        sums, counts = amounts[..., past].sum(axis=-1), there[..., past].sum(axis=-1)
        enough = here & (counts >= least) & (now > threshold)
        begins = ~storm & enough & (now * counts * start_bottom >= sums * start_top)
        total = np.where(begins, sums, np.where(over, 0, total))
        count = np.where(begins, counts, np.where(over, 0, count))
        marks[..., hour] = count > 0
    return marks
