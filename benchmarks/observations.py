"""The observation store: ratios in one run, each against a limit.

By default parts of the issue's sizes, so that it takes some minutes; LANTIAN_BENCH_FULL=1 takes all of them: 366 cities x
1 year (19 M values), a year of 1,600 stations (82 M), fifty kills. LANTIAN_BENCH_DATA names a folder to work in and to go
on in. How fast assessments and rankings are, against pandas too, is the benchmark `air`; ten years of a country: `scale`.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from benchmarks.generate import HOUR, OFFSET, POLLUTANTS, fill, months, open_store
from benchmarks.measure import percentile, report

FULL = os.environ.get("LANTIAN_BENCH_FULL") == "1"
CITIES, CITY_MONTHS = (366, 12) if FULL else (366, 2)
STATIONS = int(os.environ.get("LANTIAN_BENCH_STATIONS", "1600" if FULL else "200"))
KILLS = int(os.environ.get("LANTIAN_BENCH_KILLS", "50" if FULL else "10"))
ROUNDS = 3
YEAR = 2020
START = dt.datetime(YEAR, 1, 1, tzinfo=dt.timezone(OFFSET))
SERIES = "cnemc-station"


def run() -> bool:
    folder = Path(os.environ.get("LANTIAN_BENCH_DATA") or tempfile.mkdtemp(prefix="lantian-bench-"))
    held = [
        writing(folder / "small"),
        ratios(folder / "cities"),
        station_year(folder / "stations"),
        kills(folder / "kills"),
    ]
    return all(held)


def writing(root: Path) -> bool:
    """Small batches as packets make them, and compaction of their files."""
    from lantian.observations.compaction import compact
    from lantian.observations.model import Batch

    store, times = open_store(root), []
    for sequence in range(1, 121):
        begin = START + sequence * HOUR
        rows = [
            {
                "source": f"s{n:03d}", "quantity": q, "place": "p", "valid_from": begin, "valid_to": begin + HOUR,
                "value": float(n), "unit": u,
            }
            for n in range(100) for q, u in POLLUTANTS.items()
        ]  # fmt: skip
        began = time.perf_counter()
        with store.writer("benchmark") as writer:
            writer.append(Batch("stream", sequence), rows)
        times.append((time.perf_counter() - began) * 1000)
    began = time.perf_counter()
    compact(store)
    merged = (time.perf_counter() - began) * 1000
    held = report("acknowledge a batch of 600 rows, p95", percentile(times, 0.95), 250, "ms")
    return report("compact 120 files", merged, 3000, "ms") and held


# -- statistics by the engine ------------------------------------------------------------------------------------


def rules() -> Any:
    from lantian.observations.statistics import DayRule, Decimals, HourRules, WindowRule

    return (
        HourRules("benchmark", OFFSET, 4),
        DayRule(20, Decimals(0, {"CO": 1})),
        WindowRule(8, 6, 8, 24, 14, Decimal(160), Decimals(0)),
    )


def by_engine(root: Path) -> int:
    """Day means, greatest 8 h means, month and year means with counts, percentiles: a batch for the figures' table."""
    import ibis

    from lantian.observations.model import Query
    from lantian.observations.statistics import (
        Percentile,
        PeriodRule,
        Span,
        day_means,
        day_windows,
        hours,
        percentiles,
        periods,
    )

    hour, day, window = rules()
    reader = open_store(root).reader()
    hourly = hours(reader.observations(Query()).expression, hour)
    ozone = hours(reader.observations(Query(quantities=("O3",))).expression, hour)
    days = ibis.memtable(day_means(hourly, hour, day).to_pyarrow())
    best = ibis.memtable(day_windows(ozone, hour, window).to_pyarrow())
    results = [
        periods(days, hour, PeriodRule(Span(), 27)),
        periods(days, hour, PeriodRule(Span(12), 324)),
        percentiles(best, hour, Span(12), Percentile(Decimal("0.9"), "linear")),
        percentiles(days.filter(days.quantity == "CO"), hour, Span(12), Percentile(Decimal("0.95"), "linear")),
    ]
    return sum(one.to_pyarrow().num_rows for one in results)


def bare(files: list[Path]) -> Any:
    """What DuckDB takes at least: one scan of the files, grouped by source, quantity and day."""
    import duckdb

    listed = ", ".join(f"'{path}'" for path in files)
    with duckdb.connect() as connection:
        connection.execute("set TimeZone='UTC'")
        query = (
            "select source, quantity, date_trunc('day', valid_from + interval 8 hour) as day, avg(value), count(*) "
            f"from read_parquet([{listed}], hive_partitioning=false) group by all"
        )
        return connection.sql(query).to_arrow_table()


def filled(root: Path, sources: int, count: int, series: str) -> list[Path]:
    """Make a store of whole months if it is not there, compact it, print what that took; return its files."""
    from lantian.observations.compaction import compact
    from lantian.observations.schema import OBSERVATIONS

    wrote = [fill(root, range(sources), first, days, series=series) for first, days in months(START.date(), count)]
    rows, seconds = sum(one for one, _ in wrote), sum(one for _, one in wrote)
    store = open_store(root)
    began = time.perf_counter()
    if compact(store):
        took = (time.perf_counter() - began) / rows * 1e6
        print(f"{rows / 1e6:.1f} M rows: written in {seconds / rows * 1e6:.2f}, compacted in {took:.2f} s a million")
    files, _ = store.snapshot(OBSERVATIONS)
    size = sum(file.size for file in files)
    print(f"{size / 1e6:.0f} MB in {len(files)} files, {size / sum(f.rows for f in files):.1f} bytes a row", flush=True)
    return [file.path for file in files]


