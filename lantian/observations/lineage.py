"""From any statistic back to its rows: which batches, how many rows, which flags, as known when."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lantian.observations.model import InputVersion, Query
from lantian.observations.schema import OBSERVATIONS

if TYPE_CHECKING:
    from lantian.observations.reading import Reader
    from lantian.observations.store import Store


@dataclass(frozen=True, slots=True)
class BatchShare:
    """How many of the rows came with a batch, and what is known of it."""

    batch: str
    rows: int
    origin: str
    actor: str
    known_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Lineage:
    """What a statistic rests on. `flags` counts rows by flag; `used` leaves out those with an excluded flag.

    `capture` is used / expected (0..1, None when nothing is expected).
    """

    version: InputVersion
    rule_version: str
    n: int
    used: int
    expected: int | None
    flags: Mapping[str, int]
    batches: tuple[BatchShare, ...]

    @property
    def capture(self) -> float | None:
        return self.used / self.expected if self.expected else None


def lineage(
    store: Store,
    reader: Reader,
    query: Query,
    *,
    rule_version: str,
    excluded: tuple[str, ...] = (),
    expected: int | None = None,
) -> Lineage:
    """Return the lineage of a statistic computed from the rows of `query`; `expected` is how many rows there should be
    (hours of the period, for hourly values)."""
    rows = reader.observations(query).expression
    counted = rows.group_by("batch", "flags").agg(n=rows.count()).to_pyarrow().to_pylist()
    by_batch: Counter[str] = Counter()
    by_flag: Counter[str] = Counter()
    used = 0
    for row in counted:
        names = [name for name in row["flags"].split(",") if name]
        by_batch[row["batch"]] += row["n"]
        by_flag.update(dict.fromkeys(names, row["n"]))
        used += 0 if set(names) & set(excluded) else row["n"]
    return Lineage(
        version=reader.version(query.as_known_on),
        rule_version=rule_version,
        n=by_batch.total(),
        used=used,
        expected=expected,
        flags=dict(sorted(by_flag.items())),
        batches=tuple(_share(store, batch, rows) for batch, rows in sorted(by_batch.items())),
    )


def _share(store: Store, batch: str, rows: int) -> BatchShare:
    commit = store.register.find(OBSERVATIONS.name, batch) or {}
    known_at = commit.get("known_at")
    return BatchShare(
        batch,
        rows,
        commit.get("origin", ""),
        commit.get("actor", ""),
        dt.datetime.fromisoformat(known_at) if known_at else None,
    )
