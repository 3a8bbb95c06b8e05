"""The control tables: all that pages, gateways and delivery tell each other. One SQLite file for a data folder.

The office writes devices and commands; gateways write their state, links and what became of commands; delivery writes
latest values, last packets and gaps. Nobody calls anybody, so that several gateways can run beside each other and any
of them may be stopped. What is only told here can be told again: losing the file loses no measurement.
"""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lantian.gateway.core.device import Device
from lantian.gateway.core.inbox import now_us
from lantian.observations.durable import make_folder

FILE = "control.sqlite3"
_SCHEMA = """
create table if not exists meta (name text primary key, value text not null) without rowid;
create table if not exists devices (mn text primary key, record text not null) without rowid;
create table if not exists commands (
  id text primary key, mn text not null, cn text not null, parameters text not null, made integer not null,
  actor text not null, purpose text not null, expires integer not null, state text not null, gateway text not null,
  qn text not null, tries integer not null, changed integer not null, result text not null
) without rowid;
create index if not exists commands_open on commands (mn, made) where state in ('queued', 'sent', 'accepted');
create index if not exists commands_mn on commands (mn, made);
create table if not exists gateways (name text primary key, at integer not null, record text not null) without rowid;
create table if not exists links (
  gateway text not null, number integer not null, mn text not null, peer text not null, since integer not null,
  last integer not null, packets integer not null, bytes integer not null, errors integer not null, state text not null,
  primary key (gateway, number)
) without rowid;
create index if not exists links_mn on links (mn);
create table if not exists seen (
  mn text primary key, first integer not null, last integer not null, gateway text not null, peer text not null,
  packets integer not null, bytes integer not null, errors integer not null, drift integer, refused text not null
) without rowid;
create table if not exists faults (
  id integer primary key autoincrement, at integer not null, gateway text not null, mn text not null,
  peer text not null, code text not null, detail text not null, raw blob not null
);
create index if not exists faults_mn on faults (mn, id);
create table if not exists packets (
  mn text not null, id integer not null, at integer not null, ok integer not null, cn text not null, raw blob not null,
  fields text not null, primary key (mn, id)
) without rowid;
create table if not exists latest (
  source text not null, quantity text not null, place text not null, valid_from integer not null,
  valid_to integer not null, value real not null, flag text not null, unit text not null, at integer not null,
  mn text not null, primary key (source, quantity)
) without rowid;
create index if not exists latest_place on latest (place);
create index if not exists latest_mn on latest (mn);
create table if not exists slots (
  mn text not null, cn text not null, day text not null, bits blob not null, primary key (mn, cn, day)
) without rowid;
create table if not exists gaps (
  mn text not null, cn text not null, begin integer not null, "end" integer not null, found integer not null,
  state text not null, tries integer not null, command text not null, changed integer not null, filled integer not null,
  missing integer not null, primary key (mn, cn, begin)
) without rowid;
create index if not exists gaps_open on gaps (state, mn);
"""
QUEUED, SENT, ACCEPTED, DONE, FAILED, REFUSED, TIMEOUT, EXPIRED = (
    "queued", "sent", "accepted", "done", "failed", "refused", "timeout", "expired",
)  # fmt: skip
OPEN = (QUEUED, SENT, ACCEPTED)
OVER = (DONE, FAILED, REFUSED, TIMEOUT, EXPIRED)
_DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Command:
    """A request to a device: its CN, parameters as the wire has them, who wants it and what became of it."""

    id: str
    mn: str
    cn: str
    parameters: Mapping[str, str]
    made: int
    actor: str
    purpose: str
    expires: int
    state: str = QUEUED
    gateway: str = ""
    qn: str = ""
    tries: int = 0
    changed: int = 0
    result: Mapping[str, Any] | None = None


