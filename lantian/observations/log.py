"""The Delta log of one table: which files are the table, and which batches are in it.

delta-rs syncs nothing. Here data files are on disk before the commit names them, and a commit counts only when its
entry and the entry's folder are on disk too. What a loss of power may leave is a torn last entry, which nobody was
told of: `mend` sets it aside.
"""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import CommitProperties, DeltaTable, PostCommitHookProperties, Transaction
from deltalake.exceptions import DeltaError
from deltalake.transaction import AddAction, RemoveAction

from lantian.observations.durable import make_folder, sync_file, sync_folder
from lantian.observations.errors import DamagedError
from lantian.observations.schema import TableSpec

_CHECKPOINT_EVERY = 100
_OURS = "lantian"
# Old entries are removed by our vacuum alone, after the register has read them.
_CONFIGURATION: Mapping[str, str | None] = {
    "delta.enableExpiredLogCleanup": "false",
    "delta.checkpointInterval": "1000000000",
}
_HOOKS = PostCommitHookProperties(create_checkpoint=False, cleanup_expired_logs=False)


@dataclass(frozen=True, slots=True)
class DataFile:
    """One file of the present table: where, which month, how many rows, and the span of its key columns."""

    path: Path
    name: str
    month: str
    rows: int
    size: int
    low: Mapping[str, Any]
    high: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """What one commit says of itself."""

    version: int
    kind: str
    meta: Mapping[str, Any]
    removed: tuple[str, ...] = ()


