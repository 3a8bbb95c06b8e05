"""Upkeep of what a stream leaves: small files become big ones, old entries and old values go."""

from __future__ import annotations

import datetime as dt
import logging

from lantian.gateway.core.archive import Archive
from lantian.gateway.core.control import Control
from lantian.gateway.core.inbox import Inbox
from lantian.gateway.core.limits import CompactionLimits, Keep
from lantian.gateway.core.slots import forget
from lantian.observations.compaction import Compacted, compact
from lantian.observations.log import DataFile
from lantian.observations.retention import Policy, drop
from lantian.observations.schema import OBSERVATIONS
from lantian.observations.store import Store
from lantian.observations.vacuum import vacuum

log = logging.getLogger("lantian.gateway")
# Questions to the telemetry store are over by then.
_GRACE = dt.timedelta(hours=2)
_KEYS = dt.timedelta(days=7)
_REALTIME = "-Rtd"


def choose(files: list[DataFile], limits: CompactionLimits) -> list[DataFile]:
    """Return the small files, if there are enough, and bigger ones as long as the smaller together outweigh them.

    A row is rewritten about as often as its file doubles; few files stay.
    """
    small = sorted((one for one in files if one.rows < limits.largest_rows), key=lambda one: one.rows)
    chosen: list[DataFile] = []
    total = 0
    for one in small:
        if len(chosen) >= limits.files and one.rows > 1.5 * total:
            break
        chosen.append(one)
        total += one.rows
    return chosen if len(chosen) >= limits.files else []


def compact_some(store: Store, limits: CompactionLimits) -> list[Compacted]:
    """Compact where it is worth it; return what was done."""
    if not store.exists:
        return []
    return compact(store, target_rows=2 * limits.largest_rows, choose=lambda files: choose(files, limits))


def tidy(store: Store) -> None:
    """Remove files and log entries that nobody needs any more."""
    if not store.exists:
        return
    vacuum(store, grace=_GRACE)
    store.register.forget_streams(store.clock() - dt.timedelta(days=30))


def forget_old(store: Store, archive: Archive, control: Control, inboxes: list[Inbox], keep: Keep) -> dict[str, int]:
    """Drop real-time values, raw packets, faults and keys whose time is over; return how many of each."""
    now = dt.datetime.now(dt.UTC)
    gone = {"raw": len(archive.forget((now - dt.timedelta(days=keep.raw_days)).date())), "realtime": 0}
    if store.exists:
        gone["realtime"] = _drop_realtime(store, now - dt.timedelta(days=keep.realtime_days), keep)
    control.clean(errors_days=keep.errors_days)
    with control.transaction() as db:
        forget(db, (now - dt.timedelta(days=60)).date())
        db.execute('delete from gaps where "end" < ?', (int((now - dt.timedelta(days=60)).timestamp()),))
    gone["keys"] = sum(one.forget_keys(int((now - _KEYS).timestamp() * 1e6)) for one in inboxes)
    return gone


def _drop_realtime(store: Store, before: dt.datetime, keep: Keep) -> int:
    """Drop the values of single moments; minutes, hours and days stay for ever."""
    files = [one for one in store.log(OBSERVATIONS).files() if one.low["valid_from"] < before]
    if not files:
        return 0
    names = {name for file in files for name in _quantities(store, file) if name.endswith(_REALTIME)}
    if not names:
        return 0
    reason = f"values of single moments are kept for {keep.realtime_days} days (limits.toml, keep.realtime_days)"
    done = drop(store, Policy("realtime", reason, before, quantities=tuple(sorted(names))), actor="gateway")
    return sum(sum(months.values()) for months in done.values())


def _quantities(store: Store, file: DataFile) -> list[str]:
    import pyarrow.parquet as pq

    found = pq.read_table(file.path, columns=["quantity"])["quantity"].unique()
    return [str(one) for one in found.to_pylist()]
