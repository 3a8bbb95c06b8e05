"""What the tests of the store share: rows, a clock, reading everything."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from lantian.observations.model import Query
from lantian.observations.store import Store

UTC = dt.UTC
HOUR = dt.timedelta(hours=1)
# Midnight of 2020-01-01 on a clock 8 hours ahead.
START = dt.datetime(2019, 12, 31, 16, tzinfo=UTC)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: dt.datetime) -> None:
        self.now = now

    def __call__(self) -> dt.datetime:
        return self.now

    def forward(self, **by: float) -> dt.datetime:
        self.now += dt.timedelta(**by)
        return self.now


def row(hour: int, value: float, *, source: str = "s1", quantity: str = "PM2.5", **more: object) -> dict[str, object]:
    """An hourly observation, `hour` hours after START."""
    begin = START + hour * HOUR
    return {
        "source": source, "quantity": quantity, "place": "p1", "valid_from": begin, "valid_to": begin + HOUR,
        "value": value, "unit": "µg/m3", **more,
    }  # fmt: skip


def rows(hours: range, *, source: str = "s1", add: float = 0.0) -> list[dict[str, object]]:
    return [row(hour, float(hour % 100) + add, source=source) for hour in hours]


def mark(hour: int, flag: str, *, source: str = "s1", **more: object) -> dict[str, object]:
    """A flag of the observation of an hour."""
    fact = {k: v for k, v in row(hour, 0.0, source=source).items() if k not in {"value", "unit"}}
    return {**fact, "flag": flag, "reason": "looked odd", **more}


def read(store: Store, **query: object) -> list[dict]:
    """All observations of a query, sorted."""
    found = store.reader().observations(Query(**query)).arrow().to_pylist()
    return sorted(found, key=lambda r: (r["source"], r["quantity"], r["valid_from"], r["known_at"], r["line"]))


def values(store: Store, **query: object) -> dict[tuple[str, int], float]:
    """{(source, hour): value} of a query."""
    return {(r["source"], int((r["valid_from"] - START) / HOUR)): r["value"] for r in read(store, **query)}


def parquet_files(store: Store) -> list[Path]:
    return sorted(store.root.glob("*/month=*/*.parquet"))
