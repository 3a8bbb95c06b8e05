"""Hourly values of many sources as one array of whole numbers: what assessments of whole countries begin with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from lantian.observations import direct, marks
from lantian.observations.direct import Filter, Group, Mask
from lantian.observations.footers import Runs, coded, micros_of, runs_of
from lantian.observations.model import Query
from lantian.observations.reading import Reader
from lantian.observations.schema import KEY
from lantian.observations.statistics.rules import HourRules
from lantian.standards.arrays import MISSING

_HOUR = 3_600_000_000
_ROW = (*KEY, "known_at", "flag")


def hourly(reader: Reader, query: Query, rules: HourRules) -> NDArray[np.int64]:
    """Return [source, quantity, hour] of a query that names sources, quantities, start and end (whole local hours).

    Values are scaled by 10**rules.scale, MISSING where there is none or where it has an excluded flag; rows that are
    not about exactly one hour do not count. The same numbers as `statistics.hours`. Raises ValueError for open ends.
    """
    if not query.sources or not query.quantities or query.start is None or query.end is None:
        raise ValueError("a grid of hours needs sources, quantities, a start and an end")
    offset = rules.offset // dt.timedelta(microseconds=1)
    first = (micros_of(query.start) + offset) // _HOUR
    hours = -(-(micros_of(query.end) + offset) // _HOUR) - first
    values = np.full((len(query.sources), len(query.quantities), hours), MISSING, dtype=np.int64)
    grid = _Grid(query, rules, values.reshape(-1), hours, offset - first * _HOUR)
    grid.note(reader.said(query, rules.excluded))
    # Sources and quantities are told by their numbers: no need to compare them first.
    rest = replace(query, sources=(), quantities=())
    doubtful = direct.each(lambda group: grid.take(group, Filter(group, rest)), reader.groups_alone(query))
    grid.void([one for one in doubtful if one is not None])
    grid.place(reader.compared(query, (*_ROW, "value")))
    return values


@dataclass
class _Grid:
    """The array as it fills; groups may fill it at the same time, since no two hold the same hour of a source."""

    query: Query
    rules: HourRules
    cells: NDArray[np.int64]
    hours: int
    shift: int
    said: pl.DataFrame | None = None
    marked: Mask | None = None

    def note(self, said: pl.DataFrame | None) -> None:
        """Mark the cells that some flag is about."""
        self.said = said
        if said is not None:
            self.marked = np.zeros(len(self.cells), dtype=np.bool_)
            self.marked[self._cells_of(said)] = True

    def take(self, group: Group, wanted: Filter) -> pl.DataFrame | None:
        """Put the values of a row group where they belong; return the rows that some flag in the store is about, with
        their `cell`, None for none."""
        same = group.footer.interval == _HOUR
        plain = group.ends("flag") == ("", "")
        extra = [*([] if same else ["valid_to"]), *([] if plain else ["flag"])]
        said = group.runs
        columns = [*(["source", "quantity"] if said is None else []), "valid_from", "value", *extra, *wanted.columns]
        table = group.read(list(dict.fromkeys(columns)))
        begin = direct.micros(table["valid_from"])
        at, mask = self._at(said or runs_of(table), begin)
        masks = [one for one in (mask, wanted.mask(table)) if one is not None]
        if not same:
            masks.append(direct.micros(table["valid_to"]) - begin == _HOUR)
        values = table["value"].to_numpy()
        rows = np.flatnonzero(np.logical_and.reduce(masks)) if masks else None
        if rows is not None:
            at, values = at[rows], values[rows]
        suspect = None if self.marked is None else self.marked[at]
        if not plain:
            void = self._by_own_flag(table["flag"], rows)
            kept = ~void if suspect is None else ~void | suspect
            at, values, suspect = at[kept], values[kept], None if suspect is None else suspect[kept]
            rows = np.flatnonzero(kept) if rows is None else rows[kept]
        self.cells[at] = self._scaled(values)
        if suspect is None or not suspect.any():
            return None
        which = np.flatnonzero(suspect)
        found = direct.frame(group.read(list(_ROW)).take(pa.array(which if rows is None else rows[which])))
        return found.with_columns(pl.Series("cell", at[which]))

    def _by_own_flag(self, column: pa.ChunkedArray, rows: NDArray[np.intp] | None) -> Mask:
        """Tell the rows that came with an excluded flag."""
        codes, names = coded(column)
        bad = np.array([not set(self.rules.excluded).isdisjoint(name.split(",")) for name in names], dtype=np.bool_)
        found: Mask = bad[codes if rows is None else codes[rows]]
        return found

    def void(self, doubtful: list[pl.DataFrame]) -> None:
        """Empty the cells whose rows an excluded flag makes void; all of them are looked at together."""
        if not doubtful:
            return
        rows = pl.concat(doubtful)
        gone = marks.has_any(marks.in_force(rows, self.said), self.rules.excluded)
        self.cells[rows["cell"].filter(gone).to_numpy()] = MISSING

    def _at(self, runs: Runs, begin: NDArray[np.int64]) -> tuple[NDArray[np.int64], Mask | None]:
        """Return the cell of each row, and which rows have one at all (None for all).

        Rows lie sorted: the cell of an hour is looked up once for a run of rows of one source and quantity.
        """
        source = _places(self.query.sources, runs.sources)[runs.source]
        quantity = _places(self.query.quantities, runs.quantities)[runs.quantity]
        base = (source * len(self.query.quantities) + quantity) * self.hours
        at = begin + self.shift
        at //= _HOUR
        at += np.repeat(base, runs.length)
        known = (source >= 0) & (quantity >= 0)
        return at, None if known.all() else np.repeat(known, runs.length)

    def place(self, rows: pl.DataFrame) -> None:
        """Put rows where they belong."""
        if rows.is_empty():
            return
        rows = rows.filter((pl.col("valid_to") - pl.col("valid_from")) == pl.duration(hours=1))
        void = marks.has_any(marks.in_force(rows, self.said), self.rules.excluded)
        rows = rows.filter(~void)
        self.cells[self._cells_of(rows)] = self._scaled(rows["value"].to_numpy())

    def _cells_of(self, rows: pl.DataFrame) -> NDArray[np.int64]:
        source = pl.col("source").replace_strict(_numbered(self.query.sources), return_dtype=pl.Int64)
        quantity = pl.col("quantity").replace_strict(_numbered(self.query.quantities), return_dtype=pl.Int64)
        hour = (pl.col("valid_from").dt.epoch("us") + self.shift) // _HOUR
        at = (source * len(self.query.quantities) + quantity) * self.hours + hour
        return rows.select(at.alias("at"))["at"].to_numpy()

    def _scaled(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return whole numbers, still as floats: they become whole ones when they are put into their cells."""
        scaled: NDArray[np.float64] = values * float(10**self.rules.scale)
        return np.rint(scaled, out=scaled)


def _numbered(names: tuple[str, ...]) -> dict[str, int]:
    return {one: n for n, one in enumerate(names)}


def _places(wanted: tuple[str, ...], names: Sequence[str]) -> NDArray[np.int64]:
    """Return where each name stands among the wanted ones, -1 for nowhere."""
    numbered = _numbered(wanted)
    return np.array([numbered.get(one, -1) for one in names], dtype=np.int64)
