"""Where rooms above connect themselves. Light: importing it loads no data library."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from lantian.observations.model import Event

Trail = Callable[[Event], None]
_trail: list[Trail] = []
_finders: dict[str, Callable[[Any], Iterable[Any]]] = {}


def connect_trail(receiver: Trail) -> None:
    """Let `receiver` be told of every import, correction, flag, figure and removal, once it is safe on disk.

    The room above that keeps the audit chain connects itself here. It is told at least once: after a crash between
    writing and telling the next writer tells again, so the receiver leaves out an event that it knows by its `key`.
    """
    _trail[:] = [receiver]


def connected_trail() -> Trail | None:
    """Return the receiver of this process, if one is connected."""
    return _trail[0] if _trail else None


def connect_dependants(name: str, finder: Callable[[Any], Iterable[Any]]) -> None:
    """Let `finder` be asked who rests on changed figures, as `dependency.register_dependants` does, at start-up."""
    _finders[name] = finder


def connected_finders() -> dict[str, Callable[[Any], Iterable[Any]]]:
    """Return the finders that rooms connected."""
    return dict(_finders)
