"""Writing: a batch is checked, staged, committed, synced, entered in the register and told, in this order.

A crash after any of these steps neither loses nor doubles: staged files that no commit names are not part of the
table; a committed batch is found by its name when it comes again; what was not entered or told is, by the next writer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa
from deltalake.transaction import AddAction

from lantian.observations import intake, validate
from lantian.observations.errors import BadRowsError, BatchConflictError, Fault, RowFault, StoreError
from lantian.observations.existing import facts_that_lack, repeats_between_files
from lantian.observations.model import Batch, OnFault, Receipt
from lantian.observations.parquet import write_file
from lantian.observations.schema import FIGURES, FLAGS, OBSERVATIONS, TableSpec
from lantian.observations.snapshot import part

if TYPE_CHECKING:
    from lantian.observations.log import DeltaLog
    from lantian.observations.store import Store

_STEP = dt.timedelta(microseconds=1)
_KEPT_FAULTS = 1000


class Writer:
    """The one who may write now; made by `Store.writer`."""

    def __init__(self, store: Store, step: Callable[[str], None]) -> None:
        self._store = store
        self._step = step

    def recover(self) -> None:
        """Mend what a crash or a loss of power left, and finish what was committed but not entered or told."""
        for log in self.logs():
            log.mend(self._store.register.last(log.spec.name))
            self._store.register.catch_up(log)
        self.tell()

    def logs(self) -> list[DeltaLog]:
        return [self._store.log(spec) for spec in (OBSERVATIONS, FLAGS, FIGURES)]

    def tell(self) -> None:
        """Give what was written to the audit trail, if one is connected; else it waits for one."""
        trail = self._store.trail
        if trail is not None:
            self._store.register.tell(trail)

    # -- what may be written ------------------------------------------------------------------------------------

    def append(self, batch: Batch, rows: intake.Rows, *, on_fault: OnFault = "refuse") -> Receipt:
        """Write observations. Columns: source, quantity, place, valid_from, valid_to, value, unit; also flag, line.

        Rows of facts that are there already are corrections: they are read from now on, the older ones stay. A batch
        that was written before is not written again. With on_fault="skip" good rows are written and the receipt names
        the others; with "refuse" one bad row stops all (BadRowsError). Raises BatchConflictError, ShapeError too.
        """

        def check(frame: pl.DataFrame) -> Checked:
            return validate.observations(frame, self._store.quantity_units)

        return self._write(OBSERVATIONS, "import", batch, intake.chunks(rows, intake.OBSERVATION), check, on_fault)

    def flag(self, batch: Batch, rows: intake.Rows, *, on_fault: OnFault = "refuse") -> Receipt:
        """Set or take back flags of observations that are there; `batch.actor` is who did it.

        Columns: source, quantity, place, valid_from, valid_to, flag, reason; also retracted (take the flag back),
        lasting (it stays when the value is corrected), line. Raises like `append`, also for facts that are not there.
        """
        if not batch.actor:
            raise StoreError("a flag needs somebody who set it: give the batch an actor (a person or a rule)")

        def check(frame: pl.DataFrame) -> Checked:
            good, faults, total = validate.flags(frame)
            lacking = facts_that_lack(self._store, good)
            unknown = [
                RowFault(line, "source", Fault.NO_OBSERVATION, "there is no such observation") for line in lacking
            ]
            good = good.filter(~pl.col("line").is_in(lacking)).with_columns(pl.lit(batch.actor).alias("who"))
            return good, [*faults, *unknown], total + len(lacking)

        return self._write(FLAGS, "flags", batch, intake.chunks(rows, intake.FLAG), check, on_fault)

    def figures(self, batch: Batch, rows: pl.DataFrame, *, details: Mapping[str, Any]) -> Receipt:
        """Write derived figures (see `lantian.observations.figures`, which calls this)."""
        ready = rows.with_row_index("line", offset=1).with_columns(pl.col("line").cast(pl.Int64))
        ready = ready.sort([*FIGURES.key, "line"])

        def check(frame: pl.DataFrame) -> Checked:
            return frame, [], 0

        return self._write(FIGURES, "figures", batch, iter([(ready, [])]), check, "refuse", details)

    # -- how ----------------------------------------------------------------------------------------------------

    def _write(
        self,
        spec: TableSpec,
        kind: str,
        batch: Batch,
        chunks: Iterator[intake.Chunk],
        check: Callable[[pl.DataFrame], Checked],
        on_fault: OnFault,
        details: Mapping[str, Any] | None = None,
    ) -> Receipt:
        before = self._done(spec, batch)
        if before is not None:
            return before
        known_at = self._known_at(batch)
        staged = _Staged(self._store, spec, batch.name, known_at)
        for frame, unread in chunks:
            good, faults, total = check(frame)
            staged.note(unread + faults, len(unread) + total)
            if on_fault == "skip" or not staged.total:
                staged.add(good)
        staged.look_for_repeats()
        if staged.total and on_fault == "refuse":
            raise BadRowsError(staged.faults, staged.total)
        if staged.repeats:
            raise BadRowsError(staged.repeats, len(staged.repeats))
        self._step("staged")
        return self._commit(spec, kind, batch, staged, details or {})

    def _done(self, spec: TableSpec, batch: Batch) -> Receipt | None:
        """Return the receipt of a batch that is there already. Raises BatchConflictError when it was another one."""
        found = self._store.log(spec).sequence(batch.stream)
        if found is None or (batch.sequence is not None and found < batch.sequence):
            return None
        row = self._store.register.find(spec.name, batch.name)
        if row is None:
            return Receipt(batch.name, spec.name, -1, 0, None, repeated=True)
        if batch.digest and row["digest"] and batch.digest != row["digest"]:
            raise BatchConflictError(
                f"batch {batch.name} was written on {row['at']} with other content; give changed content another id"
            )
        known_at = dt.datetime.fromisoformat(row["known_at"]) if row["known_at"] else None
        return Receipt(batch.name, spec.name, row["version"], row["rows"], known_at, repeated=True)

    def _known_at(self, batch: Batch) -> dt.datetime:
        """Return when the rows were learned: after everything that was learned before, unless the batch says when."""
        now = self._store.clock().astimezone(dt.UTC)
        if batch.known_at is not None:
            if batch.known_at > now:
                raise StoreError(f"batch {batch.name} says that it is known from {batch.known_at}: that is to come")
            return batch.known_at.astimezone(dt.UTC)
        last = self._store.register.newest_known_at()
        return now if last is None else max(now, last + _STEP)

    def _commit(self, spec: TableSpec, kind: str, batch: Batch, staged: _Staged, details: Mapping[str, Any]) -> Receipt:
        log = self._store.log(spec)
        meta = {
            "at": self._store.clock().astimezone(dt.UTC).isoformat(),
            "batch": batch.name,
            "sequence": batch.sequence,
            "digest": batch.digest,
            "rows": staged.rows,
            "known_at": staged.known_at.isoformat(),
            "actor": batch.actor,
            "reason": batch.reason,
            "origin": batch.origin,
            "details": {**staged.summary(), **details},
        }
        version = log.commit(kind, staged.adds, meta=meta, stream=(batch.stream, batch.sequence or 1))
        self._step("committed")
        self.finish(log, version)
        return Receipt(
            batch.name, spec.name, version, staged.rows, staged.known_at,
            skipped=staged.total, faults=tuple(staged.faults),
        )  # fmt: skip

    def finish(self, log: DeltaLog, version: int) -> None:
        """Put a commit on disk, enter it in the register, tell it."""
        log.sync(version)
        self._step("synced")
        self._store.register.catch_up(log)
        self._step("registered")
        self.tell()
        self._step("told")

    def step(self, name: str) -> None:
        """Say that a step of other work under this lock is done."""
        self._step(name)


Checked = tuple[pl.DataFrame, list[RowFault], int]


class _Staged:
    """Files of a batch that are on disk and that no commit names yet, and what could not be taken."""

    def __init__(self, store: Store, spec: TableSpec, batch: str, known_at: dt.datetime) -> None:
        self.known_at = known_at
        self.adds: list[AddAction] = []
        self.rows = self.total = 0
        self.faults: list[RowFault] = []
        self.repeats: list[RowFault] = []
        self._store, self._spec, self._batch = store, spec, batch
        self._chunks = 0
        self._span: dict[str, list[str]] = {}
        self._times: list[dt.datetime] = []

    def note(self, faults: Iterable[RowFault], total: int) -> None:
        self.faults = list(chain(self.faults, faults))[:_KEPT_FAULTS]
        self.total += total

    def add(self, frame: pl.DataFrame) -> None:
        """Write sorted rows, one file for each month."""
        if frame.is_empty():
            return
        self._chunks += 1
        self.rows += len(frame)
        self._remember(frame)
        ready = frame.with_columns(
            pl.lit(self.known_at).cast(pl.Datetime("us", "UTC")).alias("known_at"),
            pl.lit(None, dtype=pl.Datetime("us", "UTC")).alias("known_until"),
            pl.lit(self._batch).alias("batch"),
            (pl.col(self._spec.time) + self._store.offset).dt.strftime("%Y-%m").alias("_month"),
        )
        root = self._store.log(self._spec).root
        for (month,), rows in ready.partition_by("_month", as_dict=True, maintain_order=True).items():
            table = _arrow(rows, self._spec)
            self.adds.append(write_file(self._spec, root, str(month), [table], data_change=True))

    def _remember(self, frame: pl.DataFrame) -> None:
        self._times += [frame[self._spec.time].min(), frame[self._spec.time].max()]  # type: ignore[list-item]
        for column in (self._spec.key[0], "quantity"):
            seen = {*self._span.get(column, []), *frame[column].unique().to_list()}
            self._span[column] = sorted(seen)

    def look_for_repeats(self) -> None:
        """A batch of several chunks may say one fact in two of them."""
        if self._chunks > 1:
            staged = part([self._store.log(self._spec).staged(add) for add in self.adds], self._spec.key[0]).shared
            if staged:
                self.repeats = repeats_between_files([file.path for file in staged], self._spec)

    def summary(self) -> dict[str, Any]:
        """What the commit says about the rows, without naming thousands of sources."""
        spans = {name: seen if len(seen) <= 50 else len(seen) for name, seen in self._span.items()}
        times = {"first": min(self._times).isoformat(), "last": max(self._times).isoformat()} if self._times else {}
        return {**spans, **times, "files": len(self.adds), "skipped": self.total}


def _arrow(frame: pl.DataFrame, spec: TableSpec) -> pa.Table:
    return frame.select(spec.schema.names).to_arrow().cast(spec.schema)
