"""Rows as callers give them, made into columns of the right types, chunk by chunk. What cannot be read is reported."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import islice
from typing import Any

import polars as pl
import pyarrow as pa

from lantian.observations.errors import Fault, RowFault, ShapeError

CHUNK_ROWS = 1_000_000
_MAPPING_CHUNK = 100_000
_TIME = pl.Datetime("us", "UTC")
# An Arrow table or stream, a Polars frame, or mappings one by one (Arrow has no types of its own for the checker).
Rows = Any
Chunk = tuple[pl.DataFrame, list[RowFault]]

_TEXTS = ("source", "quantity", "place")
_TIMES = ("valid_from", "valid_to")
OBSERVATION: Mapping[str, Any] = {
    **dict.fromkeys(_TEXTS, pl.String), **dict.fromkeys(_TIMES, _TIME),
    "value": pl.Float64, "unit": pl.String, "flag": pl.String, "line": pl.Int64,
}  # fmt: skip
FLAG: Mapping[str, Any] = {
    **dict.fromkeys(_TEXTS, pl.String), **dict.fromkeys(_TIMES, _TIME),
    "flag": pl.String, "retracted": pl.Boolean, "lasting": pl.Boolean, "reason": pl.String, "line": pl.Int64,
}  # fmt: skip
# What a caller may leave out, and what then stands there.
DEFAULTS: Mapping[str, Any] = {"flag": "", "retracted": False, "lasting": False}


def chunks(rows: Rows, shape: Mapping[str, Any]) -> Iterator[Chunk]:
    """Yield the rows as frames with the columns of `shape`, and what could not be read of each chunk.

    `line` is the row's number in its origin; without it rows are counted from 1. Raises ShapeError when a column is
    lacking or has a type that cannot hold what is asked for (a time without zone, a text for a number).
    """
    if isinstance(rows, pl.DataFrame):
        rows = rows.to_arrow()
    if isinstance(rows, pa.Table):
        rows = rows.to_reader(max_chunksize=CHUNK_ROWS)
    if isinstance(rows, pa.RecordBatchReader):
        yield from _arrow(rows, shape)
    else:
        yield from _mappings(rows, shape)


def _arrow(reader: pa.RecordBatchReader, shape: Mapping[str, Any]) -> Iterator[Chunk]:
    _check_columns(reader.schema, shape)
    held: list[pa.RecordBatch] = []
    before = 0
    for batch in reader:
        held.append(batch)
        if sum(b.num_rows for b in held) >= CHUNK_ROWS:
            yield _frame(held, shape, before), []
            before += sum(b.num_rows for b in held)
            held = []
    if held:
        yield _frame(held, shape, before), []


def _check_columns(schema: pa.Schema, shape: Mapping[str, Any]) -> None:
    for name, kind in shape.items():
        if name not in schema.names:
            if name in DEFAULTS or name == "line":
                continue
            raise ShapeError(f"the rows have no column {name!r}; they have {', '.join(schema.names)}")
        given = schema.field(name).type
        if pa.types.is_dictionary(given):
            given = given.value_type
        if kind == _TIME and not (pa.types.is_timestamp(given) and given.tz):
            raise ShapeError(f"column {name!r} is {given}: times need a time zone (for example timestamp[us, tz=UTC])")
        if kind == pl.Float64 and not (
            pa.types.is_floating(given) or pa.types.is_integer(given) or pa.types.is_decimal(given)
        ):
            raise ShapeError(f"column {name!r} is {given}: it must hold numbers")


def _frame(batches: list[pa.RecordBatch], shape: Mapping[str, Any], before: int) -> pl.DataFrame:
    frame = pl.from_arrow(pa.Table.from_batches(batches))
    if not isinstance(frame, pl.DataFrame):
        raise TypeError("rows make a frame")
    lacking = [pl.lit(DEFAULTS[n]).alias(n) for n in shape if n in DEFAULTS and n not in frame.columns]
    if "line" not in frame.columns:
        lacking.append(pl.int_range(before + 1, before + 1 + pl.len(), dtype=pl.Int64).alias("line"))
    return frame.with_columns(lacking).select(pl.col(n).cast(k) for n, k in shape.items())


def _mappings(rows: Iterable[Mapping[str, Any]], shape: Mapping[str, Any]) -> Iterator[Chunk]:
    stream = enumerate(rows, 1)
    while part := list(islice(stream, _MAPPING_CHUNK)):
        faults: list[RowFault] = []
        read = [one for number, row in part if (one := _row(number, row, shape, faults)) is not None]
        yield pl.DataFrame(read, schema=shape, orient="row"), faults


def _row(number: int, row: Mapping[str, Any], shape: Mapping[str, Any], faults: list[RowFault]) -> list[Any] | None:
    line = int(row.get("line", number))
    values: list[Any] = []
    for name, kind in shape.items():
        value = line if name == "line" else row.get(name, DEFAULTS.get(name))
        try:
            values.append(_read(value, kind))
        except _Unreadable as error:
            faults.append(RowFault(line, name, error.fault, str(error)))
            return None
    return values


class _Unreadable(Exception):
    def __init__(self, fault: Fault, text: str) -> None:
        super().__init__(text)
        self.fault = fault


def _read(value: Any, kind: Any) -> Any:
    if value is None:
        raise _Unreadable(Fault.MISSING, "it is empty")
    if kind == pl.Float64:
        return _number(value)
    if kind == _TIME:
        return _moment(value)
    return str(value) if kind == pl.String else value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise _Unreadable(Fault.NO_NUMBER, f"{value!r} is no number")
    number = float(value)
    if not math.isfinite(number):
        raise _Unreadable(Fault.NOT_FINITE, f"{value!r} is no finite number")
    return number


def _moment(value: Any) -> dt.datetime:
    if not isinstance(value, dt.datetime):
        raise _Unreadable(Fault.NO_TIME, f"{value!r} is no date with time")
    if value.tzinfo is None:
        raise _Unreadable(Fault.NO_ZONE, f"{value} has no time zone")
    return value.astimezone(dt.UTC)
