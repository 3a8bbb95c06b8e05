"""A file into the store: looked at first, written as one batch that its content names, never twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa

from lantian.air.reading.formats import Asked, Format, Progress, format_named, offset_of, reader_of
from lantian.air.reading.parsing import Reading, long_rows
from lantian.air.reading.textfile import content_hash
from lantian.observations.model import Batch, Receipt
from lantian.observations.store import Store
from lantian.standards.pollutants import core_codes, pollutant

# The clock by which the store cuts its months.
STORE_ZONE = "Asia/Shanghai"


class RefusedError(ValueError):
    """The file has faults and the caller did not say to leave bad values out."""


@dataclass(frozen=True, slots=True)
class Import:
    """A file that was read and checked, ready to be written. `batch` is its name in the store."""

    path: Path
    form: Format
    asked: Asked
    reading: Reading
    batch: str

    def summary(self) -> dict[str, Any]:
        """Rows, places, first and last label, values and gaps of each pollutant, faults by kind; plain values."""
        frame, faults = self.reading.frame, self.reading.faults
        first, last = frame["label"].min(), frame["label"].max()
        return {
            "file": self.path.name,
            "format": self.form.name,
            "batch": self.batch,
            "rows": self.reading.rows,
            "rows_taken": len(frame),
            "values": sum(frame[one.pollutant].count() for one in self.form.values),
            "first": None if first is None else str(first),
            "last": None if last is None else str(last),
            "time_zone": self.form.time_zone,
            "hour_label": self.form.hour_label,
            "places": dict(frame["place"].value_counts().sort("place").iter_rows()),
            "items": {
                one.pollutant: {
                    "unit": one.unit,
                    "n": frame[one.pollutant].count(),
                    "missing": frame[one.pollutant].null_count(),
                }
                for one in self.form.values
            },
            "columns_passed_over": list(self.form.passed_over),
            "columns_unknown": list(self.reading.unknown_columns),
            "faults": faults.total,
            "faults_by_kind": dict(sorted(faults.counts.items())),
        }


def look(
    path: Path,
    form_name: str,
    *,
    encoding: str = "utf-8",
    time_format: str = "",
    progress: Progress = lambda at, of: None,
) -> Import:
    """Read and check a file; writes nothing. Raises UnknownFormatError, FileFaultError, ValueError for the encoding."""
    form = format_named(form_name)
    if encoding not in form.encodings:
        raise ValueError(f"{form.name} may be in {', '.join(form.encodings)}, not {encoding!r}")
    asked = Asked(encoding, time_format or form.time_format)
    reading = reader_of(form.name)(path, form, asked, progress)
    name = f"{form.name}:{content_hash(path, form.name, asked.encoding, asked.time_format)}"
    return Import(path, form, asked, reading, name)


def write(found: Import, store: Store, *, actor: str = "", skip_bad: bool = False, wait: float = 60.0) -> Receipt:
    """Write a file's values as one batch; a batch that is there is not written again.

    Raises RefusedError when it has faults and `skip_bad` is not said, StoreError when the store cannot be written.
    """
    if found.reading.faults.total and not skip_bad:
        raise RefusedError(f"{found.path.name} has {found.reading.faults.total} faults: nothing was written")
    batch = Batch(id=found.batch, actor=actor, reason=f"import of {found.form.name}", origin=found.path.name)
    with store.writer(f"import of {found.path.name}", wait=wait) as writer:
        return writer.append(batch, _stream(found))


def store_in(data: Path | None) -> Store:
    """The store of a data folder, with the units in which the six pollutants are kept."""
    units = {code: pollutant(code).unit for code in core_codes()}
    return Store.under(data, offset=offset_of(STORE_ZONE), quantity_units=units)


def _stream(found: Import) -> pa.RecordBatchReader:
    parts = long_rows(found.reading.frame, found.form)
    first = next(parts, None)
    if first is None:
        raise RefusedError(f"{found.path.name} has no values: nothing was written")
    schema = first.to_arrow().schema

    def batches() -> Iterator[pa.RecordBatch]:
        for part in _again(first, parts):
            yield from part.to_arrow().cast(schema).to_batches()

    return pa.RecordBatchReader.from_batches(schema, batches())


def _again(first: pl.DataFrame, rest: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    yield first
    yield from rest
