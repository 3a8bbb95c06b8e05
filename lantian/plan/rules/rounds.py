"""Rounds in numbers: what was asked, handed in, late or missing, and how a round differs from the one before.

Pure functions over `EntryFacts`; the plan room fills them from the database, the bulletins room prints them.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from lantian.standards.rounding import round_half_even

K = TypeVar("K", bound=Hashable)

FORWARD, STUCK, BACK, DONE, FRESH, UNKNOWN = "forward", "stuck", "back", "done", "fresh", "unknown"
MOVEMENTS = (FORWARD, STUCK, BACK, DONE, FRESH, UNKNOWN)
# How far along the workflow a status is; a lower rank than last time is a step back.
_RANK = {
    "rebounded": 0, "returned": 1, "not_started": 1, "overdue": 1, "due_soon": 1, "in_progress": 2,
    "submitted": 3, "verified": 4, "signed_off": 5,
}  # fmt: skip
_DONE = frozenset({"signed_off"})
_SETBACKS = frozenset({"rebounded", "returned"})


@dataclass(frozen=True, slots=True)
class EntryFacts:
    """One assignment in one round. `percent` 0..100 is the last one known; `reported_on` the day of this round's report.

    `area` and `agencies` are keys of the database; `excused` means that no report is due because the assignment waits
    for those who check it; `live` is False once it was cancelled.
    """

    assignment: int
    measure: str
    task: int
    area: int | None
    agencies: tuple[int, ...]
    status: str
    percent: int | None
    deadline: dt.date | None
    reported_on: dt.date | None
    due_on: dt.date
    excused: bool = False
    live: bool = True

    @property
    def handed_in(self) -> bool:
        """Reported in this round, or nothing to report any more."""
        return self.reported_on is not None or self.excused

    @property
    def late(self) -> bool:
        """Handed in, but after the round's due day."""
        return self.reported_on is not None and self.reported_on > self.due_on


@dataclass(slots=True)
class Cell:
    """Counts of one field of a table. `percents` holds the known percentages, so that the mean comes with its n."""

    asked: int = 0
    handed_in: int = 0
    late: int = 0
    overdue: int = 0
    signed_off: int = 0
    percents: list[int] = field(default_factory=list)

    def add(self, entry: EntryFacts) -> None:
        self.asked += 1
        self.handed_in += entry.handed_in
        self.late += entry.late
        self.overdue += entry.status == "overdue"
        self.signed_off += entry.status in _DONE
        if entry.percent is not None:
            self.percents.append(entry.percent)

    @property
    def missing(self) -> int:
        return self.asked - self.handed_in

    @property
    def n(self) -> int:
        """How many assignments the mean is taken over."""
        return len(self.percents)

    @property
    def mean(self) -> Decimal | None:
        """Mean progress in percent, one decimal; None when no assignment has one."""
        return round_half_even(Decimal(sum(self.percents)) / self.n, 1) if self.percents else None

    @property
    def share_handed_in(self) -> Decimal | None:
        """Reports handed in, percent of those asked, one decimal; None when nothing was asked."""
        return _share(self.handed_in, self.asked)

    @property
    def share_overdue(self) -> Decimal | None:
        """Overdue assignments, percent of those asked, one decimal; None when nothing was asked."""
        return _share(self.overdue, self.asked)


def _share(part: int, whole: int) -> Decimal | None:
    return round_half_even(Decimal(100 * part) / whole, 1) if whole else None


@dataclass
class Table:
    """Counts by row and task, with the sums of each row, each column and of everything."""

    cells: dict[tuple[Hashable, int], Cell] = field(default_factory=dict)
    rows: dict[Hashable, Cell] = field(default_factory=dict)
    columns: dict[int, Cell] = field(default_factory=dict)
    total: Cell = field(default_factory=Cell)

    def cell(self, row: Hashable, task: int) -> Cell:
        """Return the counts of a row and a task; an empty cell where nothing was asked."""
        return self.cells.get((row, task), Cell())


def tabulate(entries: Iterable[EntryFacts], rows_of: Callable[[EntryFacts], Iterable[Hashable]]) -> Table:
    """Count entries by row and task. An entry may stand in several rows (two lead agencies) but counts once in sums."""
    table = Table()
    for entry in entries:
        for row in rows_of(entry):
            table.cells.setdefault((row, entry.task), Cell()).add(entry)
            table.rows.setdefault(row, Cell()).add(entry)
        table.columns.setdefault(entry.task, Cell()).add(entry)
        table.total.add(entry)
    return table


def by_area(entry: EntryFacts) -> tuple[Hashable, ...]:
    return (entry.area,) if entry.area is not None else ()


def by_agency(entry: EntryFacts) -> tuple[Hashable, ...]:
    return entry.agencies


@dataclass(frozen=True, slots=True)
class Move:
    """How one assignment moved between two rounds. `movement` is one of MOVEMENTS."""

    assignment: int
    measure: str
    task: int
    area: int | None
    agencies: tuple[int, ...]
    movement: str
    percent_before: int | None
    percent_now: int | None
    status_before: str
    status_now: str
    newly_overdue: bool
    missing: bool
    missed_before: bool


