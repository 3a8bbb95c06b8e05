"""What goes in and comes out of the store: batches, receipts, queries, versions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from lantian.observations.errors import RowFault

OnFault = Literal["refuse", "skip"]


@dataclass(frozen=True, slots=True)
class Batch:
    """What is written together: all of it or nothing, once.

    `id` names it for ever (an import takes the SHA-256 of its file). A stream of many small batches (packets) gives
    its own name as `id` and a rising `sequence`: the log then keeps one number for the stream instead of every name.
    `digest` is a hash of the content: the same id with another digest is refused. `known_at` (aware) may say that we
    learned it earlier than now, for data moved here from another system. `origin` says where it came from.
    """

    id: str
    sequence: int | None = None
    digest: str = ""
    known_at: dt.datetime | None = None
    actor: str = ""
    reason: str = ""
    origin: str = ""

    def __post_init__(self) -> None:
        if not self.id.strip():
            raise ValueError("a batch needs an id")
        if self.sequence is not None and self.sequence < 1:
            raise ValueError("the sequence of a stream begins with 1")
        if self.known_at is not None and self.known_at.tzinfo is None:
            raise ValueError("known_at needs a time zone")

    @property
    def name(self) -> str:
        """What stands in the column `batch` of its rows."""
        return self.id if self.sequence is None else f"{self.id}#{self.sequence}"

    @property
    def stream(self) -> str:
        """The name under which the log remembers it."""
        return f"batch:{self.id}" if self.sequence is None else f"stream:{self.id}"


@dataclass(frozen=True, slots=True)
class Receipt:
    """A batch is on disk: how many rows, at which version. `repeated`: it was there before and nothing was done.

    `faults` are the rows that were left out because the caller said "skip" (the first ones), `skipped` their number.
    """

    batch: str
    table: str
    version: int
    rows: int
    known_at: dt.datetime | None
    repeated: bool = False
    skipped: int = 0
    faults: tuple[RowFault, ...] = ()


@dataclass(frozen=True, slots=True)
class Query:
    """Which observations: empty tuples mean all; start <= valid_from < end (aware, or None for open).

    `as_known_on` leaves out what was learned later; without it the newest. `history` gives every row ever written
    (up to `as_known_on`) instead of one for each fact.
    """

    sources: tuple[str, ...] = ()
    quantities: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    start: dt.datetime | None = None
    end: dt.datetime | None = None
    as_known_on: dt.datetime | None = None
    history: bool = False

    def __post_init__(self) -> None:
        for name in ("start", "end", "as_known_on"):
            moment = getattr(self, name)
            if moment is not None and moment.tzinfo is None:
                raise ValueError(f"{name} needs a time zone")


@dataclass(frozen=True, slots=True)
class InputVersion:
    """What a figure was computed from: versions of the two tables and the moment up to which it was known."""

    observations: int
    flags: int
    horizon: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Event:
    """Something was written: told to the audit trail once it is safe on disk. `key` names it for ever.

    It is told at least once (again after a crash): the receiver leaves out a key that it knows.
    """

    table: str
    version: int
    kind: str
    at: dt.datetime
    batch: str
    rows: int
    actor: str
    reason: str
    origin: str
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"{self.table}/{self.version}"
