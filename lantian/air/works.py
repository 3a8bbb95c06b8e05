"""The works of this room that the worker does; what they need is loaded when they run."""

from __future__ import annotations

from lantian.kit import later


def register() -> None:
    """Register the works of this room (at start-up)."""
    later.register("air.imports", _imports)
    later.register("air.quality", _quality)
    later.register("air.folders", _folders)
    later.register("air.upkeep", _upkeep)


def _imports() -> int:
    from lantian.air.jobs import work

    return work()


def _quality() -> int:
    """After every import: whatever is new in the store is checked and what rests on it computed."""
    from lantian.air.services.quality import control

    return control()


def _folders() -> int:
    from lantian.air.folders import work

    return work()


def _upkeep() -> int:
    """Hourly commits are small files: many of them become few."""
    from lantian.air.services.upkeep import keep_up

    return keep_up()
