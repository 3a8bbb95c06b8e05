"""Small invented files in the form of the public release."""

from __future__ import annotations

import datetime as dt
import gzip
from collections.abc import Iterable, Sequence
from pathlib import Path

HEADER = "time,city,AQI,PM2.5,PM2.5_24h,PM10,PM10_24h,SO2,SO2_24h,NO2,NO2_24h,O3,O3_24h,O3_8h,O3_8h_24h,CO,CO_24h"
# PM2.5, PM10, SO2, NO2, O3, CO
QUIET = ("35", "50", "20", "30", "60", "0.8")


def line(time: str, city: str, values: Sequence[str] = QUIET) -> str:
    pm25, pm10, so2, no2, o3, co = values
    return f"{time},{city},50,{pm25},,{pm10},,{so2},,{no2},,{o3},,,,{co},"


def hours_of(day: dt.date, city: str, values: Sequence[str] = QUIET, hours: Iterable[int] = range(1, 25)) -> list[str]:
    """Rows of a day's hours 1..24; the label of hour 24 is 00:00 of the day after."""
    start = dt.datetime.combine(day, dt.time())
    return [line(str(start + dt.timedelta(hours=hour)), city, values) for hour in hours]


def days_of(first: dt.date, n: int, city: str, values: Sequence[str] = QUIET) -> list[str]:
    return [row for day in range(n) for row in hours_of(first + dt.timedelta(days=day), city, values)]


def write(path: Path, lines: Sequence[str], *, encoding: str = "utf-8", header: str = HEADER) -> Path:
    raw = ("\n".join([header, *lines]) + "\n").encode(encoding)
    path.write_bytes(gzip.compress(raw) if path.suffix == ".gz" else raw)
    return path
