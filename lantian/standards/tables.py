"""Dated data tables: what a rule said on a day, with its unit, clause, source and how sure we are of it.

A table is a TOML file of sets (one edition of a rule each) with rows. A row inherits the set's fields:

    [table]
    name = "ambient_limits"
    keys = ["pollutant", "period"]

    [[set]]
    id = "gb3095-2012"
    source = "GB 3095-2012"
    from = 2016-01-01
    until = 2026-02-28
    confidence = "V"
    rows = [ { pollutant = "SO2", period = "year", value = 60, unit = "µg/m3", clause = "table 1" } ]

A look-up always names a day; there is no default edition. `from` and `until` are both inclusive; a missing one is open.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Any

from lantian.standards.units import UnknownUnitError, unit

_FIELDS = frozenset({"value", "unit", "clause", "source", "from", "until", "confidence", "note"})


class Confidence(StrEnum):
    """How sure a number is. Anything below VERIFIED is shown with its tag wherever the number is shown."""

    VERIFIED = "V"  # read in the primary text
    ONE_SOURCE = "V1"  # seen in one third party's implementation or page
    RECALLED_HIGH = "R-H"  # recalled, high confidence
    RECALLED_MEDIUM = "R-M"
    RECALLED_LOW = "R-L"


class TableError(ValueError):
    """The file contradicts itself; the message lists every fault."""

    def __init__(self, name: str, faults: list[str]) -> None:
        super().__init__(f"table {name!r}: " + "; ".join(faults))
        self.faults = faults


class NoSuchEntryError(LookupError):
    """The table has no such row on any day."""


class OutOfForceError(LookupError):
    """The row exists, but not on the day asked for."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One number of a rule, in `unit`, in force from `start` to `until` (both inclusive; None = open)."""

    key: tuple[str, ...]
    value: Decimal
    unit: str
    clause: str
    source: str
    start: dt.date | None
    until: dt.date | None
    confidence: Confidence
    edition: str
    note: str = ""

    def in_force(self, day: dt.date) -> bool:
        return (self.start is None or self.start <= day) and (self.until is None or day <= self.until)

    def interval(self) -> str:
        return f"{self.start or '…'}..{self.until or '…'}"


class DatedTable:
    """Rows found by their keys and a day."""

    def __init__(self, name: str, keys: tuple[str, ...], entries: Iterable[Entry]) -> None:
        self.name, self.keys = name, keys
        self._rows: dict[tuple[str, ...], list[Entry]] = defaultdict(list)
        for entry in entries:
            self._rows[entry.key].append(entry)
        for rows in self._rows.values():
            rows.sort(key=lambda row: row.start or dt.date.min)
        if faults := [fault for rows in self._rows.values() for fault in _overlaps(rows)]:
            raise TableError(name, faults)

    def __iter__(self) -> Iterator[Entry]:
        return (entry for rows in self._rows.values() for entry in rows)

    def history(self, **key: str) -> tuple[Entry, ...]:
        """Return every edition of a row, oldest first; raises NoSuchEntryError, or TypeError for wrong key names."""
        if set(key) != set(self.keys):
            raise TypeError(
                f"table {self.name!r} is asked by {', '.join(self.keys)}; got {', '.join(key) or 'nothing'}"
            )
        rows = self._rows.get(tuple(key[name] for name in self.keys))
        if not rows:
            raise NoSuchEntryError(f"table {self.name!r} has no row {_shown(key)}")
        return tuple(rows)

    def at(self, day: dt.date, **key: str) -> Entry:
        """Return the row in force on `day`; raises NoSuchEntryError, OutOfForceError, or TypeError for a datetime."""
        if isinstance(day, dt.datetime):
            raise TypeError("a table is asked by local date; a datetime would hide the time zone")
        rows = self.history(**key)
        for row in rows:
            if row.in_force(day):
                return row
        known = ", ".join(row.interval() for row in rows)
        raise OutOfForceError(
            f"table {self.name!r}, row {_shown(key)}: nothing in force on {day}; known intervals: {known}"
        )


def _shown(key: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in key.items())


def _overlaps(rows: list[Entry]) -> Iterator[str]:
    for one, two in pairwise(rows):
        if one.until is None or two.start is None or two.start <= one.until:
            yield f"row {'/'.join(one.key)}: {one.edition} ({one.interval()}) overlaps {two.edition} ({two.interval()})"


def read_table(text: str) -> DatedTable:
    """Build a table from TOML text; raises TableError with every fault of the file."""
    data = tomllib.loads(text, parse_float=Decimal)
    name, keys = data["table"]["name"], tuple(data["table"]["keys"])
    entries: list[Entry] = []
    faults: list[str] = []
    for edition in data["set"]:
        defaults = {field: value for field, value in edition.items() if field in _FIELDS}
        for number, row in enumerate(edition["rows"], start=1):
            try:
                entries.append(_entry(keys, {**defaults, **row}, edition["id"]))
            except (ValueError, TypeError, KeyError) as fault:
                faults.append(f"set {edition['id']}, row {number}: {fault}")
    if faults:
        raise TableError(name, faults)
    return DatedTable(name, keys, entries)


def _entry(keys: tuple[str, ...], row: dict[str, Any], edition: str) -> Entry:
    if unknown := set(row) - _FIELDS - set(keys):
        raise ValueError(f"unknown field {', '.join(sorted(unknown))}")
    if missing := (_FIELDS - {"from", "until", "note"} | set(keys)) - set(row):
        raise ValueError(f"missing field {', '.join(sorted(missing))}")
    start, until = checked_day(row, "from"), checked_day(row, "until")
    if start and until and start > until:
        raise ValueError(f"from {start} is after until {until}")
    return Entry(
        key=tuple(str(row[name]) for name in keys),
        value=checked_number(row["value"]),
        unit=checked_unit(row["unit"]),
        clause=row["clause"],
        source=row["source"],
        start=start,
        until=until,
        confidence=Confidence(row["confidence"]),
        edition=edition,
        note=row.get("note", ""),
    )


def checked_day(row: Mapping[str, Any], field: str) -> dt.date | None:
    """Return the date in a row's field, None where it has none; raises TypeError."""
    day = row.get(field)
    if day is None or (isinstance(day, dt.date) and not isinstance(day, dt.datetime)):
        return day
    raise TypeError(f"{field} must be a date, not {day!r}")


def checked_number(value: object) -> Decimal:
    """Return a number of a TOML file exactly; raises TypeError, ValueError when it is not finite."""
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise TypeError(f"value must be a number, not {value!r}")
    number = Decimal(value)
    if not number.is_finite():
        raise ValueError(f"value must be finite, not {value!r}")
    return number


def checked_unit(spelling: str) -> str:
    """Return the code of a unit; raises UnknownUnitError for an unknown one and for another spelling than its code."""
    code = unit(spelling).code
    if code != spelling:
        raise UnknownUnitError(f"unit {spelling!r} must be written by its code {code!r}")
    return code


@cache
def table(name: str) -> DatedTable:
    """Return one of this project's tables (`data/<name>.toml`); raises NoSuchEntryError when there is none, TableError.

    >>> import datetime as dt
    >>> limit = table("ambient_limits").at(dt.date(2020, 1, 1), pollutant="PM2.5", period="year", grade="II")
    >>> limit.value, limit.unit
    (Decimal('35'), 'µg/m3')
    """
    file = resources.files(__package__).joinpath(f"data/{name}.toml")
    if not name.isidentifier() or not file.is_file():
        raise NoSuchEntryError(f"there is no table {name!r}")
    return read_table(file.read_text(encoding="utf-8"))
