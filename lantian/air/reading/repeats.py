"""Rows of one file about the same place and time, found in bounded memory: what each row is about goes into buckets on disk.

Of a row 21 bytes are kept: what it is about, a hash of its values, its line, which values it has. Rows about the same thing
fall into the same bucket, so that one bucket after the other is sorted.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lantian.air.reading.faults import Fault, Faults, FileFaultError

_ROW = np.dtype([("key", "<i8"), ("hash", "<u8"), ("line", "<u4"), ("there", "u1")])
_BUCKETS = 64
# So many rows are kept in memory; a larger file goes to disk.
_IN_MEMORY = 500_000
_MOST_PLACES = 100_000
_EPOCH = dt.datetime(1900, 1, 1)  # noqa: DTZ001 (labels are local times)
_HOUR = 3600
# Bits of the hour since 1900 and of the quantity.
_HOUR_BITS, _QUANTITY_BITS = 28, 6


@dataclass(slots=True)
class Dropped:
    """Lines that are not taken, sorted; how many of them each place has; how many of their values each quantity had."""

    lines: NDArray[np.int64]
    places: dict[str, int] = field(default_factory=dict)
    values: dict[tuple[str, str], int] = field(default_factory=dict)
    missing: dict[str, int] = field(default_factory=dict)

    def without(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the rows of a frame that are taken."""
        if not len(self.lines) or frame.is_empty():
            return frame
        lines = frame["line"].to_numpy()
        at = np.minimum(np.searchsorted(self.lines, lines), len(self.lines) - 1)
        return frame.filter(pl.Series(self.lines[at] != lines))


class Seen:
    """What the rows of a file were about."""

    def __init__(self, quantities: tuple[str, ...]) -> None:
        """`quantities`: the columns of values of a wide format; () for a long one, where the column says it."""
        self._wide = quantities
        self._names: list[str] = list(quantities)
        self._places: dict[str, int] = {}
        self._held: list[NDArray[np.void]] = []
        self._count = 0
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def add(self, frame: pl.DataFrame) -> None:
        """Remember the rows of a chunk. Raises FileFaultError when places are without number."""
        if frame.is_empty():
            return
        found = np.empty(len(frame), dtype=_ROW)
        found["key"] = self._keys(frame)
        values = list(self._wide) or ["value"]
        found["hash"] = frame.select(values).hash_rows(seed=1).to_numpy()
        found["line"] = frame["line"].to_numpy()
        found["there"] = sum(
            (frame[name].is_not_null().cast(pl.UInt8).to_numpy() << bit for bit, name in enumerate(values)),
            np.zeros(len(frame), dtype=np.uint8),
        )
        self._held.append(found)
        self._count += len(found)
        if self._count > _IN_MEMORY:
            self._spill()

    def _keys(self, frame: pl.DataFrame) -> NDArray[np.int64]:
        place = self._numbered(frame["place"], self._places)
        if len(self._places) > _MOST_PLACES:
            raise FileFaultError(Fault(0, "", str(len(self._places)), "places"))
        hours = (frame["label"] - _EPOCH).dt.total_seconds().to_numpy() // _HOUR
        key = (place << (_HOUR_BITS + _QUANTITY_BITS)) | (hours.astype(np.int64) & ((1 << _HOUR_BITS) - 1))
        if "quantity" in frame.columns:
            known = {name: n for n, name in enumerate(self._names)}
            key |= self._numbered(frame["quantity"], known) << _HOUR_BITS
            self._names = list(known)
        return key

    @staticmethod
    def _numbered(texts: pl.Series, known: dict[str, int]) -> NDArray[np.int64]:
        for name in texts.unique(maintain_order=True):
            known.setdefault(name, len(known))
        return texts.replace_strict(known, return_dtype=pl.Int64).to_numpy()

    def _spill(self) -> None:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="lantian-import-")
        rows = np.concatenate(self._held)
        self._held, self._count = [], 0
        bucket = rows["key"] % _BUCKETS
        for number in range(_BUCKETS):
            with self._path(number).open("ab") as file:
                rows[bucket == number].tofile(file)

    def _path(self, number: int) -> Path:
        if self._folder is None:
            raise RuntimeError("nothing was spilled")
        return Path(self._folder.name) / f"{number}.bin"

    def _buckets(self) -> Iterator[NDArray[np.void]]:
        if self._folder is None:
            if self._held:
                yield np.concatenate(self._held)
            return
        if self._held:
            self._spill()
        for number in range(_BUCKETS):
            yield np.fromfile(self._path(number), dtype=_ROW)
        self._folder.cleanup()

    def finish(self, name: str, into: Faults) -> Dropped:
        """Note rows about what a row before was about. Equal ones count once, contradicting ones not at all.

        `name` is the header of the column of times, where the fault is shown.
        """
        gone: list[NDArray[np.void]] = []
        for rows in self._buckets():
            gone += self._look(rows, name, into)
        dropped = np.concatenate(gone) if gone else np.empty(0, dtype=_ROW)
        found = Dropped(np.sort(dropped["line"].astype(np.int64)))
        self._account(dropped, found)
        return found

    def _look(self, rows: NDArray[np.void], name: str, into: Faults) -> list[NDArray[np.void]]:
        rows = rows[np.lexsort((rows["line"], rows["key"]))]
        again = np.zeros(len(rows), dtype=bool)
        again[1:] = rows["key"][1:] == rows["key"][:-1]
        if not again.any():
            return []
        starts = np.flatnonzero(~again)
        group = np.cumsum(~again) - 1
        first = rows[starts][group]
        differs = np.zeros(len(starts), dtype=bool)
        np.logical_or.at(differs, group, rows["hash"] != first["hash"])
        contradicting = differs[group]
        for code, chosen in (("other_again", again & contradicting), ("same_again", again & ~contradicting)):
            if chosen.any():
                pairs = zip(rows[chosen], first["line"][chosen], strict=True)
                into.add_all(
                    code,
                    int(chosen.sum()),
                    (Fault(int(row["line"]), name, self._label(row), code, other=str(line)) for row, line in pairs),
                )
        sizes = np.bincount(group)
        return [rows[again | (contradicting & (sizes[group] > 1))]]

    def _label(self, row: np.void) -> str:
        return str(_EPOCH + dt.timedelta(hours=int(row["key"]) & ((1 << _HOUR_BITS) - 1)))

    def _account(self, gone: NDArray[np.void], into: Dropped) -> None:
        if not len(gone):
            return
        places = list(self._places)
        place = gone["key"] >> (_HOUR_BITS + _QUANTITY_BITS)
        for number, count in zip(*np.unique(place, return_counts=True), strict=True):
            into.places[places[number]] = int(count)
        number_of = (gone["key"] >> _HOUR_BITS) & ((1 << _QUANTITY_BITS) - 1)
        for at, name in enumerate(self._names):
            mine = np.ones(len(gone), dtype=bool) if self._wide else number_of == at
            there = (gone["there"] >> (at if self._wide else 0)) & 1 == 1
            into.missing[name] = int((mine & ~there).sum())
            for number, count in zip(*np.unique(place[mine & there], return_counts=True), strict=True):
                into.values[places[number], name] = int(count)
