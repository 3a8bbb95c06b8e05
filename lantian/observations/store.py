"""The observation store: one folder with three Delta tables, a register and a lock.

store = Store(Path("data/observations"))
with store.writer("import of May") as writer:
    receipt = writer.append(Batch(id=sha256_of_file), rows)
store.reader().observations(Query(sources=("2180A",), quantities=("PM2.5",))).polars()
"""

from __future__ import annotations

import datetime as dt
import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pyarrow.parquet as pq

from lantian.observations.durable import make_folder, sync_file, sync_folder
from lantian.observations.engine import Engine, engine
from lantian.observations.errors import StoreError
from lantian.observations.footers import Footers
from lantian.observations.hooks import Trail, connected_trail
from lantian.observations.lock import writer_lock
from lantian.observations.log import DataFile, DeltaLog
from lantian.observations.reading import Reader
from lantian.observations.register import Register
from lantian.observations.schema import FLAGS, OBSERVATIONS, TABLES, TableSpec
from lantian.observations.writer import Writer


def utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Store:
    """Paths, settings and doors of one store. Opening it reads nothing and makes nothing."""

    def __init__(
        self,
        root: Path,
        *,
        offset: dt.timedelta | None = None,
        clock: Callable[[], dt.datetime] = utc_now,
        trail: Trail | None = None,
        quantity_units: Mapping[str, str] | None = None,
        tells: bool = True,
        log_days: int = 30,
    ) -> None:
        """`offset` is the local clock's distance from UTC, by which months are cut; it is fixed when the store is made
        (later it must be the same or None). `quantity_units` says in which unit a quantity is kept.
        `tells`: False leaves events to the next writer that tells, for a caller whose own transaction may be undone.
        `log_days`: how long entries of the log stay, for a store that is made now (a stream writes thousands a day)."""
        self.root = root.absolute()
        self.clock = clock
        self.quantity_units = dict(quantity_units or {})
        self.register = Register(self.root / "register.sqlite3")
        self._asked_offset = offset
        self._offset: dt.timedelta | None = None
        self._own_trail = trail
        self._tells = tells
        self._logs = {spec.name: DeltaLog(self.root, spec, log_days) for spec in TABLES}
        self.footers = Footers()
        self._guard = threading.Lock()
        self._engine: Engine | None = None
        self._reader: Reader | None = None

    @classmethod
    def under(cls, data: Path | str | None = None, **options: object) -> Store:
        """Return the store of a data folder (by default LANTIAN_DATA, else ./data)."""
        folder = Path(data or os.environ.get("LANTIAN_DATA", "data"))
        return cls(folder / "observations", **options)  # type: ignore[arg-type]

    @property
    def lock_path(self) -> Path:
        return self.root / "writer.lock"

    @property
    def temporary(self) -> Path:
        return self.root / "temporary"

    @property
    def exists(self) -> bool:
        return (self.root / "store.json").exists()

    @property
    def offset(self) -> dt.timedelta:
        """The local clock's distance from UTC, as the store was made with: it never changes."""
        if self._offset is not None:
            return self._offset
        try:
            kept = json.loads((self.root / "store.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return self._asked_offset or dt.timedelta(0)
        offset = dt.timedelta(minutes=kept["offset_minutes"])
        if self._asked_offset not in (None, offset):
            raise StoreError(f"{self.root} was made with offset {offset}, not {self._asked_offset}")
        self._offset = offset
        return offset

    @property
    def trail(self) -> Trail | None:
        """Who is told what was written: the store's own receiver or the one that is connected for the process."""
        return (self._own_trail or connected_trail()) if self._tells else None

    def log(self, spec: TableSpec) -> DeltaLog:
        return self._logs[spec.name]

    def snapshot(self, spec: TableSpec) -> tuple[tuple[DataFile, ...], int]:
        """Return the files of a table's newest version, and the version (-1 without a table)."""
        log = self.log(spec)
        with self._guard:
            return log.files(), log.refresh()

    def reader(self, on: Engine | None = None) -> Reader:
        """Return a view of the store as it is now; the last one again when nothing has changed since. Raises DamagedError
        when the log cannot be read."""
        chosen = on or self.engine()
        seen = (self.snapshot(OBSERVATIONS), self.snapshot(FLAGS))
        kept = self._reader
        if kept is None or kept.engine is not chosen or not kept.sees(*seen):
            kept = self._reader = Reader(self, chosen, *seen)
        return kept

    def engine(self) -> Engine:
        """Return the engine that LANTIAN_ENGINE names, made once."""
        with self._guard:
            if self._engine is None:
                self._engine = engine(self.temporary)
        return self._engine

    def empty_file(self, spec: TableSpec) -> Path:
        """Return a file with the table's columns and no row: what a question without files reads."""
        path = self.temporary / f"empty-{spec.name}.parquet"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
            pq.write_table(spec.schema.empty_table(), draft)
            draft.rename(path)
        return path

    @contextmanager
    def writer(
        self, purpose: str, *, wait: float = 10.0, on_step: Callable[[str], None] | None = None
    ) -> Iterator[Writer]:
        """Hold the only pen. Waits up to `wait` seconds for another writer, then raises BusyError naming it.

        What a crash left behind is mended first. `on_step` is told each step's name after it happened (for tests).
        """
        make_folder(self.root)
        with writer_lock(self.lock_path, purpose, wait):
            self._prepare()
            writer = Writer(self, on_step or (lambda step: None))
            writer.recover()
            yield writer

    def _prepare(self) -> None:
        settings = self.root / "store.json"
        if not settings.exists():
            minutes = int((self._asked_offset or dt.timedelta(0)).total_seconds() // 60)
            draft = settings.with_suffix(".draft")
            draft.write_text(json.dumps({"offset_minutes": minutes, "layout": 1}), encoding="utf-8")
            sync_file(draft)
            draft.rename(settings)
            sync_folder(self.root)
        _ = self.offset  # refuses a store that was made with another one
        self.register.create()
        for log in self._logs.values():
            log.create()
