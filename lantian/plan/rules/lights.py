"""The light of an area: one colour, and the counts that gave it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

COLOURS = ("green", "yellow", "orange", "red", "grey")


@dataclass(frozen=True)
class LightRule:
    """Limits of the light, shares 0..1."""

    version: str
    red_overdue_share: float
    orange_overdue_share: float
    yellow_due_soon_share: float


@dataclass(frozen=True)
class Light:
    """`colour` is one of COLOURS; `because` names the count that decided; `n` is the number of live assignments."""

    colour: str
    because: str
    n: int
    rule_version: str


@cache
def default_rule() -> LightRule:
    """Return the national default from the data file."""
    entry = tomllib.loads((Path(__file__).parent.parent / "data" / "lights.toml").read_text(encoding="utf-8"))["light"]
    return LightRule(
        entry["version"], entry["red_overdue_share"], entry["orange_overdue_share"], entry["yellow_due_soon_share"]
    )


def with_overrides(rule: LightRule, thresholds: Mapping[str, float]) -> LightRule:
    """Return the rule with the pack's own numbers (`light.red_overdue_share` …) in place of the defaults."""
    names = ("red_overdue_share", "orange_overdue_share", "yellow_due_soon_share")
    own = {name: float(thresholds[f"light.{name}"]) for name in names if f"light.{name}" in thresholds}
    return LightRule(**{**rule.__dict__, **own, "version": rule.version + ("+pack" if own else "")})


def light(counts: Mapping[str, int], rule: LightRule | None = None) -> Light:
    """Return the light for counts by status; an area without assignments is grey, never green."""
    rule = rule or default_rule()
    n = sum(counts.values())
    if n == 0:
        return Light("grey", "none", 0, rule.version)
    overdue = counts.get("overdue", 0)
    if counts.get("rebounded", 0):
        return Light("red", "rebounded", n, rule.version)
    if overdue / n >= rule.red_overdue_share:
        return Light("red", "overdue", n, rule.version)
    if overdue / n >= rule.orange_overdue_share:
        return Light("orange", "overdue", n, rule.version)
    if overdue or counts.get("returned", 0):
        return Light("yellow", "overdue" if overdue else "returned", n, rule.version)
    if counts.get("due_soon", 0) / n >= rule.yellow_due_soon_share:
        return Light("yellow", "due_soon", n, rule.version)
    return Light("green", "on_course", n, rule.version)
