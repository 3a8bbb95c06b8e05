"""Values that a program sends: checked like a file, written at once, listed among the imports."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from lantian.air.jobs import plain_fault, summary_of
from lantian.air.models import ImportJob
from lantian.air.queries import data_folder
from lantian.air.reading.faults import Fault, FileFaultError
from lantian.air.reading.importing import Import, look, store_in, write
from lantian.air.reading.pushed import FORM, TIME_FORMAT, PushedError, rows_of_json, rows_of_lines, write_table
from lantian.air.services.imports import VERB, check_declared
from lantian.city import clock
from lantian.city.access import scope_of
from lantian.city.models import User
from lantian.kit import later
from lantian.kit.errors import DomainError
from lantian.observations.errors import BusyError
from lantian.records.services import audit

# Seconds for which another writer of the store is waited for.
WAIT = 5.0


class Busy(DomainError):
    """Somebody else writes to the store (HTTP 503)."""

    status = 503


@dataclass(frozen=True)
class Pushed:
    """What was done: the entry in the list of imports, or None when faults stopped it; the faults; the first row's line."""

    job: ImportJob | None
    found: Import | None
    faults: tuple[Fault, ...]
    total: int


def push(actor: User, content: bytes, kind: str, *, declared: Mapping[str, str], skip_bad: bool = False) -> Pushed:
    """Write rows of a body (kind: json, ndjson, csv); the same content again is not written again.

    `declared`: series, hour_label, time_zone, units, hours. With faults nothing is written unless `skip_bad` is said.
    Raises NotAllowed, DomainError (the body as a whole, what is declared), Busy.
    """
    scope_of(actor).require(VERB)
    said = {name: text for name, text in declared.items() if text}
    check_declared(FORM, said)
    with tempfile.TemporaryDirectory(prefix="lantian-push-") as folder:
        path = Path(folder) / "push.csv"
        _table(path, content, kind, said)
        time_format = said.pop("time_format", "") if kind == "csv" else TIME_FORMAT
        try:
            found = look(path, FORM, time_format=time_format, declared=said, name="push")
        except FileFaultError as error:
            return Pushed(None, None, _rows(error.faults, kind), len(error.faults))
        faults = _rows(tuple(found.faults.in_order()), kind)
        if (found.faults.total and not skip_bad) or not found.tally.total:
            return Pushed(None, found, faults, found.faults.total)
        return Pushed(_written(actor, found, skip_bad), found, faults, found.faults.total)


def _table(path: Path, content: bytes, kind: str, said: Mapping[str, str]) -> None:
    if kind == "csv":
        path.write_bytes(content)
        return
    try:
        rows = rows_of_json(content) if kind == "json" else rows_of_lines(content)
    except PushedError as error:
        raise DomainError(
            _refusal(error), hint=_hint(error), field=f"rows.{error.row}" if error.row else "rows"
        ) from error
    write_table(path, rows, said.get("time_zone", "Asia/Shanghai"))


def _refusal(error: PushedError) -> str:
    words = {
        "no_json": _("The body is not JSON."),
        "no_rows": _("The body holds no list of rows."),
        "no_object": _("The row is no object."),
        "unknown_field": _("The row has a field that is not known."),
        "nested": _("A field of the row is not a text or a number."),
    }
    return words[error.code]


def _hint(error: PushedError) -> str:
    where = _("Row %(n)s.") % {"n": error.row} if error.row else ""
    form = _('Write {"rows": [{time, place, pollutant, value, unit}]}, or such an object on each line.')
    return " ".join(one for one in (where, error.detail[:200], form) if one)


def _rows(faults: tuple[Fault, ...], kind: str) -> tuple[Fault, ...]:
    """Number rows as the sender does: those of JSON have no header."""
    if kind == "csv":
        return faults
    return tuple(
        Fault(max(0, one.row - 1), one.column, one.value, one.code, one.expected, _other(one)) for one in faults
    )


def _other(one: Fault) -> str:
    return str(int(one.other) - 1) if one.code in ("same_again", "other_again") else one.other


@transaction.atomic
def _written(actor: User, found: Import, skip_bad: bool) -> ImportJob:
    # This transaction may be undone after the rows are safe: the worker tells the audit chain of them, not we.
    try:
        receipt = write(found, store_in(data_folder(), tells=False), actor=actor.username, skip_bad=skip_bad, wait=WAIT)
    except BusyError as error:
        raise Busy(_("Another process writes to the store just now."), hint=_("Try again in a moment.")) from error
    now = clock.now()
    job = ImportJob.objects.create(
        name=found.name, origin=ImportJob.Origin.PUSH, form=found.form.name, declared=dict(found.declared),
        skip_bad=skip_bad, state=ImportJob.State.DONE, batch=found.batch, parts=len(found.parts), part=len(found.parts),
        summary=summary_of(found), faults=[plain_fault(one) for one in found.faults.in_order()], written=receipt.rows,
        repeated=receipt.repeated, store_version=receipt.version, created_by=actor, created_at=now,
        confirmed_by=actor, confirmed_at=now, finished_at=now,
    )  # fmt: skip
    data = {"batch": job.batch, "values": job.written, "version": job.store_version, "repeated": job.repeated}
    audit(actor, "air.push", job, data=data)
    transaction.on_commit(lambda: later.soon("observations.tell"))
    return job
