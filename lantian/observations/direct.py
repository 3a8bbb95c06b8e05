"""Rows straight out of the files, for answers that must be quick: the same rows as the engine's, without a query language.

Ibis and DuckDB need 60 ms and more to understand a question, and name each row's texts one by one. Here row groups that
cannot matter are skipped by their statistics, columns that say the same in every row are not read at all, and sources
and quantities stay numbers. `tests/test_direct.py` shows that both ways give equal rows.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from lantian.observations.footers import Footer, Footers, Runs, coded, micros_of
from lantian.observations.log import DataFile
from lantian.observations.model import Query
from lantian.observations.schema import TableSpec
from lantian.observations.snapshot import Parts, part

Mask = NDArray[np.bool_]
_T = TypeVar("_T")
_S = TypeVar("_S")
# With a last row of these columns a fact's rows have an order: the last is the newest.
_ORDER = ("known_at", "batch", "line")


@dataclass(frozen=True, slots=True)
class Group:
    """One row group of one file."""

    footer: Footer
    number: int

    @property
    def rows(self) -> int:
        return self.footer.rows(self.number)

    def ends(self, column: str) -> tuple[Any, Any] | None:
        return self.footer.ends(self.number, column)

    def same(self, column: str) -> Any:
        """Return the value that a column has in all rows, None when it is not said."""
        return self.footer.same(self.number, column)

    @property
    def runs(self) -> Runs | None:
        """Its rows as runs of one source and quantity, None when it is not said."""
        found = self.footer.runs
        return None if found is None else found[self.number]

    def read(self, columns: Sequence[str]) -> pa.Table:
        return self.footer.read([self.number], columns)


def each(task: Callable[[_S], _T], things: Sequence[_S]) -> list[_T]:
    """Do a task for many things at once, as many as there are processors; reading and NumPy let others run."""
    workers = min(os.cpu_count() or 1, len(things))
    if workers <= 1:
        return [task(one) for one in things]
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(task, things))


def groups(files: Sequence[DataFile], footers: Footers, query: Query) -> list[Group]:
    """Return the row groups that may hold rows of a query."""
    sources = sorted(query.sources)
    return [
        Group(footer, number)
        for file in files
        for footer in (footers.get(file.path),)
        for number in footer.groups(sources)
        if _in_time(footer, number, query)
    ]


def _in_time(footer: Footer, number: int, query: Query) -> bool:
    if query.start is None and query.end is None:
        return True
    ends = footer.ends(number, "valid_from")
    if ends is None:
        return True
    start, end = (None if one is None else micros_of(one) for one in (query.start, query.end))
    return (start is None or ends[1] >= start) and (end is None or ends[0] < end)


class Filter:
    """Tells the rows of a query in a row group; asks only what some row may fail, as far as the statistics say.

    Rows that a later one of the same file replaced are left out unless `replaced`. `flags`: only rows with one of these.
    """

    def __init__(self, group: Group, query: Query, *, replaced: bool = False, flags: Sequence[str] = ()) -> None:
        self._conditions = list(_conditions(group, query, replaced=replaced, flags=flags))

    @property
    def columns(self) -> list[str]:
        """The columns that must be read to tell."""
        return [column for column, _ in self._conditions]

    def mask(self, table: pa.Table) -> Mask | None:
        """Return which rows are meant, None for all."""
        masks = [condition(table[column]) for column, condition in self._conditions]
        return np.logical_and.reduce(masks) if masks else None


Condition = tuple[str, Callable[[pa.ChunkedArray], Mask]]


def _conditions(group: Group, query: Query, *, replaced: bool, flags: Sequence[str]) -> Iterator[Condition]:
    asked = (("source", query.sources), ("quantity", query.quantities), ("place", query.places), ("flag", flags))
    for column, wanted in asked:
        ends = group.ends(column)
        if wanted and not (ends is not None and ends[0] == ends[1] and ends[0] in wanted):
            yield column, _one_of(frozenset(wanted))
    yield from _span(group, "valid_from", query.start, query.end)
    if query.as_known_on is not None:
        yield from _span(group, "known_at", None, query.as_known_on + dt.timedelta(microseconds=1))
    if not replaced and not group.footer.is_empty(group.number, "known_until"):
        yield "known_until", _not_replaced(query.as_known_on)


def _one_of(wanted: frozenset[str]) -> Callable[[pa.ChunkedArray], Mask]:
    def condition(column: pa.ChunkedArray) -> Mask:
        codes, names = coded(column)
        table = np.fromiter((one in wanted for one in names), dtype=np.bool_, count=len(names))
        found: Mask = table[codes]
        return found

    return condition


def _span(group: Group, column: str, start: dt.datetime | None, end: dt.datetime | None) -> Iterator[Condition]:
    """Rows with start <= column < end."""
    ends = group.ends(column)
    least = None if start is None else micros_of(start)
    below = None if end is None else micros_of(end)
    if ends is not None and (least is None or ends[0] >= least) and (below is None or ends[1] < below):
        return

    def condition(values: pa.ChunkedArray) -> Mask:
        at = micros(values)
        found: Mask = np.ones(len(at), dtype=np.bool_) if least is None else at >= least
        return found if below is None else found & (at < below)

    yield column, condition


def _not_replaced(as_known_on: dt.datetime | None) -> Callable[[pa.ChunkedArray], Mask]:
    def condition(values: pa.ChunkedArray) -> Mask:
        empty: Mask = values.is_null().to_numpy()
        if as_known_on is None:
            return empty
        later: Mask = micros(values.fill_null(0)) > micros_of(as_known_on)
        return empty | later

    return condition


def micros(times: pa.ChunkedArray) -> NDArray[np.int64]:
    """Return times without gaps as microseconds since 1970."""
    found: NDArray[np.int64] = times.cast(pa.int64()).to_numpy()
    return found


# -- frames ------------------------------------------------------------------------------------------------------


def newest(
    spec: TableSpec,
    files: Sequence[DataFile],
    footers: Footers,
    query: Query,
    columns: Sequence[str],
    flags: Sequence[str] = (),
) -> pl.DataFrame:
    """Return columns of the newest row of every fact (of every row with `query.history`), in no order.

    `flags`: only of some flags, for the table whose key they are part of.
    """
    if query.history:
        return _gathered(spec, groups(files, footers, query), query, columns, replaced=True, flags=flags)
    parts = part(files, spec.key[0])
    alone = _gathered(spec, groups(parts.alone, footers, query), query, columns, flags=flags)
    return pl.concat([alone, compared(spec, parts, footers, query, columns, flags)])


def compared(
    spec: TableSpec,
    parts: Parts,
    footers: Footers,
    query: Query,
    columns: Sequence[str],
    flags: Sequence[str] = (),
) -> pl.DataFrame:
    """Return columns of the newest rows of the files that share facts."""
    if not parts.shared:
        return _gathered(spec, [], query, columns)
    wide = list(dict.fromkeys([*columns, *spec.key, *_ORDER]))
    rows = _gathered(spec, groups(parts.shared, footers, query), query, wide, flags=flags)
    return rows.sort(_ORDER).unique(spec.key, keep="last").select(columns)


def _gathered(
    spec: TableSpec,
    which: Sequence[Group],
    query: Query,
    columns: Sequence[str],
    *,
    replaced: bool = False,
    flags: Sequence[str] = (),
) -> pl.DataFrame:
    def one(group: Group) -> pa.Table:
        return _rows(spec, group, Filter(group, query, replaced=replaced, flags=flags), columns)

    schema = pa.schema([spec.schema.field(name) for name in columns])
    return frame(pa.concat_tables([schema.empty_table(), *each(one, which)]))


def _rows(spec: TableSpec, group: Group, wanted: Filter, columns: Sequence[str]) -> pa.Table:
    """Return columns of the rows of a group that are meant; a column that says the same in all rows is not read."""
    same = {name: group.same(name) for name in columns if name not in wanted.columns}
    read = [name for name in columns if same.get(name) is None]
    length = group.footer.interval if "valid_to" in read else None
    if length is not None:
        read = [name for name in dict.fromkeys([*read, "valid_from"]) if name != "valid_to"]
    table = group.read(list(dict.fromkeys([*read, *wanted.columns])) or [columns[0]])
    table = picked(table, wanted.mask(table))
    made = {name: table[name] for name in table.column_names}
    for name, value in same.items():
        if value is not None:
            made[name] = pa.repeat(pa.scalar(value, spec.schema.field(name).type), table.num_rows)
    if length is not None:
        made["valid_to"] = pa.array(micros(table["valid_from"]) + length)
    schema = pa.schema([spec.schema.field(name) for name in columns])
    return pa.table([_plain(made[field.name], field) for field in schema], schema=schema)


def _plain(column: pa.ChunkedArray, field: pa.Field) -> pa.ChunkedArray:
    return column if column.type == field.type else column.cast(field.type)


def picked(table: pa.Table, mask: Mask | None) -> pa.Table:
    """Return the rows of a mask. Rows that lie together are cut out, not picked."""
    if mask is None:
        return table
    at = np.flatnonzero(mask)
    together = len(at) > 0 and at[-1] - at[0] + 1 == len(at)
    return table.slice(int(at[0]), len(at)) if together else table.take(pa.array(at))


def frame(table: pa.Table) -> pl.DataFrame:
    """Return a table as a frame with plain texts."""
    texts = [name for name in table.column_names if pa.types.is_dictionary(table.schema.field(name).type)]
    for name in texts:
        table = table.set_column(table.column_names.index(name), name, table[name].cast(pa.string()))
    found = pl.from_arrow(table)
    if not isinstance(found, pl.DataFrame):
        raise TypeError("rows make a frame")
    return found
