"""A small store with ordinary hours, a clock that moves, and ways to put faults in."""

from __future__ import annotations

import datetime as dt

import polars as pl

from lantian.air.reading.importing import store_in
from lantian.observations.model import Batch, Query
from lantian.observations.store import Store
from lantian.standards.pollutants import core_codes, pollutant

BEGIN = dt.datetime(2020, 4, 30, 16, tzinfo=dt.UTC)  # midnight of 2020-05-01 in Shanghai
HOUR = dt.timedelta(hours=1)
MAY = dt.date(2020, 5, 1)
BASE = {"SO2": 20, "NO2": 30, "CO": 1, "O3": 60, "PM10": 90, "PM2.5": 40}


def ordinary(code: str, hour: int) -> float:
    """A zigzag of 5 per cent: no rule finds anything in it."""
    return BASE[code] * (1 + hour % 2 * 0.05)


def row(hour: int, code: str, value: float, place: str = "甲", series: str = "cnemc-city") -> dict[str, object]:
    start = BEGIN + hour * HOUR
    return {
        "source": f"{series}:{place}", "place": place, "quantity": code, "valid_from": start, "valid_to": start + HOUR,
        "value": value, "unit": pollutant(code).unit,
    }  # fmt: skip


def ordinary_rows(days: int, places: tuple[str, ...] = ("甲",), first: int = 0) -> list[dict[str, object]]:
    hours = range(first * 24, (first + days) * 24)
    return [row(h, code, ordinary(code, h), place) for place in places for code in core_codes() for h in hours]


def store_of(path, rows, *, name: str = "first", actor: str = "li") -> Store:
    store = store_in(path)
    append(store, name, rows, actor=actor)
    return store


def append(store: Store, name: str, rows, *, actor: str = "li") -> None:
    with store.writer("test") as writer:
        writer.append(Batch(name, actor=actor, reason="test"), rows)


def flag(
    store: Store, name: str, hour: int, code: str, what: str, *, actor: str = "li", retracted: bool = False
) -> None:
    fact = {k: v for k, v in row(hour, code, 0).items() if k not in {"value", "unit"}}
    with store.writer("test") as writer:
        writer.flag(
            Batch(name, actor=actor, reason="test"),
            [{**fact, "flag": what, "reason": "saw it", "retracted": retracted}],
        )


def in_force(store: Store, **query: object) -> dict[tuple[str, int], str]:
    """{(pollutant, hour): flags} of the values that have any."""
    rows = store.reader().observations(Query(**query)).polars().filter(pl.col("flags") != "")
    return {(r["quantity"], int((r["valid_from"] - BEGIN) / HOUR)): r["flags"] for r in rows.iter_rows(named=True)}
