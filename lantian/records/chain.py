"""The audit chain: each entry is sealed with a keyed digest over its content and the digest of the entry before it."""

from __future__ import annotations

import datetime as dt
import hmac
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from lantian.city import clock
from lantian.kit.errors import DomainError
from lantian.records.models import AuditEntry, AuditHead

GENESIS = "0" * 64
HASHED = (
    "seq", "at", "machine_at", "actor_id", "actor_name", "action", "target_type", "target_id", "target_name",
    "changes", "reason", "data", "prev_hash",
)  # fmt: skip


def plain(value: Any) -> Any:
    """Return `value` as JSON holds it, reading back the same from every database.

    Times become UTC with microseconds, every fraction a text (PostgreSQL keeps numbers as decimals and would give 1e22
    or -0.0 back in another form), sets are sorted, and characters that PostgreSQL cannot hold are written as U+FFFD.
    """
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="microseconds")
    if isinstance(value, float | Decimal):
        return _fraction(Decimal(repr(value)) if isinstance(value, float) else value)
    if isinstance(value, Mapping):
        return {clean(k): plain(v) for k, v in value.items()}
    if isinstance(value, set | frozenset):
        return sorted((plain(v) for v in value), key=str)
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if isinstance(value, Model):
        return plain(value.pk)
    return clean(value.isoformat() if isinstance(value, dt.date) else value)


def _fraction(value: Decimal) -> str:
    text = format(value, "f") if value.is_finite() and abs(value.adjusted()) < 400 else str(value)
    return text.rstrip("0").rstrip(".") if "." in text else text


def clean(value: Any) -> str:
    """Return a text that every database stores and UTF-8 can write: no NUL, no lone surrogates."""
    text = str.__str__(value) if isinstance(value, str) else str(value)
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def seal(content: bytes) -> str:
    """Return the keyed digest (HMAC-SHA-256, hex) with the installation's audit key."""
    return hmac.digest(settings.AUDIT_KEY.encode(), content, "sha256").hex()


def digest(entry: AuditEntry) -> str:
    """Return what the entry's hash must be, from its other fields."""
    return digest_of({name: getattr(entry, name) for name in HASHED})


def digest_of(content: Mapping[str, Any]) -> str:
    """Return the keyed digest of an entry given as {field: value} with the fields of HASHED.

    The fields are plain already, except for the two times; anything else there was not written by `append`.
    """
    text = json.dumps(content, default=plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return seal(text.encode("utf-8", "surrogatepass"))


def head_seal(seq: int, hash_: str) -> str:
    return seal(f"head:{seq}:{hash_}".encode())


class BrokenHead(DomainError):
    """The head of the chain does not carry this installation's seal: nothing may be built on it (HTTP 503)."""

    status = 503


def _locked_head() -> AuditHead:
    """Lock the head until the transaction ends. An unsealed head would let a cut tail pass for the end of the chain."""
    head, _created = AuditHead.objects.select_for_update().get_or_create(
        pk=1, defaults={"hash": GENESIS, "seal": head_seal(0, GENESIS)}
    )
    if not hmac.compare_digest(head.seal, head_seal(head.seq, head.hash)):
        raise BrokenHead(
            _("The audit chain was tampered with: nothing can be changed until it is examined."),
            hint=_("The administrator runs “lantian audit verify”, keeps a copy of the database, then “audit reseal”."),
        )
    return head


def append(
    *, actor: Any, action: str, target: Model, changes: Mapping[str, Any], reason: str, data: Mapping[str, Any]
) -> AuditEntry:
    """Append one entry; the head row is locked until the surrounding transaction ends."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("an audit entry is written in the transaction of its change")
    head = _locked_head()
    known = actor is not None and getattr(actor, "pk", None)
    with translation.override(settings.LANGUAGE_CODE):  # names stand in the record as the city writes them
        names = {"actor_name": str(actor) if actor is not None else "system", "target_name": str(target)}
    entry = AuditEntry(
        seq=head.seq + 1,
        at=clock.now(),
        machine_at=timezone.now(),
        actor=actor if known else None,
        actor_name=clean(names["actor_name"])[:80],
        action=action,
        target_type=target._meta.label_lower,
        target_id=str(target.pk),
        target_name=clean(names["target_name"])[:200],
        changes=plain({k: list(v) for k, v in changes.items()}),
        reason=clean(reason),
        data=plain(data),
        prev_hash=head.hash,
    )
    entry.hash = digest(entry)
    entry.save(force_insert=True)
    head.seq, head.hash, head.seal = entry.seq, entry.hash, head_seal(entry.seq, entry.hash)
    head.save(update_fields=["seq", "hash", "seal"])
    return entry


def anchor() -> str:
    """Return "seq:hash" of the newest entry: printed on a bulletin, it proves later that nothing was set back."""
    head = AuditHead.objects.first()
    return f"{head.seq}:{head.hash}" if head else f"0:{GENESIS}"
