"""The life of an alarm as pure decisions: does a finding continue it, how far up must it go, how likely is a lead."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

PLANT, COUNTY, CITY = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Known:
    """What a decision needs to know of an alarm."""

    rule: str
    subject: str
    part: str
    start: dt.datetime
    end: dt.datetime
    ongoing: bool = False


@cache
def life() -> Mapping[str, Any]:
    """Return `data/life.toml`."""
    return tomllib.loads((resources.files("lantian.supervision") / "data" / "life.toml").read_text(encoding="utf-8"))


def match(alarms: Sequence[Known], found: Sequence[Known]) -> list[int | None]:
    """Return, for each finding, which alarm it is (its index), None for a new one; no alarm is taken twice.

    First come those with the same beginning, then those that overlap most, then what begins soon after an alarm that was
    still going on (a gap in the data lies between)."""
    chosen: list[int | None] = [None] * len(found)
    taken: set[int] = set()
    pairs = sorted(
        (rank, at, n)
        for n, one in enumerate(found)
        for at, alarm in enumerate(alarms)
        if (alarm.rule, alarm.subject, alarm.part) == (one.rule, one.subject, one.part)
        and (rank := _rank(alarm, one)) is not None
    )
    for _fit, at, n in pairs:
        if chosen[n] is None and at not in taken:
            chosen[n] = at
            taken.add(at)
    return chosen


def _rank(alarm: Known, one: Known) -> tuple[int, float] | None:
    """Return how well an alarm fits a finding (less is better), None where it does not."""
    if alarm.start == one.start:
        return 0, 0.0
    common = (min(alarm.end, one.end) - max(alarm.start, one.start)).total_seconds()
    if common > 0:
        return 1, -common
    soon = dt.timedelta(hours=float(life()["group_hours"]))
    if alarm.ongoing and alarm.end <= one.start <= alarm.end + soon:
        return 2, -common
    return None


def due_level(severity: str, waited: dt.timedelta) -> int:
    """Return how far up an alarm that nobody has taken note of must have been told after `waited`."""
    steps = life()["escalation"].get(severity, {})
    minutes = waited.total_seconds() / 60
    if "city" in steps and minutes >= steps["city"]:
        return CITY
    return COUNTY if "county" in steps and minutes >= steps["county"] else PLANT


def likelihood(alarms: Iterable[tuple[str, float]]) -> tuple[float, list[dict[str, Any]]]:
    """Return the likelihood that a suspicion is right, from (rule, strength 0..1) of its alarms, and how it came about.

    Rules are taken as independent witnesses, each heard once (its strongest alarm): 1 − Π(1 − weight × trust), where trust
    grows from 0.7 to 1 with strength. A second alarm of the same rule makes nothing likelier by itself: what repeats may be
    a fault of the meter. Never above 0.99."""
    weights = life()["lead"]["rules"]
    heard: dict[str, list[float]] = {}
    for rule, strength in alarms:
        heard.setdefault(rule, []).append(min(1.0, max(0.0, strength)))
    doubt = 1.0
    basis = []
    for rule in sorted(heard):
        weight = float(weights.get(rule, life()["lead"]["default"])) * (0.7 + 0.3 * max(heard[rule]))
        doubt *= 1 - weight
        basis.append({"rule": rule, "alarms": len(heard[rule]), "weight": round(weight, 2)})
    return min(0.99, 1 - doubt), basis


def makes_leads(severity: str) -> bool:
    """Tell whether alarms of this severity open or join a lead."""
    return severity in life()["lead"]["severities"]
