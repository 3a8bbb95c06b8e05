"""Days of a place made by hand: constant or given daily values, without hours behind them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

import numpy as np

from lantian.air.targets.days import PlaceDays, Values
from lantian.air.targets.model import Target, statistic_named
from lantian.standards.arrays import MISSING
from lantian.standards.pollutants import core_codes

QUIET = {"SO2": 20, "NO2": 30, "CO": 1, "O3": 100, "PM10": 60, "PM2.5": 30}


def made(first: dt.date, values: dict[str, Sequence[int | None]] | None = None, n: int = 365, **index) -> PlaceDays:
    """Days from `first`: whole numbers by pollutant (None = missing), the rest quiet; good= and heavy= are flags by day."""
    given = values or {}
    n = len(next(iter(given.values()), range(n)))
    tops = {code: given.get(code, [QUIET[code]] * n) for code in core_codes()}
    series = {
        code: Values(np.array([MISSING if one is None else one for one in row], dtype=np.int64), 1)
        for code, row in tops.items()
    }
    good = np.array(index.get("good", [True] * n), dtype=np.bool_)
    heavy = np.array(index.get("heavy", [False] * n), dtype=np.bool_)
    numbers = np.where(good, 60, np.where(heavy, 250, 120)).astype(np.int64)
    numbers = np.where(np.array(index.get("there", [True] * n), dtype=np.bool_), numbers, MISSING)
    there = numbers != MISSING
    return PlaceDays("甲", first, series, numbers, good & there, heavy & there)


def aim(code: str, value: object, comparator: str = "", year: int = 2021) -> Target:
    statistic = statistic_named(code)
    return Target(
        f"{code}-test", "1", year, statistic, comparator or statistic.comparator, Decimal(str(value)), "a test"
    )
