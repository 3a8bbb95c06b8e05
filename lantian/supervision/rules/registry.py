"""Rules register themselves: an id, how far back they look, and a function from a case to findings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from lantian.supervision.rules.case import Case, Finding

Check = Callable[[Case], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Rule:
    """`learns`: how much time before the judged time it wants to see; `settles`: how long after a moment late data or
    later values may still change what the rule says of it; `quick`: it is judged every few minutes, on two days of data."""

    id: str
    check: Check
    learns: dt.timedelta
    settles: dt.timedelta
    quick: bool = False


_rules: dict[str, Rule] = {}


def rule(
    id: str,
    *,
    learns: dt.timedelta = dt.timedelta(0),
    settles: dt.timedelta = dt.timedelta(hours=2),
    quick: bool = False,
) -> Callable[[Check], Check]:
    """Register a rule; its words and numbers stand under [rule.<id>]. Raises ValueError for an id that is taken."""

    def register(check: Check) -> Check:
        if id in _rules:
            raise ValueError(f"there is a rule {id!r} already")
        _rules[id] = Rule(id, check, learns, settles, quick)
        return check

    return register


def rules(ids: Iterable[str] | None = None) -> tuple[Rule, ...]:
    """Return the registered rules (or those asked for, in that order). Raises KeyError for an unknown one."""
    from lantian.supervision.rules import conduct, honesty, meters, stacks  # noqa: F401 - they register themselves

    return tuple(_rules.values()) if ids is None else tuple(_rules[one] for one in ids)
