"""Hourly series with gaps, and the statistics of them computed another way (pandas, fractions)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

import numpy as np
import pandas as pd

from lantian.observations.statistics import DayRule, Decimals, HourRules, WindowRule

OFFSET = dt.timedelta(hours=8)
HOUR = dt.timedelta(hours=1)
RULES = HourRules("test.1", OFFSET, 6, excluded=("void",))
DAY = DayRule(20, Decimals(0, {"CO": 1}))
WINDOW = WindowRule(8, 6, 8, 24, 14, Decimal(160), Decimals(0))
UNITS = {"PM2.5": "µg/m3", "O3": "µg/m3", "CO": "mg/m3"}


def make(days: int, *, sources: tuple[str, ...] = ("s1", "s2"), seed: int = 1, gaps: float = 0.12) -> pd.DataFrame:
    """Return source, quantity, hour (local, end of it is the label), value; some hours lack, some days mostly."""
    rng = np.random.default_rng(seed)
    hours = pd.date_range("2019-11-30 00:00", periods=days * 24, freq="h")
    frames = []
    for source in sources:
        for quantity in UNITS:
            spread = rng.gamma(2.0, 40.0, len(hours))
            value = np.round(spread / 50, 2) if quantity == "CO" else np.round(spread)
            bad_days = rng.random(days) < 0.1
            lost = np.where(np.repeat(bad_days, 24), 0.5, gaps)
            keep = rng.random(len(hours)) >= lost
            frame = pd.DataFrame({"source": source, "quantity": quantity, "hour": hours, "value": value})
            frames.append(frame[keep])
    return pd.concat(frames, ignore_index=True)


def as_rows(frame: pd.DataFrame) -> list[dict]:
    """Rows for the store."""
    found = []
    for source, quantity, hour, value in frame.itertuples(index=False):
        begin = (hour.to_pydatetime() - OFFSET).replace(tzinfo=dt.UTC)
        found.append(
            {
                "source": source, "quantity": quantity, "place": "p", "valid_from": begin, "valid_to": begin + HOUR,
                "value": float(value), "unit": UNITS[quantity],
            }
        )  # fmt: skip
    return found


def half_even(number: Fraction, decimals: int) -> Decimal:
    step = Decimal(1).scaleb(-decimals)
    exact = Decimal(number.numerator) / Decimal(number.denominator)
    return exact.quantize(step, ROUND_HALF_EVEN)


def fraction(value: float) -> Fraction:
    return Fraction(Decimal(str(value)))


def day_means(frame: pd.DataFrame, rule: DayRule) -> dict:
    """{(source, quantity, date): (n, mean, valid)} with fractions."""
    groups: dict = defaultdict(list)
    for source, quantity, hour, value in frame.itertuples(index=False):
        groups[source, quantity, hour.date()].append(fraction(value))
    return {
        key: (
            len(values),
            half_even(sum(values) / len(values), rule.decimals.by_quantity.get(key[1], rule.decimals.default)),
            len(values) >= rule.minimum,
        )
        for key, values in groups.items()
    }


def day_windows(frame: pd.DataFrame, rule: WindowRule) -> dict:
    """{(source, quantity, date): (n, best, valid)} with pandas' rolling means over a complete grid."""
    found = {}
    for (source, quantity), group in frame.groupby(["source", "quantity"]):
        series = group.set_index("hour")["value"]
        first, last = series.index.min().normalize(), series.index.max().normalize()
        grid = pd.date_range(first, last + pd.Timedelta(hours=23), freq="h")
        rolled = series.reindex(grid).rolling(rule.hours, min_periods=rule.minimum).mean()
        label = rolled.index.hour + 1
        rolled = rolled[(label >= rule.first_label) & (label <= rule.last_label)]
        for day, windows in rolled.groupby(rolled.index.date):
            if (source, quantity, day) not in _days(frame):
                continue
            n, best = int(windows.notna().sum()), windows.max()
            value = None if n == 0 else half_even(fraction(round(best, 9)), 0)
            passed = value is not None and rule.keep_above is not None and value > rule.keep_above
            found[source, quantity, day] = (n, value, value is not None and (n >= rule.least_windows or passed))
    return found


_CACHE: dict = {}


def _days(frame: pd.DataFrame) -> set:
    if id(frame) not in _CACHE:
        _CACHE[id(frame)] = {(s, q, h.date()) for s, q, h, _ in frame.itertuples(index=False)}
    return _CACHE[id(frame)]
