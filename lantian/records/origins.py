"""Where an entry that does not stand at its own number came from: found by trying the numbers that are likely."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from lantian.records.chain import GENESIS, digest_of
from lantian.records.models import AuditEntry

_TRIED = 200  # numbers that are tried for each entry, of each sort
Ranges = list[tuple[int, int]]


@dataclass(frozen=True)
class Row:
    """An entry as it stands in the table. `content` is None when the database gives something that cannot be read."""

    seq: int
    hash: str
    prev_hash: str
    content: dict[str, Any] | None


@dataclass
class Origins:
    """Finds, for entries that are not authentic at their number, the number at which they would be."""

    bad: list[Row]
    gaps: Ranges
    shift: int = 0
    _after: dict[str, int] = field(init=False)
    _hashes: dict[int, str] = field(init=False)

    def __post_init__(self) -> None:
        pointers = {row.prev_hash for row in self.bad}
        found = AuditEntry.objects.filter(hash__in=pointers).values_list("hash", "seq")
        self._after = {GENESIS: 1} | {hash_: seq + 1 for hash_, seq in found}
        known = AuditEntry.objects.filter(seq__in=self._after.values()).values_list("seq", "hash")
        self._hashes = dict(known)
        self._likely = [row.seq for row in self.bad[:_TRIED]] + list(_numbers(self.gaps, _TRIED))

    def of(self, row: Row) -> tuple[str, int | None]:
        """Return ("moved", number), ("copied", number) or ("edited" | "unreadable", None)."""
        if row.content is None:
            return "unreadable", None
        for number in self._candidates(row):
            digest = digest_of({**row.content, "seq": number})
            if digest == row.hash:
                self.shift = number - row.seq
                return "moved", number
            if digest == self._hashes.get(number):
                return "copied", number
        return "edited", None

    def _candidates(self, row: Row) -> Iterator[int]:
        first = [row.seq + self.shift] if self.shift else []
        if row.prev_hash in self._after:
            first.append(self._after[row.prev_hash])
        yield from (n for n in dict.fromkeys([*first, *self._likely]) if n != row.seq)


def _numbers(ranges: Ranges, limit: int) -> Iterator[int]:
    for first, last in ranges:
        for number in range(first, min(last, first + limit) + 1):
            if limit <= 0:
                return
            limit -= 1
            yield number


def subtract(ranges: Iterable[tuple[int, int]], numbers: set[int]) -> Ranges:
    """Return what of the ranges (first, last; both included) is left without some numbers, in order, joined."""
    left: Ranges = []
    for first, last in sorted(ranges):
        start = first
        for number in sorted(n for n in numbers if first <= n <= last):
            if start < number:
                left.append((start, number - 1))
            start = number + 1
        if start <= last:
            left.append((start, last))
    joined: Ranges = []
    for first, last in left:
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return joined
