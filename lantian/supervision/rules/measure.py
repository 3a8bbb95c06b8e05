"""How good rules are, against known truth: recall, precision, their intervals, the false-alarm rate, the delay.

A labelled act counts as found when a finding of a rule that is meant for its kind, at the same plant, covers at least a
part of it. A finding counts as right when it covers a part of an act of a kind that its rule is meant for. What a rule
says about the acts of another kind is reported apart ("other"), and counts neither for nor against it.
"""

from __future__ import annotations

import datetime as dt
import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from lantian.supervision.rules.case import Finding


@dataclass(frozen=True, slots=True)
class Act:
    """What was really done: `kind` at `plant` (subject: equipment, outlet or the plant) from `start` until `end`."""

    plant: str
    subject: str
    kind: str
    start: dt.datetime
    end: dt.datetime


@dataclass(frozen=True, slots=True)
class Share:
    """A share k of n with its 95 % Wilson interval."""

    k: int
    n: int

    @property
    def value(self) -> float:
        return self.k / self.n if self.n else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """Return lower and upper bound (NaN, NaN for n = 0)."""
        if not self.n:
            return math.nan, math.nan
        z, p = 1.959964, self.k / self.n
        middle = (p + z * z / (2 * self.n)) / (1 + z * z / self.n)
        half = z * math.sqrt(p * (1 - p) / self.n + z * z / (4 * self.n * self.n)) / (1 + z * z / self.n)
        return max(0.0, middle - half), min(1.0, middle + half)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.value:.3f} ({low:.2f}-{high:.2f}, {self.k}/{self.n})" if self.n else "-"


@dataclass(frozen=True, slots=True)
class Score:
    """Of one kind of act: `recall` of acts, `precision` of the findings of the rules meant for it; `other` findings that fell
    on acts of another kind; `delay` median hours from the beginning of an act to the earliest moment a finding could be given."""

    kind: str
    recall: Share
    precision: Share
    other: int
    delay: float


@dataclass(frozen=True, slots=True)
class Alarms:
    """Of one rule: findings right, on other acts, and on nothing; false ones per plant and month of 30 days."""

    rule: str
    right: int
    other: int
    false: int
    false_rate: float


@cache
def factual() -> frozenset[str]:
    """Return the rules that only repeat what instruments say: labels of acts cannot deny them."""
    return frozenset(_kinds()["factual"])


@cache
def _kinds() -> Mapping[str, Any]:
    return tomllib.loads((resources.files("lantian.supervision") / "data" / "kinds.toml").read_text(encoding="utf-8"))


@cache
def meant() -> Mapping[str, tuple[str, ...]]:
    """Return {kind of act: rules that are meant to find it} (`data/kinds.toml`)."""
    return {kind: tuple(one["rules"]) for kind, one in _kinds()["kind"].items()}


def common(finding: Finding, act: Act) -> float:
    """Return the hours that a finding and an act of the same plant have in common (0 for different plants or subjects)."""
    if finding.plant != act.plant:
        return 0.0
    span = min(finding.end, act.end) - max(finding.start, act.start)
    return max(0.0, span.total_seconds() / 3600)


def _hits(finding: Finding, act: Act, least: float) -> bool:
    short = min(act.end - act.start, finding.end - finding.start).total_seconds() / 3600
    return common(finding, act) >= min(least, 0.5 * short) > 0


def scores(found: Iterable[Finding], acts: Iterable[Act], *, least_hours: float = 0.5) -> list[Score]:
    """Return a score for each kind of act that is there."""
    findings, truth = list(found), list(acts)
    made = []
    for kind in sorted({one.kind for one in truth}):
        rules = set(meant().get(kind, ()))
        own = [one for one in findings if one.rule in rules]
        of_kind = [one for one in truth if one.kind == kind]
        caught = [[f for f in own if _hits(f, act, least_hours)] for act in of_kind]
        delays = sorted(
            max(0.0, (min(f.end for f in hits) - act.start).total_seconds() / 3600)
            for act, hits in zip(of_kind, caught, strict=True)
            if hits
        )
        right, other, false = _sorted_out(own, truth, least_hours)
        own_right = [f for f in right if any(_hits(f, act, least_hours) for act in of_kind)]
        # Rules may serve several kinds: what they found of the other kinds that they are meant for is right as well.
        made.append(
            Score(
                kind,
                Share(sum(1 for hits in caught if hits), len(of_kind)),
                Share(len(right), len(right) + len(false)) if own_right or false else Share(0, 0),
                len(other),
                delays[len(delays) // 2] if delays else math.nan,
            )
        )
    return made


def _sorted_out(
    own: list[Finding], truth: list[Act], least: float
) -> tuple[list[Finding], list[Finding], list[Finding]]:
    """Sort findings into right (an act of a kind they are meant for), on another act, and on nothing."""
    right: list[Finding] = []
    other: list[Finding] = []
    false: list[Finding] = []
    for one in own:
        touched = [act for act in truth if _hits(one, act, least)]
        if any(one.rule in meant().get(act.kind, ()) for act in touched):
            right.append(one)
        elif touched:
            other.append(one)
        else:
            false.append(one)
    return right, other, false


def alarms(
    found: Iterable[Finding], acts: Iterable[Act], *, plants: int, days: float, least_hours: float = 0.5
) -> list[Alarms]:
    """Return, for each rule that found something, how many findings were right and how often it cries wolf."""
    findings, truth = list(found), list(acts)
    months = plants * days / 30
    made = []
    for rule in sorted({one.rule for one in findings}):
        own = [one for one in findings if one.rule == rule]
        right, other, false = _sorted_out(own, truth, least_hours)
        made.append(Alarms(rule, len(right), len(other), len(false), len(false) / months if months else math.nan))
    return made
