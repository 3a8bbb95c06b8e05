"""A row for each city and hour, a column for each pollutant."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import polars as pl

from lantian.air.faults import HEADER, Fault, Faults, FileFaultError
from lantian.air.formats import Asked, Format, Progress, importer
from lantian.air.reading import Reading, parse, without_repeats
from lantian.air.textfile import rows

_CHUNK = 50_000


@importer("cnemc-city-hourly")
def read(path: Path, form: Format, asked: Asked, progress: Progress) -> Reading:
    """Read the whole file and check every cell; raises FileFaultError when it cannot be read at all."""
    stream = rows(path, asked.encoding, form.encodings, progress)
    _, header = next(stream, (HEADER, []))
    names = [name.strip() for name in header]
    places = _columns(names, form)
    faults, seen, parts = Faults(), 0, []
    while chunk := list(islice(stream, _CHUNK)):
        seen += len(chunk)
        whole = list(_whole(chunk, len(names), faults))
        cells = {name: [fields[at] for _, fields in whole] for name, at in places.items()}
        parts.append(parse(cells, [line for line, _ in whole], form, asked, faults))
    frame = pl.concat(parts) if parts else parse(dict.fromkeys(places, ()), [], form, asked, faults)
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


def _whole(chunk: list[tuple[int, list[str]]], width: int, faults: Faults) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that have as many fields as the header has columns."""
    for line, fields in chunk:
        if len(fields) == width:
            yield line, fields
        else:
            faults.add(Fault(line, "", str(len(fields)), "fields", expected=str(width)))
