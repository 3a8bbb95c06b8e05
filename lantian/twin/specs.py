"""What the files under data/ say, as dataclasses."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

Span = tuple[float, float]
POLLUTANTS = ("pm", "so2", "nox")
# Factors of HJ 212-2017.
CODES = {"pm": "a34013", "so2": "a21026", "nox": "a21002", "nh3": "a21001", "o2": "a19001", "flow": "a00000", "velocity": "a01011",
         "temperature": "a01012", "pressure": "a01013", "moisture": "a01014"}  # fmt: skip


@cache
def data(name: str) -> dict[str, Any]:
    """Return a data file of the twin, read once."""
    return tomllib.loads((files("lantian.twin") / "data" / f"{name}.toml").read_text(encoding="utf-8"))


def span(given: list[float] | Span) -> Span:
    """Return a range as two numbers."""
    return float(given[0]), float(given[1])


@dataclass(frozen=True, slots=True)
class MachineKind:
    """A kind of machine: rated kW, how it is used, what it removes; see data/types.toml."""

    kind: str
    zh: str
    kw: Span
    util: Span = (0.7, 0.85)
    rough: float = 0.015
    tau: float = 1.0
    cycle: Span = (0.0, 0.0)
    duty: str = ""
    law: str = "load"
    removes: str = ""
    needs: str = "all"


@dataclass(frozen=True, slots=True)
class OutletKind:
    """A kind of stack; see data/types.toml."""

    process: str
    zh: str
    cems: float
    limits: Mapping[str, float]
    flow: Span
    o2: Span
    temperature: Span
    moisture: Span
    pressure: Span
    raw: Mapping[str, Span]
    level: Mapping[str, Span]
    oxygen: float | None = None
    denitration: str = ""
    ultra_low: bool = False
    gases: bool = True


@dataclass(frozen=True, slots=True)
class PlantKind:
    """A type of plant."""

    id: str
    name: str
    zh: str
    industry: str
    share: float
    lines: tuple[int, int]
    shared: bool
    duty: tuple[str, ...]
    grades: tuple[str, ...]
    production: tuple[MachineKind, ...]
    treatment: tuple[MachineKind, ...]
    outlet: OutletKind | None


@dataclass(frozen=True, slots=True)
class Duty:
    """How a line works; see data/duties.toml."""

    shifts: tuple[tuple[int, int], ...] = ()
    jitter: int = 0
    works: float = 1.0
    pause: int = 0
    stops: float = 0.0
    hours: Span = (0.0, 0.0)
    swing: tuple[float, float, float] = (0.0, 0.0, 0.0)
    months: tuple[int, ...] = ()
    campaign: Span = (0.0, 0.0)
    idle_days: Span = (0.0, 0.0)


@cache
def plant_kinds() -> tuple[PlantKind, ...]:
    """Return the types of plants, in the order of the file."""
    return tuple(_plant(dict(one)) for one in data("types")["type"])


def _plant(one: dict[str, Any]) -> PlantKind:
    outlet = one.pop("outlet", None)
    return PlantKind(
        id=one["id"], name=one["name"], zh=one["zh"], industry=one["industry"], share=one["share"], lines=tuple(one["lines"]),
        shared=one["shared"], duty=tuple(one["duty"]), grades=tuple(one["grades"]),
        production=tuple(_machine(each) for each in one["production"]),
        treatment=tuple(_machine(each) for each in one["treatment"]), outlet=_outlet(outlet) if outlet else None,
    )  # fmt: skip


def _machine(one: dict[str, Any]) -> MachineKind:
    read: dict[str, Any] = {key: span(value) if key in ("kw", "util", "cycle") else value for key, value in one.items()}
    return MachineKind(**read)


def _outlet(one: dict[str, Any]) -> OutletKind:
    ranges = ("flow", "o2", "temperature", "moisture", "pressure")
    read: dict[str, Any] = {key: span(value) if key in ranges else value for key, value in one.items()}
    for key in ("raw", "level"):
        read[key] = {name: span(value) for name, value in one[key].items()}
    return OutletKind(**read)


@cache
def duties() -> Mapping[str, Duty]:
    """Return the patterns of work by name."""
    return {name: _duty(one) for name, one in data("duties").items()}


def _duty(one: dict[str, Any]) -> Duty:
    read = dict(one)
    for key in ("hours", "campaign", "idle_days"):
        if key in read:
            read[key] = span(read[key])
    read["shifts"] = tuple((int(a), int(b)) for a, b in read.get("shifts", ()))
    read["swing"] = tuple(read.get("swing", (0.0, 0.0, 0.0)))
    read["months"] = tuple(read.get("months", ()))
    return Duty(**read)
