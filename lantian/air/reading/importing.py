"""A file into the store: looked at first, then written in parts that its content names, none of them twice.

Both steps read the file from its beginning, chunk by chunk: memory does not grow with the file. A part is one batch; an
import that was interrupted finds its parts in the store and goes on after them.
"""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa

from lantian.air.reading.columns import Header
from lantian.air.reading.declaring import declare, quantity_units, unit_of
from lantian.air.reading.faults import Fault, Faults, FileFaultError
from lantian.air.reading.formats import Format, Importer, Progress, format_named, importer_of, offset_of
from lantian.air.reading.parsing import long_rows
from lantian.air.reading.repeats import Dropped, Seen
from lantian.air.reading.tables import CHUNK_ROWS, Piece, chunks, open_table
from lantian.air.reading.tally import Tally
from lantian.air.reading.textfile import content_hash
from lantian.observations import hooks
from lantian.observations.model import Batch, Receipt
from lantian.observations.schema import OBSERVATIONS
from lantian.observations.store import Store

# The clock by which the store cuts its months.
STORE_ZONE = "Asia/Shanghai"
_PREVIEW = 10
_TEXT, _TIME = pa.large_string(), pa.timestamp("us", tz="UTC")
_ROWS = pa.schema(
    [
        *((name, _TEXT) for name in ("source", "quantity", "place")),
        *((name, _TIME) for name in ("valid_from", "valid_to")),
        *(("value", pa.float64()), ("unit", _TEXT), ("line", pa.int64())),
    ]
)


class RefusedError(ValueError):
    """The file has faults and the caller did not say to leave bad values out."""


class ChangedError(ValueError):
    """The file is not what it was when it was looked at."""


