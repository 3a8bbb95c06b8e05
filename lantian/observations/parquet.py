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
from lantian.observations.schema import TableSpec

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
SUFFIX = ".parquet"
DRAFT = ".draft"
# Rows of one group are read or skipped together. A group of some 14 station-months keeps both the scan of a country
# and the year of one station quick.
_GROUP_ROWS = 65_536


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
    span, rows = Span([*spec.key, "known_at"]), 0
    with pq.ParquetWriter(draft, spec.schema, compression="zstd", compression_level=3) as writer:
        for part in parts:
            span.widen(part)
            rows += part.num_rows
            writer.write_table(part.cast(spec.schema), row_group_size=_GROUP_ROWS)
    final = settle(draft, SUFFIX)
    return AddAction(
        path=final.relative_to(root).as_posix(),
        size=final.stat().st_size,
        partition_values={"month": month},
        modification_time=int(final.stat().st_mtime * 1000),
        data_change=data_change,
        stats=json.dumps({"numRecords": rows, "minValues": _plain(span.low), "maxValues": _plain(span.high)}),
    )


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {k: v.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if isinstance(v, dt.datetime) else v for k, v in values.items()}


def cut(batches: Iterable[pa.RecordBatch], column: str, rows: int) -> Iterator[list[pa.Table]]:
    """Cut a sorted stream into lists of tables of about `rows` rows, only where `column` changes.

    Files of one month then never share a value of the column, which spares readers the comparison of rows.
    """
    held: list[pa.Table] = []
    count = 0
    for batch in batches:
        table = pa.Table.from_batches([batch])
        while count + table.num_rows > rows and (border := _border(held, table, column, max(rows - count, 0))) < (
            table.num_rows
        ):
            if border:
                held.append(table.slice(0, border))
            yield held
            held, count, table = [], 0, table.slice(border)
        if table.num_rows:
            held.append(table)
            count += table.num_rows
    if held:
        yield held


def _border(held: list[pa.Table], table: pa.Table, column: str, after: int) -> int:
    """Return the first row of `table` from `after` on whose value differs from the row before it, or its length."""
    values = table[column].combine_chunks()
    if isinstance(values, pa.ChunkedArray):
        values = values.chunk(0)
    if after == 0 and not held:
        after = 1
    before = held[-1][column][-1].as_py() if after == 0 else values[min(after, len(values)) - 1].as_py()
    different = pc.index(pc.not_equal(values.slice(after), before), True).as_py()
    return int(after + different) if different >= 0 else len(values)
