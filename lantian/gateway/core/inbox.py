"""The inbox: what was acknowledged and is not in the telemetry store yet. One SQLite file for each gateway.

`commit` returns when the packets are on disk (WAL, synchronous=FULL); only then may an answer leave. One process
commits (the gateway), one takes out (delivery). Numbers of groups rise for ever; with the inbox's own id they name the
batch under which delivery writes them, so that nothing is written twice.
"""

from __future__ import annotations

import sqlite3
import time
import uuid
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from lantian.gateway.core.groups import Group, lengths_from_bytes, lengths_of, lengths_to_bytes
from lantian.observations.durable import make_folder, sync_folder

FILE = "inbox.sqlite3"
_SCHEMA = """
create table if not exists meta (name text primary key, value text not null) without rowid;
create table if not exists groups (
  seq integer primary key autoincrement, at integer not null, kind integer not null, packets integer not null,
  lengths blob not null, body blob not null
);
create table if not exists quarantine (
  id integer primary key autoincrement, mn text not null, at integer not null, peer text not null, raw blob not null
);
create index if not exists quarantine_mn on quarantine (mn, id);
create table if not exists keys (key text primary key, at integer not null, digest text not null, packets integer not null)
  without rowid;
"""
# Pages of 4 KiB in the log before they are moved into the file: seldom, so that few commits wait for it.
_CHECKPOINT_PAGES = 8000
_BUSY_SECONDS = 20.0
_DELETED_AT_ONCE = 200


def now_us() -> int:
    """Return the machine's time in microseconds since 1970 UTC."""
    return time.time_ns() // 1000


@dataclass(frozen=True, slots=True)
class Stranger:
    """A packet of a device that nobody has admitted."""

    mn: str
    peer: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class Work:
    """What one commit puts on disk: packets by kind, and packets of strangers."""

    packets: Sequence[bytes] = ()
    kind: int = 1
    at: int = 0
    strangers: Sequence[Stranger] = ()
    admit: Sequence[str] = ()
    discard: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Waiting:
    """Packets of one stranger that are kept: how many, bytes, first and last time in microseconds."""

    mn: str
    packets: int
    size: int
    first: int
    last: int
    peer: str


class InboxError(Exception):
    """The inbox cannot be used; the text says why."""