class DeltaLog:
    """One table's log. Reading needs no lock; `create`, `mend`, `commit`, `checkpoint` are the writer's alone."""

    def __init__(self, root: Path, spec: TableSpec, keep_days: int = 30) -> None:
        """`keep_days`: how long entries stay that a checkpoint covers (fixed when the table is made)."""
        self.root = root / spec.name
        self._keep_days = keep_days
        self.spec = spec
        self._table: DeltaTable | None = None
        self._files: tuple[int, tuple[DataFile, ...]] = (-1, ())

    @property
    def folder(self) -> Path:
        return self.root / "_delta_log"

    @property
    def exists(self) -> bool:
        return (self.folder / f"{0:020d}.json").exists() or (self.folder / "_last_checkpoint").exists()

    def create(self) -> None:
        """Make the table if there is none."""
        if self.exists:
            return
        make_folder(self.root)
        DeltaTable.create(
            str(self.root),
            schema=self.spec.stored_schema,
            partition_by=["month"],
            configuration={**_CONFIGURATION, "delta.logRetentionDuration": f"interval {self._keep_days} days"},
        )
        self._sync_entry(0)
        sync_folder(self.root)

    def refresh(self) -> int:
        """Read what is new in the log; return the version, -1 without a table. Raises DamagedError."""
        if self._table is None and not self.exists:
            return -1
        try:
            if self._table is None:
                self._table = DeltaTable(str(self.root))
            elif self._entry(int(self._table.version()) + 1).exists():
                self._table.update_incremental()
            elif self._checkpointed() > int(self._table.version()):
                self._table = DeltaTable(str(self.root))  # the entries between were removed as old
        except (DeltaError, OSError, ValueError) as error:
            raise DamagedError(
                f"the log of {self.root} cannot be read ({error}). The next start of a writer mends a torn last entry; "
                "if it stays, restore the folder from a copy."
            ) from error
        return int(self._table.version())

    def _checkpointed(self) -> int:
        """Return the version of the last checkpoint, -1 for none (or one that is just being written)."""
        try:
            return int(json.loads((self.folder / "_last_checkpoint").read_text(encoding="utf-8"))["version"])
        except (OSError, ValueError, KeyError):
            return -1

    def _open(self) -> DeltaTable:
        if self._table is None:
            self.refresh()
        if self._table is None:
            raise DamagedError(f"there is no table in {self.root}")
        return self._table

    def files(self) -> tuple[DataFile, ...]:
        """Return the files of the newest version."""
        version = self.refresh()
        if version < 0:
            return ()
        if self._files[0] != version:
            self._files = (version, self._list())
        return self._files[1]

    def _list(self) -> tuple[DataFile, ...]:
        rows = _rows(self._open().get_add_actions(flatten=True))
        names = (*self.spec.key, "known_at")
        return tuple(
            DataFile(
                path=self.root / row["path"],
                name=row["path"],
                month=row["partition.month"],
                rows=row["num_records"],
                size=row["size_bytes"],
                low={n: row[f"min.{n}"] for n in names},
                high={n: row[f"max.{n}"] for n in names},
            )
            for row in rows
        )

    def staged(self, add: AddAction) -> DataFile:
        """Return what a file that is not committed yet would be in the table."""
        stats = json.loads(add.stats)
        low, high = (_typed(self.spec, stats[name]) for name in ("minValues", "maxValues"))
        month = str(add.partition_values["month"])
        return DataFile(self.root / add.path, add.path, month, stats["numRecords"], add.size, low, high)

    def sequence(self, stream: str) -> int | None:
        """Return the highest sequence of a stream that is in the table, None when there is none."""
        self.refresh()
        found = self._open().transaction_version(stream)
        return None if found is None else int(found)

    def commit(
        self,
        kind: str,
        adds: Sequence[AddAction],
        removes: Sequence[DataFile] = (),
        *,
        meta: Mapping[str, Any],
        stream: tuple[str, int] | None = None,
        data_change: bool = True,
    ) -> int:
        """Write one entry: the files that come and go, what it is for, the batch. Return its version, not yet synced.

        All of it is seen by readers at once or not at all.
        """
        table = self._open()
        before = self.refresh()
        now = int(time.time() * 1000)
        gone = [
            RemoveAction(one.name, data_change, now, size=one.size, partition_values={"month": one.month})
            for one in removes
        ]
        table.create_write_transaction(
            [*adds, *gone],
            "append",
            self.spec.stored_schema,
            ["month"],
            commit_properties=CommitProperties(
                custom_metadata={_OURS: {"kind": kind, **meta}},
                max_commit_retries=0,
                app_transactions=[Transaction(*stream)] if stream else None,
            ),
            post_commithook_properties=_HOOKS,
        )
        version = self.refresh()
        if version != before + 1:
            raise DamagedError(f"{self.root}: another program writes to this table without the lock")
        return version

    def sync(self, version: int) -> None:
        """Put the entry of a version on disk; every hundredth one with a checkpoint, so that opening stays quick."""
        self._sync_entry(version)
        if version and version % _CHECKPOINT_EVERY == 0:
            self.checkpoint()

    def _sync_entry(self, version: int) -> None:
        sync_file(self._entry(version))
        sync_folder(self.folder)

    def checkpoint(self) -> None:
        """Write the whole state of the log as one file, on disk."""
        self._open().create_checkpoint()
        for path in self.folder.glob("*.checkpoint*.parquet"):
            sync_file(path)
        sync_file(self.folder / "_last_checkpoint")
        sync_folder(self.folder)

    def forget_old_entries(self) -> None:
        """Remove log entries older than the log's keeping time that a checkpoint covers."""
        self.refresh()
        self._open().cleanup_metadata()
        sync_folder(self.folder)

    def _entry(self, version: int) -> Path:
        return self.folder / f"{version:020d}.json"

    def entry(self, version: int) -> Entry | None:
        """Return what the commit of a version says; None when its entry was removed as old. Raises DamagedError."""
        try:
            actions = _actions(self._entry(version))
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise DamagedError(f"{self._entry(version)} is torn: {error}") from error
        info: dict[str, Any] = next((a["commitInfo"] for a in actions if "commitInfo" in a), {})
        removed = tuple(a["remove"]["path"] for a in actions if "remove" in a)
        meta = info.get(_OURS, {})
        return Entry(version, meta.get("kind", "create" if version == 0 else "unknown"), meta, removed)

    def removed_since(self, moment: float) -> set[str]:
        """Return the names of files that commits since a moment (seconds since 1970) took out of the table."""
        names: set[str] = set()
        for version in range(self.refresh(), -1, -1):
            path = self._entry(version)
            if not path.exists() or path.stat().st_mtime < moment:
                break
            entry = self.entry(version)
            names |= set(entry.removed if entry else ())
        return names

    def mend(self, registered: int) -> list[str]:
        """Set aside a torn last entry and torn checkpoints, which a loss of power may leave; return their names.

        Nobody was told that they were written. An entry that is torn though it was on disk (before the last one, or up
        to the version `registered`) raises DamagedError.
        """
        mended = [*self._mend_checkpoints(), *self._mend_last_entry(registered)]
        if mended:
            sync_folder(self.folder)
            self._table = None
        return mended

    def _mend_last_entry(self, registered: int) -> list[str]:
        entries = sorted(self.folder.glob("[0-9]*.json"))
        torn = [path for path in entries[-2:] if not _readable(path)]
        if not torn:
            return []
        if torn != entries[-1:] or int(torn[0].stem) <= registered:
            raise DamagedError(f"{torn[0]} is torn, and it was on disk before: restore the folder from a copy")
        return [_set_aside(torn[0])]

    def _mend_checkpoints(self) -> list[str]:
        torn = [path for path in self.folder.glob("*.checkpoint*.parquet") if not _is_parquet(path)]
        pointer = self.folder / "_last_checkpoint"
        if pointer.exists() and (torn or not _readable(pointer)):
            torn.append(pointer)
        return [_set_aside(path) for path in torn]


def _set_aside(path: Path) -> str:
    path.rename(path.with_name(path.name + ".torn"))
    return path.name


def _actions(path: Path) -> list[dict[str, Any]]:
    actions = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    if not actions:
        raise ValueError("it is empty")
    return actions


def _readable(path: Path) -> bool:
    try:
        _actions(path)
    except ValueError:
        return False
    return True


def _is_parquet(path: Path) -> bool:
    try:
        pq.read_metadata(path)
    except (OSError, ValueError):
        return False
    return True


def _typed(spec: TableSpec, values: Mapping[str, str]) -> dict[str, Any]:
    times = {field.name for field in spec.schema if pa.types.is_timestamp(field.type)}
    return {n: dt.datetime.fromisoformat(v) if n in times else v for n, v in values.items()}


def _rows(table: Any) -> list[dict[str, Any]]:
    return pl.DataFrame(table).to_dicts()
