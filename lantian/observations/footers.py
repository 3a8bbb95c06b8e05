"""What a file says of itself, kept in memory: files never change, so that what was read once stays true.

Beside Parquet's own statistics our files carry three facts that spare readers whole columns: the length that all their
intervals have in common, which sources and places they hold from when to when, and how many rows of one source and
quantity follow each other.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import threading
import zlib
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

# Names of columns whose values repeat: they are read as numbers into a short list.
TEXTS = ("source", "quantity", "place", "unit", "flag", "batch")
# Names of columns with times: microseconds since 1970, UTC.
TIMES = ("valid_from", "valid_to", "known_at", "known_until", "period_from", "period_to")
_INTERVAL = b"lantian.interval_us"
_SUBJECTS = b"lantian.subjects"
_RUNS = b"lantian.runs"
# A run is told where it is at least so many rows long on average: packets of an hour would be told twice.
_SHORTEST_RUN = 32
_MOST_SUBJECTS = 20_000
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

# (source, place): first beginning and last beginning of an interval, microseconds since 1970.
Subjects = Mapping[tuple[str, str], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Runs:
    """The rows of a row group as runs of one source and quantity, in their order: positions among the names, lengths."""

    sources: tuple[str, ...]
    quantities: tuple[str, ...]
    source: NDArray[np.int64]
    quantity: NDArray[np.int64]
    length: NDArray[np.int64]


def runs_of(table: pa.Table) -> Runs:
    """Find the runs of some rows."""
    source, sources = coded(table["source"])
    quantity, quantities = coded(table["quantity"])
    border = (np.diff(source) != 0) | (np.diff(quantity) != 0)
    first = np.concatenate([[0], np.flatnonzero(border) + 1]) if len(source) else np.empty(0, dtype=np.int64)
    length = np.diff(np.concatenate([first, [len(source)]]))
    return Runs(
        tuple(sources), tuple(quantities), source[first].astype(np.int64), quantity[first].astype(np.int64), length
    )


def coded(column: pa.ChunkedArray) -> tuple[NDArray[np.int32], list[str]]:
    """Return texts as numbers into a list of them."""
    if column.num_chunks == 0:
        return np.empty(0, dtype=np.int32), []
    one = column.combine_chunks() if column.num_chunks > 1 else column.chunk(0)
    if isinstance(one, pa.ChunkedArray):
        one = one.chunk(0)
    if not pa.types.is_dictionary(one.type):
        one = one.dictionary_encode()
    return one.indices.to_numpy(zero_copy_only=False), one.dictionary.to_pylist()


class Said:
    """Collects over all row groups of a file what its footer shall say; only for tables with intervals."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._applies = {"source", "place", "valid_from", "valid_to"} <= set(columns)
        self._intervals: set[int] = set()
        self._subjects: dict[tuple[str, str], tuple[int, int]] = {}
        self._runs: list[Runs] = []
        self._rows = 0

    def widen(self, part: pa.Table) -> None:
        """Look at the rows of the next row group."""
        if not self._applies or not part.num_rows:
            return
        self._runs.append(runs_of(part))
        self._rows += part.num_rows
        ends = (part[name].cast(pa.int64()).to_numpy() for name in ("valid_from", "valid_to"))
        begin, end = ends
        lengths = end - begin
        self._intervals |= {int(lengths.min()), int(lengths.max())}
        frame = pl.DataFrame(
            {"source": pl.from_arrow(part["source"]), "place": pl.from_arrow(part["place"]), "at": begin}
        )
        merge(self._subjects, _spans(frame))

    def metadata(self) -> dict[bytes, bytes]:
        """Return what goes into the footer."""
        said = {}
        if len(self._intervals) == 1:
            said[_INTERVAL] = str(next(iter(self._intervals))).encode()
        if self._applies and len(self._subjects) <= _MOST_SUBJECTS:
            rows = [[*key, *span] for key, span in sorted(self._subjects.items())]
            text = json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode()
            said[_SUBJECTS] = base64.b64encode(zlib.compress(text))
        if self._rows and sum(len(one.length) for one in self._runs) * _SHORTEST_RUN <= self._rows:
            said[_RUNS] = base64.b64encode(zlib.compress(json.dumps([_plain(one) for one in self._runs]).encode()))
        return said


def _plain(one: Runs) -> list[Any]:
    numbers = (one.source.tolist(), one.quantity.tolist(), one.length.tolist())
    return [list(one.sources), list(one.quantities), *numbers]


def _spans(frame: pl.DataFrame) -> dict[tuple[str, str], tuple[int, int]]:
    found = frame.group_by("source", "place").agg(pl.col("at").min().alias("low"), pl.col("at").max().alias("high"))
    return {(source, place): (low, high) for source, place, low, high in found.iter_rows()}


def merge(into: dict[tuple[str, str], tuple[int, int]], more: Subjects) -> None:
    """Widen the spans of `into` by those of `more`."""
    for key, (low, high) in more.items():
        there = into.get(key)
        into[key] = (low, high) if there is None else (min(low, there[0]), max(high, there[1]))


