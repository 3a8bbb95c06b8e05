"""Delivery as a process: inboxes emptied every few seconds, gaps looked for, small files merged, old things forgotten."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import logging
import os
import signal
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

from lantian.gateway.core import gaps, upkeep
from lantian.gateway.core.delivery import Delivered, Delivery
from lantian.gateway.core.inbox import Inbox, inbox_folders
from lantian.gateway.wire import fast
from lantian.observations.errors import StoreError

log = logging.getLogger("lantian.gateway")
_GAPS_EVERY, _TIDY_EVERY, _FORGET_EVERY = 60.0, 3600.0, 86400.0
_AFTER_FAILURE = 5.0
STATE = "delivery"


class Process:
    """Turns and upkeep by the clock. `stop` may be called from a signal handler."""

    def __init__(self, data: Path, *, offset: dt.timedelta | None = None) -> None:
        self._data = data
        self.delivery = Delivery(data, offset=offset)
        self._stopping = threading.Event()
        now = time.monotonic()
        self._due = {"gaps": now + 5, "compact": now, "tidy": now + 300, "forget": now + 600}
        self._failure = ""

    def stop(self, *_: object) -> None:
        self._stopping.set()

    def run(self) -> None:
        """Work until told to stop. What fails is logged, told and tried again."""
        fast.prepare()
        every = self.delivery.limits.delivery.every_seconds
        while not self._stopping.is_set():
            begin = time.monotonic()
            try:
                done = self.delivery.turn()
                self._upkeep(begin)
                self._failure = ""
            except (sqlite3.Error, OSError, StoreError) as error:
                log.exception("delivery failed; it is tried again")
                self._failure = f"{type(error).__name__}: {error}"
                self._tell(Delivered(), time.monotonic() - begin)
                self._stopping.wait(_AFTER_FAILURE)
                continue
            self._tell(done, time.monotonic() - begin)
            if done.packets < self.delivery.limits.delivery.packets:
                self._stopping.wait(max(0.0, every - (time.monotonic() - begin)))
        self.delivery.close()

    def _tell(self, done: Delivered, seconds: float) -> None:
        state = {
            "pid": os.getpid(), "at": int(time.time() * 1e6), "seconds": round(seconds, 3), "packets": done.packets,
            "rows": done.rows, "totals": dict(self.delivery.totals), "failure": self._failure,
        }  # fmt: skip
        with contextlib.suppress(sqlite3.Error):  # the same full disk: what is not told now is told with the next turn
            self.delivery.control.set_meta(STATE, json.dumps(state))

    def _upkeep(self, now: float) -> None:
        delivery, limits = self.delivery, self.delivery.limits
        if self._is_due("gaps", now, _GAPS_EVERY):
            local = int(time.time() + delivery.offset.total_seconds())
            gaps.look(delivery.control, delivery.control.devices(), limits.gaps, local)
        if self._is_due("compact", now, limits.compaction.idle_seconds):
            upkeep.compact_some(delivery.store, limits.compaction)
        if self._is_due("tidy", now, _TIDY_EVERY):
            upkeep.tidy(delivery.store)
        if self._is_due("forget", now, _FORGET_EVERY):
            inboxes = [Inbox(folder) for folder in inbox_folders(self._data)]
            upkeep.forget_old(delivery.store, delivery.archive, delivery.control, inboxes, limits.keep)
            for one in inboxes:
                one.close()

    def _is_due(self, name: str, now: float, every: float) -> bool:
        if now < self._due[name]:
            return False
        self._due[name] = now + every
        return True


def deliver(data: Path, *, offset: dt.timedelta | None = None, ready: Callable[[], None] | None = None) -> None:
    """Run delivery until SIGTERM or SIGINT."""
    process = Process(data, offset=offset)
    signal.signal(signal.SIGTERM, process.stop)
    signal.signal(signal.SIGINT, process.stop)
    if ready:
        ready()
    process.run()
