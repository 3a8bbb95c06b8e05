"""What a process of the web server has ready before somebody asks, and makes ready again when something has changed.

A room registers what takes long to make and is asked for by everybody: `stamp()` says cheaply, without the database, what
it follows from; `prepare()` makes it, into the room's own memory, under keys that say what it follows from as well. So
nothing here decides what is shown: whoever asks before it is ready makes it, and waits.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from django.db import connections

log = logging.getLogger("lantian.ready")
# Seconds between two looks at the stamps.
EVERY = 1.0


@dataclass(frozen=True, slots=True)
class Stock:
    """Something that shall be ready."""

    stamp: Callable[[], Hashable]
    prepare: Callable[[], object]


_stocks: dict[str, Stock] = {}


def register(name: str, stamp: Callable[[], Hashable], prepare: Callable[[], object]) -> None:
    """Have something ready in every process of the web server; another one under a known name is refused."""
    one = Stock(stamp, prepare)
    if _stocks.get(name, one) != one:
        raise ValueError(f"{name!r} is registered already")
    _stocks[name] = one


def names() -> tuple[str, ...]:
    """All that shall be ready, in the order of registration."""
    return tuple(_stocks)


class Keeper:
    """Prepares what is new since it looked last."""

    def __init__(self) -> None:
        self._seen: dict[str, Hashable] = {}
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Let the watching thread end (a server never does; who watches for a while does)."""
        self._stopped.set()

    def look(self) -> tuple[str, ...]:
        """Prepare everything whose stamp has changed; return the names. A fault is logged, and tried again after the next
        change: pages say themselves what is wrong."""
        done = []
        for name, one in _stocks.items():
            try:
                stamp = one.stamp()
                if name in self._seen and self._seen[name] == stamp:
                    continue
                self._seen[name] = stamp
                one.prepare()
            except Exception:
                log.exception("%s could not be made ready", name)
            done.append(name)
        return tuple(done)

    def watch(self) -> threading.Thread:
        """Look again every second beside the requests, until the process ends or `stop` is called."""

        def run() -> None:
            while not self._stopped.wait(EVERY):
                if self.look():
                    connections.close_all()

        thread = threading.Thread(target=run, name="ready", daemon=True)
        thread.start()
        return thread
