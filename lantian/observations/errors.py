"""What can go wrong with the store, in words that say what, where and how to mend it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """Why a row was not taken; upper rooms translate these codes."""

    MISSING = "missing"
    NO_NUMBER = "no_number"
    NOT_FINITE = "not_finite"
    NO_TIME = "no_time"
    NO_ZONE = "no_zone"
    EMPTY_INTERVAL = "empty_interval"
    UNKNOWN_UNIT = "unknown_unit"
    OTHER_UNIT = "other_unit"
    DUPLICATE = "duplicate"
    BAD_FLAG = "bad_flag"
    NO_OBSERVATION = "no_observation"


@dataclass(frozen=True, slots=True)
class RowFault:
    """One row that was not taken: its line in the origin, the column, the code and a sentence."""

    line: int
    column: str
    fault: Fault
    text: str

    def __str__(self) -> str:
        return f"row {self.line}, {self.column}: {self.text}"


class StoreError(Exception):
    """The store cannot do what was asked."""


class BusyError(StoreError):
    """Another process is writing."""


class DamagedError(StoreError):
    """Files of the store are not what was written."""


class BatchConflictError(StoreError):
    """A batch of this name was written before, with other content."""


class ShapeError(StoreError):
    """The rows as a whole lack a column, or a column has a type that cannot be read."""


class BadRowsError(StoreError):
    """Some rows cannot be taken, so none was. `faults` are the first of them, `total` is their number."""

    def __init__(self, faults: Sequence[RowFault], total: int) -> None:
        self.faults = tuple(faults)
        self.total = total
        shown = "; ".join(str(fault) for fault in self.faults[:5])
        more = f"; and {total - 5} more" if total > 5 else ""
        super().__init__(f"{total} rows cannot be taken, nothing was written: {shown}{more}")
