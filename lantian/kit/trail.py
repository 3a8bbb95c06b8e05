"""The line to the audit chain for rooms that lie below the room that keeps it.

The records room connects its `audit` here when Django starts. Writing without a connection is an error: a change
that nobody can find later must not happen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Writer = Callable[..., Any]
_writer: list[Writer] = []


def connect(writer: Writer) -> None:
    """Let `audit` write through `writer` (the signature of `lantian.records.services.audit`)."""
    _writer[:] = [writer]


def audit(
    actor: Any,
    action: str,
    target: Any,
    *,
    changes: Mapping[str, tuple[Any, Any]] | None = None,
    reason: str = "",
    data: Mapping[str, Any] | None = None,
) -> Any:
    """Append an entry to the audit chain; see `lantian.records.services.audit`. Raises RuntimeError unconnected."""
    if not _writer:
        raise RuntimeError("no audit chain is connected; lantian.records must be among the installed apps")
    return _writer[0](actor, action, target, changes=changes, reason=reason, data=data)
