"""Escalation as a pure function: facts about areas, agencies and assignments in, proposals with their reasons out.

`load_rules` reads the national rules and lays a pack's settings over them. `evaluate` compares facts with the rules,
with what stands open and with what was decided before, and says what to propose, what to keep and what has lapsed.
It never decides anything: a person does.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from lantian.plan.rules.escalation_rules import LEVELS, Rule

# The family of ladder rules that judge whether a notice helped: they join the family of the notice itself.
SAME_FAMILY = "same"
UNMENDED = "days_unmended"


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a fact is about: `kind` is place, agency or assignment, `id` its key in the database."""

    kind: str
    id: int

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.id}"


@dataclass(frozen=True, slots=True)
class Ref:
    """Something that a reason points at: an assignment, a round, a notice, an indicator value."""

    kind: str
    id: int | str
    label: str
    figure: Decimal | None = None

    def plain(self) -> dict[str, Any]:
        return {"kind": self.kind, "id": self.id, "label": self.label, "figure": _text(self.figure)}


@dataclass(frozen=True, slots=True)
class Fact:
    """A measured quantity of a subject, in the unit of its entry in the data file.

    Either `figure` with its `n` and refs, or `parts`: one figure for each of several refs (the rule then picks those
    that meet its threshold). `level` and `family` belong to facts about notices. A fact without a figure and without
    parts is "no data": no rule can match it.
    """

    name: str
    subject: Subject
    figure: Decimal | None = None
    n: int | None = None
    refs: tuple[Ref, ...] = ()
    parts: tuple[Ref, ...] = ()
    level: str = ""


@dataclass(frozen=True, slots=True)
class Open:
    """A proposal that waits for a decision."""

    id: int
    family: str
    level: str
    subject: Subject


