"""A file comes in, is shown cell by cell, mended, and written once; nothing is written before a person confirms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from lantian.city import clock
from lantian.city.access import scope_of
from lantian.city.models import User
from lantian.kit.errors import Conflict, DomainError, NotAllowed, Unlawful
from lantian.kit.locking import check_repeat, check_version, update_versioned
from lantian.records.names import clean_name
from lantian.records.services import audit, open_stored, store_file
from lantian.sources.import_words import table_refusal
from lantian.sources.kinds import kind_named
from lantian.sources.layouts import OWN, Layout, Sheet, layouts, understand
from lantian.sources.models import ImportRow, RegisterImport
from lantian.sources.models.base import Datum
from lantian.sources.reading.faults import Fault
from lantian.sources.reading.tables import TableError, tables_of
from lantian.sources.services.planning import Planner, RowIn, RowPlan, counts
from lantian.sources.services.writing import Wanted, write

VERB = "source.import"
State = RegisterImport.State
DECLARABLE = ("datum", "source", "confidence")


@transaction.atomic
def look(
    actor: User, upload: Any, *, layout: str = OWN, declared: Mapping[str, str] | None = None, key: str | None = None
) -> RegisterImport:
    """Keep a file and plan what it would do. `declared`: datum, source, confidence of rows that do not say their own; kind
    (for a CSV whose header fits several).

    Raises NotAllowed, DomainError (field "file": no table, header lacks columns), BadFile. The same key gives the first.
    """
    scope_of(actor).require(VERB)
    if key and (made := RegisterImport.objects.filter(idempotency_key=key).first()):
        check_repeat(made, created_by=actor, layout=layout)
        return made
    said = {name: text.strip() for name, text in (declared or {}).items() if text and text.strip()}
    if said.get("datum", "") not in Datum.values:
        raise DomainError(_("This datum is not known."), hint=", ".join(v for v in Datum.values if v), field="datum")
    name = clean_name(str(getattr(upload, "name", None) or "file"))[:200]
    stored = store_file(upload, name=name, purpose="measurements")
    with open_stored(stored) as file:
        sheets, notes = _understand(file.read(), name, layout, said.get("kind", ""))
    job = RegisterImport.objects.create(
        name=name,
        file=stored,
        layout=layout,
        declared=said,
        created_by=actor,
        created_at=clock.now(),
        idempotency_key=key,
    )
    rows = [row for sheet in sheets for row in _rows(sheet, said)]
    _keep(job, Planner(scope_of(actor), only=_only(layout)).plan(rows), notes=notes)
    return job


def _understand(content: bytes, name: str, layout: str, kind: str) -> tuple[list[Sheet], dict[str, Any]]:
    try:
        tables = tables_of(content, name)
        found = [(table, understand(table, layout, kind)) for table in tables]
    except TableError as error:
        raise table_refusal(error) from error
    sheets = [sheet for _table, sheet in found if sheet is not None]
    if not any(sheet.table.rows for sheet in sheets):
        raise table_refusal(TableError("nothing", names="、".join(table.name for table, _sheet in found)))
    notes = {
        "unknown": {sheet.table.name: sheet.unknown for sheet in sheets if sheet.unknown},
        "passed_sheets": [table.name for table, sheet in found if sheet is None],
    }
    return sheets, notes


def _only(layout: str) -> Mapping[str, str]:
    return layouts()[layout].only if layout != OWN else {}


def _rows(sheet: Sheet, declared: Mapping[str, str]) -> Iterable[RowIn]:
    """Yield the rows of a sheet; what was declared fills cells that a row leaves empty."""
    layout: Layout | None = sheet.layout
    where = {name: at for at, name in enumerate(sheet.table.header)}
    for number, texts in sheet.table.rows:
        cells = sheet.cells(texts)
        if layout is not None:
            cells = {**layout.constants, **cells}
            for key, header in layout.only.items():
                cells[f"only.{key}"] = texts[where[header]].strip() if where[header] < len(texts) else ""
        for name in DECLARABLE:
            wants = name in sheet.kind.by_name and (name != "datum" or cells.get("lon"))
            if wants and declared.get(name) and not cells.get(name):
                cells[name] = declared[name]
        yield RowIn(sheet.table.name, number, sheet.kind, cells)


def _keep(job: RegisterImport, plans: list[RowPlan], *, notes: Mapping[str, Any] | None = None) -> None:
    """Keep what was planned; rows that were kept before are replaced."""
    job.rows.all().delete()
    ImportRow.objects.bulk_create([_kept(job, one) for one in plans], batch_size=200)
    job.summary = {**job.summary, **(notes or {}), "counts": counts(plans), "rows": len(plans)}
    job.save(update_fields=["summary"])


def _kept(job: RegisterImport, one: RowPlan) -> ImportRow:
    return ImportRow(
        batch=job, sheet=one.row.sheet, number=one.row.number, kind=one.kind.name, cells=dict(one.row.cells),
        edits=dict(one.row.edits), repairs=[repair.plain() for repair in one.repairs if repair.code != "hand"],
        faults=[fault.plain() for fault in one.faults], remarks=[fault.plain() for fault in one.remarks],
        action=one.action, target=one.code[:60], matched_by=one.matched_by, changes=one.changes, left_out=one.row.left_out,
    )  # fmt: skip


def _row_in(row: ImportRow) -> RowIn:
    declined = frozenset((one["column"], one["code"]) for one in row.repairs if not one["accepted"])
    return RowIn(row.sheet, row.number, kind_named(row.kind), row.cells, row.edits, declined, row.left_out)


# Mending


@transaction.atomic
def mend(
    actor: User,
    job: RegisterImport,
    *,
    edits: Mapping[int, Mapping[str, str]] | None = None,
    decisions: Mapping[tuple[int, str, str], bool] | None = None,
    every: Mapping[str, bool] | None = None,
    left_out: Mapping[int, bool] | None = None,
    seen_version: int | None = None,
) -> RegisterImport:
    """Decide on the rows of an import, by key of the row, and plan everything anew.

    `edits`: cells written by hand; `decisions`: (row, field, code of the repair) -> accepted; `every`: code of a repair ->
    accepted, for all rows; `left_out`: row -> leave it out. Raises NotAllowed, Conflict, Unlawful (written already).
    """
    job = _opened(actor, job, seen_version)
    rows = list(job.rows.order_by("id"))
    for row in rows:
        _decide(row, (edits or {}).get(row.pk, {}), decisions or {}, every or {})
        row.left_out = (left_out or {}).get(row.pk, row.left_out)
    plans = Planner(scope_of(actor), only=_only(job.layout)).plan([_row_in(row) for row in rows])
    _keep(job, plans)
    return update_versioned(job)


def _decide(
    row: ImportRow, edits: Mapping[str, str], decisions: Mapping[tuple[int, str, str], bool], every: Mapping[str, bool]
) -> None:
    for column, text in edits.items():
        if column in kind_named(row.kind).by_name:
            if text == row.cells.get(column, ""):
                row.edits.pop(column, None)
            elif text != row.edits.get(column):
                row.edits[column] = text[:2000]
    for one in row.repairs:
        accepted = every.get(one["code"], decisions.get((row.pk, one["column"], one["code"])))
        one["accepted"] = one["accepted"] if accepted is None else accepted


def _opened(actor: User, job: RegisterImport, seen: int | None) -> RegisterImport:
    scope_of(actor).require(VERB)
    current = RegisterImport.objects.select_for_update().get(pk=job.pk)
    if current.created_by_id != actor.pk:
        raise NotAllowed(
            _("Only %(person)s, who sent this file, works on it.") % {"person": current.created_by},
            hint=_("Send the file yourself."),
        )
    if current.state != State.LOOKED:
        raise Unlawful(
            _("This import is %(state)s.") % {"state": current.get_state_display()}, hint=_("Send the file again.")
        )
    check_version(current, seen)
    return current


# Writing


@transaction.atomic
def apply(
    actor: User, job: RegisterImport, *, reason: str, partly: bool = False, seen_version: int | None = None
) -> RegisterImport:
    """Write what was shown, once. With `partly` rows with faults are left behind, else they are refused.

    Everything is planned once more against the register of this moment: where that gives anything else than what was shown,
    Conflict is raised and nothing written (`mend` without changes shows the new plan). Raises also NotAllowed, DomainError.
    """
    job = _opened(actor, job, seen_version)
    if not reason.strip():
        raise DomainError(
            _("A change of the register needs a reason."), hint=_("Say why, in a few words."), field="reason"
        )
    rows = list(job.rows.order_by("id"))
    plans = Planner(scope_of(actor), only=_only(job.layout)).plan([_row_in(row) for row in rows])
    if [_shown(row.action, row.target, row.changes) for row in rows] != [
        _shown(one.action, one.code, one.changes) for one in plans
    ]:
        raise Conflict(
            _("The register changed since this preview was made."),
            hint=_("Look at it again, then write it."),
            field="again",
        )
    tally = counts(plans)
    faulty = sum(actions.get("faulty", 0) for actions in tally.values())
    if faulty and not partly:
        raise DomainError(
            _("%(n)s rows still have faults.") % {"n": faulty},
            hint=_("Mend them, leave them out, or tick that the others shall be written without them."),
            field="partly",
        )
    done = write(actor, [_wanted(one) for one in plans if one.action in ("create", "update")], reason=reason, batch=job)
    update_versioned(job, state=State.DONE, reason=reason, applied_by=actor, applied_at=clock.now())
    facts = {
        "sha256": job.file_id,
        "layout": job.layout,
        "created": done.created,
        "updated": done.updated,
        "faulty": faulty,
    }
    audit(actor, "sources.import", job, reason=reason, data={**facts, "counts": tally})
    return job


def _shown(action: str, code: str, changes: Any) -> tuple[str, str, str]:
    return action, code, repr(sorted(changes.items()))


def _wanted(one: RowPlan) -> Wanted:
    if one.present is None:
        return Wanted(one.kind, {**one.values, "code": one.code})
    return Wanted(one.kind, {name: new for name, (_old, new) in one.changes.items()}, one.present)


@transaction.atomic
def drop(actor: User, job: RegisterImport, *, seen_version: int | None = None) -> RegisterImport:
    """Drop an import that was not written. Raises NotAllowed, Conflict, Unlawful."""
    job = _opened(actor, job, seen_version)
    update_versioned(job, state=State.CANCELLED)
    audit(actor, "sources.import_drop", job)
    return job


def faults_csv(job: RegisterImport, lang: str) -> list[list[str]]:
    """Return every fault of an import: sheet, row, column, what stands there, what is wrong, how to mend it."""
    found = []
    for row in job.rows.filter(action="faulty").order_by("id"):
        for plain in row.faults:
            fault = Fault.from_plain(plain)
            label = str(kind_named(row.kind).by_name[fault.column].label) if fault.column else ""
            text = row.edits.get(fault.column, row.cells.get(fault.column, ""))
            found.append([row.sheet, str(row.number), label, text, fault.text(lang), fault.mend(lang)])
    return found


__all__ = ["apply", "drop", "faults_csv", "look", "mend"]
