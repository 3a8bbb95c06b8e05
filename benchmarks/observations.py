"""The observation store: ratios in one run, each against a limit.

By default a small part of the issue's sizes, so that it takes about a minute; LANTIAN_BENCH_FULL=1 takes all of it:
366 cities x 1 year x 6 pollutants (19 M values), ten years of 1,600 stations (840 M), fifty kills twice as long apart.
"""

from __future__ import annotations

import datetime as dt
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

from benchmarks.measure import percentile, report

FULL = os.environ.get("LANTIAN_BENCH_FULL") == "1"
CITIES, DAYS = (366, 366) if FULL else (366, 61)
STATIONS, MONTHS = (1600, 120) if FULL else (400, 6)
KILLS = 50 if FULL else 20
ROUNDS = 3
OFFSET = dt.timedelta(hours=8)
POLLUTANTS = {"PM2.5": "µg/m3", "PM10": "µg/m3", "SO2": "µg/m3", "NO2": "µg/m3", "O3": "µg/m3", "CO": "mg/m3"}
HOUR = dt.timedelta(hours=1)
START = dt.datetime(2019, 12, 31, 16, tzinfo=dt.UTC)


def run() -> bool:
    folder = Path(os.environ.get("LANTIAN_BENCH_DATA") or tempfile.mkdtemp(prefix="lantian-bench-"))
    held = [
        writing(folder / "small"),
        ratios(folder / "cities"),
        station_year(folder / "cities"),
        memory(folder / "stations"),
        kills(folder / "kills"),
    ]
    return all(held)


def open_store(root: Path):
    from lantian.observations.store import Store

    return Store(root, offset=OFFSET)


def generated(start: dt.datetime, hours: int, sources: range, seed: int) -> Iterator:
    """Yield frames of at most a million rows, source by source: smooth days, noise, 3 % gaps."""
    import numpy as np
    import polars as pl

    chance = np.random.default_rng(seed)
    times = pl.datetime_range(start, start + (hours - 1) * HOUR, "1h", time_unit="us", eager=True)
    held, count = [], 0
    for source in sources:
        for quantity, unit in POLLUTANTS.items():
            scale = 1.0 if quantity == "CO" else 60.0
            value = np.round(scale * chance.gamma(4.0, 0.25, hours), 2 if quantity == "CO" else 0)
            frame = pl.DataFrame({"valid_from": times, "value": value}).filter(pl.Series(chance.random(hours) > 0.03))
            name = f"c{source:04d}"
            held.append(
                frame.with_columns(
                    pl.lit(name).alias("source"), pl.lit(quantity).alias("quantity"), pl.lit(name).alias("place"),
                    (pl.col("valid_from") + HOUR).alias("valid_to"), pl.lit(unit).alias("unit"),
                )
            )  # fmt: skip
            count += len(frame)
        if count > 900_000:
            yield pl.concat(held)
            held, count = [], 0
    if held:
        yield pl.concat(held)


def fill(root: Path, sources: range, start: dt.datetime, days: int) -> tuple[int, float]:
    """Write a generated set as one batch a month; return rows and seconds of the store (not of the generator)."""
    from lantian.observations.model import Batch

    store, rows, seconds, day = open_store(root), 0, 0.0, 0
    while day < days:
        begin = start + dt.timedelta(days=day)
        local = begin + OFFSET
        length = min(((local.replace(day=1) + dt.timedelta(days=32)).replace(day=1) - local).days, days - day)
        for number, frame in enumerate(generated(begin, length * 24, sources, day)):
            began = time.perf_counter()
            with store.writer("benchmark") as writer:
                rows += writer.append(Batch(f"{local:%Y-%m}/{number}"), frame).rows
            seconds += time.perf_counter() - began
        day += length
    return rows, seconds


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


def rules():
    from lantian.observations.statistics import DayRule, Decimals, HourRules, WindowRule

    return (
        HourRules("benchmark", OFFSET, 4),
        DayRule(20, Decimals(0, {"CO": 1})),
        WindowRule(8, 6, 8, 24, 14, Decimal(160), Decimals(0)),
    )


def ours(store) -> int:
    """Day means, greatest 8 h means, month and year means with counts, percentiles: as an assessment needs them."""
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
    reader = store.reader()
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


def pandas_way(files: list[Path]) -> int:
    """The same figures as one writes them with pandas."""
    import pandas as pd

    columns = ["source", "quantity", "valid_from", "value", "known_until"]
    frame = pd.concat([pd.read_parquet(path, columns=columns, partitioning=None) for path in files])
    frame = frame[frame["known_until"].isna()]
    local = frame["valid_from"] + pd.Timedelta(OFFSET)
    frame = frame.assign(day=local.dt.floor("D"), hour=local)
    days = frame.groupby(["source", "quantity", "day"], observed=True)["value"].agg(["mean", "count"]).reset_index()
    days = days[days["count"] >= 20]
    days["value"] = days["mean"].round()
    ozone = frame[frame["quantity"] == "O3"].sort_values(["source", "hour"]).set_index("hour")
    rolled = ozone.groupby("source")["value"].rolling("8h", min_periods=6).mean().reset_index()
    rolled = rolled[rolled["hour"].dt.hour >= 7]
    best = rolled.groupby(["source", rolled["hour"].dt.floor("D")])["value"].agg(["max", "count"])
    best = best[best["count"] >= 14].reset_index()
    month = days.groupby(["source", "quantity", days["day"].dt.tz_localize(None).dt.to_period("M")])["value"]
    year = days.groupby(["source", "quantity", days["day"].dt.year])["value"]
    p90 = best.groupby(["source", best["hour"].dt.year])["max"].quantile(0.9)
    carbon = days[days["quantity"] == "CO"]
    p95 = carbon.groupby(["source", carbon["day"].dt.year])["value"].quantile(0.95)
    return len(month.agg(["mean", "count"])) + len(year.agg(["mean", "count"])) + len(p90) + len(p95)


