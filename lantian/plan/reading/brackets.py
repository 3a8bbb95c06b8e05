"""Pairs of brackets in a view (where every bracket is （ or ）), tolerant of missing and mixed ones."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

_REACH = 1200
_UNCLOSED_KEPT = 4


@dataclass(frozen=True, slots=True)
class Bracket:
    """A pair: `begin` at the opening mark, `end` after the closing one. `closed` is False where it is missing."""

    begin: int
    end: int
    depth: int
    closed: bool = True

    @property
    def inner(self) -> tuple[int, int]:
        return self.begin + 1, self.end - 1 if self.closed else self.end


def find_brackets(view: str) -> list[Bracket]:
    """All pairs, by their opening; an opening without partner ends with its paragraph."""
    found: list[Bracket] = []
    stack: list[int] = []
    for match in re.finditer(r"[（）\n]", view):
        mark, position = match.group(), match.start()
        if mark == "（":
            stack.append(position)
        elif mark == "）":
            if stack:
                begin = stack.pop()
                found.append(Bracket(begin, position + 1, len(stack)))
        else:
            found.extend(_unclosed(stack, position))
            stack.clear()
    found.extend(_unclosed(stack, len(view)))
    found.sort(key=lambda bracket: bracket.begin)
    return found


def _unclosed(stack: list[int], end: int) -> Iterator[Bracket]:
    """Openings without partner; only the last few of a paragraph can matter to anyone."""
    for depth, begin in list(enumerate(stack))[-_UNCLOSED_KEPT:]:
        yield Bracket(begin, end, depth, closed=False)


class Shelter:
    """Which positions lie inside brackets, quotation marks or titles, where no sentence is split."""

    def __init__(self, view: str) -> None:
        self._begins: list[int] = []
        self._ends: list[int] = []
        for begin, end in _merge(sorted([*_quoted(view), *_bracketed(view)])):
            self._begins.append(begin)
            self._ends.append(end)

    def __contains__(self, position: int) -> bool:
        index = bisect_right(self._begins, position) - 1
        return index >= 0 and position < self._ends[index]


def _quoted(view: str) -> Iterator[tuple[int, int]]:
    """“…” and 《…》, not over a paragraph's end and not longer than a sentence can be."""
    for opening, closing in (("“", "”"), ("《", "》")):
        for match in re.finditer(f"{opening}[^{opening}{closing}\\n]{{1,120}}{closing}", view):
            yield match.span()


def _bracketed(view: str) -> Iterator[tuple[int, int]]:
    for bracket in find_brackets(view):
        if bracket.closed and bracket.depth == 0 and bracket.end - bracket.begin <= _REACH:
            yield bracket.begin, bracket.end


def _merge(spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    current: tuple[int, int] | None = None
    for begin, end in spans:
        if current and begin < current[1]:
            current = (current[0], max(current[1], end))
        else:
            if current:
                yield current
            current = (begin, end)
    if current:
        yield current
