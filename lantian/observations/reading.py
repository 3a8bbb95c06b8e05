"""Reading: a question becomes the files that it needs and one expression over them, run when its answer is taken."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lantian.observations.model import InputVersion, Query
from lantian.observations.schema import FLAGS, OBSERVATIONS, TableSpec
from lantian.observations.snapshot import part, prune

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import polars as pl
    import pyarrow as pa

    from lantian.observations.engine import Engine
    from lantian.observations.log import DataFile
    from lantian.observations.store import Store


@dataclass(frozen=True)
class Answer:
    """Rows that are not read yet. `expression` may be refined (Ibis); the other methods run it."""

    expression: ir.Table
    version: InputVersion

    def arrow(self) -> pa.Table:
        """Return the rows as an Arrow table."""
        return in_utc(self.expression.to_pyarrow())

    def polars(self) -> pl.DataFrame:
        """Return the rows as a Polars frame."""
        import polars as pl

        frame = pl.from_arrow(self.arrow())
        assert isinstance(frame, pl.DataFrame)
        return frame

    def batches(self, rows: int = 100_000) -> Iterator[pa.RecordBatch]:
        """Yield the rows as Arrow batches, never all of them in memory at once."""
        import pyarrow as pa

        for batch in self.expression.to_pyarrow_batches(chunk_size=rows):
            yield from in_utc(pa.Table.from_batches([batch])).to_batches()


def in_utc(table: pa.Table) -> pa.Table:
    """Return a table whose moments say that they are UTC. DuckDB's do; Spark's come without a zone, in the session's
    (which the engine sets to UTC), and a reader in another zone would take them for its own wall clock."""
    import pyarrow as pa

    fields = [
        field.with_type(pa.timestamp(field.type.unit, "UTC"))
        if pa.types.is_timestamp(field.type) and field.type.tz is None
        else field
        for field in table.schema
    ]
    return table.cast(pa.schema(fields))


class Reader:
    """One snapshot of the store: every question to it sees the same rows, whatever is written meanwhile."""

    def __init__(self, store: Store, engine: Engine) -> None:
        self._store = store
        self.engine = engine
        self._observations, observations_version = store.snapshot(OBSERVATIONS)
        self._flags, flags_version = store.snapshot(FLAGS)
        self._versions = (observations_version, flags_version)
        known = [f.high["known_at"] for f in (*self._observations, *self._flags)]
        self._learned: dt.datetime | None = max(known, default=None)

    def version(self, as_known_on: dt.datetime | None = None) -> InputVersion:
        """Return what a figure computed from this snapshot names as its input."""
        horizon = self._learned if as_known_on is None else as_known_on
        return InputVersion(*self._versions, horizon)

    def files(self, query: Query) -> tuple[DataFile, ...]:
        """Return the files that the question reads."""
        return prune(self._observations, query)

    def observations(self, query: Query) -> Answer:
        """Return the rows of a query with the columns of the table and `flags` (names in force, joined by commas).

        Without `history` one row for each fact: the newest, or the newest that was known on `as_known_on`.
        """
        from lantian.observations import views

        rows = self._rows(OBSERVATIONS, self.files(query), query)
        return Answer(views.flagged(rows, self._newest_flags(query)), self.version(query.as_known_on))

    def flags(self, query: Query) -> Answer:
        """Return the flag rows: of every fact and flag the newest (retracted ones too), or with `history` all."""
        rows = self._rows(FLAGS, prune(self._flags, query), query)
        return Answer(rows, self.version(query.as_known_on))

    def _newest_flags(self, query: Query) -> ir.Table | None:
        files = prune(self._flags, query)
        if not files:
            return None
        plain = Query(query.sources, query.quantities, query.places, query.start, query.end, query.as_known_on)
        return self._rows(FLAGS, files, plain)

    def _rows(self, spec: TableSpec, files: tuple[DataFile, ...], query: Query) -> ir.Table:
        from lantian.observations import views

        if not files:
            return self.engine.read([self._store.empty_file(spec)])
        if query.history:
            return views.known(views.chosen(self._read(files), query), query.as_known_on)
        parts = part(files, spec.key[0])
        pieces = []
        if parts.alone:
            pieces.append(views.not_replaced(views.chosen(self._read(parts.alone), query), query.as_known_on))
        if parts.shared:
            pieces.append(views.newest(views.chosen(self._read(parts.shared), query), spec, query.as_known_on))
        return pieces[0] if len(pieces) == 1 else pieces[0].union(pieces[1])

    def _read(self, files: tuple[DataFile, ...]) -> ir.Table:
        return self.engine.read([f.path for f in files])
