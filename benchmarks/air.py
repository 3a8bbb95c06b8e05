"""Assessment and ranking of 366 cities over a year of hours, against pandas and against DuckDB's bare scan, in one run.

All three read the same Parquet files: the ones that the store wrote. The values are generated (19 M of them, seeded, 3 %
gaps). What is compared: daily values with their validity, the index of every day and the good days, six figures, the
composite index, ranks. That all ways find the same is checked first. LANTIAN_BENCH_DATA names a folder to keep the store in.
"""

from __future__ import annotations

import datetime as dt
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.generate import OFFSET, POLLUTANTS, open_store
from benchmarks.measure import report
from benchmarks.observations import bare, filled

CITIES, MONTHS = 366, 12
FIRST, LAST = dt.date(2020, 1, 1), dt.date(2020, 12, 31)
SERIES = "cnemc-city"
ROUNDS = 5


@dataclass
class Result:
    """What each way finds, by city in order of name: [city] arrays."""

    figures: dict[str, np.ndarray]
    index: np.ndarray
    rank: np.ndarray
    good: np.ndarray


def run() -> bool:
    folder = Path(os.environ.get("LANTIAN_BENCH_DATA") or tempfile.mkdtemp(prefix="lantian-bench-")) / "air"
    root = folder / "observations"
    files = filled(root, CITIES, MONTHS, SERIES)
    ways: dict[str, Callable[[], Any]] = {
        "ours": lambda: ours(root),
        "bare": lambda: bare(files),
        "pandas": lambda: with_pandas(files),
    }
    found = {name: way() for name, way in ways.items()}  # which also imports and warms the disk's cache for all
    agree(found["ours"], found["pandas"])
    agree_by_day(root, found["bare"])
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            began = time.perf_counter()
            way()
            times[name].append(time.perf_counter() - began)
    middle = {name: statistics.median(each) for name, each in times.items()}
    print(
        ", ".join(
            f"{name} {one:.2f} s ({min(times[name]):.2f} to {max(times[name]):.2f})" for name, one in middle.items()
        )
    )
    more = f"pandas takes {middle['pandas'] / middle['ours']:.1f} times as long"
    held = report("ours to pandas", middle["ours"] / middle["pandas"], 0.1, "x", more=more)
    return report("ours to DuckDB's bare scan-and-group", middle["ours"] / middle["bare"], 4, "x") and held


# -- our way -----------------------------------------------------------------------------------------------------


def ours(root: Path) -> Result:
    """From the store on disk to the ranking, as `lantian air rank` goes; the store is opened anew."""
    from lantian.air.assessing.days import daily_values
    from lantian.air.assessing.figures import ranking
    from lantian.air.assessing.hours import known_places, read_hours
    from lantian.air.assessing.tally import tally
    from lantian.standards.regimes import regime_for

    reader = open_store(root).reader()
    hours = read_hours(reader, known_places(reader, SERIES), FIRST, LAST, OFFSET)
    days = daily_values(regime_for(FIRST, LAST), hours)
    counted = tally(days)
    places = sorted(ranking(days), key=lambda one: one.name)
    return Result(
        figures={code: np.array([float(one.figures[code]) for one in places]) for code in POLLUTANTS},
        index=np.array([float(one.index.value) for one in places]),
        rank=np.array([one.rank for one in places]),
        good=counted.good,
    )


# -- as one writes it with pandas --------------------------------------------------------------------------------

LIMITS = {"SO2": 60, "NO2": 40, "PM10": 70, "PM2.5": 35, "CO": 4, "O3": 160}
STEPS = [0, 50, 100, 150, 200, 300, 400, 500]
POINTS = {
    "SO2": [0, 50, 150, 475, 800, 1600, 2100, 2620],
    "NO2": [0, 40, 80, 180, 280, 565, 750, 940],
    "PM10": [0, 50, 150, 250, 350, 420, 500, 600],
    "PM2.5": [0, 35, 75, 115, 150, 250, 350, 500],
    "CO": [0, 2, 4, 14, 24, 36, 48, 60],
    "O3": [0, 100, 160, 215, 265, 800],
    "O3_1h": [0, 160, 200, 300, 400, 800, 1000, 1200],
}


