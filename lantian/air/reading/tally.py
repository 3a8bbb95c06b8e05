"""What a file holds, counted chunk by chunk: places, period, values and gaps."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from lantian.air.reading.declaring import unit_of
from lantian.air.reading.formats import Format
from lantian.air.reading.repeats import Dropped


@dataclass(slots=True)
class Place:
    """Rows of one place and the first and last label among them."""

    rows: int
    first: dt.datetime
    last: dt.datetime


@dataclass(slots=True)
class Tally:
    """Counts of one file. `seen` counts rows as they stand there, the others only those that were taken."""

    seen: int = 0
    places: dict[str, Place] = field(default_factory=dict)
    values: dict[tuple[str, str], int] = field(default_factory=dict)
    missing: dict[str, int] = field(default_factory=dict)

    def add(self, frame: pl.DataFrame) -> None:
        """Count the rows of a chunk."""
        if frame.is_empty():
            return
        label = pl.col("label")
        spans = frame.group_by("place").agg(pl.len(), label.min().alias("first"), label.max().alias("last"))
        for name, rows, first, last in spans.iter_rows():
            known = self.places.setdefault(name, Place(0, first, last))
            known.rows += rows
            known.first, known.last = min(known.first, first), max(known.last, last)
        self._add_values(frame)

    def _add_values(self, frame: pl.DataFrame) -> None:
        if "quantity" in frame.columns:
            counts = frame.group_by("place", "quantity").agg(pl.col("value").count(), pl.len().alias("of"))
            found = list(counts.iter_rows())
        else:
            names = [name for name in frame.columns if name not in ("place", "label", "line")]
            wide = frame.group_by("place").agg(pl.col(names).count(), pl.len().alias("_of"))
            found = [
                (row["place"], name, row[name], row["_of"]) for row in wide.iter_rows(named=True) for name in names
            ]
        for place, name, count, of in found:
            self.values[place, name] = self.values.get((place, name), 0) + count
            self.missing[name] = self.missing.get(name, 0) + of - count

    def take_out(self, dropped: Dropped) -> None:
        """Leave out rows that turned out to be repeats."""
        for name, rows in dropped.places.items():
            self.places[name].rows -= rows
        for key, count in dropped.values.items():
            self.values[key] -= count
        for quantity, count in dropped.missing.items():
            if quantity in self.missing:
                self.missing[quantity] -= count

    @property
    def taken(self) -> int:
        return sum(one.rows for one in self.places.values())

    @property
    def total(self) -> int:
        return sum(self.values.values())

    def items(self, form: Format) -> dict[str, dict[str, Any]]:
        """Of each quantity: unit, values, empty cells, and how many hours (or days) between its places' ends lack it."""
        found: dict[str, dict[str, Any]] = {}
        for (place, name), count in self.values.items():
            one = found.setdefault(
                name, {"unit": unit_of(name), "n": 0, "missing": self.missing.get(name, 0), "gaps": 0}
            )
            span = self.places[place]
            one["n"] += count
            one["gaps"] += int((span.last - span.first) / form.length) + 1 - count
        return found

    def ends(self) -> tuple[dt.datetime | None, dt.datetime | None]:
        """The first and the last label."""
        firsts = [one.first for one in self.places.values() if one.rows]
        lasts = [one.last for one in self.places.values() if one.rows]
        return min(firsts, default=None), max(lasts, default=None)
