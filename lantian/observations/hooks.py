"""Where rooms above connect themselves. Light: importing it loads no data library."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

from lantian.observations.model import Event

Trail = Callable[[Event], None]
Clock = Callable[[], dt.datetime]
_trail: list[Trail] = []
_ready: list[Callable[[], bool]] = []
_clock: list[Clock] = []
_finders: dict[str, Callable[[Any], Iterable[Any]]] = {}


def connect_trail(receiver: Trail, ready: Callable[[], bool] = lambda: True) -> None:
    """Let `receiver` be told of every import, correction, flag, figure and removal, once it is safe on disk.

    The room above that keeps the audit chain connects itself here. It is told at least once: after a crash between
    writing and telling the next writer tells again, so the receiver leaves out an event that it knows by its `key`.
    `ready` says whether it may be told just now (not inside a transaction that may be undone: the event would count as
    told, and its entry would be gone); what it is not told waits for the next writer.
    """
    _trail[:] = [receiver]
    _ready[:] = [ready]


def connected_trail() -> Trail | None:
    """Return the receiver of this process, if one is connected and may be told now."""
    return _trail[0] if _trail and all(ready() for ready in _ready) else None


def connect_clock(clock: Clock) -> None:
    """Let stores that ask for it (`now`) take the time from here: a demonstration's present is not the machine's."""
    _clock[:] = [clock]


def now() -> dt.datetime:
    """Return the present moment by the connected clock, else by the machine's (aware)."""
    return _clock[0]() if _clock else dt.datetime.now(dt.UTC)


def connect_dependants(name: str, finder: Callable[[Any], Iterable[Any]]) -> None:
    """Let `finder` be asked who rests on changed figures, as `dependency.register_dependants` does, at start-up."""
    _finders[name] = finder


def connected_finders() -> dict[str, Callable[[Any], Iterable[Any]]]:
    """Return the finders that rooms connected."""
    return dict(_finders)
