"""Computed values kept as long as nothing has changed: the key holds the number of the newest audit entry.

Every change of the records appends to the audit chain in its own transaction, so its newest number is the version of
all inputs. Values are never kept from inside a transaction, whose number may yet be taken back.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from django.db import connection

from lantian.records.models import AuditHead

SIZE = 8192
T = TypeVar("T")
_kept: OrderedDict[Hashable, Any] = OrderedDict()
_lock = threading.Lock()


def version_of_everything() -> int | None:
    """Return the number of the newest audit entry; None where nothing may be kept (inside a transaction)."""
    if connection.in_atomic_block:
        return None
    return AuditHead.objects.values_list("seq", flat=True).first() or 0


def remember(version: int | None, key: Hashable, compute: Callable[[], T]) -> T:
    """Return what was kept for this version and key, or compute and keep it (the least recently used goes first).

    What is kept must follow from the records, the key and the rules alone.
    """
    if version is None:
        return compute()
    full = (connection.settings_dict["NAME"], version, key)
    with _lock:
        if full in _kept:
            _kept.move_to_end(full)
            found: T = _kept[full]
            return found
    value = compute()
    with _lock:
        _kept[full] = value
        while len(_kept) > SIZE:
            _kept.popitem(last=False)
    return value


def forget() -> None:
    """Drop everything (for tests)."""
    with _lock:
        _kept.clear()