class Control:
    """A connection to the control tables of a data folder; every thread has its own."""

    def __init__(self, data: Path, *, durable: bool = False) -> None:
        """`durable`: what is written is on disk when a method returns (for what people ordered)."""
        folder = data / "gateway"
        make_folder(folder)
        self._db = sqlite3.connect(folder / FILE, timeout=20, isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._db.execute("pragma journal_mode=wal")
        self._db.execute(f"pragma synchronous={'full' if durable else 'normal'}")
        if not self._db.execute("select count(*) from sqlite_master where name = 'gaps_open'").fetchone()[0]:
            self._db.executescript(_SCHEMA)

    def close(self) -> None:
        self._db.close()

    def __enter__(self) -> Control:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of it or nothing."""
        self._db.execute("begin immediate")
        try:
            yield self._db
            self._db.execute("commit")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("rollback")
            raise

    def select(self, query: str, *values: Any) -> list[dict[str, Any]]:
        """Return rows as mappings (queries are written in this package)."""
        return [dict(row) for row in self._db.execute(query, values)]

    def changed(self) -> int:
        """Return a number that is another one after any other process wrote."""
        return int(self._db.execute("pragma data_version").fetchone()[0])

    # -- settings -------------------------------------------------------------------------------------------------

    def meta(self, name: str, default: str = "") -> str:
        row = self._db.execute("select value from meta where name = ?", (name,)).fetchone()
        return default if row is None else str(row[0])

    def set_meta(self, name: str, value: str) -> None:
        self._db.execute("insert or replace into meta values (?,?)", (name, value))

    # -- devices --------------------------------------------------------------------------------------------------

    def publish(self, devices: Iterable[Device], *, whole: bool = False) -> None:
        """Tell gateways and delivery of devices; `whole`: there are no others."""
        rows = [(one.mn, json.dumps(one.to_json(), ensure_ascii=False, sort_keys=True)) for one in devices]
        with self.transaction() as db:
            before = {row["mn"]: row["record"] for row in db.execute("select mn, record from devices")}
            fresh = [row for row in rows if before.get(row[0]) != row[1]]
            gone = [(mn,) for mn in before.keys() - {row[0] for row in rows}] if whole else []
            if not fresh and not gone:
                return
            db.executemany("insert or replace into devices values (?,?)", fresh)
            db.executemany("delete from devices where mn = ?", gone)
            number = int(self.meta("devices", "0")) + 1
            db.execute("insert or replace into meta values ('devices', ?)", (str(number),))

    def withdraw(self, mn: str) -> None:
        """Forget a device; it is a stranger from now on."""
        with self.transaction() as db:
            db.execute("delete from devices where mn = ?", (mn,))
            db.execute("insert or replace into meta values ('devices', ?)", (str(int(self.meta("devices", "0")) + 1),))

    def revision(self) -> str:
        """Return a name for the present state of the register."""
        return self.meta("devices", "0")

    def devices(self) -> dict[str, Device]:
        """Return {MN: device}."""
        rows = self._db.execute("select record from devices")
        found = [Device.from_json(json.loads(row[0])) for row in rows]
        return {one.mn: one for one in found}

    # -- commands -------------------------------------------------------------------------------------------------

    def order(
        self, mn: str, cn: str, parameters: Mapping[str, str], *, actor: str, purpose: str = "",
        hours: float = 24.0, key: str = "",
    ) -> str:  # fmt: skip
        """Queue a request to a device; return its id (`key`, if given: the same key again queues nothing)."""
        number, now = key or uuid.uuid4().hex, now_us()
        self._db.execute(
            "insert or ignore into commands values (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            (number, mn, cn, json.dumps(dict(parameters)), now, actor, purpose, now + int(hours * 3.6e9),
             QUEUED, "", "", 0, now, "{}"),
        )  # fmt: skip
        return number

    def queued(self, devices: Iterable[str]) -> list[Command]:
        """Return the requests that wait for one of these devices, oldest first."""
        wanted = set(devices)
        rows = self._db.execute("select * from commands where state = ? order by made", (QUEUED,))
        return [_command(row) for row in rows if row["mn"] in wanted]

    def claim(self, number: str, gateway: str) -> bool:
        """Take a queued request for a gateway; False when another one has it."""
        query = "update commands set state = ?, gateway = ?, changed = ? where id = ? and state = ?"
        return bool(self._db.execute(query, (SENT, gateway, now_us(), number, QUEUED)).rowcount)

    def report(
        self, number: str, state: str, *, qn: str = "", tries: int = 0, result: Mapping[str, Any] | None = None
    ) -> None:
        """Say what became of a request."""
        self._db.execute(
            "update commands set state = ?, qn = case when ? = '' then qn else ? end, tries = max(tries, ?), "
            "changed = ?, result = case when ? = '' then result else ? end where id = ?",
            (state, qn, qn, tries, now_us(), *([json.dumps(result)] * 2 if result else ["", ""]), number),
        )

    def release(self, gateway: str) -> int:
        """Give back what a gateway had sent when it died, to be sent again; close what is too old. Return how many."""
        now = now_us()
        back = self._db.execute(
            "update commands set state = ?, changed = ? where gateway = ? and state in (?, ?)",
            (QUEUED, now, gateway, SENT, ACCEPTED),
        ).rowcount
        return int(back)

    def expire(self) -> int:
        """Close requests that waited too long; return how many."""
        query = "update commands set state = ?, changed = ? where state = ? and expires < ?"
        now = now_us()
        return int(self._db.execute(query, (EXPIRED, now, QUEUED, now)).rowcount)

    def commands_of(self, mn: str, most: int = 50) -> list[Command]:
        """Return the newest requests to a device."""
        rows = self._db.execute("select * from commands where mn = ? order by made desc limit ?", (mn, most))
        return [_command(row) for row in rows]

    # -- what gateways tell ---------------------------------------------------------------------------------------

    def tell(self, gateway: str, record: Mapping[str, Any]) -> None:
        """Write a gateway's state."""
        self._db.execute("insert or replace into gateways values (?,?,?)", (gateway, now_us(), json.dumps(record)))

    def gateways(self) -> list[dict[str, Any]]:
        """Return the state of every gateway that ever ran here: name, at (microseconds), and what it told."""
        rows = self._db.execute("select * from gateways order by name")
        return [{"name": row["name"], "at": row["at"], **json.loads(row["record"])} for row in rows]

    def clean(self, *, errors_days: int) -> None:
        """Forget old faults and requests that are over."""
        before = now_us() - errors_days * _DAY_US
        with self.transaction() as db:
            db.execute("delete from faults where at < ?", (before,))
            db.execute(
                "delete from commands where changed < ? and state not in (?, ?, ?)", (now_us() - 400 * _DAY_US, *OPEN)
            )


def _command(row: sqlite3.Row) -> Command:
    read = dict(row)
    return Command(**{**read, "parameters": json.loads(read["parameters"]), "result": json.loads(read["result"])})
