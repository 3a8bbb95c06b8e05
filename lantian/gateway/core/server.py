"""The TCP server: packets in, to disk, then answered.

Everything happens in one event loop but the commits, which a thread makes. While the disk syncs one group, the next one
is read and judged; so a group is as big as the load wants and nobody waits for a timer. Links that deliver faster than
the disk takes it are not read until it caught up: TCP then tells the devices.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from lantian.gateway.core import heads
from lantian.gateway.core.admission import QN_RTN, STRANGER, TAKEN, WRONG_PASSWORD, Admission, Known
from lantian.gateway.core.codec import Judged, dialect_of, judge
from lantian.gateway.core.committer import Committer, Job
from lantian.gateway.core.control import QUEUED
from lantian.gateway.core.device import ADMITTED, Device
from lantian.gateway.core.exchange import Exchange, Orders
from lantian.gateway.core.groups import HJ212
from lantian.gateway.core.heads import Head
from lantian.gateway.core.inbox import Inbox, Stranger, Work, folder_of, now_us
from lantian.gateway.core.limits import Limits, load_limits
from lantian.gateway.core.link import ALL, OWN, Link
from lantian.gateway.core.requests import Outcome, Requests
from lantian.gateway.wire.dialect import Dialect

log = logging.getLogger("lantian.gateway")
_SWEEP_SECONDS = 2.0
_DRIFT_EVERY = 10.0
# Of each link and sweep so many faults are kept with their bytes; all are counted.
_FAULTS_KEPT = 5
_FAULT_BYTES = 2048
_INTERACTION = b"90"
_WRONG_PASSWORDS = 5


@dataclass(slots=True)
class Fault:
    """A packet that was not taken, for people's eyes."""

    at: int
    mn: str
    peer: str
    code: str
    detail: str
    raw: bytes


@dataclass(slots=True)
class Batch:
    """What goes to disk with the next commit, and who is told what afterwards."""

    packets: list[bytes] = field(default_factory=list)
    strangers: list[Stranger] = field(default_factory=list)
    answers: dict[Link, list[bytes]] = field(default_factory=dict)
    waiting: Counter[Link] = field(default_factory=Counter)
    replies: list[tuple[Link, Judged]] = field(default_factory=list)
    admit: list[str] = field(default_factory=list)
    discard: list[str] = field(default_factory=list)
    size: int = 0

    def __bool__(self) -> bool:
        return bool(self.packets or self.strangers or self.admit or self.discard)


