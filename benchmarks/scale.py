"""Ten years of the country's stations through the store within a limit of memory; each step is a process of its own.

By default 200 stations x 4 months, so that it takes about a minute; LANTIAN_BENCH_FULL=1 takes 1,600 stations x ten years
(840 M values: about an hour on two cores, 5 GB of disk). LANTIAN_BENCH_DATA names a folder to work in (and to go on in:
a month that is there is not written again).
"""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.generate import OFFSET, POLLUTANTS, fill, months, open_store
from benchmarks.measure import report

FULL = os.environ.get("LANTIAN_BENCH_FULL") == "1"
STATIONS, MONTHS = (1600, 120) if FULL else (200, 4)
FIRST = dt.date(2015, 1, 1)
STEPS = ("write", "compact", "statistics", "assess")
SERIES = "cnemc-station"


def run() -> bool:
    folder = Path(os.environ.get("LANTIAN_BENCH_DATA") or tempfile.mkdtemp(prefix="lantian-bench-")) / "scale"
    peaks = {}
    for step in STEPS:
        began = time.perf_counter()
        peaks[step] = in_process(step, folder)
        seconds = time.perf_counter() - began
        print(f"{step}: {seconds:.0f} s, greatest memory {peaks[step]:.2f} GiB", flush=True)
    size = sum(path.stat().st_size for path in folder.glob("observations/month=*/*.parquet"))
    print(f"{size / 1e9:.2f} GB on disk (with the files that compaction replaced)", flush=True)
    what = f"greatest memory, {STATIONS} stations x {MONTHS} months"
    return report(what, max(peaks.values()), 4, "GiB")


def in_process(step: str, folder: Path) -> float:
    """Run one step as a process; return its greatest memory and ours together in GiB."""
    child = subprocess.Popen([sys.executable, "-m", "benchmarks.scale", step, str(folder)])
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{step} ended with {child.returncode}")
    own = int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return (used.ru_maxrss * 1024 + own) / 2**30


def write(root: Path) -> None:
    """Write month by month, in batches of about a million rows."""
    rows = seconds = 0.0
    for first, days in months(FIRST, MONTHS):
        found = fill(root, range(STATIONS), first, days, series=SERIES)
        rows, seconds = rows + found[0], seconds + found[1]
        if first.month == 12:
            print(f"  {first.year}: {rows / 1e6:.1f} M rows, store {seconds:.0f} s", flush=True)
    print(f"  {rows / 1e6:.1f} M rows, {seconds / max(rows, 1) * 1e6:.2f} s a million", flush=True)


def compact(root: Path) -> None:
    from lantian.observations import compaction

    began = time.perf_counter()
    done = [one for one in compaction.compact(open_store(root)) if one.table == "observations"]
    rows = sum(one.rows for one in done)
    seconds = time.perf_counter() - began
    print(f"  {len(done)} months, {rows / 1e6:.1f} M rows, {seconds / max(rows, 1) * 1e6:.2f} s a million", flush=True)


def years() -> list[tuple[dt.date, dt.date]]:
    last = dt.date(FIRST.year + (MONTHS - 1) // 12, (MONTHS - 1) % 12 + 1, 28)
    return [(dt.date(y, 1, 1), min(dt.date(y, 12, 31), last)) for y in range(FIRST.year, last.year + 1)]


def statistics(root: Path) -> None:
    """Day and year means by the engine, year by year, as a batch does."""
    from lantian.observations.model import Query
    from lantian.observations.statistics import (
        DayRule,
        Decimals,
        HourRules,
        PeriodRule,
        Span,
        day_means,
        hours,
        periods,
    )

    rules = HourRules("benchmark", OFFSET, 4)
    reader = open_store(root).reader()
    for first, _ in years():
        start, end = (dt.datetime(y, 1, 1, tzinfo=dt.timezone(OFFSET)) for y in (first.year, first.year + 1))
        hourly = hours(reader.observations(Query(start=start, end=end)).expression, rules)
        days = day_means(hourly, rules, DayRule(20, Decimals(0, {"CO": 1})))
        found = periods(days, rules, PeriodRule(Span(12), 1)).to_pyarrow()
        if found.num_rows != STATIONS * len(POLLUTANTS):
            raise SystemExit(f"{first.year}: {found.num_rows} figures")


def assess(root: Path) -> None:
    """Days, index, good days, figures, composite index and rank of every station, year by year."""
    from lantian.air.assessing.days import daily_values
    from lantian.air.assessing.figures import ranking
    from lantian.air.assessing.hours import known_places, read_hours
    from lantian.air.assessing.tally import tally
    from lantian.standards.regimes import regime_named

    reader = open_store(root).reader()
    places = known_places(reader, SERIES)
    for first, last in years():
        began = time.perf_counter()
        hours = read_hours(reader, places, first, last, OFFSET)
        days = daily_values(regime_named("2012"), hours)
        del hours
        ranked, counted = ranking(days), tally(days)
        if len(ranked) != STATIONS or int(counted.with_index.min()) == 0:
            raise SystemExit(f"{first.year}: {len(ranked)} ranked")
        print(f"  {first.year}: {len(ranked)} ranked in {time.perf_counter() - began:.1f} s", flush=True)


if __name__ == "__main__":
    {"write": write, "compact": compact, "statistics": statistics, "assess": assess}[sys.argv[1]](Path(sys.argv[2]))
