"""Audit entries: written by every service that changes something, in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Model

from lantian.records.chain import append
from lantian.records.models import AuditEntry

__all__ = ["audit", "difference", "snapshot"]


def audit(
    actor: Any,
    action: str,
    target: Model,
    *,
    changes: Mapping[str, tuple[Any, Any]] | None = None,
    reason: str = "",
    data: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Append an entry to the audit chain. `action` is "room.verb" (for example "plan.adopt").

    `changes` maps a field's name to (old, new), values plain (numbers, texts, dates, lists). Must run inside the
    transaction of the change itself (raises TransactionManagementError otherwise), so that neither exists alone.
    """
    return append(actor=actor, action=action, target=target, changes=changes or {}, reason=reason, data=data or {})


def snapshot(record: Model, *fields: str) -> dict[str, Any]:
    """Return the fields' present values, to be compared after a change with `difference`."""
    return {name: getattr(record, name) for name in fields}


def difference(before: Mapping[str, Any], record: Model) -> dict[str, tuple[Any, Any]]:
    """Return {field: (old, new)} of those fields of `before` that differ now."""
    return {n: (old, getattr(record, n)) for n, old in before.items() if getattr(record, n) != old}
