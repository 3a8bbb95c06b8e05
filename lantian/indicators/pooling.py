"""How the areas' values make the city's (`data/pooling.toml`). Pure.

>>> pool("weighted", [Part("a", Decimal(100), 1), Part("b", Decimal(90), 99)], expected=2).number
Decimal('90.1')
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any, Final

from lantian.standards.units import unit

METHODS: Final = ("sum", "mean", "weighted", "none")


@dataclass(frozen=True, slots=True)
class Part:
    """One area's number; `n` is how many things it was counted over."""

    place: str
    number: Decimal
    n: int | None = None


@dataclass(frozen=True, slots=True)
class Pooled:
    """The city's number out of `n` areas of `expected`; or None with the areas that gave no weight."""

    number: Decimal | None
    n: int
    expected: int
    partial: bool = False
    without_weight: tuple[str, ...] = ()


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("data/pooling.toml").read_text(encoding="utf-8"))


def method_for(unit_code: str) -> str:
    """Return the method of a unit's dimension; raises UnknownUnitError."""
    method: str = _table()["method"][unit(unit_code).dimension]
    return method


def rule_version() -> str:
    """Return the version of the pooling table."""
    return str(_table()["version"])


def pool(method: str, parts: Sequence[Part], *, expected: int, min_capture: Decimal = Decimal(0)) -> Pooled:
    """Pool the parts of `expected` areas. A sum with a part missing is partial; a mean is below `min_capture` (0..1).

    Raises ValueError for an unknown method, for "none" and without parts: there is nothing to compute then.
    """
    if method not in _METHODS or not parts:
        raise ValueError(f"nothing to pool by {method!r} out of {len(parts)} parts")
    expected = max(expected, len(parts))
    if method == "weighted" and (bare := tuple(part.place for part in parts if not part.n)):
        return Pooled(None, len(parts), expected, without_weight=bare)
    floor = Decimal(1) if method == "sum" else min_capture
    partial = Decimal(len(parts)) / expected < floor
    return Pooled(_METHODS[method](parts), len(parts), expected, partial)


def _sum(parts: Sequence[Part]) -> Decimal:
    return sum((part.number for part in parts), Decimal(0))


def _mean(parts: Sequence[Part]) -> Decimal:
    return _sum(parts) / len(parts)


def _weighted(parts: Sequence[Part]) -> Decimal:
    weights = sum(part.n or 0 for part in parts)
    return sum((part.number * (part.n or 0) for part in parts), Decimal(0)) / weights


_METHODS: Final[dict[str, Callable[[Sequence[Part]], Decimal]]] = {
    "sum": _sum,
    "mean": _mean,
    "weighted": _weighted,
}
