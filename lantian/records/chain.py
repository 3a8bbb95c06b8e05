"""The audit chain: each entry is sealed with a keyed digest over its content and the digest of the entry before it."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone

from lantian.city import clock
from lantian.records.models import AuditEntry, AuditHead

GENESIS = "0" * 64
HASHED = (
    "seq", "at", "machine_at", "actor_id", "actor_name", "action", "target_type", "target_id", "target_name",
    "changes", "reason", "data", "prev_hash",
)  # fmt: skip


def plain(value: Any) -> Any:
    """Return `value` as JSON can hold it, the same on every database (times in UTC with microseconds)."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="microseconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(v) for v in value]
    if isinstance(value, Model):
        return value.pk
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)


def seal(content: bytes) -> str:
    """Return the keyed digest (HMAC-SHA-256, hex) with the installation's audit key."""
    return hmac.new(settings.AUDIT_KEY.encode(), content, hashlib.sha256).hexdigest()


def digest(entry: AuditEntry) -> str:
    """Return what the entry's hash must be, from its other fields."""
    content = {name: plain(getattr(entry, name)) for name in HASHED}
    return seal(json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode())


def head_seal(seq: int, hash_: str) -> str:
    return seal(f"head:{seq}:{hash_}".encode())


def append(
    *, actor: Any, action: str, target: Model, changes: Mapping[str, Any], reason: str, data: Mapping[str, Any]
) -> AuditEntry:
    """Append one entry; the head row is locked until the surrounding transaction ends."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("an audit entry is written in the transaction of its change")
    head, _ = AuditHead.objects.select_for_update().get_or_create(
        pk=1, defaults={"hash": GENESIS, "seal": head_seal(0, GENESIS)}
    )
    known = actor is not None and getattr(actor, "pk", None)
    entry = AuditEntry(
        seq=head.seq + 1,
        at=clock.now(),
        machine_at=timezone.now(),
        actor=actor if known else None,
        actor_name=str(actor)[:80] if actor is not None else "system",
        action=action,
        target_type=target._meta.label_lower,
        target_id=str(target.pk),
        target_name=str(target)[:200],
        changes=plain({k: list(v) for k, v in changes.items()}),
        reason=reason,
        data=plain(data),
        prev_hash=head.hash,
    )
    entry.hash = digest(entry)
    entry.save(force_insert=True)
    head.seq, head.hash, head.seal = entry.seq, entry.hash, head_seal(entry.seq, entry.hash)
    head.save(update_fields=["seq", "hash", "seal"])
    return entry
