"""What was written to the observation store, as entries of the audit chain.

The store lies outside the database: it tells an event once the rows are safe on disk, and again after a crash in between.
An entry is therefore written only for an event that has none yet.
"""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection, transaction

from lantian.kit import later
from lantian.observations.errors import BusyError
from lantian.observations.model import Event
from lantian.observations.schema import TABLES
from lantian.observations.store import Store
from lantian.records.models import AuditEntry
from lantian.records.services import audit

KIND = "observations.commit"
# Seconds for which another writer is waited for; the worker asks again every minute.
WAIT = 5.0
log = logging.getLogger("lantian.records.observing")


class Commit:
    """What the entry is about: a commit of the store, which is no record of the database."""

    _meta = SimpleNamespace(label_lower=KIND)

    def __init__(self, event: Event) -> None:
        self.pk = event.key
        self.name = event.batch or event.key

    def __str__(self) -> str:
        return self.name


def may_receive() -> bool:
    """Tell whether an entry that is written now stays: not inside a transaction that somebody may still undo.

    The entry would be undone with it, while the store counts its event as told. So the event waits: once the transaction
    has ended the worker is woken to tell it, and it does so every minute anyway.
    """
    # As Django's own check of durable transactions: the one that a test runs in does not count.
    if all(getattr(block, "_from_testcase", False) for block in connection.atomic_blocks):
        return True
    transaction.on_commit(lambda: later.soon("observations.tell"), robust=True)
    return False


@transaction.atomic
def receive(event: Event) -> None:
    """Append the entry of an event, unless it is there. The actor is a user by name, else the entry names who it was."""
    at = event.at.isoformat()
    if AuditEntry.objects.filter(target_type=KIND, target_id=event.key, data__at=at).exists():
        return
    user = get_user_model().objects.filter(username=event.actor).first() if event.actor else None
    data = {
        "at": at, "batch": event.batch, "rows": event.rows, "by": event.actor, "origin": event.origin, **event.details,
    }  # fmt: skip
    target: Any = Commit(event)
    audit(user, f"observations.{event.kind}", target, reason=event.reason, data=data)


def tell_waiting(store: Store | None = None) -> int:
    """Enter what was written without this receiver (an import from the command line, a crash); return how much waited.

    A store that somebody writes to just now is left for the next time. Without a store there is nothing to do.
    """
    store = store or Store.under(settings.LANTIAN_DATA)
    if not store.exists:
        return 0
    behind = any(store.log(spec).refresh() > store.register.last(spec.name) for spec in TABLES)
    waiting = store.register.waiting()
    if not waiting and not behind:
        return 0
    try:
        with store.writer("telling the audit chain", wait=WAIT):
            # Whoever takes the pen enters and tells first what was left.
            return max(waiting, 1)
    except BusyError as error:
        log.info("the audit chain waits: %s", error)
        return 0
