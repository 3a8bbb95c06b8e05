"""The register of commits: an index of the log in SQLite, for questions by batch and time, and the audit's outbox.

The log is the truth. The register follows it (`catch_up`), after a crash too, and can be made again from it as far as
the log's entries reach.
"""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from lantian.observations.log import DeltaLog, Entry
from lantian.observations.model import Event

# Kinds that people answer for; compaction changes no row.
_TOLD = ("import", "flags", "figures", "retention")
_SCHEMA = """
create table if not exists commits (
  tab text not null, version integer not null, kind text not null, at text not null, batch text not null,
  sequence integer, digest text not null, rows integer not null, known_at text, actor text not null,
  reason text not null, origin text not null, details text not null, told integer not null,
  primary key (tab, version)
) without rowid;
create index if not exists commits_batch on commits (tab, batch);
create index if not exists commits_known on commits (known_at);
create index if not exists commits_untold on commits (tab, version) where told = 0;
"""


class Register:
    """One SQLite file beside the tables."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=20)) as connection, connection:
            connection.execute("pragma synchronous=full")
            connection.row_factory = sqlite3.Row
            yield connection

    def create(self) -> None:
        """Make the file and its tables, if they are not there."""
        with self._connect() as connection:
            connection.executescript(_SCHEMA)

    def catch_up(self, log: DeltaLog) -> int:
        """Enter the commits of the log that are not in the register, having synced them; return how many."""
        newest, first = log.refresh(), self.last(log.spec.name) + 1
        with self._connect() as connection:
            entries = [e for v in range(first, newest + 1) if (e := log.entry(v)) is not None]
            for entry in entries:
                log.sync(entry.version)
            connection.executemany(
                "insert into commits values (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                [_row(log.spec.name, entry) for entry in entries],
            )
        return len(entries)

    def last(self, table: str) -> int:
        """Return the newest version of a table that is entered, -1 for none."""
        with self._connect() as connection:
            found = connection.execute("select max(version) from commits where tab = ?", (table,)).fetchone()[0]
        return -1 if found is None else int(found)

    def find(self, table: str, batch: str) -> dict[str, Any] | None:
        """Return the commit that wrote a batch."""
        return next(iter(self._select("tab = ? and batch = ?", table, batch)), None)

    def commits(self, table: str, *, since: int = -1, kinds: tuple[str, ...] = ()) -> list[dict[str, Any]]:
        """Return the commits after a version, oldest first."""
        found = self._select("tab = ? and version > ? order by version", table, since)
        return [one for one in found if not kinds or one["kind"] in kinds]

    def newest_known_at(self) -> dt.datetime | None:
        """Return the latest moment at which anything was learned."""
        with self._connect() as connection:
            found = connection.execute("select max(known_at) from commits").fetchone()[0]
        return dt.datetime.fromisoformat(found) if found else None

    def duplicates(self) -> list[tuple[str, str, int]]:
        """Return (table, batch, how often) of batches that were written more than once: there must be none."""
        query = "select tab, batch, count(*) from commits where batch <> '' group by 1, 2 having count(*) > 1"
        with self._connect() as connection:
            return [tuple(row) for row in connection.execute(query)]

    def forget_streams(self, before: dt.datetime) -> int:
        """Forget the small batches of streams that were written before a moment, but the newest of each table; the log
        keeps how far each stream came. Return how many."""
        query = (
            "delete from commits where sequence is not null and at < ? "
            "and version < (select max(version) from commits as newer where newer.tab = commits.tab)"
        )
        with self._connect() as connection:
            return int(connection.execute(query, (before.astimezone(dt.UTC).isoformat(),)).rowcount)

    def waiting(self) -> int:
        """Return how many events were not told yet; 0 without a register."""
        return len(self._select("told = 0"))

    def tell(self, receiver: Callable[[Event], None]) -> int:
        """Give every event that was not told yet to `receiver`, in order, and note that it took it; return how many."""
        waiting = self._select("told = 0 order by at, tab, version")
        for one in waiting:
            receiver(_event(one))
            with self._connect() as connection:
                connection.execute(
                    "update commits set told = 1 where tab = ? and version = ?", (one["tab"], one["version"])
                )
        return len(waiting)

    def _select(self, condition: str, *values: Any) -> list[dict[str, Any]]:
        if not self._path.exists():
            return []
        with self._connect() as connection:
            rows = connection.execute(f"select * from commits where {condition}", values).fetchall()  # noqa: S608
        return [{**dict(row), "details": json.loads(row["details"])} for row in rows]


def _row(table: str, entry: Entry) -> tuple[Any, ...]:
    meta = entry.meta
    return (
        table,
        entry.version,
        entry.kind,
        meta.get("at", ""),
        meta.get("batch", ""),
        meta.get("sequence"),
        meta.get("digest", ""),
        meta.get("rows", 0),
        meta.get("known_at"),
        meta.get("actor", ""),
        meta.get("reason", ""),
        meta.get("origin", ""),
        json.dumps(meta.get("details", {}), ensure_ascii=False, sort_keys=True),
        0 if entry.kind in _TOLD else 1,
    )


def _event(row: dict[str, Any]) -> Event:
    return Event(
        table=row["tab"],
        version=row["version"],
        kind=row["kind"],
        at=dt.datetime.fromisoformat(row["at"]),
        batch=row["batch"],
        rows=row["rows"],
        actor=row["actor"],
        reason=row["reason"],
        origin=row["origin"],
        details=row["details"],
    )
