"""Removing files that no version within the grace time names: replaced ones, and those that a crash left staged."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from lantian.observations.durable import sync_folder
from lantian.observations.schema import TABLES

if TYPE_CHECKING:
    from lantian.observations.log import DeltaLog
    from lantian.observations.store import Store

GRACE = dt.timedelta(hours=24)


def vacuum(
    store: Store, *, grace: dt.timedelta = GRACE, dry_run: bool = False, wait: float = 60.0
) -> list[tuple[str, int]]:
    """Remove (or with `dry_run` only name) what is not needed any more; return (path, bytes) of each.

    A reader that began longer ago than `grace` may fail afterwards; choose it longer than the longest question.
    """
    removed: list[tuple[str, int]] = []
    with store.writer("vacuum", wait=wait):
        for spec in TABLES:
            log = store.log(spec)
            for path in list(_unneeded(log, grace)):
                removed.append((str(path.relative_to(store.root)), path.stat().st_size))
                if not dry_run:
                    path.unlink()
            if not dry_run:
                log.forget_old_entries()
                for folder in log.root.glob("month=*"):
                    sync_folder(folder)
    return removed


def _unneeded(log: DeltaLog, grace: dt.timedelta) -> Iterator[Path]:
    """Nobody else writes: whatever is not named by the log and is older than the grace time is left over."""
    oldest = time.time() - grace.total_seconds()
    named = {file.name for file in log.files()} | log.removed_since(oldest)
    for path in sorted(log.root.glob("month=*/*")):
        if path.relative_to(log.root).as_posix() not in named and path.stat().st_mtime <= oldest:
            yield path
    yield from (p for p in sorted(log.folder.glob("*.torn")) if p.stat().st_mtime <= oldest)
