"""The works of this room that the worker does; what they need is loaded when they run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lantian.kit import later
from lantian.observations.hooks import connect_dependants


def register() -> None:
    """Register the works of this room, and who finds the targets that rest on changed figures (at start-up)."""
    later.register("air.imports", _imports)
    later.register("air.quality", _quality)
    connect_dependants("air.targets", _targets)

    later.register("air.folders", _folders)


def _imports() -> int:
    from lantian.air.jobs import work

    return work()


def _quality() -> int:
    """After every import: whatever is new in the store is checked and what rests on it computed."""
    from lantian.air.services.quality import control

    return control()


def _targets(changed: Any) -> Iterable[Any]:
    from lantian.air.control.affected import targets

    return targets(changed)


def _folders() -> int:
    from lantian.air.folders import work

    return work()
