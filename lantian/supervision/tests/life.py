"""A small city with a brick works whose telemetry is stored, for tests of alarms, leads and pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import polars as pl

from lantian.gateway.core.telemetry import open_store, write
from lantian.observations.model import Batch
from lantian.sources.services.taking import take_plants
from lantian.supervision.tests.plants import START, meters, plant, power

DAYS = 10
NOW = START + dt.timedelta(days=DAYS)
NIGHT = slice(2 * 96 + 88, 3 * 96 + 16)


def register(**changes: object) -> None:
    """Enter the works of `plants.plant` into the register."""
    take_plants(None, [plant(**changes)], source="test")


def store(folder: Path, rows: pl.DataFrame, name: str = "one", known_at: dt.datetime = NOW) -> None:
    """Store telemetry as a batch that was learned at `known_at`."""
    write(open_store(folder, offset=dt.timedelta(hours=8)), rows, Batch(id=name, known_at=known_at))


def off_at_night(**changes: slice) -> Mapping[str, np.ndarray]:
    """Power of the works with the fan off in one night (or the given steps of a machine zero)."""
    values = power()
    for code, part in (changes or {"T1": NIGHT}).items():
        values[f"E1.{code}"][part] = 0.2
    return values


def frame(values: Mapping[str, np.ndarray]) -> pl.DataFrame:
    return meters(values)