@dataclass(frozen=True, slots=True)
class Import:
    """A file that was read and checked, ready to be written. `batch` is its name in the store, `preview` its first rows."""

    path: Path
    name: str
    form: Format
    header: Header
    preview: tuple[tuple[int, list[str]], ...]
    names: tuple[str, ...]
    notes: Mapping[str, str]
    tally: Tally
    faults: Faults
    dropped: Dropped
    batch: str
    stamp: tuple[int, int]
    part_rows: int
    declared: Mapping[str, str] = field(default_factory=dict)

    @property
    def parts(self) -> tuple[str, ...]:
        """Names of its batches in the store: of a file of one part the name itself."""
        number = max(1, -(-self.tally.seen // self.part_rows))
        return (self.batch,) if number == 1 else tuple(f"{self.batch}:{n}/{number}" for n in range(1, number + 1))

    def summary(self) -> dict[str, Any]:
        """Rows, places, first and last label, values and gaps of each quantity, faults by kind; plain values."""
        first, last = self.tally.ends()
        return {
            "file": self.name,
            "format": self.form.name,
            "batch": self.batch,
            "parts": len(self.parts),
            "series": self.form.series,
            "declared": dict(self.declared),
            "rows": self.tally.seen,
            "rows_taken": self.tally.taken,
            "values": self.tally.total,
            "first": None if first is None else str(first),
            "last": None if last is None else str(last),
            "step": self.form.step,
            "time_zone": self.form.time_zone,
            "hour_label": self.form.hour_label,
            "places": {name: one.rows for name, one in sorted(self.tally.places.items()) if one.rows},
            "items": self.tally.items(self.form),
            "columns": [self._column(role) for role in self.header.columns],
            "columns_passed_over": list(self.header.passed_over),
            "columns_unknown": list(self.header.unknown),
            "notes": dict(self.notes),
            "faults": self.faults.total,
            "faults_by_kind": dict(sorted(self.faults.counts.items())),
        }

    def _column(self, role: str) -> dict[str, str]:
        column = self.header.columns[role]
        return {"name": column.name, "as": role, "unit": column.unit, "kept": unit_of(role) if column.unit else ""}

    def first_rows(self) -> dict[str, Any]:
        """The header and the first rows as texts, with their lines."""
        return {
            "names": list(self.names),
            "rows": [[line, [text.replace("\0", "") for text in cells]] for line, cells in self.preview],
        }


def look(
    path: Path,
    form_name: str,
    *,
    encoding: str = "utf-8",
    time_format: str = "",
    declared: Mapping[str, str] | None = None,
    name: str = "",
    progress: Progress = lambda at, of: None,
) -> Import:
    """Read and check a file; writes nothing. `declared`: see `declaring.declare`; `name`: what people call the file.

    Raises UnknownFormatError, DeclarationError (a ValueError), FileFaultError when the file cannot be read at all.
    """
    said = {name: text.strip() for name, text in (declared or {}).items() if text.strip()}
    form = declare(format_named(form_name), encoding=encoding, time_format=time_format, declared=said)
    stamp = _stamp(path)
    reader, faults, tally, preview = importer_of(form), Faults(), Tally(), list[tuple[int, list[str]]]()
    table = open_table(path, form, progress)
    header = reader.understand(table.names)
    table = dataclasses.replace(table, rows=_kept(table.rows, preview))
    seen = Seen(header.quantities)
    for number, chunk in chunks(table, header, faults):
        frame = reader.parse(chunk(), header, faults)
        tally.seen += number
        tally.add(frame)
        seen.add(frame)
    dropped = seen.finish(header.name("time"), faults)
    tally.take_out(dropped)
    batch = f"{form.name}:{content_hash(path, *_names(form_name, form, said))}"
    if _stamp(path) != stamp:
        raise FileFaultError(Fault(0, "", "", "changing"))
    return Import(
        path, name or path.name, form, header, tuple(preview), tuple(table.names), table.notes, tally, faults, dropped,
        batch, stamp,
        reader.part_rows, said,
    )  # fmt: skip


def write(
    found: Import,
    store: Store,
    *,
    actor: str = "",
    skip_bad: bool = False,
    wait: float = 60.0,
    progress: Progress = lambda at, of: None,
    on_part: Callable[[int, int, Receipt], None] = lambda part, parts, receipt: None,
) -> Receipt:
    """Write a file's values, part by part; what is there is not written again. Returns one receipt for all parts.

    `on_part` is told each part once it is safe in the store (number, of how many, its receipt). Raises RefusedError when
    there are faults and `skip_bad` is not said (or no values), ChangedError when the file changed since it was looked
    at, StoreError when the store cannot be written. What was written until then stays; the same call goes on after it.
    """
    if found.faults.total and not skip_bad:
        raise RefusedError(f"{found.name} has {found.faults.total} faults: nothing was written")
    if not found.tally.total:
        raise RefusedError(f"{found.name} has no values: nothing was written")
    receipts, reader = [], importer_of(found.form)
    stream = chunks(open_table(found.path, found.form, progress), found.header, Faults(most=0))
    for number, name in enumerate(found.parts, 1):
        _check_unchanged(found)
        part = islice(stream, found.part_rows // CHUNK_ROWS)
        receipt = there(store, name)
        if receipt is None:
            receipt = _append(found, store, name, _frames(found, part, reader), actor, wait)
        # A part that is there already is passed over without being parsed.
        deque(part, maxlen=0)
        receipts.append(receipt)
        on_part(number, len(found.parts), receipt)
    return _together(found, receipts)


def rows_of(found: Import) -> Iterator[pl.DataFrame]:
    """Yield the rows that a file's import writes (or wrote), as the store takes them."""
    stream = chunks(open_table(found.path, found.form, lambda at, of: None), found.header, Faults(most=0))
    return _frames(found, stream, importer_of(found.form))


def there(store: Store, batch: str) -> Receipt | None:
    """Return the receipt of a batch that is in the store already, or None."""
    row = store.register.find(OBSERVATIONS.name, batch)
    return None if row is None else Receipt(batch, OBSERVATIONS.name, row["version"], row["rows"], None, repeated=True)


def already(found: Import, store: Store) -> int:
    """How many parts of a file are in the store already."""
    return sum(there(store, name) is not None for name in found.parts)


def store_in(data: Path | None, *, tells: bool = True) -> Store:
    """The store of a data folder, with the units in which the six pollutants are kept. `tells`: see `Store`.

    What is written is known from the house's present moment on (`hooks.now`), so that decisions about a demonstration's
    hours lie in its time.
    """
    return Store.under(
        data, offset=offset_of(STORE_ZONE), quantity_units=quantity_units(), tells=tells, clock=hooks.now
    )  # fmt: skip


def _kept(rows: Iterator[tuple[int, list[str]]], first: list[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    for row in rows:
        if len(first) < _PREVIEW:
            first.append(row)
        yield row


def _names(form_name: str, form: Format, said: Mapping[str, str]) -> list[str]:
    """What names an import beside its content: the same file read otherwise is another import."""
    return [form_name, form.encoding, form.time_format, *(f"{name}={said[name]}" for name in sorted(said))]


def _stamp(path: Path) -> tuple[int, int]:
    known = path.stat()
    return known.st_size, known.st_mtime_ns


def _check_unchanged(found: Import) -> None:
    if _stamp(found.path) != found.stamp:
        raise ChangedError(f"{found.name} changed after it was looked at: look at it again")


def _frames(found: Import, part: Iterator[Piece], reader: Importer) -> Iterator[pl.DataFrame]:
    for _seen, chunk in part:
        # What is wrong was noted when the file was looked at.
        frame = reader.parse(chunk(), found.header, Faults(most=0))
        yield from long_rows(found.dropped.without(frame), found.form)


def _append(found: Import, store: Store, name: str, frames: Iterator[pl.DataFrame], actor: str, wait: float) -> Receipt:
    batch = Batch(id=name, actor=actor, reason=f"import of {found.form.name}", origin=found.name)
    with store.writer(f"import of {found.name}", wait=wait) as writer:
        return writer.append(batch, _stream(frames))


def _stream(frames: Iterator[pl.DataFrame]) -> pa.RecordBatchReader:
    def batches() -> Iterator[pa.RecordBatch]:
        for frame in frames:
            yield from frame.to_arrow().cast(_ROWS).to_batches()

    return pa.RecordBatchReader.from_batches(_ROWS, batches())


def _together(found: Import, receipts: list[Receipt]) -> Receipt:
    last = max(receipts, key=lambda one: one.version)
    new = [one for one in receipts if not one.repeated]
    return Receipt(
        found.batch, OBSERVATIONS.name, last.version, sum(one.rows for one in new or receipts), last.known_at,
        repeated=not new, skipped=found.faults.total,
    )  # fmt: skip
