"""The life of an assignment: which action leads from which states to which, who may take it, what it needs.

The workflow state is stored; the *status* that people see is the state overlaid by time (overdue, due soon), and the
*freshness* is a second light: how long ago the holder last said anything. Late and not updated are never mixed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

State = Literal[
    "not_started", "in_progress", "submitted", "returned", "verified", "signed_off", "rebounded", "cancelled"
]
Status = Literal[
    "not_started",
    "in_progress",
    "due_soon",
    "overdue",
    "submitted",
    "returned",
    "verified",
    "signed_off",
    "rebounded",
    "cancelled",
]
Freshness = Literal["fresh", "ageing", "stale", "never"]
Who = Literal["holder", "verifier", "office", "supervisor", "divider"]

STATES: tuple[State, ...] = (
    "not_started", "in_progress", "submitted", "returned", "verified", "signed_off", "rebounded", "cancelled",
)  # fmt: skip
# In the order in which a list shows them: what hurts first.
STATUSES: tuple[Status, ...] = (
    "rebounded", "overdue", "returned", "due_soon", "in_progress", "not_started", "submitted", "verified",
    "signed_off", "cancelled",
)  # fmt: skip
# The holder still has work to do: only there can a deadline be near or past, and progress be old.
OPEN_STATES: tuple[State, ...] = ("not_started", "in_progress", "returned", "rebounded")
# A part in one of these states does not hold back its whole.
SETTLED_STATES: tuple[State, ...] = ("verified", "signed_off", "cancelled")
FRESHNESS: tuple[Freshness, ...] = ("stale", "never", "ageing", "fresh")


@dataclass(frozen=True, slots=True)
class Transition:
    """One lawful move. `target` None: the state stays; "before": back to the state that the submission came from (a
    rebounded or returned assignment must not lose its light by being handed in and taken back).
    `verb` is asked of the person's role, at the place of `who`.

    holder: who carries the assignment out. verifier: a department that leads the clause (or answers for it by its
    duty), for a part also the holder of the whole; else the office. office: the leading-group office. supervisor:
    office, inspector, or a department of the clause. divider: the holder of a whole that may be split, or the office.
    `parts`: whether a part of another assignment takes this step itself.
    """

    action: str
    sources: tuple[State, ...]
    target: State | Literal["before"] | None
    verb: str
    who: Who
    reason: bool = False
    evidence: bool = False
    parts: bool = True

    def end(self, state: str, before: str = "in_progress") -> str:
        """Return the state after the action; `before` is the state in which the submission found the assignment."""
        if self.target == "before":
            return "in_progress" if before == "not_started" else before
        return self.target or state


_NOT_OVER: tuple[State, ...] = ("not_started", "in_progress", "submitted", "returned", "verified", "rebounded")

TRANSITIONS: tuple[Transition, ...] = (
    Transition("start", ("not_started",), "in_progress", "assignment.report", "holder"),
    Transition("report", ("in_progress", "returned", "rebounded"), None, "assignment.report", "holder"),
    Transition("withdraw_report", OPEN_STATES, None, "assignment.report", "holder", reason=True),
    Transition("submit", OPEN_STATES, "submitted", "assignment.submit", "holder", reason=True, evidence=True),
    Transition("withdraw", ("submitted",), "before", "assignment.withdraw", "holder", reason=True),
    Transition("verify", ("submitted",), "verified", "assignment.verify", "verifier", reason=True),
    Transition("return", ("submitted",), "returned", "assignment.return", "verifier", reason=True),
    Transition(
        "return_verified", ("verified",), "returned", "assignment.return", "office", reason=True, parts=False
    ),
    Transition("publicise", ("verified",), None, "assignment.publicise", "office", reason=True, parts=False),
    Transition("dismiss_objection", ("verified",), None, "objection.resolve", "office", reason=True, parts=False),
    Transition("uphold_objection", ("verified",), "returned", "objection.resolve", "office", reason=True, parts=False),
    Transition("approve", ("verified",), "signed_off", "assignment.approve", "office", reason=True, parts=False),
    Transition("reopen", ("signed_off",), "in_progress", "assignment.reopen", "supervisor", reason=True),
    Transition(
        "rebound", ("verified", "signed_off"), "rebounded", "assignment.reopen", "supervisor", reason=True, evidence=True
    ),
    Transition("decompose", OPEN_STATES, None, "assignment.decompose", "divider"),
    Transition("set_deadline", _NOT_OVER, None, "assignment.set_deadline", "office", reason=True),
    Transition("cancel", _NOT_OVER, "cancelled", "assignment.cancel", "office", reason=True),
    Transition("drop_part", OPEN_STATES, "cancelled", "assignment.decompose", "divider", reason=True),
    Transition("reinstate", ("cancelled",), "not_started", "assignment.cancel", "office", reason=True),
)  # fmt: skip
ACTIONS: Mapping[str, Transition] = {t.action: t for t in TRANSITIONS}


def lawful(state: str, action: str) -> Transition | None:
    """Return the transition of an action from a state, or None where it is not lawful. KeyError: unknown action."""
    transition = ACTIONS[action]
    return transition if state in transition.sources else None


def lawful_actions(state: str) -> tuple[Transition, ...]:
    """Return what may happen in a state, in the order of the table."""
    return tuple(t for t in TRANSITIONS if state in t.sources)


def status(state: str, deadline: dt.date | None, today: dt.date, due_soon_days: int, *, grace_days: int = 0) -> str:
    """Return the status that people see; the database computes the same (`AssignmentQuerySet.with_status`).

    `due_soon_days`: how many days before the deadline it is near. `grace_days`: days after it still in time.
    """
    if state == "rebounded" or state not in OPEN_STATES or deadline is None:
        return state
    if deadline < today - dt.timedelta(days=grace_days):
        return "overdue"
    if state == "returned":
        return "returned"
    return "due_soon" if deadline <= today + dt.timedelta(days=due_soon_days) else state


# From the most demanding rhythm to the least; a measure with several is held to the first.
_RHYTHMS = ("daily", "weekly", "monthly", "quarterly", "yearly")


def rhythm(recurrence: Iterable[str]) -> str:
    """Return the most demanding rhythm of a measure, or "once" for one that does not recur."""
    named = set(recurrence)
    return next((r for r in _RHYTHMS if r in named), "once")


def stale_after(recurrence: Iterable[str], thresholds: Mapping[str, int]) -> int:
    """Return after how many days without news progress is stale. `thresholds`: days by rhythm, with "once"."""
    return thresholds.get(rhythm(recurrence), thresholds["once"])


def ageing_after(days_until_stale: int, ageing_share: int = 70) -> int:
    """Return after how many days progress is ageing: a share (in %) of the days until it is stale, at least one."""
    return max(1, days_until_stale * ageing_share // 100)


def freshness(
    last_report: dt.date | None, recurrence: Iterable[str], today: dt.date, thresholds: Mapping[str, int]
) -> Freshness:
    """Return how new the last word of the holder is. `thresholds`: days by rhythm, "once", and "ageing_share" (%)."""
    if last_report is None:
        return "never"
    age = (today - last_report).days
    limit = stale_after(recurrence, thresholds)
    if age > limit:
        return "stale"
    return "ageing" if age > ageing_after(limit, thresholds.get("ageing_share", 70)) else "fresh"
