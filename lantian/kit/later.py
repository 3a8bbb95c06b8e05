"""Work that is left to the worker: rooms register it by name, the room of the worker runs it.

A room calls `soon(name)` when there is something to do; the worker also runs every registered work once a minute, so that
what a killed worker left is taken up again. Each work finds itself what there is to do, and does nothing when there is
nothing.
"""

from __future__ import annotations

from collections.abc import Callable

Work = Callable[[], object]
_works: dict[str, Work] = {}
_kick: list[Callable[[str], object]] = []


def register(name: str, work: Work) -> None:
    """Let the worker do this every minute, and whenever `soon` is called; another work under a known name is refused."""
    if _works.get(name, work) is not work:
        raise ValueError(f"{name!r} is registered already")
    _works[name] = work


def connect(kick: Callable[[str], object]) -> None:
    """Let `soon` wake the worker through `kick`; called by the room of the worker when Django starts."""
    _kick[:] = [kick]


def soon(name: str) -> None:
    """Have a work done as soon as the worker is free; unconnected, it waits for the next minute."""
    if name not in _works:
        raise LookupError(f"nothing is registered as {name!r}")
    for kick in _kick:
        kick(name)


def names() -> tuple[str, ...]:
    """All works, in the order of registration."""
    return tuple(_works)


def run(name: str) -> object:
    """Do a work and return what it says of itself; raises LookupError for an unknown one."""
    if name not in _works:
        raise LookupError(f"nothing is registered as {name!r}")
    return _works[name]()