class Server:
    """One gateway. `offset`: the devices' clock from UTC. Made and used inside a running event loop."""

    def __init__(
        self, data: Path, name: str, *, offset: timedelta = timedelta(0), limits: Limits | None = None
    ) -> None:
        self.data, self.name, self.offset = data, name, offset
        self.limits = limits or load_limits(data)
        self.loop = asyncio.get_running_loop()
        self.inbox = Inbox(folder_of(data, name))
        self.committer: Committer[Batch] = Committer(self.inbox, self._on_disk)
        self.admission = Admission(self.loop.time)
        self.requests = Requests(self)
        self.links: dict[int, Link] = {}
        self.addresses: Counter[str] = Counter()
        self.counts: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.closes: Counter[str] = Counter()
        self.faults: list[Fault] = []
        self.quarantine: dict[str, list[int]] = {}
        self.started = now_us()
        self._batch = Batch()
        self._busy = self._scheduled = False
        self._queued = self._queued_bytes = self._number = 0
        self._held: set[Link] = set()
        self._server: asyncio.Server | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._exchange = Exchange(self)

    # -- life -------------------------------------------------------------------------------------------------------

    async def start(self, host: str, port: int) -> int:
        """Begin to listen; return the port (a free one for 0)."""
        # The committing thread must get the interpreter at once when the disk is done, not after 5 ms.
        sys.setswitchinterval(0.0005)
        for one in self.inbox.strangers():
            self.quarantine[one.mn] = [one.packets, one.size]
        await self._exchange.begin()
        self.committer.start()
        self._server = await self.loop.create_server(
            lambda: Link(self), host, port, backlog=self.limits.server.backlog, start_serving=True
        )
        self._tasks = [self.loop.create_task(self._sweep()), self.loop.create_task(self._exchange.run())]
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Stop reading, commit what was read, answer it, end the links."""
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for link in list(self.links.values()):
            link.hold(ALL)
        self._seal()
        for _ in range(100):
            if not self._busy and not self._batch:
                break
            await asyncio.sleep(0.05)
        await self._exchange.end()
        for link in list(self.links.values()):
            if link.transport is not None:
                link.transport.close()
        await asyncio.sleep(0)
        await self.loop.run_in_executor(None, self.committer.stop)
        self.inbox.close()

    # -- links ------------------------------------------------------------------------------------------------------

    def opened(self, link: Link) -> None:
        self._number += 1
        link.number = self._number
        self.links[link.number] = link
        self.addresses[link.address] += 1
        self.counts["opened"] += 1
        limits = self.limits.server
        if len(self.links) > limits.connections:
            link.close("too_many")
        elif self.addresses[link.address] > limits.connections_per_address:
            link.close("too_many_of_address")
        elif self.full:
            self._hold(link)

    def closed(self, link: Link) -> None:
        self.links.pop(link.number, None)
        self._held.discard(link)
        self.addresses[link.address] -= 1
        if not self.addresses[link.address]:
            del self.addresses[link.address]
        known = self.admission.known.get(link.mn.encode()) if link.mn else None
        if known is not None and known.link is link:
            known.link = None
            self.requests.lost(known.mn)
        self._exchange.forget(link)

    def count_close(self, why: str) -> None:
        self.closes[why] += 1

    def apply(self, orders: Orders) -> None:
        """Do what the office wants: take over its register, send its requests."""
        if orders.devices is not None:
            fresh, gone = self.admission.learn(orders.devices)
            self.admit([*fresh, *(mn for mn in self.quarantine if _admitted(orders.devices.get(mn)))], orders.discard)
            for known in gone:
                if known.link is not None:
                    known.link.close("not_admitted")
        for command in orders.commands:
            known = self.admission.known[command.mn.encode()]
            if known.link is None or known.mn in self.requests.waiting:
                self.requests.outcomes.append(Outcome(command.id, QUEUED))
                continue
            password = (known.password or b"").decode("ascii", "replace")
            self.requests.ask(known.link, command, password, self._st(known), known.edition, known.dialect)

    def _st(self, known: Known) -> str:
        return (known.device.st if known.device else "") or known.st or "31"

    @property
    def queued(self) -> int:
        """How many packets wait for the disk."""
        return self._queued

    @property
    def full(self) -> bool:
        """Whether more waits for the disk than may."""
        limits = self.limits.server
        return self._queued >= limits.queue_packets or self._queued_bytes >= limits.queue_bytes

    def _hold(self, link: Link) -> None:
        link.hold(ALL)
        self._held.add(link)

    # -- packets ----------------------------------------------------------------------------------------------------

    def took(self, link: Link, packets: list[bytes]) -> None:
        """Judge packets of a link; those that count go to disk with the next commit."""
        batch, before = self._batch, len(self._batch.packets) + len(self._batch.strangers)
        size = 0
        for raw in packets:
            size += len(raw)
            head = heads.quick(raw)
            if head is not None:
                self._take(link, raw, head, None)
            else:
                self._take_slowly(link, raw)
        kept = len(batch.packets) + len(batch.strangers) - before
        if kept:
            batch.waiting[link] += kept
            batch.size += size
            link.waiting += kept
            self._queued += kept
            self._queued_bytes += size
            if link.waiting >= self.limits.server.link_packets:
                link.hold(OWN)
            if self.full:
                self._hold(link)
        self._schedule()

    def _take(self, link: Link, raw: bytes, head: Head, judged: Judged | None) -> None:
        known, verdict = self.admission.check(head, link.address)
        if verdict != TAKEN or known is None:
            self._refuse(link, raw, head, known, verdict, judged)
            return
        known.packets += 1
        known.bytes += len(raw)
        known.changed = True
        link.packets += 1
        link.garbage = 0
        if known.link is not link:
            self._speaks(link, known)
        now = link.last
        if now - known.drift_at > _DRIFT_EVERY:
            known.drift_at = now
            self._clocks(known, head)
        batch = self._batch
        batch.packets.append(raw)
        if head.cn[:2] == _INTERACTION or known.mn in self.requests.waiting:
            batch.replies.append((link, judged or judge(raw, known.dialect)))
        if head.flag & heads.ANSWER_WANTED:
            said = _answer_to(head, judged)
            if said:
                batch.answers.setdefault(link, []).append(said)

    def _speaks(self, link: Link, known: Known) -> None:
        """A device speaks on this link from now on."""
        known.link, known.peer = link, link.peer
        link.mn = known.mn
        now = now_us()
        known.first, known.last = known.first or now, now

    def _clocks(self, known: Known, head: Head) -> None:
        """Measure how far the device's clock is off, by the number of its packet."""
        now = now_us()
        known.last = now
        known.peer = known.link.peer if known.link else known.peer
        if head.cn[:2] != _INTERACTION:
            known.st, known.edition = head.st.decode(), heads.EDITIONS.get(head.flag >> 2, "2017")
        drift = drift_ms(head.qn, now, self.offset)
        if drift is not None:
            # Packets that are sent again carry an old number: the middle of the last few is the clock's.
            known.drifts.append(drift)
            known.drift_ms = sorted(known.drifts)[len(known.drifts) // 2]

    def _take_slowly(self, link: Link, raw: bytes) -> None:
        """A packet that is not as the standard prints it: the codec judges it by the device's dialect."""
        found = heads.MN.search(raw)
        known = self.admission.known.get(found[1]) if found else None
        judged = judge(raw, known.dialect if known else "standard")
        if judged.head is not None:
            self._take(link, raw, judged.head, judged)
            return
        link.garbage += len(raw)
        self._fault(link, known.mn if known else "", judged.error, "", raw)
        if known is not None:
            known.errors += 1
            known.changed = True
        if link.garbage > self.limits.server.garbage_bytes:
            link.close("garbage")

    def _refuse(
        self, link: Link, raw: bytes, head: Head, known: Known | None, verdict: str, judged: Judged | None
    ) -> None:
        if verdict == STRANGER and self._quarantined(link, raw, head):
            said = _answer_to(head, judged) if head.wants_answer else None
            if said:
                self._batch.answers.setdefault(link, []).append(said)
            return
        self._fault(link, head.mn.decode("ascii", "replace"), verdict, "", raw)
        if known is not None:
            known.errors += 1
            known.changed = True
        if head.wants_answer and judged is None:
            link.send(heads.answer(head, b"9011", b"QnRtn=" + QN_RTN[verdict]))
        if verdict == WRONG_PASSWORD and link.errors > _WRONG_PASSWORDS and not link.packets:
            link.close("password")

    def _quarantined(self, link: Link, raw: bytes, head: Head) -> bool:
        """Keep a packet of a stranger, as far as there is room; tell whether it is kept."""
        limits = self.limits.quarantine
        mn = head.mn.decode("ascii", "replace")
        kept = self.quarantine.get(mn)
        if kept is None:
            if len(self.quarantine) >= limits.devices or not head.mn:
                return False
            kept = self.quarantine[mn] = [0, 0]
        if kept[0] >= limits.packets_per_device or kept[1] + len(raw) > limits.bytes_per_device:
            return False
        kept[0] += 1
        kept[1] += len(raw)
        link.mn = link.mn or mn
        self.counts["quarantined"] += 1
        self._batch.strangers.append(Stranger(mn, link.peer, raw))
        return True

    def dialect_of(self, data: bytes) -> Dialect:
        """Return the dialect of the device that bytes name, the standard's if they name none that is known."""
        found = heads.MN.search(data)
        known = self.admission.known.get(found[1]) if found else None
        return dialect_of(known.dialect if known else "standard")

    def _fault(self, link: Link, mn: str, code: str, detail: str, raw: bytes) -> None:
        link.errors += 1
        self.errors[code] += 1
        self.counts["errors"] += 1
        if link.errors - link.known_errors <= _FAULTS_KEPT:
            self.faults.append(Fault(now_us(), mn, link.peer, code, detail, raw[:_FAULT_BYTES]))

    # -- to disk ----------------------------------------------------------------------------------------------------

    def admit(self, mns: list[str], discard: list[str]) -> None:
        """Hand what waited of devices that are admitted now to delivery; forget what waited of others."""
        self._batch.admit += [mn for mn in mns if mn in self.quarantine]
        self._batch.discard += [mn for mn in discard if mn in self.quarantine]
        for mn in [*mns, *discard]:
            self.quarantine.pop(mn, None)
        self._schedule()

    def _schedule(self) -> None:
        """Seal once all sockets that are ready now were read."""
        if not self._busy and not self._scheduled and self._batch:
            self._scheduled = True
            self.loop.call_soon(self._seal)

    def _seal(self) -> None:
        self._scheduled = False
        if self._busy or not self._batch:
            return
        batch, self._batch = self._batch, Batch()
        self._busy = True
        work = Work(batch.packets, HJ212, now_us(), batch.strangers, batch.admit, batch.discard)
        self.committer.submit(Job(work, batch))

    def _on_disk(self, batches: list[Batch]) -> None:
        self.loop.call_soon_threadsafe(self._answer, batches)

    def _answer(self, batches: list[Batch]) -> None:
        """The packets are on disk: now, and only now, their senders are told."""
        self._busy = False
        self._scheduled = True
        self.loop.call_soon(self._seal)
        for batch in batches:
            self._queued -= len(batch.packets) + len(batch.strangers)
            self._queued_bytes -= batch.size
            self.counts["packets"] += len(batch.packets)
            self.counts["bytes"] += batch.size
            self.counts["groups"] += 1
            for link, said in batch.answers.items():
                self.counts["answers"] += len(said)
                link.send(b"".join(said) if len(said) > 1 else said[0])
            for link, number in batch.waiting.items():
                link.waiting -= number
                if link.held & OWN and link.waiting < self.limits.server.link_packets // 2:
                    link.release(OWN)
            for link, judged in batch.replies:
                self.requests.heard(link, judged)
        if self._held and self._queued < self.limits.server.queue_packets // 2 and not self.full:
            held, self._held = self._held, set()
            for link in held:
                link.release(ALL)

    # -- watching over links ----------------------------------------------------------------------------------------

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP_SECONDS)
            now = self.loop.time()
            for link in list(self.links.values()):
                self._look_at(link, now)
            self.requests.look(now)

    def _look_at(self, link: Link, now: float) -> None:
        limits = self.limits.server
        link.known_errors = link.errors
        if link.slow_since and now - link.slow_since > limits.slow_seconds:
            link.close("slow")
        elif link.held & ALL:
            link.last = now  # it is we who do not read
        elif not link.mn and now - link.since > limits.hello_seconds:
            link.close("silent")
        elif link.mn and now - link.last > self._patience(link):
            link.close("idle")

    def _patience(self, link: Link) -> float:
        known = self.admission.known.get(link.mn.encode())
        own = known.device.idle_seconds if known and known.device else 0
        return own or self.limits.server.idle_seconds


def _answer_to(head: Head, judged: Judged | None) -> bytes | None:
    """Return the answer to a packet; None when it gets none (it is an answer itself)."""
    if judged is not None:
        return judged.answer()
    cn = heads.reply_to(head.cn)
    return heads.answer(head, cn) if cn else None


def _admitted(device: Device | None) -> bool:
    return device is not None and device.status == ADMITTED


def drift_ms(qn: bytes, now: int, offset: timedelta) -> int | None:
    """Return how far a packet's number (local time, 17 digits) is from a moment in microseconds; None for no time."""
    try:
        moment = datetime(
            int(qn[:4]), int(qn[4:6]), int(qn[6:8]), int(qn[8:10]), int(qn[10:12]), int(qn[12:14]),
            int(qn[14:17]) * 1000, tzinfo=UTC,
        )  # fmt: skip
    except ValueError:
        return None
    return int((moment - offset).timestamp() * 1000) - now // 1000