def with_pandas(files: list[Path]) -> Result:
    """The same with groupby, rolling and quantile; in floats, with the limits written into the code."""
    import pandas as pd

    columns = ["place", "quantity", "valid_from", "value", "flag", "known_until"]
    frame = pd.read_parquet(files, columns=columns, partitioning=None)
    frame = frame[frame["known_until"].isna() & (frame["flag"] == "")]
    frame["time"] = frame["valid_from"].dt.tz_convert("Asia/Shanghai")
    frame["day"] = frame["time"].dt.floor("D")
    days = frame[frame["quantity"] != "O3"].groupby(["quantity", "place", "day"])["value"].agg(["mean", "count"])
    days = days.loc[days["count"] >= 20, "mean"]
    ozone = frame[frame["quantity"] == "O3"].pivot(index="time", columns="place", values="value").asfreq("h")
    windows = ozone.rolling(8, min_periods=6).mean()
    windows = windows[windows.index.hour >= 7].resample("D")
    best = windows.max().where((windows.count() >= 14) | (windows.max() > 160))
    hour = ozone.resample("D").max().where(best.notna())
    best, hour = (one.rename_axis("day").stack().swaplevel() for one in (best, hour))
    wide = days.unstack("quantity").join(best.rename("O3"), how="outer").join(hour.rename("O3_1h"))
    by_place = wide.groupby("place")
    figures = by_place[["SO2", "NO2", "PM10", "PM2.5"]].mean()
    figures["CO"] = by_place["CO"].quantile(0.95)
    figures["O3"] = by_place["O3"].quantile(0.9)
    index = sum(figures[code] / limit for code, limit in LIMITS.items())
    single = pd.DataFrame({code: one_index(wide[code], code) for code in POINTS})
    good = (single.max(axis=1) <= 100).groupby("place").sum()
    rank = index.round(2).rank(method="min").astype(int)
    return Result(
        {code: figures[code].to_numpy() for code in LIMITS}, index.to_numpy(), rank.to_numpy(), good.to_numpy()
    )


def one_index(values: Any, code: str) -> Any:
    import pandas as pd

    rounded = values.round(1 if code == "CO" else 0)
    return pd.Series(np.ceil(np.interp(rounded, POINTS[code], STEPS[: len(POINTS[code])])), values.index)


# -- do they agree? ----------------------------------------------------------------------------------------------


def agree(ours: Result, other: Result) -> None:
    """Raise AssertionError unless both ways find the same figures (floats to 12 digits), ranks and good days."""
    for code in POLLUTANTS:
        np.testing.assert_allclose(other.figures[code], ours.figures[code], rtol=1e-12)
    np.testing.assert_allclose(other.index, ours.index, rtol=1e-12)
    np.testing.assert_array_equal(other.rank, ours.rank)
    np.testing.assert_array_equal(other.good, ours.good)


def agree_by_day(root: Path, found: Any) -> None:
    """Raise AssertionError unless DuckDB's means and counts of every day are ours (ozone: the counts)."""
    import polars as pl

    from lantian.air.assessing.hours import known_places, read_hours

    reader = open_store(root).reader()
    hours = read_hours(reader, known_places(reader, SERIES), FIRST, LAST, OFFSET)
    there = hours.values >= 0
    counts, sums = there.sum(axis=-1), np.where(there, hours.values, 0).sum(axis=-1)
    theirs = pl.DataFrame(found).rename({'avg("value")': "mean", "count_star()": "count"})
    place = theirs["source"].replace_strict({f"{SERIES}:{one}": n for n, one in enumerate(hours.places)})
    item = theirs["quantity"].replace_strict({one: n for n, one in enumerate(hours.pollutants)})
    day = (theirs["day"].dt.date() - FIRST).dt.total_days()
    at = (place.to_numpy(), item.to_numpy(), day.to_numpy())
    if len(theirs) != int((counts > 0).sum()):
        raise AssertionError(f"DuckDB finds {len(theirs)} days, ours are {(counts > 0).sum()}")
    np.testing.assert_array_equal(theirs["count"].to_numpy(), counts[at])
    np.testing.assert_allclose(theirs["mean"].to_numpy(), sums[at] / counts[at] / 1000, rtol=1e-12)