def bare(files: list[Path]) -> int:
    """What DuckDB takes at least: one scan of the same files, grouped by day."""
    import duckdb

    listed = ", ".join(f"'{path}'" for path in files)
    with duckdb.connect() as connection:
        connection.execute("set TimeZone='UTC'")
        query = (
            "select source, quantity, date_trunc('day', valid_from + interval 8 hour) as day, avg(value), count(*) "
            f"from read_parquet([{listed}], hive_partitioning=false) group by all"
        )
        return len(connection.sql(query).to_arrow_table())


def ratios(root: Path) -> bool:
    rows, seconds = fill(root, range(CITIES), START, DAYS)
    report(f"write {rows / 1e6:.1f} M rows, per million", seconds / rows * 1e6, 4, "s")
    from lantian.observations.compaction import compact
    from lantian.observations.schema import OBSERVATIONS

    store = open_store(root)
    began = time.perf_counter()
    compact(store)
    report("compact them, per million", (time.perf_counter() - began) / rows * 1e6, 2, "s")
    files = [file.path for file in store.snapshot(OBSERVATIONS)[0]]
    size = sum(path.stat().st_size for path in files)
    print(f"{size / 1e6:.0f} MB in {len(files)} files, {size / rows:.1f} bytes a row", flush=True)
    ways: dict[str, Callable[[], int]] = {
        "ours": lambda: ours(store),
        "bare": lambda: bare(files),
        "pandas": lambda: pandas_way(files),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            began = time.perf_counter()
            way()
            times[name].append(time.perf_counter() - began)
    middle = {name: statistics.median(found) for name, found in times.items()}
    print(", ".join(f"{name} {seconds:.2f} s" for name, seconds in middle.items()), flush=True)
    held = report("statistics: ours to bare scan-and-group", middle["ours"] / middle["bare"], 4, "x")
    return report("statistics: ours to pandas", middle["ours"] / middle["pandas"], 0.1, "x") and held


def station_year(root: Path) -> bool:
    """A series for a chart: rows of one source and quantity over the whole set, with flags and newest values."""
    from lantian.observations.model import Batch, Query

    store = open_store(root)
    begin = START + 5 * HOUR
    fact = {"quantity": "PM2.5", "valid_from": begin, "valid_to": begin + HOUR}
    some = [{**fact, "source": f"c{n:04d}", "place": f"c{n:04d}"} for n in range(0, CITIES, 10)]
    with store.writer("benchmark") as writer:
        writer.append(Batch("corrections"), [{**one, "value": 7.0, "unit": "µg/m3"} for one in some])
        writer.flag(Batch("flags", actor="b"), [{**one, "flag": "spike", "reason": "benchmark"} for one in some])
    chance, times, rows = random.Random(1), [], 0
    for _ in range(40):
        query = Query(sources=(f"c{chance.randrange(CITIES):04d}",), quantities=("PM2.5",))
        began = time.perf_counter()
        rows = (
            store.reader().observations(query).expression.select("valid_from", "value", "flags").to_pyarrow().num_rows
        )
        times.append((time.perf_counter() - began) * 1000)
    return report(
        f"{rows} hours of one station, p95",
        percentile(times[5:], 0.95),
        100,
        "ms",
        more=f"p50 {statistics.median(times):.0f} ms",
    )


def memory(root: Path) -> bool:
    """Day and year means of a big set in a process of its own: its greatest memory."""
    rows, _ = fill(root, range(STATIONS), START, MONTHS * 365 // 12)
    code = "import sys; from benchmarks import observations; from pathlib import Path; observations.aggregate(Path(sys.argv[1]))"
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", code, str(root)], check=True)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
    more = f"{rows / 1e6:.0f} M rows in {seconds:.0f} s"
    return report("greatest memory of the statistics", peak, 4.29, "GB", more=more)


def aggregate(root: Path) -> None:
    """Compute year by year, as a batch does."""
    from lantian.observations.model import Query
    from lantian.observations.statistics import PeriodRule, Span, day_means, hours, periods

    hour, day, _ = rules()
    store = open_store(root)
    reader = store.reader()
    for year in range(2020, 2020 + max(1, MONTHS // 12)):
        start, end = (dt.datetime(y, 1, 1, tzinfo=dt.UTC) - OFFSET for y in (year, year + 1))
        hourly = hours(reader.observations(Query(start=start, end=end)).expression, hour)
        found = periods(day_means(hourly, hour, day), hour, PeriodRule(Span(12), 1)).to_pyarrow()
        print(f"{year}: {found.num_rows} figures", flush=True)


def kills(root: Path) -> bool:
    """The importer and the compactor are killed at random; every acknowledged batch must be there once."""
    from lantian.observations.tests.kills import storm

    root.mkdir(parents=True, exist_ok=True)
    batches, rows = storm(root / "observations", KILLS, seed=7, longest=1.6 if FULL else 0.6)
    print(f"{KILLS} kills: {batches} batches, {rows} rows, none lost, none twice", flush=True)
    return True
