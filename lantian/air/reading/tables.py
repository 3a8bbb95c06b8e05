"""Rows of a table, whatever the file: CSV (plain or packed) or a workbook. Everything is text; nothing is guessed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from operator import itemgetter
from pathlib import Path

from lantian.air.reading.columns import Header
from lantian.air.reading.faults import HEADER, Fault, Faults
from lantian.air.reading.formats import Format, Progress
from lantian.air.reading.textfile import is_workbook, rows

CHUNK_ROWS = 50_000
Row = tuple[int, list[str]]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows that have as many fields as the header has columns: their lines, and of each column that is read the texts."""

    lines: list[int]
    cells: dict[str, tuple[str, ...]]


# Rows that were seen, and what gives those of them that are sound.
Piece = tuple[int, Callable[[], Chunk]]


@dataclass(slots=True)
class Table:
    """An open file: its header, the rows that follow, and what is to be said about the file as a whole."""

    names: list[str]
    rows: Iterator[Row]
    notes: dict[str, str]


def open_table(path: Path, form: Format, progress: Progress) -> Table:
    """Open a file and read its header. Raises FileFaultError when it is no file of this format."""
    notes: dict[str, str] = {}
    if is_workbook(path, allowed="xlsx" in form.files):
        from lantian.air.reading.workbook import workbook_rows

        stream = workbook_rows(path, form, progress, notes)
    else:
        stream = rows(path, form.encoding, form.encodings, progress)
    for line, fields in stream:
        if line >= (form.header_row or HEADER):
            return Table([name.strip() for name in fields], stream, notes)
    return Table([], iter(()), notes)


def chunks(table: Table, header: Header, faults: Faults) -> Iterator[Piece]:
    """Yield (rows that were seen, a function that gives those that are sound), chunk by chunk.

    Only the columns that are read are kept: tuples of texts cost the collector nothing. A row with too many or too few
    fields is noted when the chunk is asked for.
    """
    while part := list(islice(table.rows, CHUNK_ROWS)):
        yield len(part), lambda part=part: _chunk(part, header, faults)  # type: ignore[misc]


def _chunk(part: list[Row], header: Header, faults: Faults) -> Chunk:
    roles = list(header.columns)
    # A second index makes the getter return a tuple even for one column.
    pick = itemgetter(*(header.columns[role].index for role in roles), 0)
    lines, cells = [], []
    for line, fields in part:
        if len(fields) == header.width:
            lines.append(line)
            cells.append(pick(fields))
        else:
            faults.add(Fault(line, "", str(len(fields)), "fields", expected=str(header.width)))
    columns = list(zip(*cells, strict=True)) if cells else [()] * len(roles)
    return Chunk(lines, dict(zip(roles, columns, strict=False)))
