"""Upkeep of the observation store at night: every hour leaves small files, and a month of them is slow to read."""

from __future__ import annotations

import logging

from django.conf import settings

from lantian.observations.compaction import compact
from lantian.observations.errors import BusyError
from lantian.observations.store import Store
from lantian.observations.vacuum import vacuum

log = logging.getLogger("lantian.worker")


def tidy(store: Store | None = None) -> int:
    """Make the small files of each month into a few big ones and remove those that nobody needs any more; return how
    many months were merged. Where another process writes, it is left for the next night. Raises DamagedError."""
    store = store or Store.under(settings.LANTIAN_DATA)
    if not store.exists:
        return 0
    try:
        merged = len(compact(store))
        vacuum(store)
    except BusyError as error:
        log.info("the store is tidied another night: %s", error)
        return 0
    return merged
