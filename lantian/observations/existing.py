"""Questions that writing asks of rows on disk: does this fact exist, does a batch say one twice."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import polars as pl

from lantian.observations.errors import Fault, RowFault
from lantian.observations.model import Query
from lantian.observations.schema import KEY, OBSERVATIONS, TableSpec
from lantian.observations.snapshot import prune

if TYPE_CHECKING:
    from lantian.observations.store import Store


def connect(temporary: Path | None = None) -> duckdb.DuckDBPyConnection:
    """Return a DuckDB of the writer's own: UTC, limited memory, spilling to `temporary`."""
    connection = duckdb.connect(config={"memory_limit": "1GB"})
    connection.execute("set TimeZone='UTC'")
    connection.execute("set enable_progress_bar=false")
    if temporary is not None:
        temporary.mkdir(parents=True, exist_ok=True)
        connection.execute(f"set temp_directory='{quoted(temporary)}'")
    return connection


def quoted(path: Path) -> str:
    """Return a path for a text literal of SQL."""
    return str(path).replace("'", "''")


def scan(paths: Sequence[Path]) -> str:
    """Return the SQL that reads files."""
    listed = ", ".join(f"'{quoted(path)}'" for path in paths)
    return f"read_parquet([{listed}], hive_partitioning=false)"


def facts_that_lack(store: Store, rows: pl.DataFrame) -> list[int]:
    """Return the lines of `rows` (with the key columns) whose fact no observation states."""
    if rows.is_empty():
        return []
    start, end = rows["valid_from"].min(), rows["valid_from"].max()
    files, _ = store.snapshot(OBSERVATIONS)
    sources = tuple(rows["source"].unique().to_list())
    needed = [f for f in prune(files, Query(sources, start=start)) if f.low["valid_from"] <= end]  # type: ignore[arg-type]
    if not needed:
        return [int(line) for line in rows["line"]]
    with connect(store.temporary) as connection:
        connection.register("asked", rows.select(*KEY, "line").to_arrow())
        query = f"select line from asked anti join {scan([f.path for f in needed])} using ({', '.join(KEY)})"  # noqa: S608
        return sorted(int(row[0]) for row in connection.execute(query).fetchall())


def repeats_between_files(paths: Sequence[Path], spec: TableSpec) -> list[RowFault]:
    """Return the rows that state a fact which an earlier line of the same files states."""
    key = ", ".join(spec.key)
    query = (
        f"select line from (select line, row_number() over (partition by {key} order by line) as n "  # noqa: S608
        f"from {scan(paths)}) where n > 1 order by line limit 1000"
    )
    with connect(paths[0].parent.parent.parent / "temporary") as connection:
        lines = [int(row[0]) for row in connection.execute(query).fetchall()]
    return [RowFault(line, spec.key[0], Fault.DUPLICATE, "the batch says the same fact twice") for line in lines]
