"""Changing the list of dust: hours are listed with their document, taken back with a reason; nothing is overwritten."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.utils.translation import gettext as _

from lantian.air import queries
from lantian.air.assessing.dust_list import Entry, Written, write_entries
from lantian.air.assessing.shelf import store_of
from lantian.city.access import scope_of
from lantian.city.models import User
from lantian.kit.errors import Conflict, DomainError
from lantian.observations.errors import BusyError

VERB = "air.flag"


def list_dust(actor: User, entries: Sequence[Entry], *, key: str | None = None) -> tuple[Written, ...]:
    """Leave hours of places out when dust is deducted. The store tells the audit chain who, when, by which document.

    The same `key` again changes nothing. Raises NotAllowed, DomainError (no hours, no document), UnknownPlaceError,
    StoreError, OutOfForceError before 2017, Conflict while somebody else writes.
    """
    scope_of(actor).require(VERB)
    for one in entries:
        _check(one)
    return _write(actor, entries, key, retract=False, reason="")


def withdraw_dust(actor: User, entry: Entry, *, reason: str, key: str | None = None) -> Written:
    """Take hours of a place off the list; raises like `list_dust`, DomainError without a reason."""
    scope_of(actor).require(VERB)
    if not reason.strip():
        raise DomainError(_("Say why the hours are taken back."), field="reason")
    _check(entry)
    (done,) = _write(actor, [entry], key, retract=True, reason=reason.strip())
    return done


def _check(entry: Entry) -> None:
    if not entry.document.strip():
        raise DomainError(_("Say which document lists these hours."), field="document")
    for field, moment in (("begin", entry.begin), ("end", entry.end)):
        if moment.tzinfo is None or (moment.minute, moment.second, moment.microsecond) != (0, 0, 0):
            raise DomainError(_("Say full hours with a time zone."), hint="2020-05-12T11:00:00+08:00", field=field)
    if entry.end <= entry.begin:
        raise DomainError(_("The hours end before they begin."), field="end")


def _write(
    actor: User, entries: Sequence[Entry], key: str | None, *, retract: bool, reason: str
) -> tuple[Written, ...]:
    shelf = queries.shelf()
    store = store_of(queries.data_folder())
    try:
        done, _receipt = write_entries(
            store, shelf, entries, actor=actor.username, key=key or uuid.uuid4().hex, retract=retract, reason=reason
        )
    except BusyError as error:
        raise Conflict(_("Somebody else is writing observations."), hint=_("Try again in a minute.")) from error
    return done
