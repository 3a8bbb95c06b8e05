"""A sentence in its place: the text around a span, cut into pieces that a page shows plain or highlighted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text. `key` names the span that it belongs to (None: plain text between spans)."""

    text: str
    key: str | None = None


def paragraph_around(text: str, start: int, end: int, *, longest: int = 1500) -> tuple[int, int]:
    """Return the span of the paragraph(s) that hold [start, end): up to the blank line before and after.

    At most `longest` characters on each side, so that a text without blank lines stays readable.
    """
    before = (
        max(text.rfind("\n\n", 0, start) + 2, start - longest, 0) if "\n\n" in text[:start] else max(0, start - longest)
    )
    after = text.find("\n\n", end)
    after = min(len(text) if after < 0 else after, end + longest)
    return before, after


def cut(text: str, start: int, end: int, spans: Iterable[tuple[int, int, str]]) -> list[Piece]:
    """Cut text[start:end] at spans (start, end, key), given in any order; a span that begins inside another loses.

    Spans outside are left out, spans that stick out are cut off. The pieces joined are the text.
    """
    pieces, at = [], start
    for first, last, key in sorted(spans):
        first, last = max(first, at), min(last, end)
        if last <= first:
            continue
        if first > at:
            pieces.append(Piece(text[at:first]))
        pieces.append(Piece(text[first:last], key))
        at = last
    if at < end:
        pieces.append(Piece(text[at:end]))
    return pieces
