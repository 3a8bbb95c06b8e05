"""A city's telemetry written straight into the store of a data folder, as if the gateway had taken it in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from lantian.gateway.core.telemetry import open_store, with_units
from lantian.observations.model import Batch
from lantian.observations.schema import OBSERVATIONS
from lantian.twin.city import City

_DAY, _HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)


def fill(city: City, data: Path, until: dt.datetime) -> Iterator[str]:
    """Write the hours of the city that are over at `until` and not there yet; yield a line for each day.

    A day is one batch, known when it was over: written once, whoever repeats it. Raises what the store raises (BusyError
    when somebody else is writing).
    """
    store = open_store(data, offset=city.offset)
    stream = f"twin:{city.seed}:{len(city.designs)}:{city.start:%Y%m%d%H}"
    last, begin = city.minute(until) // 60, city.minute(city.start) // 60
    with store.writer("synthetic telemetry") as writer:
        done = store.log(OBSERVATIONS).sequence(f"stream:{stream}") or 0
        for low in range(begin, last, 24):
            high = min(low + 24, last)
            if high <= done:
                continue
            rows = city.frame(city.moment(max(low, done) * 60), city.moment(high * 60)).drop("known_at")
            known = min(city.moment(high * 60), store.clock())
            batch = Batch(stream, sequence=high, known_at=known, reason="synthetic telemetry", origin="synthetic")
            texts = pl.col("source", "place", "quantity", "flag").cast(pl.String)
            receipt = writer.append(batch, with_units(rows.with_columns(texts)))
            yield f"{city.moment(low * 60) + city.offset:%Y-%m-%d}: {receipt.rows:,} rows"
