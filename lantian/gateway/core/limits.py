"""Bounds and keeping times (`data/limits.toml`), with what an installation says of its own."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar


@dataclass(frozen=True, slots=True)
class ServerLimits:
    connections: int
    connections_per_address: int
    buffer_bytes: int
    link_packets: int
    queue_packets: int
    queue_bytes: int
    answer_bytes: int
    slow_seconds: float
    idle_seconds: float
    hello_seconds: float
    garbage_bytes: int
    keepalive: tuple[int, int, int]
    backlog: int


@dataclass(frozen=True, slots=True)
class QuarantineLimits:
    packets_per_device: int
    bytes_per_device: int
    devices: int


@dataclass(frozen=True, slots=True)
class DeliveryLimits:
    every_seconds: float
    packets: int
    last_packets: int
    digests: int
    future_hours: float
    oldest_year: int


@dataclass(frozen=True, slots=True)
class Keep:
    raw_days: int
    realtime_days: int
    errors_days: int


@dataclass(frozen=True, slots=True)
class CompactionLimits:
    files: int
    largest_rows: int
    idle_seconds: float


@dataclass(frozen=True, slots=True)
class RequestLimits:
    timeout_seconds: float
    resends: int
    execution_seconds: float
    drift_seconds: float
    drift_every_seconds: float


@dataclass(frozen=True, slots=True)
class GapLimits:
    look_back_hours: int
    grace_minutes: int
    grace_hour_minutes: int
    tries: int
    again_minutes: int
    most_minutes: int
    most_hours: int


@dataclass(frozen=True, slots=True)
class Limits:
    """All of them; one part of the file for each."""

    server: ServerLimits
    quarantine: QuarantineLimits
    delivery: DeliveryLimits
    keep: Keep
    compaction: CompactionLimits
    requests: RequestLimits
    gaps: GapLimits


_PARTS: dict[str, Any] = {
    "server": ServerLimits, "quarantine": QuarantineLimits, "delivery": DeliveryLimits, "keep": Keep,
    "compaction": CompactionLimits, "requests": RequestLimits, "gaps": GapLimits,
}  # fmt: skip
_T = TypeVar("_T")


def load_limits(data: Path | None = None) -> Limits:
    """Return the limits with those of `<data>/gateway/limits.toml`. Raises ValueError naming a word that is not known."""
    text = resources.files("lantian.gateway").joinpath("data", "limits.toml").read_text(encoding="utf-8")
    read = tomllib.loads(text)
    own = data / "gateway" / "limits.toml" if data else None
    said = tomllib.loads(own.read_text(encoding="utf-8")) if own and own.exists() else {}
    if unknown := said.keys() - _PARTS.keys():
        raise ValueError(f"{own}: there is no part {', '.join(sorted(unknown))}; there are {', '.join(_PARTS)}")
    return Limits(**{name: _part(kind, read[name], said.get(name, {}), name) for name, kind in _PARTS.items()})


def _part(kind: type[_T], read: dict[str, Any], said: dict[str, Any], name: str) -> _T:
    known = {one.name for one in fields(kind)}  # type: ignore[arg-type]
    if unknown := said.keys() - known:
        raise ValueError(f"limits.toml, [{name}]: {', '.join(sorted(unknown))} is not known")
    values = {**read, **said}
    return kind(**{key: tuple(value) if isinstance(value, list) else value for key, value in values.items()})