class Inbox:
    """One folder with one SQLite file. Every process (and thread) opens its own."""

    def __init__(self, folder: Path) -> None:
        """Open the inbox of a folder, made if it is not there. Raises InboxError, sqlite3.Error (a full disk)."""
        self.folder = folder
        self.path = folder / FILE
        new = not self.path.exists()
        make_folder(folder)
        self._db = sqlite3.connect(self.path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        self._db.execute("pragma journal_mode=wal")
        self._db.execute("pragma synchronous=full")
        self._db.execute(f"pragma wal_autocheckpoint={_CHECKPOINT_PAGES}")
        if new or not self._db.execute("select count(*) from sqlite_master where name = 'keys'").fetchone()[0]:
            self._db.executescript(_SCHEMA)
            self._db.execute("insert or ignore into meta values ('id', ?)", (uuid.uuid4().hex,))
            sync_folder(folder)
        self.id: str = self._db.execute("select value from meta where name = 'id'").fetchone()[0]

    def close(self) -> None:
        self._db.close()

    # -- the gateway's side ---------------------------------------------------------------------------------------

    def commit(self, works: Iterable[Work]) -> None:
        """Put all on disk with one commit, or nothing. Raises sqlite3.Error: nothing was kept."""
        db = self._db
        db.execute("begin immediate")
        try:
            for work in works:
                self._put(work)
            db.execute("commit")
        except BaseException:
            if db.in_transaction:
                db.execute("rollback")
            raise

    def _put(self, work: Work) -> None:
        at = work.at or now_us()
        if work.packets:
            self._insert(at, work.kind, work.packets)
        self._db.executemany(
            "insert into quarantine (mn, at, peer, raw) values (?,?,?,?)",
            [(one.mn, at, one.peer, one.raw) for one in work.strangers],
        )
        for mn in work.admit:
            self._admit(mn)
        for mn in work.discard:
            self._db.execute("delete from quarantine where mn = ?", (mn,))

    def _insert(self, at: int, kind: int, packets: Sequence[bytes]) -> None:
        self._db.execute(
            "insert into groups (at, kind, packets, lengths, body) values (?,?,?,?,?)",
            (at, kind, len(packets), lengths_to_bytes(lengths_of(packets)), b"".join(packets)),
        )

    def _admit(self, mn: str) -> None:
        """Move a stranger's packets among those to be delivered, with the times at which they came."""
        rows = self._db.execute("select at, raw from quarantine where mn = ? order by id", (mn,)).fetchall()
        held: list[bytes] = []
        for number, (at, raw) in enumerate(rows):
            held.append(raw)
            if number + 1 == len(rows) or rows[number + 1][0] != at:
                self._insert(at, 1, held)
                held = []
        self._db.execute("delete from quarantine where mn = ?", (mn,))

    def commit_once(self, key: str, digest: str, work: Work) -> int | None:
        """Like `commit`, under a key: return None, or the number of packets kept when this key came before.

        Raises KeyReused when it came with other content. Keys are forgotten by `forget_keys`.
        """
        db = self._db
        db.execute("begin immediate")
        try:
            before = db.execute("select digest, packets from keys where key = ?", (key,)).fetchone()
            if before is None:
                db.execute("insert into keys values (?,?,?,?)", (key, now_us(), digest, len(work.packets)))
                self._put(work)
            db.execute("commit")
        except BaseException:
            if db.in_transaction:
                db.execute("rollback")
            raise
        if before is not None and before[0] != digest:
            raise KeyReused(f"the key {key} was used for other content; give every message a key of its own")
        return None if before is None else int(before[1])

    def forget_keys(self, before: int) -> int:
        """Forget keys older than a moment (microseconds); return how many."""
        return int(self._db.execute("delete from keys where at < ?", (before,)).rowcount)

    # -- delivery's side ------------------------------------------------------------------------------------------

    def after(self, seq: int, most_packets: int) -> list[Group]:
        """Return the groups after a number, oldest first, until they have `most_packets` (at least one group)."""
        found: list[Group] = []
        count = 0
        query = "select seq, at, kind, lengths, body from groups where seq > ? order by seq"
        with closing(self._db.execute(query, (seq,))) as rows:
            for number, at, kind, lengths, body in rows:
                found.append(Group(number, at, kind, lengths_from_bytes(lengths), body))
                count += len(found[-1])
                if count >= most_packets:
                    break
        return found

    def remove(self, last: int) -> int:
        """Take out the groups up to a number; return how many. The caller has put what they hold on disk elsewhere.

        A few at a time, so that the gateway's commits do not wait long.
        """
        gone = 0
        while True:
            query = "delete from groups where seq in (select seq from groups where seq <= ? order by seq limit ?)"
            now = int(self._db.execute(query, (last, _DELETED_AT_ONCE)).rowcount)
            gone += now
            if now < _DELETED_AT_ONCE:
                return gone

    # -- questions ------------------------------------------------------------------------------------------------

    def backlog(self) -> tuple[int, int, int | None]:
        """Return (groups, packets, time of the oldest in microseconds or None) that wait for delivery."""
        row = self._db.execute("select count(*), coalesce(sum(packets), 0), min(at) from groups").fetchone()
        return int(row[0]), int(row[1]), row[2]

    def strangers(self) -> list[Waiting]:
        """Return the devices whose packets wait for a person, newest first."""
        query = (
            "select mn, count(*), sum(length(raw)), min(at), max(at), max(peer) from quarantine "
            "group by mn order by max(at) desc"
        )
        return [Waiting(*row) for row in self._db.execute(query)]

    def packets_of_stranger(self, mn: str, most: int = 20) -> list[tuple[int, bytes]]:
        """Return (time, raw) of the newest packets of a stranger."""
        query = "select at, raw from quarantine where mn = ? order by id desc limit ?"
        return [(int(at), bytes(raw)) for at, raw in self._db.execute(query, (mn, most))]


class KeyReused(InboxError):
    """An idempotency key came again with other content."""


def inbox_folders(data: Path) -> list[Path]:
    """Return the folders of all inboxes of a data folder, by name."""
    return sorted(path.parent for path in (data / "gateway").glob(f"*/{FILE}"))


def folder_of(data: Path, name: str) -> Path:
    """Return the folder of a gateway's inbox. Raises InboxError for a name that makes no folder."""
    if not name or not all(one.isalnum() or one in "-_" for one in name):
        raise InboxError(f"{name!r} is no name of a gateway: letters, digits, - and _ only")
    return data / "gateway" / name