def ratios(root: Path) -> bool:
    files = filled(root, CITIES, CITY_MONTHS, "cnemc-city")
    ways: dict[str, Callable[[], Any]] = {"engine": lambda: by_engine(root), "bare": lambda: bare(files)}
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            began = time.perf_counter()
            way()
            times[name].append(time.perf_counter() - began)
    middle = {name: statistics.median(found) for name, found in times.items()}
    print(", ".join(f"{name} {seconds:.2f} s" for name, seconds in middle.items()), flush=True)
    return report("statistics by the engine to bare scan", middle["engine"] / middle["bare"], 4, "x")


# -- a year of a station -----------------------------------------------------------------------------------------


def station_year(root: Path) -> bool:
    """What a server answers for a chart: all six pollutants' hours of a station's year with flags, as JSON."""
    filled(root, STATIONS, 12, SERIES)
    corrected_and_flagged(root)
    return asked(root, [YEAR], STATIONS)


def asked(root: Path, years: list[int], stations: int) -> bool:
    """Ask for fifty station-years, each another one; the store is open, as in a server, and knows none of them."""
    store, chance = open_store(root), random.Random(1)
    every = [(station, year) for station in range(stations) for year in years]
    times, points, flags = [], 0, 0
    hourly(store, stations - 1, years[0])  # what a process does once: imports, the log
    for station, year in chance.sample(every, 50):
        began = time.perf_counter()
        text, points, flagged = hourly(store, station, year)
        times.append((time.perf_counter() - began) * 1000)
        flags += flagged
    more = f"p50 {statistics.median(times):.0f} ms, greatest {max(times):.0f} ms; {points} values, {len(text)} bytes; "
    more += f"{flags / 50:.0f} flagged hours a year"
    return report("a year of one station, p95 of 50", percentile(times, 0.95), 100, "ms", more=more)


def hourly(store: Any, station: int, year: int) -> tuple[str, int, int]:
    """Return the year as JSON {quantity: {"values": [...], "flags": {hour: names}}}, the number of values, of flags."""
    import numpy as np
    import polars as pl

    from lantian.observations.model import Query

    start, end = (dt.datetime(one, 1, 1, tzinfo=dt.timezone(OFFSET)) for one in (year, year + 1))
    query = Query(sources=(f"{SERIES}:c{station:04d}",), start=start, end=end)
    rows = store.reader().rows(query, ("quantity", "valid_from", "value", "flags"))
    rows = rows.with_columns(((pl.col("valid_from") - start).dt.total_hours()).alias("hour"))
    found, flagged = {}, 0
    for (quantity,), part in rows.partition_by("quantity", as_dict=True).items():
        values = np.full((end - start) // HOUR, None, dtype=object)
        values[part["hour"].to_numpy()] = part["value"].to_list()
        flags = dict(part.filter(pl.col("flags") != "").select("hour", "flags").iter_rows())
        flagged += len(flags)
        found[str(quantity)] = {"values": values.tolist(), "flags": flags}
    return json.dumps(found), len(rows), flagged


def corrected_and_flagged(root: Path) -> None:
    """Flag one hour in a hundred of every station, and correct some of December, which stays uncompacted."""
    import polars as pl

    from lantian.observations.model import Batch, Query

    store, key = open_store(root), ["source", "quantity", "place", "valid_from", "valid_to"]
    for first, days in months(START.date(), 12):
        start = dt.datetime.combine(first, dt.time(), dt.timezone(OFFSET))
        query = Query(quantities=("PM2.5", "O3"), start=start, end=start + days * 24 * HOUR)
        rows = store.reader().rows(query, (*key, "value", "unit")).sort(key).gather_every(33)
        with store.writer("benchmark") as writer:
            said = rows.select(key).with_columns(pl.lit("spike").alias("flag"), pl.lit("benchmark").alias("reason"))
            writer.flag(Batch(f"flags/{first}", actor="benchmark"), said)
            if first.month == 12:
                writer.append(Batch("corrections"), rows.gather_every(50))


def kills(root: Path) -> bool:
    """Importer and compactor are killed at random, as functions and as commands; what was acknowledged must be there once.

    Raises AssertionError otherwise.
    """
    from lantian.air.tests import kills as commands
    from lantian.observations.tests import kills as functions

    for folder in (root / "functions", root / "commands"):
        folder.mkdir(parents=True)
    found = functions.storm(root / "functions" / "observations", KILLS, seed=7, longest=1.6 if FULL else 0.6)
    print(f"{KILLS} kills of functions: {found[0]} batches, {found[1]} rows, none lost, none twice", flush=True)
    one = commands.storm(root / "commands", KILLS, seed=7)
    print(
        f"{KILLS} kills of commands ({one.killed['import']} imports, {one.killed['compact']} compactions, {one.writing} of "
        f"them while writing): {len(one.acknowledged)} files acknowledged, none lost, none twice",
        flush=True,
    )
    return True
