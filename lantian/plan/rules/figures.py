"""Figures of the ledger out of plain facts: what was so on a day, what happened in a period. Pure.

A share is (counted, of): 0 of 0 is no share at all. Days are the city's local days.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

OPEN: Final = frozenset({"not_started", "in_progress", "returned", "rebounded"})
# Handed in, and not sent back: what the holder owed has been delivered.
DELIVERED: Final = frozenset({"submitted", "verified", "signed_off"})


@dataclass(frozen=True, slots=True)
class Move:
    """One step of the workflow that changed the state."""

    day: dt.date
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Duty:
    """An assignment with its moves in order and its present state.

    `area` is the key of the area that it lies in (None: the city's own).
    """

    key: int
    measure: int
    area: int | None
    deadline: dt.date | None
    created: dt.date
    now: str
    moves: tuple[Move, ...] = ()

    def state_on(self, day: dt.date) -> str:
        """Return the state at the end of a day; "" before the assignment existed."""
        if day < self.created:
            return ""
        later = next((move for move in self.moves if move.day > day), None)
        return later.source if later else self.now

    def live_on(self, day: dt.date) -> bool:
        return self.state_on(day) not in {"", "cancelled"}

    def reached(self, target: str, by: dt.date) -> bool:
        """Tell whether a state was reached by the end of a day, whatever came later."""
        return any(move.target == target and move.day <= by for move in self.moves)


@dataclass(frozen=True, slots=True)
class Share:
    """`counted` of `of`; `keys` are the assignments that speak against it, for the reader to look up."""

    counted: int
    of: int
    keys: tuple[int, ...] = ()

    @property
    def percent(self) -> Decimal | None:
        return Decimal(100 * self.counted) / self.of if self.of else None


def due_in(duties: Iterable[Duty], start: dt.date, end: dt.date) -> list[Duty]:
    """Return the assignments whose deadline lies in a period and that still counted on their deadline."""
    return [d for d in duties if d.deadline and start <= d.deadline <= end and d.live_on(d.deadline)]


def reached_in_time(due: Sequence[Duty], state: str, grace: int) -> Share:
    """Count those that reached a state by their deadline (plus `grace` days)."""
    late = [d for d in due if d.deadline and not d.reached(state, d.deadline + dt.timedelta(days=grace))]
    return Share(len(due) - len(late), len(due), tuple(d.key for d in late))


def overdue(duties: Iterable[Duty], day: dt.date, grace: int) -> Share:
    """Count, of the assignments that existed on a day, those whose work was open after the deadline."""
    live = [d for d in duties if d.live_on(day)]
    late = [d for d in live if d.deadline and d.deadline + dt.timedelta(days=grace) < day and d.state_on(day) in OPEN]
    return Share(len(late), len(live), tuple(d.key for d in late))


def in_state(duties: Iterable[Duty], states: frozenset[str], day: dt.date) -> Share:
    """Count, of the assignments that existed on a day, those in one of the states."""
    live = [d for d in duties if d.live_on(day)]
    others = [d.key for d in live if d.state_on(day) not in states]
    return Share(len(live) - len(others), len(live), tuple(others))


def moved(duties: Iterable[Duty], target: str, start: dt.date, end: dt.date) -> list[int]:
    """Return the key of the assignment for every move into a state within a period (one key per move)."""
    return [d.key for d in duties for m in d.moves if m.target == target and start <= m.day <= end]


def returned(duties: Sequence[Duty], start: dt.date, end: dt.date) -> Share:
    """Count, of the submissions of a period, those that were sent back by its end."""
    sent, back = 0, []
    for duty in duties:
        for at, move in enumerate(duty.moves):
            if move.target == "submitted" and start <= move.day <= end:
                sent += 1
                answer = next((m for m in duty.moves[at + 1 :] if m.source in {"submitted", "verified"}), None)
                if answer and answer.target == "returned" and answer.day <= end:
                    back.append(duty.key)
    return Share(len(back), sent, tuple(back))


def days_to_verification(duties: Iterable[Duty], start: dt.date, end: dt.date) -> list[int]:
    """Return, for each verification of a period, the days since the submission that it answers."""
    waited = []
    for duty in duties:
        handed_in: dt.date | None = None
        for move in duty.moves:
            if move.target == "submitted":
                handed_in = move.day
            elif move.target == "verified" and handed_in is not None:
                if start <= move.day <= end:
                    waited.append((move.day - handed_in).days)
                handed_in = None
    return waited


def measures_met(due: Sequence[Duty], day: dt.date, grace: int) -> Share:
    """Count the measures all of whose due assignments were handed in by the deadline and never sent back until `day`."""
    measures = {duty.measure for duty in due}
    lacking = {duty.measure: duty.key for duty in due if not _delivered(duty, day, grace)}
    return Share(len(measures) - len(lacking), len(measures), tuple(lacking.values()))


def _delivered(duty: Duty, day: dt.date, grace: int) -> bool:
    """Delivered at the end of the deadline, and ever since."""
    if duty.deadline is None:
        return False
    last = min(day, duty.deadline + dt.timedelta(days=grace))
    later = {move.target for move in duty.moves if last < move.day <= day}
    return duty.state_on(last) in DELIVERED and later <= DELIVERED
