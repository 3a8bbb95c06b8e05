"""Many small files become a few big ones. No row is lost, changed or added; only `known_until` is filled in.

Readers are never blocked: those that began before keep the old files, which stay until vacuum's grace time is over.
Each month is one commit under the lock, so that an import waits for one month at most.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from lantian.observations.errors import DamagedError
from lantian.observations.existing import connect, scan
from lantian.observations.log import DataFile
from lantian.observations.parquet import cut, write_file
from lantian.observations.schema import TABLES, TableSpec
from lantian.observations.snapshot import part

if TYPE_CHECKING:
    from lantian.observations.store import Store
    from lantian.observations.writer import Writer

TARGET_ROWS = 8_000_000
# Of the files of one month of a table those to be merged.
Choose = Callable[[list[DataFile]], list[DataFile]]


@dataclass(frozen=True, slots=True)
class Compacted:
    """What was done to one month of one table."""

    table: str
    month: str
    rows: int
    files_before: int
    files_after: int


def compact(
    store: Store,
    *,
    target_rows: int = TARGET_ROWS,
    least_files: int = 2,
    wait: float = 60.0,
    on_step: Callable[[str], None] | None = None,
    choose: Choose | None = None,
) -> list[Compacted]:
    """Compact every month that gains by it, that is, of which at least so many files become fewer; return what was done.

    `choose` names the files to be merged in place of the usual rule, which merges all that share facts (in a stream, where
    late data reach back, that would be all of the month again and again). Files that are left are compared when read.
    Raises BusyError, DamagedError.
    """
    done: list[Compacted] = []
    for spec in TABLES:
        files, _ = store.snapshot(spec)
        for month in months_that_gain(files, spec, target_rows, choose, least_files):
            with store.writer(f"compaction of {spec.name} {month}", wait=wait, on_step=on_step) as writer:
                result = _month(store, writer, spec, month, target_rows, choose)
            if result is not None:
                done.append(result)
    return done


def months_that_gain(
    files: Iterable[DataFile],
    spec: TableSpec,
    target_rows: int = TARGET_ROWS,
    choose: Choose | None = None,
    least_files: int = 2,
) -> list[str]:
    """Return the months with files that share facts or with several small ones (or that `choose` names), at least so many;
    oldest first."""
    by_month: dict[str, list[DataFile]] = defaultdict(list)
    for file in files:
        by_month[file.month].append(file)
    many = {month: ones for month, ones in by_month.items() if len(ones) >= least_files}
    return [month for month in sorted(many) if len(_to_merge(many[month], spec, target_rows, choose)) >= least_files]


def _to_merge(files: list[DataFile], spec: TableSpec, target_rows: int, choose: Choose | None = None) -> list[DataFile]:
    """Return the files to be merged: those that share facts and the small ones; none when it is only one."""
    if choose is not None:
        picked = choose(files)
        return picked if len(picked) > 1 else []
    shared = {f.name for f in part(files, spec.key[0]).shared}
    chosen = [f for f in files if f.name in shared or f.rows < target_rows // 2]
    return chosen if len(chosen) > 1 else []


def _month(
    store: Store, writer: Writer, spec: TableSpec, month: str, target_rows: int, choose: Choose | None = None
) -> Compacted | None:
    log = store.log(spec)
    merged = _to_merge([f for f in log.files() if f.month == month], spec, target_rows, choose)
    if not merged:
        return None
    rows = sum(f.rows for f in merged)
    # Parts as equal as possible: none so small that the next run would merge it again.
    pieces = max(1, round(rows / target_rows))
    with connect(store.temporary) as connection:
        stream = connection.sql(_sorted(merged, spec)).to_arrow_reader(100_000)
        adds = [
            write_file(spec, log.root, month, tables, data_change=False)
            for tables in cut(_checked(stream, rows), spec.key[0], -(-rows // pieces))
        ]
    writer.step("merged")
    meta = {"at": store.clock().isoformat(), "details": {"month": month, "rows": rows, "files": len(merged)}}
    version = log.commit("compact", adds, merged, meta=meta, data_change=False)
    writer.step("committed")
    writer.finish(log, version)
    return Compacted(spec.name, month, rows, len(merged), len(adds))


def _sorted(files: list[DataFile], spec: TableSpec) -> str:
    key = ", ".join(spec.key)
    # Files that share no fact need no comparison of rows: each says already what replaced what.
    compared = bool(part(files, spec.key[0]).shared)
    later = f"lead(known_at) over (partition by {key} order by known_at, batch, line) as known_until"
    columns = ", ".join(later if compared and n == "known_until" else n for n in spec.schema.names)
    return f"select {columns} from {scan([f.path for f in files])} order by {', '.join(spec.order)}"  # noqa: S608


def _checked(stream: Iterable[pa.RecordBatch], rows: int) -> Iterator[pa.RecordBatch]:
    """Pass the rows on and raise DamagedError when they are not as many as the log says."""
    seen = 0
    for batch in stream:
        seen += batch.num_rows
        yield batch
    if seen != rows:
        raise DamagedError(f"the files hold {seen} rows, the log says {rows}: run `lantian observations verify`")
