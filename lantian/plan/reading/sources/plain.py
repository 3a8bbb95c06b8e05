"""Text and Markdown: the file's own text, with tables of pipes or tabs recognised in place."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lantian.plan.reading.sources.base import Cell, SourceText, Table
from lantian.plan.reading.sources.decode import decode

_LINE = re.compile(r"[^\r\n\f]*")
_RULE = re.compile(r"^\s*\|?\s*:?-{2,}:?\s*(\|\s*:?-{2,}:?\s*)*\|?\s*$")
_PIPED = re.compile(r"^\s*\|.*\|\s*$")
_TABBED = re.compile(r"^[^\t]*(\t+[^\t]*){2,}$")
_BOLD = re.compile(r"\*\*(?=\S)([^*\n]{1,200}?)\*\*")


def read_plain(data: bytes, name: str) -> SourceText:
    """A text file as it is."""
    text, encoding = decode(data, name)
    return SourceText(text, name, "txt", encoding, tuple(_tables(text)), _strong(text))


def read_markdown(data: bytes, name: str) -> SourceText:
    """A Markdown file as it is; its marks stay in the text and are cleaned away by the reader."""
    text, encoding = decode(data, name)
    return SourceText(text, name, "md", encoding, tuple(_tables(text)), _strong(text))


def _strong(text: str) -> tuple[tuple[int, int], ...]:
    return tuple(match.span(1) for match in _BOLD.finditer(text))


def _tables(text: str) -> Iterator[Table]:
    block: list[tuple[int, str]] = []
    kind: re.Pattern[str] | None = None
    for match in _LINE.finditer(text):
        line = match.group()
        if kind is not None and (not line or not kind.match(line)):
            if not line and match.start() > 0 and text[match.start() - 1] not in "\r\n\f":
                continue  # The empty match that the pattern yields at each line's end.
            yield from _table(block, kind)
            block, kind = [], None
        if kind is None and line:
            kind = _PIPED if _PIPED.match(line) else _TABBED if _TABBED.match(line) else None
        if kind is not None and line:
            block.append((match.start(), line))
    if kind is not None:
        yield from _table(block, kind)


def _table(lines: list[tuple[int, str]], kind: re.Pattern[str]) -> Iterator[Table]:
    rows = [(start, line) for start, line in lines if not _RULE.match(line)]
    if len(rows) < 2:
        return
    split = _split_pipes if kind is _PIPED else _split_tabs
    cells = tuple(
        Cell(row, column, begin, end)
        for row, (start, line) in enumerate(rows)
        for column, (begin, end) in enumerate(split(start, line))
    )
    yield Table(rows[0][0], rows[-1][0] + len(rows[-1][1]), cells)


def _split_pipes(start: int, line: str) -> Iterator[tuple[int, int]]:
    for match in re.finditer(r"(?<=\|)(?:\\\||[^|])*(?=\|)", line):
        yield _trimmed(line, match.start(), match.end(), start)


def _split_tabs(start: int, line: str) -> Iterator[tuple[int, int]]:
    position = 0
    for part in line.split("\t"):
        yield _trimmed(line, position, position + len(part), start)
        position += len(part) + 1


def _trimmed(line: str, begin: int, end: int, start: int) -> tuple[int, int]:
    while begin < end and line[begin].isspace():
        begin += 1
    while end > begin and line[end - 1].isspace():
        end -= 1
    return start + begin, start + end
