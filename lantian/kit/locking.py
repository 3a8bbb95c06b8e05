"""Optimistic locking: a form carries the version that it was made from; an older one is refused, clearly.

And repeats: a form carries a key; the same one again is done once, and a key that served for something else is refused.
"""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import F, Model
from django.utils.translation import gettext as _

from lantian.kit.errors import Conflict

M = TypeVar("M", bound=Model)


def check_version(record: Model, seen: int | None) -> None:
    """Raise Conflict when `seen` (the version that the form was made from) is no longer the record's version."""
    current: int = record.version  # type: ignore[attr-defined]
    if seen is not None and seen != current:
        raise Conflict(
            _("Somebody changed “%(record)s” while you were working (version %(now)s, you saw %(seen)s).")
            % {"record": record, "now": current, "seen": seen},
            hint=_("Your input is still here: reload to see the change, then enter it again."),
        )


def update_versioned(record: M, **values: Any) -> M:
    """Write `values` if the record still has the version that was read, and count the version up.

    Raises Conflict when another writer was first. Must run inside a transaction.
    """
    manager = type(record)._default_manager
    version: int = record.version  # type: ignore[attr-defined]
    changed = manager.filter(pk=record.pk, version=version).update(**values, version=F("version") + 1)
    if not changed:
        raise Conflict(
            _("Somebody changed “%(record)s” at the same moment.") % {"record": record},
            hint=_("Reload the page and try again."),
        )
    for name, value in values.items():
        setattr(record, name, value)
    record.version = version + 1  # type: ignore[attr-defined]
    return record


def check_repeat(done: Model, **asked: Any) -> None:
    """Raise Conflict unless what was done with a form's key is what is asked now: by the same person, about the same.

    `asked` maps fields of `done` to what they must be. Without this a key that was used before would show one person
    what another one did, or say "done" to somebody whose input went nowhere.
    """
    if any(getattr(done, name) != value for name, value in asked.items()):
        raise other_form()


def other_form() -> Conflict:
    """Return the refusal of a form's key that served for something else."""
    return Conflict(_("This form was sent before, for something else."), hint=_("Reload the page and try again."))
