"""The common form of every source: one text, and the tables in it as cells with offsets."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property


class SourceError(ValueError):
    """A file that cannot be read as a plan. The message says what is wrong, where, and how to mend it."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A table cell: its place in the grid, how far it spreads, and where its text stands."""

    row: int
    column: int
    start: int
    end: int
    row_span: int = 1
    column_span: int = 1


@dataclass(frozen=True, slots=True)
class Table:
    """A table within the text; `start`..`end` encloses all its cells."""

    start: int
    end: int
    cells: tuple[Cell, ...]

    @property
    def row_count(self) -> int:
        return max((cell.row + cell.row_span for cell in self.cells), default=0)

    @property
    def column_count(self) -> int:
        return max((cell.column + cell.column_span for cell in self.cells), default=0)


@dataclass(frozen=True)
class SourceText:
    """A document as text. For .txt and .md it is the file's own text, untouched; otherwise the extracted text.

    `strong` holds the spans printed bold, `paged` says that lines end where the paper ended (PDF).
    """

    text: str
    name: str = ""
    media: str = "txt"
    encoding: str = ""
    tables: tuple[Table, ...] = ()
    strong: tuple[tuple[int, int], ...] = ()
    paged: bool = False
    notes: tuple[str, ...] = field(default=())

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the text in UTF-8, to prove that offsets are meant for this very text."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()


class TextBuilder:
    """Collects extracted text and remembers where things went."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self.length = 0
        self.tables: list[Table] = []
        self.strong: list[tuple[int, int]] = []

    def add(self, text: str, *, strong: bool = False) -> None:
        if not text:
            return
        if strong:
            self._mark_strong(text)
        self._parts.append(text)
        self.length += len(text)

    def line_break(self, count: int = 1) -> None:
        """End the line unless the text is empty or already ends in that many breaks."""
        if not self.length:
            return
        tail = self.tail(count)
        missing = count - (len(tail) - len(tail.rstrip("\n")))
        if missing > 0:
            self.add("\n" * missing)

    def tail(self, count: int) -> str:
        text = ""
        for part in reversed(self._parts):
            text = part + text
            if len(text) >= count:
                break
        return text[-count:]

    def add_table(self, rows: list[list[GridCell]]) -> None:
        """Write a table row by row, cells parted by tabs, and note the place of every cell."""
        self.line_break()
        start, cells = self.length, []
        for row_number, row in enumerate(rows):
            for position, cell in enumerate(row):
                if position:
                    self.add("\t")
                begin = self.length
                self.add(cell.text)
                cells.append(Cell(row_number, cell.column, begin, self.length, cell.row_span, cell.column_span))
            self.add("\n")
        if cells:
            self.tables.append(Table(start, self.length, tuple(cells)))

    def text(self) -> str:
        return "".join(self._parts)

    def _mark_strong(self, text: str) -> None:
        if self.strong and self.strong[-1][1] == self.length:
            self.strong[-1] = (self.strong[-1][0], self.length + len(text))
        else:
            self.strong.append((self.length, self.length + len(text)))


@dataclass(slots=True)
class GridCell:
    """A cell on its way into a table: the column where it starts, its text and its spread."""

    column: int
    text: str
    row_span: int = 1
    column_span: int = 1
