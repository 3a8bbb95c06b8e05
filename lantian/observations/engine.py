"""Where expressions run: DuckDB in this process, or Spark when LANTIAN_ENGINE=spark. Both read the same files."""

from __future__ import annotations

import hashlib
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import ibis.expr.types as ir

_KEPT_VIEWS = 64


class Engine(Protocol):
    """Something that reads Parquet files as one Ibis table."""

    name: str

    def read(self, files: Sequence[Path]) -> ir.Table:
        """Return the rows of the files (at least one) as a table of this engine."""
        ...


def engine(temporary: Path) -> Engine:
    """Return the engine that LANTIAN_ENGINE names ("duckdb" by default, or "spark"); raises ValueError for others.

    `temporary` is a folder for what does not fit into memory.
    """
    name = os.environ.get("LANTIAN_ENGINE", "duckdb")
    if name == "duckdb":
        return DuckEngine(temporary)
    if name == "spark":
        return SparkEngine()
    raise ValueError(f"LANTIAN_ENGINE={name!r}: there are duckdb and spark")


class _Views:
    """Views of file lists: made once, the oldest dropped, named by their files."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, ir.Table] = OrderedDict()

    def get(self, files: Sequence[Path], read: Callable[[str], Any], drop: Callable[[str], Any]) -> ir.Table:
        name = "v" + hashlib.sha256("\n".join(map(str, files)).encode()).hexdigest()[:32]
        if name not in self._held:
            self._held[name] = read(name)
            while len(self._held) > _KEPT_VIEWS:
                old, _ = self._held.popitem(last=False)
                drop(old)
        self._held.move_to_end(name)
        return self._held[name]


class DuckEngine:
    """One DuckDB in memory for every thread that asks, limited in memory, spilling to a folder of the store."""

    name = "duckdb"

    def __init__(self, temporary: Path, *, memory: str | None = None, threads: int | None = None) -> None:
        self._temporary = temporary
        self._memory = memory or os.environ.get("LANTIAN_DUCKDB_MEMORY", "2GB")
        self._threads = threads or os.cpu_count() or 1
        self._local = threading.local()

    def connection(self) -> Any:
        """Return this thread's Ibis connection."""
        if not hasattr(self._local, "connection"):
            import ibis

            self._local.connection = ibis.duckdb.connect(**self._settings())
            self._local.views = _Views()
        return self._local.connection

    def _settings(self) -> dict[str, Any]:
        return {
            "memory_limit": self._memory,
            "temp_directory": str(self._temporary),
            "threads": self._threads,
            "TimeZone": "UTC",
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
        }

    def read(self, files: Sequence[Path]) -> ir.Table:
        connection = self.connection()
        paths = [str(path) for path in files]

        def make(name: str) -> Any:
            return connection.read_parquet(paths, table_name=name, hive_partitioning=False)

        def drop(name: str) -> None:
            # Ibis' own way writes a statement that this DuckDB cannot read; the name is ours, of hexadecimal digits.
            connection.raw_sql(f'DROP VIEW IF EXISTS "{name}"')

        views: _Views = self._local.views
        return views.get(files, make, drop)


class SparkEngine:
    """A Spark session: local unless the environment's Spark configuration names a cluster (extra `lantian[spark]`)."""

    name = "spark"

    def __init__(self, session: Any = None) -> None:
        import ibis

        try:
            from pyspark.sql import SparkSession
        except ImportError as error:
            raise RuntimeError("LANTIAN_ENGINE=spark needs pyspark: install lantian[spark], and Java 17") from error
        self.session = session or SparkSession.builder.appName("lantian").getOrCreate()
        self.session.conf.set("spark.sql.session.timeZone", "UTC")
        self._connection = ibis.pyspark.connect(self.session)
        self._views = _Views()

    def read(self, files: Sequence[Path]) -> ir.Table:
        def make(name: str) -> Any:
            self.session.read.parquet(*(str(path) for path in files)).createOrReplaceTempView(name)
            return self._connection.table(name)

        return self._views.get(files, make, lambda name: self._connection.drop_view(name, force=True))
