"""Reading: a question becomes the files that it needs and one expression over them, run when its answer is taken."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from lantian.observations.model import InputVersion, Query
from lantian.observations.schema import FLAGS, KEY, OBSERVATIONS, TableSpec
from lantian.observations.snapshot import part, prune, within

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import polars as pl
    import pyarrow as pa

    from lantian.observations.direct import Group
    from lantian.observations.engine import Engine
    from lantian.observations.log import DataFile
    from lantian.observations.store import Store

Snapshot: TypeAlias = "tuple[tuple[DataFile, ...], int]"
# More rows than this are compared by the engine, which writes to disk what does not fit into its memory.
_MOST_COMPARED = 5_000_000


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


@dataclass(frozen=True, slots=True)
class Subject:
    """What observations are about: a source at a place; when the first and the last of its intervals begin."""

    source: str
    place: str
    first: dt.datetime
    last: dt.datetime


class Reader:
    """One snapshot of the store: every question to it sees the same rows, whatever is written meanwhile."""

    def __init__(self, store: Store, engine: Engine, observations: Snapshot, flags: Snapshot) -> None:
        """`observations` and `flags`: each table's files with the version that names them."""
        self._store = store
        self.engine = engine
        self._observations, self._flags = observations[0], flags[0]
        self._versions = (observations[1], flags[1])
        known = [f.high["known_at"] for f in (*self._observations, *self._flags)]
        self._learned: dt.datetime | None = max(known, default=None)

    def sees(self, observations: Snapshot, flags: Snapshot) -> bool:
        """Tell whether this is the view of these files and versions (a log lists its files once for each version)."""
        same = self._observations is observations[0] and self._flags is flags[0]
        return same and self._versions == (observations[1], flags[1])

    @property
    def root(self) -> Path:
        """The folder of the store."""
        return self._store.root

    def version(self, as_known_on: dt.datetime | None = None) -> InputVersion:
        """Return what a figure computed from this snapshot names as its input."""
        horizon = self._learned if as_known_on is None else as_known_on
        return InputVersion(*self._versions, horizon)

    def files(self, query: Query) -> tuple[DataFile, ...]:
        """Return the files that the question reads."""
        return prune(self._observations, query)

    def stamp(self, query: Query) -> str:
        """Return a name for everything that an answer to the question rests on: what is kept under it holds as long as
        it stays, whatever is written elsewhere (newer hours, other sources)."""
        names = [file.name for table in (self._observations, self._flags) for file in prune(table, query)]
        return hashlib.sha256("\n".join(names).encode()).hexdigest()

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

    # -- straight from the files, without the engine ---------------------------------------------------------------

    def rows(self, query: Query, columns: Sequence[str] = ()) -> pl.DataFrame:
        """Return what `observations(query).polars()` does (some of its columns), in no order, several times as fast.

        For answers that people wait for: some 20 ms for a year of a station. All rows must fit into memory.
        """
        from lantian.observations import direct, marks

        names = [*OBSERVATIONS.schema.names, "flags"]
        wanted = list(columns or names)
        said = self.said(query) if "flags" in wanted else None
        keyed = ["flag", *([] if said is None else [*KEY, "known_at"])] if "flags" in wanted else []
        read = list(dict.fromkeys([*(name for name in wanted if name != "flags"), *keyed]))
        found = direct.newest(OBSERVATIONS, self.files(query), self._store.footers, query, read)
        return found.with_columns(marks.in_force(found, said)).select(wanted) if keyed else found.select(wanted)

    def subjects(self) -> tuple[Subject, ...]:
        """Return every source and place that observations are there of, with their first and last time, sorted."""
        from lantian.observations.footers import moment_of

        found = self._store.footers.subjects([file.path for file in self._observations])
        return tuple(
            Subject(source, place, moment_of(low), moment_of(high))
            for (source, place), (low, high) in sorted(found.items())
        )

    def said(self, query: Query, names: Sequence[str] = ()) -> pl.DataFrame | None:
        """Return the newest row of every fact and flag of a query (only flags of some names), None for no row."""
        from lantian.observations import direct, marks

        files = tuple(file for file in prune(self._flags, query) if within(file, "flag", names))
        if not files:
            return None
        plain = replace(query, history=False)
        found = direct.newest(FLAGS, files, self._store.footers, plain, [*KEY, *marks.SAID], names)
        return None if found.is_empty() else found

    def groups_alone(self, query: Query) -> list[Group]:
        """Return the row groups of a query in files that share no fact with another one."""
        from lantian.observations import direct

        return direct.groups(part(self.files(query), "source").alone, self._store.footers, query)

    def compared(self, query: Query, columns: Sequence[str]) -> pl.DataFrame:
        """Return columns of the newest rows in the files that share facts."""
        from lantian.observations import direct

        parts = part(self.files(query), "source")
        rows = sum(group.rows for group in direct.groups(parts.shared, self._store.footers, query))
        if rows <= _MOST_COMPARED:
            return direct.compared(OBSERVATIONS, parts, self._store.footers, query, columns)
        from lantian.observations import views

        found = views.newest(views.chosen(self._read(parts.shared), query), OBSERVATIONS, query.as_known_on)
        frame: pl.DataFrame = found.select(*columns).to_polars()
        return frame

    # -- by the engine ---------------------------------------------------------------------------------------------

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
