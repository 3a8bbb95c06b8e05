"""From the inboxes to the telemetry store, exactly once.

The order is what keeps everything through a kill: raw packets on disk (archive), rows on disk (files, log, folders:
`lantian.observations`), then the inbox lets go, then what pages show. The batch is named by the inbox and its last
group; the store knows up to which group it has rows, so whatever was interrupted begins after that.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from lantian.gateway.core import groups as kinds
from lantian.gateway.core.archive import Archive, Digests, digest
from lantian.gateway.core.control import Control
from lantian.gateway.core.groups import Group
from lantian.gateway.core.heads import MN
from lantian.gateway.core.inbox import Inbox, inbox_folders
from lantian.gateway.core.limits import Limits, load_limits
from lantian.gateway.core.mapping import Mapped, Mapper
from lantian.gateway.core.pushed import map_pushed
from lantian.gateway.core.remembered import Remembered
from lantian.gateway.core.shown import show
from lantian.gateway.core.slots import note_times
from lantian.gateway.core.telemetry import open_store
from lantian.observations.model import Batch
from lantian.observations.schema import OBSERVATIONS
from lantian.observations.store import Store

log = logging.getLogger("lantian.gateway")
Step = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one turn did: groups and packets taken out of an inbox, rows written."""

    groups: int = 0
    packets: int = 0
    rows: int = 0
    refused: int = 0
    repeated: int = 0


class Delivery:
    """Empties all inboxes of a data folder. One process does it; the store's lock sees to that."""

    def __init__(
        self,
        data: Path,
        *,
        offset: dt.timedelta | None = None,
        limits: Limits | None = None,
        on_step: Step | None = None,
    ) -> None:
        """`offset`: the devices' clock from UTC; None: as the office told (control tables). `on_step`: for tests."""
        self.data = data
        self.limits = limits or load_limits(data)
        self.control = Control(data)
        minutes = int(self.control.meta("offset_minutes", "0"))
        self.offset = dt.timedelta(minutes=minutes) if offset is None else offset
        self.store: Store = open_store(data, self.offset)
        self.archive = Archive(data)
        self.totals: Counter[str] = Counter()
        self._remembered: Remembered | None = None
        self._inboxes: dict[Path, Inbox] = {}
        self._revision = ""
        self._mapper: Mapper | None = None
        self._step = on_step or (lambda name: None)

    def close(self) -> None:
        for inbox in self._inboxes.values():
            inbox.close()
        self.control.close()

    def turn(self) -> Delivered:
        """Deliver one batch of every inbox that has something; return what was done."""
        total = Counter[str]()
        for folder in inbox_folders(self.data):
            if folder not in self._inboxes:
                self._inboxes[folder] = Inbox(folder)
        for inbox in self._inboxes.values():
            done = self._deliver(inbox)
            for name in ("groups", "packets", "rows", "refused", "repeated"):
                total[name] += getattr(done, name)
        self.totals += total
        return Delivered(**{name: total[name] for name in ("groups", "packets", "rows", "refused", "repeated")})

    def _deliver(self, inbox: Inbox) -> Delivered:
        if not inbox.after(0, 1):
            return Delivered()
        with self.store.writer(f"delivery of {inbox.folder.name}", wait=120) as writer:
            stream = Batch(f"inbox:{inbox.id}", sequence=1)
            done = self.store.log(OBSERVATIONS).sequence(stream.stream) or 0
            if inbox.remove(done):
                log.info("%s: what was delivered before the last end is taken out", inbox.folder.name)
            groups = inbox.after(done, self.limits.delivery.packets)
            if not groups:
                return Delivered()
            last = groups[-1].seq
            digests = np.array([digest(raw) for group in groups for raw in group.packets()], dtype=np.uint64)
            self._keep_raw(inbox, groups, digests)
            self._step("archived")
            mapped = self._map(groups, self._fresh(inbox, done, digests))
            if len(mapped.rows):
                rows = mapped.rows.drop("mn").unique(
                    ["source", "quantity", "place", "valid_from", "valid_to"], keep="last", maintain_order=True
                )
                receipt = writer.append(Batch(f"inbox:{inbox.id}", sequence=last), rows, on_fault="skip")
                if receipt.skipped:
                    log.warning("%s rows of group %s were left out: %s", receipt.skipped, last, receipt.faults[:3])
        self._step("written")
        inbox.remove(last)
        self._step("removed")
        assert self._remembered is not None
        self._remembered.add(digests)
        self._show(groups, mapped)
        self._step("shown")
        return Delivered(len(groups), mapped.packets, len(mapped.rows), mapped.refused, mapped.repeated)

    # -- steps ------------------------------------------------------------------------------------------------------

    def _keep_raw(self, inbox: Inbox, groups: Sequence[Group], digests: Digests) -> None:
        """Put the packets into the archive, but for those that are there since before a crash."""
        known = self.archive.last(inbox.id)
        new = [group for group in groups if group.seq > known]
        if not new:
            return
        count = sum(map(len, new))
        mns = {found[1].decode() for group in new for raw in group.packets() if (found := MN.search(raw))}
        self.archive.append(inbox.id, new, digests[len(digests) - count :], sorted(mns))

    def _fresh(self, inbox: Inbox, done: int, digests: Digests) -> npt.NDArray[np.bool_]:
        """Return which packets did not come before (a device whose answer was lost sends again)."""
        if self._remembered is None:
            waiting = {one.id: group.seq for one in self._inboxes.values() for group in one.after(0, 1)}
            self._remembered = Remembered.load(self.archive, self.limits.delivery.digests, waiting)
        return self._remembered.fresh(digests)

    def _map(self, groups: Sequence[Group], fresh: npt.NDArray[np.bool_]) -> Mapped:
        self._learn()
        assert self._mapper is not None
        packets: list[bytes] = []
        received: list[int] = []
        pushed: list[tuple[int, bytes]] = []
        repeated, number = 0, 0
        for group in groups:
            for raw in group.packets():
                if not fresh[number]:
                    repeated += 1
                elif group.kind == kinds.HJ212:
                    packets.append(raw)
                    received.append(group.at)
                else:
                    pushed.append((group.at, raw))
                number += 1
        mapped = self._mapper.map(packets, np.array(received, dtype=np.int64))
        mapped.repeated = repeated
        if pushed:
            map_pushed(mapped, pushed, self._devices)
        mapped.packets += repeated
        return mapped

    def _learn(self) -> None:
        revision = self.control.revision()
        if self._mapper is None or revision != self._revision:
            self._revision, self._devices = revision, self.control.devices()
            self._mapper = Mapper(self._devices, self.offset, self.limits.delivery)

    def _show(self, groups: Sequence[Group], mapped: Mapped) -> None:
        """Tell pages what is newest, and which minutes and hours came. Losing it loses no measurement."""
        with self.control.transaction() as db:
            show(db, groups, mapped, self.limits.delivery.last_packets)
            note_times(db, mapped.times, self._devices)
        now = int(time.time() * 1e6)
        self.control.set_meta("delivered", str(now))


def deliver_all(data: Path, **more: object) -> Delivered:
    """Deliver until the inboxes are empty (for tests and the end of a run)."""
    delivery = Delivery(data, **more)  # type: ignore[arg-type]
    total = Counter[str]()
    while (done := delivery.turn()).groups:
        for name in ("groups", "packets", "rows", "refused", "repeated"):
            total[name] += getattr(done, name)
    delivery.close()
    return Delivered(**{name: total[name] for name in ("groups", "packets", "rows", "refused", "repeated")})
