"""The worker's work of this room: the control tables follow the register, whatever a killed process left untold."""

from __future__ import annotations

from lantian.kit import later


def register() -> None:
    """Register the work of this room (at start-up)."""
    later.register("gateway.devices", _devices)


def _devices() -> None:
    from lantian.gateway.services import publish_all

    publish_all()
