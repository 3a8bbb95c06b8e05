"""A row for each city and hour, a column for each pollutant."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from operator import itemgetter
from pathlib import Path

import polars as pl

from lantian.air.reading.faults import HEADER, Fault, Faults, FileFaultError
from lantian.air.reading.formats import Asked, Format, Progress, importer
from lantian.air.reading.parsing import Reading, parse, without_repeats
from lantian.air.reading.textfile import rows

_CHUNK = 50_000


@importer("cnemc-city-hourly")
def read(path: Path, form: Format, asked: Asked, progress: Progress) -> Reading:
    """Read the whole file and check every cell; raises FileFaultError when it cannot be read at all."""
    stream = rows(path, asked.encoding, form.encodings, progress)
    _, header = next(stream, (HEADER, []))
    names = [name.strip() for name in header]
    places = _columns(names, form)
    faults, parts = Faults(), [parse(dict.fromkeys(places, ()), [], form, asked, Faults())]
    seen = 0
    for chunk in _chunks(stream, itemgetter(*places.values()), len(names), faults):
        seen += chunk.seen
        if chunk.cells:
            cells = dict(zip(places, zip(*chunk.cells, strict=True), strict=True))
            parts.append(parse(cells, chunk.lines, form, asked, faults))
    frame = pl.concat(parts)
    unknown = tuple(name for name in names if name not in (*form.columns, *form.passed_over))
    return Reading(without_repeats(frame, form, faults), faults, seen, unknown)


def _columns(names: list[str], form: Format) -> dict[str, int]:
    """Where the format's columns stand; raises FileFaultError naming all that are missing or there twice."""
    if not any(names):
        raise FileFaultError(Fault(0, "", "", "no_header", expected=", ".join(form.columns)))
    there = ", ".join(names)
    faults = [Fault(HEADER, "", "", "no_column", expected=n, other=there) for n in form.columns if n not in names]
    faults += [Fault(HEADER, n, "", "column_twice") for n in form.columns if names.count(n) > 1]
    if faults:
        raise FileFaultError(*faults)
    return {name: names.index(name) for name in form.columns}


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Rows that have as many fields as the header has columns, of `seen` rows."""

    lines: list[int]
    cells: list[tuple[str, ...]]
    seen: int


def _chunks(
    stream: Iterator[tuple[int, list[str]]], pick: Callable[[list[str]], tuple[str, ...]], width: int, faults: Faults
) -> Iterator[_Chunk]:
    """Yield rows chunk by chunk, only the columns that are asked for: tuples of texts cost the collector nothing."""
    while True:
        lines, cells, seen = [], [], 0
        for line, fields in islice(stream, _CHUNK):
            seen += 1
            if len(fields) == width:
                lines.append(line)
                cells.append(pick(fields))
            else:
                faults.add(Fault(line, "", str(len(fields)), "fields", expected=str(width)))
        if not seen:
            return
        yield _Chunk(lines, cells, seen)
