"""Any two days compared: the present rewound along the audit chain, and what differs between two rewound states.

Nothing is stored for this. What an assignment was on a day follows from what it is now and from the changes that the
chain records since; if a recorded change does not fit what came after it, the record was changed past the chain, and
that is reported as a fault instead of being smoothed over.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeVar

from lantian.plan.rules.states import status
from lantian.standards.rounding import round_half_even

K = TypeVar("K", bound=Hashable)
FIELDS = ("state", "deadline")
GONE_STATES = frozenset({"cancelled"})
ADDED, CANCELLED, CHANGED, SAME = "added", "cancelled", "changed", "same"


@dataclass(frozen=True, slots=True)
class Present:
    """An assignment as it is now; `values` holds FIELDS, deadlines as ISO text or None.

    `gone_at`: when its plan was superseded without carrying it over (None: its plan is in force).
    """

    id: int
    created_at: dt.datetime
    values: Mapping[str, str | None]
    gone_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One field's change as the chain has it."""

    seq: int
    at: dt.datetime
    id: int
    field: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class Fault:
    """A record that differs from what the chain says it became at entry `seq`."""

    id: int
    field: str
    seq: int
    recorded: str | None
    found: str | None


@dataclass
class Past:
    """What was so at a moment: values by assignment (those that existed), and where chain and records disagree."""

    moment: dt.datetime
    values: dict[int, dict[str, str | None]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def rewind(present: Iterable[Present], changes: Iterable[Change], moment: dt.datetime) -> Past:
    """Return the values at `moment` (changes at that very moment included). `changes` may come in any order."""
    past = Past(moment)
    known = {one.id: one for one in present}
    past.values = {one.id: {name: one.values.get(name) for name in FIELDS} for one in known.values()}
    later = [c for c in changes if c.at > moment and c.field in FIELDS and c.id in known]
    for change in sorted(later, key=lambda c: c.seq, reverse=True):
        values = past.values[change.id]
        if values[change.field] != change.new:
            past.faults.append(Fault(change.id, change.field, change.seq, change.new, values[change.field]))
        values[change.field] = change.old
    for one in known.values():
        if one.created_at > moment or (one.gone_at is not None and one.gone_at <= moment):
            del past.values[one.id]
    return past


@dataclass(frozen=True, slots=True)
class Side:
    """An assignment on one of the two days."""

    state: str
    status: str
    deadline: str | None
    percent: int | None


@dataclass(frozen=True, slots=True)
class Difference:
    """One assignment on both days (None where it did not exist or was cancelled). `kind`: added, cancelled, changed, same."""

    id: int
    before: Side | None
    after: Side | None
    kind: str

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of what differs: status, deadline, percent."""
        if self.before is None or self.after is None:
            return ()
        names = ("status", "deadline", "percent")
        return tuple(n for n in names if getattr(self.before, n) != getattr(self.after, n))


def sides(
    past: Past, percent: Mapping[int, int | None], day: dt.date, due_soon_days: int, grace_days: int = 0
) -> dict[int, Side]:
    """Return the assignments that counted on a day (cancelled ones left out), with the status that the ledger showed."""
    found = {}
    for key, values in past.values.items():
        state = values["state"] or ""
        if state not in GONE_STATES:
            deadline = dt.date.fromisoformat(values["deadline"]) if values["deadline"] else None
            shown = status(state, deadline, day, due_soon_days, grace_days=grace_days)
            found[key] = Side(state, shown, values["deadline"], percent.get(key))
    return found


def compare(before: Mapping[int, Side], after: Mapping[int, Side]) -> list[Difference]:
    """Return one Difference per assignment that counted on either day, ordered by its key."""
    return [_difference(key, before.get(key), after.get(key)) for key in sorted(before.keys() | after.keys())]


def _difference(key: int, before: Side | None, after: Side | None) -> Difference:
    if before is None:
        return Difference(key, before, after, ADDED)
    if after is None:
        return Difference(key, before, after, CANCELLED)
    return Difference(key, before, after, SAME if before == after else CHANGED)


@dataclass(slots=True)
class Sum:
    """Counts of one row on one day; `mean` is taken over the `n` assignments that ever reported."""

    live: int = 0
    signed_off: int = 0
    overdue: int = 0
    percents: list[int] = field(default_factory=list)

    def add(self, side: Side) -> None:
        self.live += 1
        self.signed_off += side.status == "signed_off"
        self.overdue += side.status == "overdue"
        if side.percent is not None:
            self.percents.append(side.percent)

    @property
    def n(self) -> int:
        return len(self.percents)

    @property
    def mean(self) -> Decimal | None:
        """Mean progress in percent, one decimal; None when nothing was reported."""
        return round_half_even(Decimal(sum(self.percents)) / self.n, 1) if self.percents else None


def totals(differences: Iterable[Difference], rows_of: Callable[[int], Iterable[K]]) -> dict[K, tuple[Sum, Sum]]:
    """Return (before, after) sums by row; `rows_of` names the rows that an assignment counts in."""
    found: dict[K, tuple[Sum, Sum]] = {}
    for difference in differences:
        for row in rows_of(difference.id):
            before, after = found.setdefault(row, (Sum(), Sum()))
            if difference.before:
                before.add(difference.before)
            if difference.after:
                after.add(difference.after)
    return found
