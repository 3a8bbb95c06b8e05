"""Rules register themselves: a name, how far they look, and a function from hours to marks."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

from lantian.air.quality.block import Block, Floats, Mask
from lantian.standards.arrays import MISSING

_THOUSAND = 1000


@dataclass(frozen=True, slots=True)
class Marks:
    """What a rule found: `mask` like the block's values; `details` the numbers that explain it.

    A detail is an array that broadcasts to the mask. `scaled` names those in thousandths of the unit.
    """

    flag: str
    mask: Mask
    details: Mapping[str, Any] = field(default_factory=dict)
    scaled: tuple[str, ...] = ("value", "limit", "before", "after", "lowest", "highest", "fine", "coarse", "drift")


@dataclass(frozen=True, slots=True)
class Settings:
    """A rule's words and numbers (`data/quality.toml`). Concentrations come in thousandths of the unit."""

    name: str
    table: Mapping[str, Any]

    def number(self, name: str) -> float:
        return float(self.table["numbers"][name])

    def by_pollutant(self, name: str, block: Block, *, hours: bool = False) -> Floats:
        """Return a number for each pollutant as [1, pollutant, 1]; infinite where the rule has none: it never applies."""
        factor = 1 if hours else _THOUSAND
        given = self.table[name]
        row = [float(given[one]) * factor if one in given else np.inf for one in block.pollutants]
        return np.array(row, dtype=np.float64)[None, :, None]


Check = Callable[[Block, Settings], tuple[Marks, ...]]
Reach = Callable[[Settings], int]


@dataclass(frozen=True, slots=True)
class Rule:
    """`reach`: hours before and after a value that may change what the rule says of it. `first`: it runs before the
    others, which do not see the values that it finds void."""

    name: str
    check: Check
    reach: Reach
    first: bool


_rules: dict[str, Rule] = {}


def quality_rule(name: str, *, reach: Reach = lambda settings: 0, first: bool = False) -> Callable[[Check], Check]:
    """Register a rule; its words and numbers stand under [rule.<name>]. Raises ValueError for a name that is taken."""

    def register(check: Check) -> Check:
        if name in _rules:
            raise ValueError(f"there is a rule {name!r} already")
        _rules[name] = Rule(name, check, reach, first)
        return check

    return register


@cache
def _data() -> dict[str, Any]:
    text = resources.files("lantian.air").joinpath("data/quality.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def version() -> str:
    """The version of the rules' numbers, written with every flag."""
    return str(_data()["version"])


def settings_of(name: str) -> Settings:
    """Return a rule's words and numbers; raises KeyError for a rule that the file does not have."""
    return Settings(name, _data()["rule"][name])


def rules() -> tuple[Rule, ...]:
    """Return all rules in the order of the data file."""
    from lantian.air.quality import rules as _all

    _ = _all
    return tuple(_rules[name] for name in _data()["rule"])


def reach() -> int:
    """Hours before and after a value that may change what any rule says of it."""
    return max(rule.reach(settings_of(rule.name)) for rule in rules())


def missing_as_nan(values: Any) -> Floats:
    """Whole numbers as floats, NaN for MISSING."""
    return np.where(values == MISSING, np.nan, values).astype(np.float64)
