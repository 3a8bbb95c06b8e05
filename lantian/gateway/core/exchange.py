"""The gateway's end of the control tables: every few seconds it says how it is and hears what the office wants.

SQLite may wait for the disk, so a thread does it; what it needs is copied in the event loop before.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lantian.gateway.core.control import Command, Control
from lantian.gateway.core.device import BLOCKED, Device
from lantian.gateway.core.inbox import now_us
from lantian.gateway.core.requests import Outcome

if TYPE_CHECKING:
    from lantian.gateway.core.link import Link
    from lantian.gateway.core.server import Fault, Server

log = logging.getLogger("lantian.gateway")
_EVERY = 1.0
_MOST_FAULTS = 500


@dataclass(slots=True)
class News:
    """What the gateway tells, copied."""

    state: dict[str, Any]
    links: list[tuple[Any, ...]]
    ended: list[int]
    seen: list[tuple[Any, ...]]
    faults: list[Fault]
    outcomes: list[Outcome]
    clocks: list[tuple[str, int]]
    free: list[str]


@dataclass(slots=True)
class Orders:
    """What the gateway hears."""

    devices: dict[str, Device] | None = None
    commands: list[Command] = field(default_factory=list)
    discard: list[str] = field(default_factory=list)


class Exchange:
    """One for each server."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._control: Control | None = None
        self._revision = ""
        self._ended: list[int] = []
        self._rates: tuple[float, int, int] = (time.monotonic(), 0, 0)

    async def begin(self) -> None:
        """Open the tables, learn the register, give back what a gateway of this name left when it died."""
        self._server.apply(await self._in_thread(self._open))

    def _open(self) -> Orders:
        self._control = Control(self._server.data)
        self._control.release(self._server.name)
        self._control.select("select 1")
        with self._control.transaction() as db:
            db.execute("delete from links where gateway = ?", (self._server.name,))
        return self._hear([])

    async def run(self) -> None:
        """Exchange for ever; a failing disk is logged and tried again."""
        while True:
            await asyncio.sleep(_EVERY)
            await self.once()

    async def once(self) -> None:
        """Tell and hear once."""
        news = self._news()
        try:
            self._server.apply(await self._in_thread(self._talk, news))
        except sqlite3.Error as error:
            log.error("the control tables cannot be written: %s", error)
            self._server.requests.outcomes[:0] = news.outcomes
            self._ended += news.ended

    async def end(self) -> None:
        """Say that the gateway stops."""
        await self.once()
        if self._control is not None:
            self._control.release(self._server.name)
            self._control.tell(self._server.name, {**self._state(), "running": False})
            with self._control.transaction() as db:
                db.execute("delete from links where gateway = ?", (self._server.name,))
            self._control.close()

    def forget(self, link: Link) -> None:
        self._ended.append(link.number)

    async def _in_thread(self, function: Any, *arguments: Any) -> Any:
        return await self._server.loop.run_in_executor(None, function, *arguments)

    # -- telling ----------------------------------------------------------------------------------------------------

    def _news(self) -> News:
        server = self._server
        limits = server.limits.requests
        faults, server.faults = server.faults[:_MOST_FAULTS], []
        outcomes, server.requests.outcomes = server.requests.outcomes, []
        ended, self._ended = self._ended, []
        free, clocks = [], []
        for known in server.admission.connected():
            free.append(known.mn)
            drift, device = known.drift_ms, known.device
            if drift is not None and device and device.clock and abs(drift) > limits.drift_seconds * 1000:
                clocks.append((known.mn, drift))
        return News(
            self._state(), self._links(), ended, self._seen(), faults, outcomes, clocks, server.requests.idle(free)
        )

    def _links(self) -> list[tuple[Any, ...]]:
        """Return the links on which something happened since the last time."""
        base = time.time() - self._server.loop.time()
        found = []
        for link in self._server.links.values():
            if link.told == link.last:
                continue
            link.told = link.last
            found.append(
                (self._server.name, link.number, link.mn, link.peer, int((base + link.since) * 1e6),
                 int((base + link.last) * 1e6), link.packets, link.bytes, link.errors, _state_of(link))
            )  # fmt: skip
        return found

    def _seen(self) -> list[tuple[Any, ...]]:
        found = []
        for known in self._server.admission.known.values():
            if known.changed:
                known.changed = False
                now = now_us()
                found.append(
                    (known.mn, known.first or now, now, self._server.name, known.peer, known.packets,
                     known.bytes, known.errors, known.drift_ms, known.refused)
                )  # fmt: skip
                known.packets = known.bytes = known.errors = 0
        return found

    def _state(self) -> dict[str, Any]:
        server = self._server
        now, packets = time.monotonic(), server.counts["packets"]
        before, had, _ = self._rates
        rate = (packets - had) / max(now - before, 0.001)
        self._rates = (now, packets, 0)
        return {
            "running": True, "pid": os.getpid(), "started": server.started, "links": len(server.links),
            "devices": sum(1 for _ in server.admission.connected()), "counts": dict(server.counts),
            "errors": dict(server.errors), "closed": dict(server.closes), "rate": round(rate, 1),
            "queue": server.queued, "full": server.full, "refusing": server.committer.refusing,
            "commits": server.committer.commits, "strangers": len(server.quarantine),
        }  # fmt: skip

    # -- in the thread ----------------------------------------------------------------------------------------------

    def _talk(self, news: News) -> Orders:
        control = self._control
        assert control is not None
        name = self._server.name
        with control.transaction() as db:
            control.tell(name, news.state)
            db.executemany("insert or replace into links values (?,?,?,?,?,?,?,?,?,?)", news.links)
            db.executemany("delete from links where gateway = ? and number = ?", [(name, one) for one in news.ended])
            db.executemany(_SEEN, news.seen)
            db.executemany(
                "insert into faults (at, gateway, mn, peer, code, detail, raw) values (?,?,?,?,?,?,?)",
                [(f.at, name, f.mn, f.peer, f.code, f.detail, f.raw) for f in news.faults],
            )
            for one in news.outcomes:
                control.report(one.id, one.state, qn=one.qn, tries=one.tries, result=one.result)
            for mn, drift in news.clocks:
                self._server.requests.set_clock(mn, drift, control.order)
            control.expire()
        return self._hear(news.free)

    def _hear(self, free: list[str]) -> Orders:
        control = self._control
        assert control is not None
        heard = Orders()
        revision = control.revision()
        if revision != self._revision:
            heard.devices, self._revision = control.devices(), revision
            heard.discard = [mn for mn, one in heard.devices.items() if one.status == BLOCKED]
        if free:
            asked: set[str] = set()
            for command in control.queued(free):
                if command.mn not in asked and control.claim(command.id, self._server.name):
                    asked.add(command.mn)
                    heard.commands.append(command)
        return heard


_SEEN = """
insert into seen values (?,?,?,?,?,?,?,?,?,?) on conflict (mn) do update set
  last = excluded.last, gateway = excluded.gateway, peer = excluded.peer, packets = packets + excluded.packets,
  bytes = bytes + excluded.bytes, errors = errors + excluded.errors, drift = excluded.drift, refused = excluded.refused
"""


def _state_of(link: Link) -> str:
    words = ["own", "all", "slow"]
    return " ".join(word for bit, word in enumerate(words) if link.held >> bit & 1)
