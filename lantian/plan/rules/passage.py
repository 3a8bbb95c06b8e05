"""A sentence in its place: the text around a span, cut into pieces that a page shows plain or highlighted."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text. `key` names the span that it belongs to (None: plain text between spans)."""

    text: str
    key: str | None = None


# What a paragraph ends with. A blank line after anything else is the break of a printed page.
_ENDS = frozenset("。！？：；）)》”.!?:;")
_BREAK = re.compile(r"\s*\n\s*")
# What a new paragraph or heading begins with: 一、 （二） 3. 第四章
_NUMBER = re.compile(
    r"\s*(?:[一二三四五六七八九十]+、|[（(][一二三四五六七八九十\d]+[）)]|\d+[.、．]|第[一二三四五六七八九十\d]+[章节条])"
)


def _is_end(before: str, after: str) -> bool:
    """Tell whether a break between two texts ends a paragraph, or only a printed page."""
    before = before.rstrip()
    return not before or before[-1] in _ENDS or _NUMBER.match(after) is not None


def paragraph_around(text: str, start: int, end: int, *, longest: int = 1500) -> tuple[int, int]:
    """Return the span of the paragraph that holds [start, end), across page breaks inside it.

    At most `longest` characters on each side, so that a text without blank lines stays readable.
    """
    first, last = max(0, start - longest), min(len(text), end + longest)
    breaks = [found.start() for found in re.finditer(r"\n\n", text[first:last])]
    stops = [first + at for at in breaks if _is_end(text[: first + at], text[first + at :])]
    before = max((at + 2 for at in stops if at + 2 <= start), default=first)
    after = min((at for at in stops if at >= end), default=last)
    return before, after


def flowing(text: str) -> str:
    """Return a text without the breaks inside its sentences: where a page ended, it flows on."""

    def join(found: re.Match[str]) -> str:
        before, after = text[: found.start()], text[found.end() :]
        if _is_end(before, after):
            return "\n"
        before, after = before[-1:], after[:1]
        letters = (before + after).isascii() and before.isalnum() and after.isalnum()
        return " " if letters else ""

    return _BREAK.sub(join, text)


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


def flow(pieces: Iterable[Piece]) -> list[Piece]:
    """Return the pieces as `flowing` texts, for a page."""
    return [Piece(flowing(piece.text), piece.key) for piece in pieces]