@dataclass(frozen=True, slots=True)
class Decided:
    """A proposal that a person decided: `notice` is the notice that was sent, None when it was rejected."""

    family: str
    level: str
    subject: Subject
    on: dt.date
    notice: int | None = None
    notice_label: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: the rule's sentence in both languages, the figure with its threshold, and what it points at."""

    rule: str
    text_zh: str
    text_en: str
    figure: Decimal
    unit: str
    comparator: str
    threshold: Decimal
    n: int | None
    refs: tuple[Ref, ...]
    supporting: bool = False

    def plain(self) -> dict[str, Any]:
        """The reason as JSON; numbers as decimal texts."""
        return {
            "rule": self.rule, "text_zh": self.text_zh, "text_en": self.text_en, "figure": _text(self.figure),
            "unit": self.unit, "comparator": self.comparator, "threshold": _text(self.threshold), "n": self.n,
            "refs": [ref.plain() for ref in self.refs], "supporting": self.supporting,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Proposal:
    rule: Rule
    family: str
    subject: Subject
    reasons: tuple[Reason, ...]

    @property
    def level(self) -> str:
        return self.rule.level

    @property
    def key(self) -> str:
        """One open proposal may exist per key."""
        return f"{self.family}:{self.subject.key}"


@dataclass
class Outcome:
    """`propose`: new ones; `keep`: open ones with their present reasons; `lapse`: (open one, why); `silent`: (key, why).

    `why` of a lapse: gone, raised, lowered, covered. `why` of silence: quiet (decided a short while ago), covered
    (a higher level stands for the same subject).
    """

    propose: list[Proposal] = field(default_factory=list)
    keep: list[tuple[Open, Proposal]] = field(default_factory=list)
    lapse: list[tuple[Open, str]] = field(default_factory=list)
    silent: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Hit:
    rule: Rule
    family: str
    subject: Subject
    reason: Reason

    @property
    def height(self) -> int:
        return LEVELS.index(self.rule.level)


def evaluate(
    rules: Sequence[Rule],
    facts: Iterable[Fact],
    *,
    standing: Sequence[Open] = (),
    decided: Sequence[Decided] = (),
    today: dt.date,
) -> Outcome:
    """Compare facts with rules and return what to propose, keep and lapse. The same input gives the same outcome."""
    hits = [hit for fact in facts for rule in rules if (hit := _match(rule, fact)) is not None]
    hits += _unmended(rules, hits, decided, today)
    outcome = Outcome()
    candidates = _strongest(hits)
    candidates = _without_quiet(candidates, decided, today, outcome)
    candidates = _highest_for_each_subject(candidates, outcome)
    _settle(candidates, standing, outcome)
    return outcome


def _match(rule: Rule, fact: Fact) -> _Hit | None:
    if not rule.enabled or rule.fact != fact.name or (rule.of and rule.of != fact.level):
        return None
    if fact.parts:
        chosen = [ref for ref in fact.parts if ref.figure is not None and rule.meets(ref.figure)]
        if len(chosen) < max(rule.minimum, 1):
            return None
        figures = [ref.figure for ref in chosen if ref.figure is not None]
        worst = max(figures) if rule.comparator.startswith(">") else min(figures)
        return _hit(rule, rule.family, fact.subject, worst, len(chosen), tuple(chosen))
    if fact.figure is None or not rule.meets(fact.figure) or (fact.n is not None and fact.n < rule.minimum):
        return None
    return _hit(rule, rule.family, fact.subject, fact.figure, fact.n, fact.refs)


def _hit(rule: Rule, family: str, subject: Subject, figure: Decimal, count: int | None, refs: tuple[Ref, ...]) -> _Hit:
    words = {"figure": _text(figure), "threshold": _text(rule.threshold), "n": count, "count": count}
    reason = Reason(
        rule.id, rule.text_zh.format(**words), rule.text_en.format(**words), figure, rule.unit, rule.comparator,
        rule.threshold, count, refs,
    )  # fmt: skip
    return _Hit(rule, family, subject, reason)


def _unmended(rules: Sequence[Rule], hits: list[_Hit], decided: Sequence[Decided], today: dt.date) -> list[_Hit]:
    """Ladder: a notice was sent, time has passed, and its cause is still there."""
    alive = {(hit.family, hit.subject) for hit in hits}
    newest: dict[tuple[str, Subject], Decided] = {}
    for case in decided:
        key = (case.family, case.subject)
        if case.notice is not None and key in alive and (key not in newest or newest[key].on <= case.on):
            newest[key] = case
    found = []
    for (family, subject), case in newest.items():
        days = Decimal((today - case.on).days)
        ref = Ref("notice", case.notice or 0, case.notice_label, days)
        for rule in rules:
            if rule.enabled and rule.fact == UNMENDED and rule.of == case.level and rule.meets(days):
                found.append(_hit(rule, family, subject, days, None, (ref,)))
    return found


def _strongest(hits: list[_Hit]) -> list[Proposal]:
    """One candidate per family and subject: the highest level, the other reasons beside it as supporting ones."""
    groups: dict[tuple[str, Subject], list[_Hit]] = defaultdict(list)
    for hit in hits:
        groups[(hit.family, hit.subject)].append(hit)
    candidates = []
    for (family, subject), group in groups.items():
        best = max(group, key=lambda hit: hit.height)
        others = tuple(_supporting(hit.reason) for hit in group if hit is not best)
        candidates.append(Proposal(best.rule, family, subject, (best.reason, *others)))
    return candidates


def _supporting(reason: Reason) -> Reason:
    return Reason(
        reason.rule, reason.text_zh, reason.text_en, reason.figure, reason.unit, reason.comparator, reason.threshold,
        reason.n, reason.refs, True,
    )  # fmt: skip


def _without_quiet(
    candidates: list[Proposal], decided: Sequence[Decided], today: dt.date, outcome: Outcome
) -> list[Proposal]:
    """Leave out what was decided a short while ago at the same or a higher level."""
    past: dict[str, list[Decided]] = defaultdict(list)
    for case in decided:
        past[f"{case.family}:{case.subject.key}"].append(case)
    loud = []
    for candidate in candidates:
        if any(_silences(case, candidate, today) for case in past[candidate.key]):
            outcome.silent.append((candidate.key, "quiet"))
        else:
            loud.append(candidate)
    return loud


def _silences(case: Decided, candidate: Proposal, today: dt.date) -> bool:
    recent = (today - case.on).days < candidate.rule.quiet_days
    return recent and LEVELS.index(candidate.level) <= LEVELS.index(case.level)


def _highest_for_each_subject(candidates: list[Proposal], outcome: Outcome) -> list[Proposal]:
    """For one subject a lower level never stands beside a higher one: its reasons support the higher one instead."""
    by_subject: dict[Subject, list[Proposal]] = defaultdict(list)
    for candidate in candidates:
        by_subject[candidate.subject].append(candidate)
    kept = []
    for group in by_subject.values():
        top = max(LEVELS.index(candidate.level) for candidate in group)
        lower = [candidate for candidate in group if LEVELS.index(candidate.level) < top]
        covered = tuple(_supporting(reason) for candidate in lower for reason in candidate.reasons)
        first, *rest = [candidate for candidate in group if LEVELS.index(candidate.level) == top]
        kept += [Proposal(first.rule, first.family, first.subject, (*first.reasons, *covered)), *rest]
        outcome.silent += [(candidate.key, "covered") for candidate in lower]
    return kept


def _settle(candidates: list[Proposal], standing: Sequence[Open], outcome: Outcome) -> None:
    """Divide the candidates into new and standing ones, and say why the other standing ones lapse."""
    wanted = {candidate.key: candidate for candidate in candidates}
    covered = {key for key, why in outcome.silent if why == "covered"}
    kept = set()
    for case in standing:
        key = f"{case.family}:{case.subject.key}"
        candidate = wanted.get(key)
        if candidate is not None and candidate.level == case.level:
            outcome.keep.append((case, candidate))
            kept.add(key)
        elif candidate is not None:
            rising = LEVELS.index(candidate.level) > LEVELS.index(case.level)
            outcome.lapse.append((case, "raised" if rising else "lowered"))
        else:
            outcome.lapse.append((case, "covered" if key in covered else "gone"))
    outcome.propose = [candidate for candidate in candidates if candidate.key not in kept]


def _text(value: Decimal | None) -> str | None:
    """A number as people write it: no exponent, no trailing zeros."""
    return None if value is None else format(value.normalize() + 0, "f")