@dataclass(frozen=True)
class Footer:
    """A file's footer, parsed."""

    path: Path
    metadata: pq.FileMetaData

    @cached_property
    def interval(self) -> int | None:
        """The length that all intervals of the file have, in microseconds; None when it is not said."""
        found = (self.metadata.metadata or {}).get(_INTERVAL)
        return None if found is None else int(found)

    @cached_property
    def subjects(self) -> Subjects:
        """The sources and places of the file and their spans; read from the rows when the footer does not say."""
        found = (self.metadata.metadata or {}).get(_SUBJECTS)
        if found is not None:
            rows = json.loads(zlib.decompress(base64.b64decode(found)))
            return {(source, place): (low, high) for source, place, low, high in rows}
        table = self.read(range(self.metadata.num_row_groups), ["source", "place", "valid_from"])
        names = {name: pl.from_arrow(table[name].cast(pa.string())) for name in ("source", "place")}
        return _spans(pl.DataFrame({**names, "at": table["valid_from"].cast(pa.int64()).to_numpy()}))

    @cached_property
    def runs(self) -> tuple[Runs, ...] | None:
        """The runs of each row group; None when the footer does not say."""
        found = (self.metadata.metadata or {}).get(_RUNS)
        if found is None:
            return None
        return tuple(
            Runs(tuple(sources), tuple(quantities), *(np.array(one, dtype=np.int64) for one in numbers))
            for sources, quantities, *numbers in json.loads(zlib.decompress(base64.b64decode(found)))
        )

    @cached_property
    def _columns(self) -> dict[str, int]:
        return {self.metadata.schema.column(n).name: n for n in range(self.metadata.num_columns)}

    @cached_property
    def _sources(self) -> tuple[tuple[str, str] | None, ...]:
        return tuple(self.ends(group, "source") for group in range(self.metadata.num_row_groups))

    def groups(self, sources: Sequence[str]) -> list[int]:
        """Return the row groups that may hold rows of some sources (sorted; empty for all)."""
        every = range(self.metadata.num_row_groups)
        if not sources:
            return list(every)
        return [n for n in every if (ends := self._sources[n]) is None or _between(sources, *ends)]

    def ends(self, group: int, column: str) -> tuple[Any, Any] | None:
        """Return the least and the greatest value of a column in a row group (times: microseconds since 1970), None
        when it is not said."""
        found = self._statistics(group, column)
        if found is None or not found.has_min_max:
            return None
        # Whole numbers are compared with, and are there without a Python object being made of each time.
        return (found.min_raw, found.max_raw) if column in TIMES else (found.min, found.max)

    def same(self, group: int, column: str) -> Any:
        """Return the value that a column has in all rows of a row group (a time as in `ends`), None when it is not said."""
        found = self._statistics(group, column)
        if found is None or not found.has_null_count or found.null_count:
            return None
        ends = self.ends(group, column)
        return ends[0] if ends is not None and ends[0] == ends[1] else None

    def is_empty(self, group: int, column: str) -> bool:
        """Tell whether a column has no value at all in a row group (False when it is not said)."""
        found = self._statistics(group, column)
        return bool(found and found.has_null_count and found.null_count == self.rows(group))

    def rows(self, group: int) -> int:
        return int(self.metadata.row_group(group).num_rows)

    def _statistics(self, group: int, column: str) -> Any:
        return self.metadata.row_group(group).column(self._columns[column]).statistics

    def read(self, groups: Sequence[int], columns: Sequence[str]) -> pa.Table:
        """Return columns of row groups, one chunk each; texts as dictionaries."""
        texts = [name for name in columns if name in TEXTS]
        with pq.ParquetFile(self.path, metadata=self.metadata, read_dictionary=texts, memory_map=True) as file:
            table = file.read_row_groups(list(groups), columns=list(columns), use_threads=False)
        return table.unify_dictionaries().combine_chunks()


def _between(ordered: Sequence[str], low: str, high: str) -> bool:
    return bisect_left(ordered, low) < bisect_right(ordered, high)


class Footers:
    """Footers by path; the ones that were not asked for longest go when there are too many row groups."""

    MOST_GROUPS = 50_000

    def __init__(self) -> None:
        self._held: OrderedDict[Path, Footer] = OrderedDict()
        self._groups = 0
        self._guard = threading.Lock()
        self._subjects: tuple[frozenset[Path], dict[tuple[str, str], tuple[int, int]]] = (frozenset(), {})

    def get(self, path: Path) -> Footer:
        with self._guard:
            if path in self._held:
                self._held.move_to_end(path)
                return self._held[path]
        footer = Footer(path, pq.read_metadata(path))
        with self._guard:
            self._held[path] = footer
            self._groups += footer.metadata.num_row_groups
            while self._groups > self.MOST_GROUPS and len(self._held) > 1:
                _, old = self._held.popitem(last=False)
                self._groups -= old.metadata.num_row_groups
        return footer

    def subjects(self, paths: Sequence[Path]) -> Subjects:
        """Return the subjects of all files together; after an import only the new files are looked at."""
        wanted = frozenset(paths)
        known, found = self._subjects
        merged = dict(found) if known <= wanted else {}
        for path in sorted(wanted - known if merged else wanted):
            merge(merged, self.get(path).subjects)
        self._subjects = (wanted, merged)
        return merged


def moment_of(micros: int) -> dt.datetime:
    """Return microseconds since 1970 as an aware time.

    >>> moment_of(0).isoformat()
    '1970-01-01T00:00:00+00:00'
    """
    return _EPOCH + dt.timedelta(microseconds=micros)


def micros_of(when: dt.datetime) -> int:
    """Return an aware time as microseconds since 1970, exact."""
    return (when - _EPOCH) // dt.timedelta(microseconds=1)
