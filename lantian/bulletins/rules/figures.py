"""Figures of a circular: a number with unit, n and rule version, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """`number` is a decimal text; `reason` says why there is none (exactly one of the two is filled).

    `n` is how many things were counted, `capture` (a decimal text, 0..1) the share of those that should have been.
    Of a measured figure `input` names the snapshot of the observations (rows/flags), `dust` whether dust hours are in it
    ("raw", "deducted"), and `synthetic` says that it was made of invented values.
    """

    name: str
    label: str
    number: str | None
    unit: str
    n: int | None
    rule_version: str
    capture: str | None = None
    reason: str = ""
    input: str = ""
    dust: str = ""
    synthetic: bool = False

    def __post_init__(self) -> None:
        if (self.number is None) != bool(self.reason):
            raise ValueError(f"{self.name}: a figure has a number or a reason why there is none")

    def __str__(self) -> str:
        """The number as a document prints it; a figure without one prints its reason in brackets."""
        return self.number if self.number is not None else f"（{self.reason}）"

    @property
    def text(self) -> str:
        """The number with its unit."""
        return f"{self.number}{self.unit}" if self.number is not None else str(self)

    def plain(self) -> dict[str, Any]:
        return asdict(self)


def figure(
    name: str,
    label: str,
    number: Decimal | int | None,
    unit: str,
    *,
    n: int | None,
    rule_version: str,
    reason: str = "",
    capture: Decimal | None = None,
    input: str = "",
    dust: str = "",
    synthetic: bool = False,
) -> Figure:
    """Make a figure; `reason` is used only when `number` is None."""
    return Figure(
        name, label, None if number is None else plain_number(number), unit, n, rule_version,
        None if capture is None else plain_number(capture), reason if number is None else "", input, dust, synthetic,
    )  # fmt: skip


def plain_number(value: Decimal | int) -> str:
    """A number without exponent and trailing zeros."""
    return format(Decimal(value).normalize() + 0, "f")


_ALWAYS = frozenset({"name", "label", "number", "unit", "n", "rule_version", "capture", "reason"})
# Bulletins of before measured figures were printed do not have these.
_LATER = frozenset({"input", "dust", "synthetic"})


def is_figure(value: Any) -> bool:
    """Tell whether a JSON value is a stored figure."""
    return isinstance(value, Mapping) and value.keys() - _LATER == _ALWAYS


def figures_in(content: Any) -> Iterator[Figure]:
    """Yield every figure inside stored content, in order."""
    if is_figure(content):
        yield Figure(**content)
    elif isinstance(content, Mapping):
        for value in content.values():
            yield from figures_in(value)
    elif isinstance(content, list):
        for value in content:
            yield from figures_in(value)


def revive(content: Any) -> Any:
    """Return stored content with its figures as Figure objects (what templates are rendered with)."""
    if is_figure(content):
        return Figure(**content)
    if isinstance(content, Mapping):
        return {name: revive(value) for name, value in content.items()}
    if isinstance(content, list):
        return [revive(value) for value in content]
    return content
