"""A small store with constant hours of invented places, for tests of pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lantian.air.reading.importing import store_in
from lantian.observations.model import Batch
from lantian.standards.pollutants import core_codes, pollutant

ZONE = dt.timezone(dt.timedelta(hours=8))
HOUR = dt.timedelta(hours=1)
QUIET = {"SO2": 20, "NO2": 30, "CO": 0.8, "O3": 60, "PM10": 50, "PM2.5": 35}


def rows(first: dt.date, days: int, place: str, series: str = "cnemc-city", **items: Any) -> Iterator[dict[str, Any]]:
    """Hours of some days; pollutants are quiet, those named (PM25=…) have a value, or one made of (day, hour 1..24)."""
    start = dt.datetime.combine(first, dt.time(), ZONE)
    for code in core_codes():
        given = items.get(code.replace(".", ""), QUIET[code])
        for n in range(days * 24):
            value = given(n // 24, n % 24 + 1) if callable(given) else given
            if value is None:
                continue
            begin = (start + n * HOUR).astimezone(dt.UTC)
            yield {
                "source": f"{series}:{place}", "place": place, "quantity": code, "valid_from": begin,
                "valid_to": begin + HOUR, "value": value, "unit": pollutant(code).unit,
            }  # fmt: skip


def put(data: Path, name: str, found: Iterator[dict[str, Any]]) -> None:
    """Write rows into the store of a data folder."""
    with store_in(data).writer("test") as writer:
        writer.append(Batch(name), list(found))


def flag(data: Path, row: Mapping[str, Any], name: str) -> None:
    """Append a flag to a row."""
    fact = {key: row[key] for key in ("source", "place", "quantity", "valid_from", "valid_to")}
    with store_in(data).writer("test") as writer:
        writer.flag(
            Batch(f"{name}:{row['quantity']}:{row['valid_from']}", actor="li", reason="test"),
            [{**fact, "flag": name, "reason": "seen"}],
        )
