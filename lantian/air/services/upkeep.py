"""Upkeep of the store of the air by the worker: hourly commits become few files, files that nobody reads any more go."""

from __future__ import annotations

import logging
import time

from lantian.air.assessing.shelf import store_of
from lantian.air.queries import data_folder
from lantian.observations.compaction import compact
from lantian.observations.errors import BusyError, StoreError
from lantian.observations.store import Store
from lantian.observations.vacuum import vacuum

log = logging.getLogger("lantian.air.upkeep")
# Two days of hourly commits: reading that many files costs some milliseconds, merging them under a second.
LEAST_FILES = 48
_DAY = 86_400.0
# An import or a decision goes first.
_WAIT = 1.0


def keep_up() -> int:
    """Compact the months that have gathered many small files, and once a day remove what is left over; return how many
    months were compacted. For the worker, every minute: where there is nothing to do it only looks at the log.
    """
    try:
        store = store_of(data_folder())
    except StoreError:
        return 0
    try:
        done = compact(store, least_files=LEAST_FILES, wait=_WAIT)
        for one in done:
            log.info("%s %s: %s files became %s", one.table, one.month, one.files_before, one.files_after)
        _vacuum(store)
    except BusyError as error:
        log.info("the upkeep waits for the next minute: %s", error)
        return 0
    return len(done)


def _vacuum(store: Store) -> None:
    """Once a day by the machine's clock, whose time the files carry; after a crash it is only done again."""
    note = store.root / "vacuum.stamp"
    if note.exists() and time.time() - note.stat().st_mtime < _DAY:
        return
    removed = vacuum(store, wait=_WAIT)
    note.touch()
    if removed:
        log.info("%s files that no version needs were removed", len(removed))
