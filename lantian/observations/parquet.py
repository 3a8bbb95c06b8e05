"""Files of rows: written sorted, synced, named by their content, with the statistics that reading prunes by."""

from __future__ import annotations

import datetime as dt
import json
import os
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake.transaction import AddAction

from lantian.observations.durable import make_folder, settle
from lantian.observations.footers import Said
from lantian.observations.schema import TableSpec

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
SUFFIX = ".parquet"
DRAFT = ".draft"
# Rows of one group are read or skipped together. A group of some 14 station-months keeps both the scan of a country
# and the year of one station quick.
_GROUP_ROWS = 65_536
# Times and lines of the origin rise steadily within a series: their differences need hardly any room.
_DIFFERENCES = dict.fromkeys(("valid_from", "valid_to", "line"), "DELTA_BINARY_PACKED")


class Span:
    """Least and greatest values of some columns, over all batches of rows that it was shown."""

    def __init__(self, columns: Iterable[str]) -> None:
        self.low: dict[str, Any] = dict.fromkeys(columns)
        self.high: dict[str, Any] = dict(self.low)

    def widen(self, rows: pa.Table) -> None:
        for name in self.low:
            low, high = _ends(rows[name])
            self.low[name] = _pick(min, self.low[name], low)
            self.high[name] = _pick(max, self.high[name], high)


def _ends(column: pa.ChunkedArray) -> tuple[Any, Any]:
    """Return least and greatest; times by way of whole numbers (Arrow would import pandas to make a date)."""
    if not pa.types.is_timestamp(column.type):
        found = pc.min_max(column).as_py()
        return found["min"], found["max"]
    found = pc.min_max(column.cast(pa.int64())).as_py()
    low, high = (None if one is None else _EPOCH + dt.timedelta(microseconds=one) for one in found.values())
    return low, high


def _pick(choose: Any, one: Any, other: Any) -> Any:
    return choose(v for v in (one, other) if v is not None) if one is not None or other is not None else None


def write_file(spec: TableSpec, root: Path, month: str, parts: Iterable[pa.Table], *, data_change: bool) -> AddAction:
    """Write sorted rows of one month as one file under `root` and return what the log shall say of it.

    The file and its folder are on disk when this returns; until a commit names it nobody reads it.
    """
    folder = root / f"month={month}"
    make_folder(folder)
    draft = folder / f"{os.getpid()}-{uuid.uuid4().hex}{DRAFT}"
    span, said, rows = Span([*spec.key, "known_at"]), Said(spec.schema.names), 0
    with _writer(draft, spec) as writer:
        for group in grouped(parts, spec.key[0]):
            span.widen(group)
            said.widen(group)
            rows += group.num_rows
            writer.write_table(group.cast(spec.schema), row_group_size=group.num_rows)
        writer.add_key_value_metadata(said.metadata())
    final = settle(draft, SUFFIX)
    return AddAction(
        path=final.relative_to(root).as_posix(),
        size=final.stat().st_size,
        partition_values={"month": month},
        modification_time=int(final.stat().st_mtime * 1000),
        data_change=data_change,
        stats=json.dumps({"numRecords": rows, "minValues": _plain(span.low), "maxValues": _plain(span.high)}),
    )


def _writer(draft: Path, spec: TableSpec) -> pq.ParquetWriter:
    return pq.ParquetWriter(
        draft,
        spec.schema,
        # Read twice as fast as zstd and, encoded like this, no bigger.
        compression="lz4",
        use_dictionary=[name for name in spec.schema.names if name not in _DIFFERENCES],
        column_encoding={name: kind for name, kind in _DIFFERENCES.items() if name in spec.schema.names},
    )


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {k: v.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if isinstance(v, dt.datetime) else v for k, v in values.items()}


def grouped(parts: Iterable[pa.Table], column: str) -> Iterator[pa.Table]:
    """Make sorted parts into row groups of at most _GROUP_ROWS rows, cut where `column` changes if that is near."""
    rest: pa.Table | None = None
    for part in parts:
        rest = part if rest is None else pa.concat_tables([rest, part])
        while rest.num_rows > _GROUP_ROWS:
            at = _last_border(rest[column].slice(0, _GROUP_ROWS + 1))
            yield rest.slice(0, at)
            rest = rest.slice(at)
    if rest is not None and rest.num_rows:
        yield rest


def _last_border(values: pa.ChunkedArray) -> int:
    """Return the last row whose value differs from the one before it, or the last row when it is far away."""
    half = len(values) // 2
    near = values.slice(half)
    borders = pc.indices_nonzero(pc.not_equal(near.slice(1), near.slice(0, len(near) - 1)))
    return half + 1 + int(borders[-1].as_py()) if len(borders) else len(values) - 1


def cut(batches: Iterable[pa.RecordBatch], column: str, rows: int) -> Iterator[Iterator[pa.Table]]:
    """Cut a sorted stream into pieces of about `rows` rows, only where `column` changes; each must be taken in turn.

    Files of one month then never share a value of the column, which spares readers the comparison of rows.
    """
    stream = _Stream(batches, column)
    while stream.more():
        yield stream.piece(rows)


class _Stream:
    """A sorted stream that is taken piece by piece, of which only a batch is held at a time."""

    def __init__(self, batches: Iterable[pa.RecordBatch], column: str) -> None:
        self._batches = iter(batches)
        self._column = column
        self._held: pa.Table | None = None

    def more(self) -> bool:
        """Fetch the next batch if none is held; tell whether there is one."""
        while self._held is None or not self._held.num_rows:
            batch = next(self._batches, None)
            if batch is None:
                return False
            self._held = pa.Table.from_batches([batch])
        return True

    def piece(self, rows: int) -> Iterator[pa.Table]:
        """Yield tables until `rows` rows went by and the column changes."""
        count, last = 0, None
        while self.more() and self._held is not None:
            table = self._held
            at = table.num_rows if count + table.num_rows <= rows else self._border(table, max(rows - count, 0), last)
            self._held = table.slice(at)
            if at:
                count, last = count + at, table[self._column][at - 1].as_py()
                yield table.slice(0, at)
            if self._held.num_rows:
                return

    def _border(self, table: pa.Table, after: int, last: str | None) -> int:
        """Return the first row from `after` on whose value differs from the row before it, or the table's length."""
        values = table[self._column]
        before = last if after == 0 else values[after - 1].as_py()
        if before is None:  # the first row of a piece has none before it
            after, before = 1, values[0].as_py()
        found = pc.index(pc.not_equal(values.slice(after), before), True).as_py()
        return int(after + found) if found >= 0 else table.num_rows
