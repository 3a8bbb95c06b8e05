"""What comparing and tracing have in common: plain facts of measures, one way of writing, limits as data."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path

from rapidfuzz import fuzz

_NOISE = re.compile(r"[\W_]+")


@cache
def limit(name: str) -> float:
    """Return a number of `data/matching.toml` by its dotted name, for example "compare.least_likeness"."""
    path = Path(__file__).parent / "data" / "matching.toml"
    part, key = name.split(".")
    return float(tomllib.loads(path.read_text(encoding="utf-8"))[part][key]["value"])


@dataclass(frozen=True, slots=True)
class TargetFacts:
    """A number of a measure: `object` `comparator` `value` `unit`. `key` identifies it to the caller."""

    key: int
    object: str
    comparator: str
    value: Decimal
    unit: str = ""
    role: str = "target"

    def __str__(self) -> str:
        return f"{self.object} {self.comparator} {self.value.normalize():f}{self.unit}".strip()


@dataclass(frozen=True, slots=True)
class MeasureFacts:
    """What a measure says. `key` identifies it to the caller; `task` is the heading that it stands under;
    `concerns` are the areas that its own subject names (none: all of its clause)."""

    key: int
    text: str
    code: str = ""
    task: str = ""
    deadlines: tuple[str, ...] = ()
    recurrence: tuple[str, ...] = ()
    targets: tuple[TargetFacts, ...] = ()
    nature: str = "task"
    concerns: tuple[str, ...] = ()
    enterprises: tuple[str, ...] = ()
    cites: tuple[str, ...] = ()

    @property
    def duties(self) -> tuple[TargetFacts, ...]:
        """Those numbers that have to be reached (not the ones that say whom the measure concerns)."""
        return tuple(t for t in self.targets if t.role == "target")


@lru_cache(maxsize=8192)
def bare(text: str) -> str:
    """Return the text in one way of writing: half width, lower case, no blanks, brackets or punctuation."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", text)).lower()


def likeness(a: str, b: str) -> float:
    """Return how alike two texts are in their bare form, 0 to 1, the same in both directions."""
    return fuzz.ratio(bare(a), bare(b)) / 100.0


def pair_targets(a: Sequence[TargetFacts], b: Sequence[TargetFacts]) -> list[tuple[int, int]]:
    """Return index pairs of targets that speak of the same thing (same unit and role, like objects), best first."""
    least = limit("tracing.object_likeness")
    scored = []
    for i, one in enumerate(a):
        for j, other in enumerate(b):
            if one.unit != other.unit or one.role != other.role:
                continue
            score = 1.0 if one.object == other.object else likeness(one.object, other.object)
            if score >= least:
                scored.append((-score, one.value != other.value, abs(i - j), min(i, j), i, j))
    pairs: list[tuple[int, int]] = []
    for *_, i, j in sorted(scored):
        if all(i != p and j != q for p, q in pairs):
            pairs.append((i, j))
    return pairs
