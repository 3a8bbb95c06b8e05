"""Generated hourly values for the benchmarks of observations and air: seeded, with gaps, written through the store."""

from __future__ import annotations

import calendar
import datetime as dt
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

    from lantian.observations.store import Store

OFFSET = dt.timedelta(hours=8)
HOUR = dt.timedelta(hours=1)
POLLUTANTS = {"PM2.5": "µg/m3", "PM10": "µg/m3", "SO2": "µg/m3", "NO2": "µg/m3", "O3": "µg/m3", "CO": "mg/m3"}
GAPS = 0.03
_FRAME = 900_000


def open_store(root: Path) -> Store:
    from lantian.observations.store import Store

    return Store(root, offset=OFFSET)


def months(first: dt.date, count: int) -> Iterator[tuple[dt.date, int]]:
    """Yield the first day of some months and how many days each has."""
    for number in range(count):
        year, month = divmod(first.year * 12 + first.month - 1 + number, 12)
        yield dt.date(year, month + 1, 1), calendar.monthrange(year, month + 1)[1]


def generated(first: dt.date, days: int, sources: range, series: str) -> Iterator[pl.DataFrame]:
    """Yield frames of about a million rows, source by source: noise about a mean, 3 % gaps, whole numbers (CO: 0.01)."""
    import numpy as np
    import polars as pl

    hours = days * 24
    chance = np.random.default_rng(first.toordinal())
    start = dt.datetime.combine(first, dt.time(), dt.timezone(OFFSET)).astimezone(dt.UTC)
    times = pl.datetime_range(start, start + (hours - 1) * HOUR, "1h", time_unit="us", eager=True)
    held, count = [], 0
    for source in sources:
        name = f"c{source:04d}"
        for quantity, unit in POLLUTANTS.items():
            scale, places = (1.0, 2) if quantity == "CO" else (30.0 + source % 40, 0)
            value = np.round(scale * chance.gamma(4.0, 0.25, hours), places)
            frame = pl.DataFrame({"valid_from": times, "value": value}).filter(pl.Series(chance.random(hours) > GAPS))
            held.append(
                frame.with_columns(
                    pl.lit(f"{series}:{name}").alias("source"), pl.lit(quantity).alias("quantity"),
                    pl.lit(name).alias("place"), (pl.col("valid_from") + HOUR).alias("valid_to"),
                    pl.lit(unit).alias("unit"),
                )
            )  # fmt: skip
            count += len(frame)
        if count > _FRAME:
            yield pl.concat(held)
            held, count = [], 0
    if held:
        yield pl.concat(held)


def fill(root: Path, sources: range, first: dt.date, days: int, *, series: str) -> tuple[int, float]:
    """Write some days of generated values; return rows and seconds of the store (not of the generator)."""
    from lantian.observations.model import Batch

    store, rows, seconds = open_store(root), 0, 0.0
    for number, frame in enumerate(generated(first, days, sources, series)):
        began = time.perf_counter()
        with store.writer("benchmark") as writer:
            rows += writer.append(Batch(f"{series}/{first}/{number}"), frame).rows
        seconds += time.perf_counter() - began
    return rows, seconds
