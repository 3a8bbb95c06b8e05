"""The rules of these pages (`data/profiles.toml`)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class Rules:
    """`percents` of every cell; a cell needs `at_least` values and `capture` per cent of those expected."""

    version: str
    percents: tuple[int, ...]
    at_least: int
    capture: int

    def enough(self, n: int, expected: int) -> bool:
        """Tell whether so many values of so many suffice for statistics."""
        return n >= self.at_least and 100 * n >= self.capture * expected


@cache
def rules() -> Rules:
    """The rules as they stand in the data file."""
    data = tomllib.loads(resources.files("lantian.air").joinpath("data/profiles.toml").read_text(encoding="utf-8"))
    cell = data["cell"]
    return Rules(str(data["version"]), tuple(data["percents"]), int(cell["at_least"]), int(cell["capture"]))


def per_cent(part: int, whole: int) -> Fraction | None:
    """Return part of whole in per cent, exact; None of nothing."""
    return Fraction(100 * part, whole) if whole else None
