"""Which measure of a county's plan carries out which measure of the city's. Suggestions; a person decides. Pure.

The score is the share of wording found in both, weighted so that rare word pairs (焦炉, 散乱污) count and common ones
(完成, 工作) hardly do, plus what both share besides: figures, dates, enterprises, cited documents, the task's heading.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from lantian.plan.rules.matching import MeasureFacts, TargetFacts, bare, limit, pair_targets

# What is said of every duty ("by 2020-09-30", "all counties") is no sign that two duties are the same.
_DATE = re.compile(r"(?:20\d\d\s*年)?\s*\d{1,2}\s*月(?:\d{1,2}\s*日|底|末|份)?前?|20\d\d\s*年(?:年?底前?)?")
Reason = Literal["wording", "targets", "deadline", "enterprises", "cites", "task"]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`county` and `city` are the measures' keys; `score` 0 to 1; `reasons` what spoke for it, strongest first."""

    county: int
    city: int
    score: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Looser:
    """The county asks less than the city. `what`: deadline, no_deadline, target, no_target; the texts as written."""

    what: Literal["deadline", "no_deadline", "target", "no_target"]
    county: str
    city: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of what a county owes is carried out by its plan. `share` is None when it owes nothing."""

    owed: frozenset[int]
    covered: frozenset[int]
    suggested: frozenset[int]

    @property
    def missing(self) -> frozenset[int]:
        return self.owed - self.covered

    @property
    def share(self) -> float | None:
        return len(self.covered) / len(self.owed) if self.owed else None


def suggest(county: Sequence[MeasureFacts], city: Sequence[MeasureFacts]) -> tuple[Suggestion, ...]:
    """Return the likely traces, for each county measure at most `tracing.most`, best first."""
    least, most = limit("tracing.suggest"), int(limit("tracing.most"))
    weights = _weights([*county, *city])
    found: list[Suggestion] = []
    for own in county:
        scored = [_score(own, theirs, weights) for theirs in city]
        likely = sorted((s for s in scored if s.score >= least), key=lambda s: (-s.score, s.city))
        found += likely[:most]
    return tuple(sorted(found, key=lambda s: (-s.score, s.county, s.city)))


def coverage(owed: Iterable[int], traces: Iterable[tuple[int, str]]) -> Coverage:
    """Return the coverage of the city measures `owed`, given (city measure, state of the trace) pairs."""
    owed_set = frozenset(owed)
    by_state: dict[str, set[int]] = {"confirmed": set(), "suggested": set()}
    for measure, state in traces:
        if state in by_state and measure in owed_set:
            by_state[state].add(measure)
    covered = frozenset(by_state["confirmed"])
    return Coverage(owed_set, covered, frozenset(by_state["suggested"]) - covered)


def looser(county: MeasureFacts, city: MeasureFacts) -> tuple[Looser, ...]:
    """Return where the county's measure asks less than the city's: a later or no deadline, a lower target or none."""
    return (*_looser_deadline(county, city), *_looser_targets(county.duties, city.duties))


def _looser_deadline(county: MeasureFacts, city: MeasureFacts) -> tuple[Looser, ...]:
    if not city.deadlines:
        return ()
    if not county.deadlines:
        return () if county.recurrence else (Looser("no_deadline", "", city.deadlines[-1]),)
    if max(county.deadlines) > max(city.deadlines):
        return (Looser("deadline", max(county.deadlines), max(city.deadlines)),)
    return ()


def _looser_targets(county: Sequence[TargetFacts], city: Sequence[TargetFacts]) -> tuple[Looser, ...]:
    pairs = {j: i for i, j in pair_targets(county, city)}
    found = []
    for at, theirs in enumerate(city):
        if at not in pairs:
            found.append(Looser("no_target", "", str(theirs)))
        elif _asks_less(county[pairs[at]], theirs):
            found.append(Looser("target", str(county[pairs[at]]), str(theirs)))
    return tuple(found)


def _asks_less(county: TargetFacts, city: TargetFacts) -> bool:
    if city.comparator in (">=", ">"):
        return county.value < city.value
    if city.comparator in ("<=", "<"):
        return county.value > city.value
    return False


@lru_cache(maxsize=4096)
def _pairs_of(text: str) -> frozenset[str]:
    clean = bare(_DATE.sub("", text)) or bare(text)
    return frozenset(clean[at : at + 2] for at in range(len(clean) - 1)) or frozenset({clean})


def _weights(measures: Sequence[MeasureFacts]) -> Mapping[str, float]:
    """Weight of each word pair: the rarer in all measures, the heavier."""
    seen = Counter(pair for measure in measures for pair in _pairs_of(measure.text))
    return {pair: math.log1p(len(measures) / count) for pair, count in seen.items()}


def _wording(a: str, b: str, weights: Mapping[str, float]) -> float:
    """Return the shared share of wording: the mean of "of both" and "of the shorter", so that a detailed or a
    shortened sentence still counts."""
    one, other = _pairs_of(a), _pairs_of(b)
    shared = sum(weights[p] for p in one & other)
    sizes = sum(weights[p] for p in one), sum(weights[p] for p in other)
    if not shared or not min(sizes):
        return 0.0
    return (2 * shared / sum(sizes) + shared / min(sizes)) / 2


def _score(county: MeasureFacts, city: MeasureFacts, weights: Mapping[str, float]) -> Suggestion:
    wording = _wording(county.text, city.text, weights)
    extras = _extras(county, city)
    applicable = [(reason, value) for reason, value in extras.items() if value is not None]
    # What both name besides raises the score more than what only the city names lowers it: counties write shorter.
    witness = sum(v for _, v in applicable) / len(applicable) if applicable else wording
    weight = limit("tracing.quoted") if witness > wording else limit("tracing.unnamed")
    score = weight * wording + (1 - weight) * witness
    # A shared date or heading alone proves nothing: without any wording in common there is no trace.
    score = 0.0 if wording < limit("tracing.suggest") / 2 else min(1.0, score)
    shared: list[Reason] = [reason for reason, value in applicable if value]
    return Suggestion(county.key, city.key, round(score, 4), ("wording", *shared))


def _extras(county: MeasureFacts, city: MeasureFacts) -> dict[Reason, float | None]:
    """Return what else the city's measure names, as the share that the county's names too (None: nothing named)."""
    targets = pair_targets(county.targets, city.targets)
    heading = _wording_plain(county.task, city.task) if county.task and city.task else None
    return {
        "targets": len(targets) / len(city.targets) if city.targets else None,
        "deadline": _share(county.deadlines, city.deadlines),
        "enterprises": _share(county.enterprises, city.enterprises),
        "cites": _share(county.cites, city.cites),
        "task": heading,
    }


def _wording_plain(a: str, b: str) -> float:
    one, other = _pairs_of(a), _pairs_of(b)
    return 2 * len(one & other) / (len(one) + len(other))


def _share(county: Sequence[str], city: Sequence[str]) -> float | None:
    return len(set(county) & set(city)) / len(set(city)) if city else None
