"""The telemetry store: what devices at plants delivered, apart from the air's observations.

    store = open_store(data, offset=timedelta(hours=8))
    frame(store, places=("E0001",), start=yesterday, end=now, step=timedelta(minutes=1))

Rows of a frame: source (code of an outlet, of equipment or of the plant; `device:<MN>` for a point that nobody has
mapped), place (the plant), quantity (`<factor>-<suffix>`: `a21026-Rtd`, `P-Avg`), the interval [valid_from, valid_to) in
UTC, value as the device sent it, flag (a word of `data/marks.toml`, "" for a normal value), known_at.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Sequence
from functools import lru_cache
from importlib import resources
from pathlib import Path

import polars as pl

from lantian.observations.model import Batch, OnFault, Query, Receipt
from lantian.observations.store import Store

FOLDER = "telemetry"
COLUMNS = ("source", "place", "quantity", "valid_from", "valid_to", "value", "flag", "known_at")
# Steps of the wire's histories: 2051 says its own (MinInterval), 2061 and 2031 are fixed.
MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
UNSTATED = "as sent"
UNMAPPED = "device:"


def open_store(data: Path | str, offset: dt.timedelta | None = None) -> Store:
    """Return the store at `<data>/telemetry/`; keep one for a process, it remembers log and footers.

    `offset` is the city clock's distance from UTC (months are cut by it); None takes the one that it was made with.
    Opening makes nothing; a store that is not there reads as empty. Nobody is told of each batch: packets come in
    by thousands, their trail is the archive of raw packets.
    """
    return Store(Path(data) / FOLDER, offset=offset, tells=False, log_days=2)


def frame(
    store: Store,
    *,
    sources: Sequence[str] = (),
    places: Sequence[str] = (),
    quantities: Sequence[str] = (),
    start: dt.datetime | None,
    end: dt.datetime | None,
    step: dt.timedelta | None = None,
    as_known_on: dt.datetime | None = None,
) -> pl.DataFrame:
    """Return the newest row of every fact (columns COLUMNS), sorted by source, quantity, valid_from.

    Empty sequences mean all; start <= valid_from < end (aware; None is open). `step` leaves only intervals of that
    length; `as_known_on` leaves out what was learned later. Raises ValueError for moments without a zone.
    """
    query = Query(tuple(sources), tuple(quantities), tuple(places), start, end, as_known_on)
    found = store.reader().rows(query, COLUMNS)
    if step is not None:
        found = found.filter((pl.col("valid_to") - pl.col("valid_from")) == step)
    return found.sort("source", "quantity", "valid_from")


def write(
    store: Store, rows: pl.DataFrame, batch: Batch, *, on_fault: OnFault = "refuse", wait: float = 60.0
) -> Receipt:
    """Write rows of a frame as one batch, once (for histories and synthetic cities; devices come through the inbox).

    Columns: those of COLUMNS but known_at (the batch says it), and `unit` if the quantity's own is not meant.
    Raises BusyError, BadRowsError, BatchConflictError.
    """
    ready = rows if "unit" in rows.columns else with_units(rows)
    with store.writer(f"telemetry {batch.name}", wait=wait) as writer:
        return writer.append(batch, ready.drop("known_at", strict=False), on_fault=on_fault)


def with_units(rows: pl.DataFrame) -> pl.DataFrame:
    """Add the column `unit` by quantity."""
    names = rows["quantity"].unique().to_list()
    units = pl.DataFrame({"quantity": names, "unit": [unit_of(name) for name in names]}, schema=_UNITS)
    return rows.join(units, on="quantity", how="left", maintain_order="left")


_UNITS = {"quantity": pl.String, "unit": pl.String}


@lru_cache(maxsize=4096)
def unit_of(quantity: str) -> str:
    """Return the unit in which a quantity is kept (`data/units.toml`), UNSTATED when nobody says it."""
    factor, _, suffix = quantity.rpartition("-")
    suffixes, factors = _units()
    return suffixes.get(suffix) or factors.get(factor, UNSTATED)


@lru_cache(maxsize=1)
def _units() -> tuple[dict[str, str], dict[str, str]]:
    read = tomllib.loads(_data("units.toml"))
    return read["suffix"], read["factor"]


@lru_cache(maxsize=1)
def marks() -> dict[str, str]:
    """Return {letter of the wire: word of the store} of `data/marks.toml`."""
    return {one["wire"]: one["word"] for one in tomllib.loads(_data("marks.toml"))["mark"]}


def word_of(letter: str) -> str:
    """Return the word for a data flag; a letter that no standard names stays readable as `wire.<letter>`."""
    known = marks().get(letter)
    if known is not None:
        return known
    plain = "".join(one for one in letter.strip().lower() if one.isascii() and (one.isalnum() or one in "_.-"))
    return f"wire.{plain or 'other'}"


def _data(name: str) -> str:
    return resources.files("lantian.gateway").joinpath("data", name).read_text(encoding="utf-8")
