"""A stretch of text cut at the edges of overlapping spans, so that each piece knows all spans that it lies in. Pure.

>>> [(s.start, s.end, [p.key for p in s.spans]) for s in segments(0, 6, [Span(1, 5, "measure", "a"), Span(3, 6, "field", "b")])]
[(0, 1, []), (1, 3, ['a']), (3, 5, ['a', 'b']), (5, 6, ['b'])]
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Span:
    """`start`..`end` (exclusive) of what `key` names; `kind` says what that is."""

    start: int
    end: int
    kind: str
    key: str


@dataclass(frozen=True, slots=True)
class Segment:
    start: int
    end: int
    spans: tuple[Span, ...]

    def keys(self, kind: str) -> list[str]:
        return list(dict.fromkeys(span.key for span in self.spans if span.kind == kind))


def segments(start: int, end: int, spans: Iterable[Span]) -> list[Segment]:
    """Return the pieces of start..end in order; together they are the whole stretch. Empty spans are left out."""
    inside = [s for s in spans if s.start < s.end and s.start < end and s.end > start]
    opening: dict[int, list[Span]] = {}
    closing: dict[int, list[Span]] = {}
    for span in inside:
        opening.setdefault(max(start, span.start), []).append(span)
        closing.setdefault(min(end, span.end), []).append(span)
    cuts = sorted({start, end, *opening, *closing})
    open_: dict[Span, int] = {}
    pieces = []
    for at, following in pairwise(cuts):
        for span in closing.get(at, ()):
            open_[span] -= 1
            if not open_[span]:
                del open_[span]
        for span in opening.get(at, ()):
            open_[span] = open_.get(span, 0) + 1
        ordered = sorted(open_, key=lambda s: (s.start, -s.end))
        pieces.append(Segment(at, following, tuple(ordered)))
    return pieces