def compare(before: Iterable[EntryFacts], now: Iterable[EntryFacts]) -> list[Move]:
    """Return one Move per assignment asked in either round, in the order of `now` and then of `before`."""
    old = {entry.assignment: entry for entry in before}
    current = list(now)
    moves = [_move(old.get(entry.assignment), entry) for entry in current]
    here = {entry.assignment for entry in current}
    return moves + [_left(entry) for key, entry in old.items() if key not in here]


def _move(before: EntryFacts | None, now: EntryFacts) -> Move:
    overdue = now.status == "overdue" and (before is None or before.status != "overdue")
    return Move(
        now.assignment, now.measure, now.task, now.area, now.agencies, _movement(before, now),
        before.percent if before else None, now.percent, before.status if before else "", now.status,
        overdue, not now.handed_in, before is not None and not before.handed_in,
    )  # fmt: skip


def _movement(before: EntryFacts | None, now: EntryFacts) -> str:
    if now.status in _DONE:
        return DONE
    if before is None:
        return FRESH
    if _fell(before.status, now.status) or (before.percent or 0) > (now.percent or 0):
        return BACK
    if _RANK.get(now.status, 2) > _RANK.get(before.status, 2) or (now.percent or 0) > (before.percent or 0):
        return FORWARD
    return UNKNOWN if now.percent is None else STUCK


def _fell(before: str, now: str) -> bool:
    """Returned or rebounded since, or withdrawn from a later stage; growing overdue alone is no step back."""
    if now in _SETBACKS and before not in _SETBACKS:
        return True
    return _RANK.get(before, 2) >= 3 > _RANK.get(now, 2)


def _left(before: EntryFacts) -> Move:
    """An assignment that is no longer asked for: signed off or cancelled since."""
    return Move(
        before.assignment, before.measure, before.task, before.area, before.agencies,
        DONE if before.live else UNKNOWN, before.percent, None, before.status, "signed_off" if before.live else "cancelled",
        False, False, not before.handed_in,
    )  # fmt: skip


@dataclass(slots=True)
class Balance:
    """Moves counted: how many went which way, how many are newly overdue or did not report."""

    movements: Counter[str] = field(default_factory=Counter)
    newly_overdue: int = 0
    missing: int = 0
    missing_twice: int = 0

    def add(self, move: Move) -> None:
        self.movements[move.movement] += 1
        self.newly_overdue += move.newly_overdue
        self.missing += move.missing
        self.missing_twice += move.missing and move.missed_before


def balance(moves: Iterable[Move], rows_of: Callable[[Move], Iterable[K]]) -> dict[K, Balance]:
    """Count moves by row (an area, an agency, a task)."""
    found: dict[K, Balance] = {}
    for move in moves:
        for row in rows_of(move):
            found.setdefault(row, Balance()).add(move)
    return found


@dataclass(frozen=True, slots=True)
class RankRule:
    """How areas are put in order. `keys` are (property of Cell, "low" or "high" comes first)."""

    version: str
    keys: tuple[tuple[str, str], ...]
    explanation_zh: str
    explanation_en: str


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent.parent / "data" / "rounds.toml").read_text(encoding="utf-8"))


def count_rule() -> tuple[str, str, str]:
    """Return (version, explanation in Chinese, in English) of how a round is counted."""
    entry = _data()["count"]
    return entry["version"], entry["explanation_zh"], entry["explanation_en"]


@cache
def rank_rule() -> RankRule:
    """Return the ranking rule from the data file."""
    entry = _data()["rank"]
    keys = tuple((key["figure"], key["first"]) for key in entry["key"])
    return RankRule(entry["version"], keys, entry["explanation_zh"], entry["explanation_en"])


def rank(rows: Mapping[K, Cell], rule: RankRule) -> list[tuple[int | None, K, Cell]]:
    """Return (place in the ranking, row, counts), best first; equal rows share a place, rows without data have None."""
    scored = [(_score(cell, rule), row, cell) for row, cell in rows.items()]
    known = sorted(((s, r, c) for s, r, c in scored if s is not None), key=lambda item: item[0])
    ranked: list[tuple[int | None, K, Cell]] = []
    place, last = 0, None
    for at, (score, row, cell) in enumerate(known, start=1):
        if score != last:
            place, last = at, score
        ranked.append((place, row, cell))
    return ranked + [(None, row, cell) for score, row, cell in scored if score is None]


def _score(cell: Cell, rule: RankRule) -> tuple[Decimal, ...] | None:
    """The sort key, lower is better; None when nothing was asked. An unknown mean counts as nought."""
    if not cell.asked:
        return None
    values = []
    for name, first in rule.keys:
        value = Decimal(getattr(cell, name) or 0)
        values.append(value if first == "low" else -value)
    return tuple(values)


def missed_in_a_row(history: Sequence[tuple[int, int]]) -> int:
    """Return how many of the newest rounds were missed without a gap; `history` = (asked, handed in), newest first.

    A round counts as missed when nothing at all was handed in although something was asked; a round that asked
    nothing is skipped.
    """
    count = 0
    for asked, handed_in in history:
        if not asked:
            continue
        if handed_in:
            break
        count += 1
    return count
