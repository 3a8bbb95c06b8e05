"""A filled-in workbook of a round comes back: previewed row by row, mended on the page, applied once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from lantian.city import clock
from lantian.city.access import Scope, scope_of
from lantian.city.models import User
from lantian.kit.errors import Conflict, DomainError, NotAllowed, Unlawful
from lantian.kit.locking import check_version, update_versioned
from lantian.plan import authority, dispatch
from lantian.plan.models import Assignment, DispatchRound, MeasureTarget, ProgressReport, RoundUpload, Step
from lantian.plan.rules import sheet
from lantian.plan.rules.sheet import Frame, Known, Row, Said
from lantian.plan.rules.sheet_cells import Fault
from lantian.plan.rules.states import OPEN_STATES
from lantian.plan.services.reports import report
from lantian.plan.services.workbooks import assignment_of, holder_name, targets_of
from lantian.plan.sheets import reading, words
from lantian.records.names import clean_name
from lantian.records.services import audit, open_stored, store_file

_LOOK_BACK = dt.timedelta(days=400)


@transaction.atomic
def preview(actor: User, round_: DispatchRound, upload: Any) -> RoundUpload:
    """Store a filled-in workbook and read it: each row becomes ready or carries its reasons. Nothing is reported yet.

    Raises NotAllowed, Unlawful (closed), DomainError (field "file": not a workbook, another round, nothing filled in).
    """
    scope_of(actor).require("round.fill")
    _require_open(round_)
    name = clean_name(str(getattr(upload, "name", "") or "upload.xlsx"))[:200]
    stored = store_file(upload, purpose="sheet")
    with open_stored(stored) as file:
        found = _read(file.read(reading.LIMITS.size + 1))
    if (meta_round := found.meta.get("round")) and meta_round != str(round_.pk):
        raise _refused(reading.SheetError("wrong_round", found=found.meta.get("title", meta_round)))
    made_at = found.meta.get("made", "")[:40]
    rows = [
        sheet.from_cells(raw.number, raw.cells, _assignment_in(round_, raw), hidden=raw.hidden, made=made_at)
        for raw in found.rows
    ]
    rows = [row for row in sheet.check_rows(rows, frame_for(actor, round_)) if row.skip != "empty"]
    if not rows:
        raise _refused(reading.SheetError("no_rows"))
    made = RoundUpload.objects.create(
        round=round_, file=stored, file_name=name, uploaded_by=actor, uploaded_at=clock.now(),
        rows=[row.plain() for row in rows], notes=[note.plain() for note in _notes(found)],
    )  # fmt: skip
    counts = sheet.tally(rows)
    audit(
        actor,
        "plan.upload_round",
        made,
        data={"sha256": stored.sha256, "round": round_.pk, "ready": counts.ready, "faulty": counts.faulty},
    )
    return made


def _read(content: bytes) -> reading.RawSheet:
    try:
        return reading.read(content, words.column_of)
    except reading.SheetError as error:
        raise _refused(error) from error


def _refused(error: reading.SheetError) -> DomainError:
    what, how = words.refusal(error)
    return DomainError(what, hint=how, field="file")


def _assignment_in(round_: DispatchRound, raw: reading.RawRow) -> int | None:
    cell = raw.cells.get("key")
    return assignment_of(round_.pk, cell.value) if cell else None


def _notes(found: reading.RawSheet) -> list[Fault]:
    notes = []
    if not found.meta:
        notes.append(Fault("no_meta"))
    if found.extra_columns:
        notes.append(Fault("extra_columns", params={"names": "、".join(found.extra_columns[:20])}))
    missing = [str(words.LABELS[name]) for name in sheet.INPUTS if name not in found.columns]
    if missing:
        notes.append(Fault("missing_columns", params={"names": "、".join(missing)}))
    if others := [name for name in found.other_sheets if name != _("How to fill in")][:10]:
        notes.append(Fault("other_sheets", params={"names": "、".join(others)}))
    return notes


def _require_open(round_: DispatchRound) -> None:
    if round_.state != DispatchRound.State.OPEN:
        raise Unlawful(
            _("“%(round)s” is closed.") % {"round": round_}, hint=_("Report on the page of the assignment instead.")
        )


def frame_for(actor: User, round_: DispatchRound) -> Frame:
    """Return what rows are checked against, as the round's assignments are now and as far as the person may know."""
    scope = scope_of(actor)
    entries = list(dispatch.entries_of(round_, scope).select_related("assignment__parent"))
    assignments = [entry.assignment for entry in entries]
    said, targets = _said(actor, round_), targets_of({a.measure_id for a in assignments})
    changes = _last_changes(a.pk for a in assignments)
    known = {a.pk: _known(scope, a, said.get(a.pk), targets.get(a.measure_id), changes.get(a.pk)) for a in assignments}
    today = clock.today()
    return Frame(known, words.spellings_of_states(), today, round_.month - _LOOK_BACK, round_.month.year)


def _known(
    scope: Scope, assignment: Assignment, said: Said | None, target: MeasureTarget | None, change: Step | None
) -> Known:
    action = "start" if assignment.state == Assignment.State.NOT_STARTED else "report"
    return Known(
        id=assignment.pk,
        code=assignment.measure.code,
        holder=holder_name(assignment),
        measure=assignment.measure.text,
        version=assignment.version,
        state=assignment.state,
        mine=authority.may(scope, assignment, action),
        open=assignment.state in OPEN_STATES,
        unit=target.unit if target else "",
        has_target=target is not None,
        last=said,
        changed_by=str(change.by) if change else "",
        changed_at=timezone.localtime(change.at).strftime("%Y-%m-%d %H:%M") if change else "",
    )


def _said(actor: User, round_: DispatchRound) -> dict[int, Said]:
    """Return the newest valid report of the round by assignment; whose it was only where it was somebody else's."""
    rows = ProgressReport.objects.filter(round=round_, withdrawn_at__isnull=True).select_related("reported_by")
    return {
        r.assignment_id: Said(
            r.percent, r.text, r.problems, r.value, r.effective_on, r.pk, timezone.localtime(r.reported_at),
            "" if r.reported_by_id == actor.pk else str(r.reported_by),
        )
        for r in rows.order_by("reported_at", "pk")
    }  # fmt: skip


def _last_changes(assignments: Iterable[int]) -> dict[int, Step]:
    rows = Step.objects.filter(assignment__in=list(assignments)).select_related("by").order_by("pk")
    return {step.assignment_id: step for step in rows}


# On the preview page


def uploads_visible_to(actor: User) -> QuerySet[RoundUpload]:
    """Return the uploads that a person may open: their own, and all for those who manage rounds."""
    rows = RoundUpload.objects.select_related("round", "uploaded_by", "file")
    return rows if scope_of(actor).may_at("round.manage") else rows.filter(uploaded_by=actor)


@dataclass(frozen=True)
class Mending:
    """A person's corrections to one row."""

    edits: Mapping[str, str]
    assignment: int | None = None
    leave_out: bool = False
    confirm: bool = False


@transaction.atomic
def mend(
    actor: User, upload: RoundUpload, mendings: Mapping[int, Mending], *, seen_version: int | None = None
) -> RoundUpload:
    """Correct rows (by their number in the sheet) and check them all again. Raises NotAllowed, Conflict, Unlawful."""
    current = _lock_own(actor, upload)
    check_version(current, seen_version)
    _require_not_applied(current)
    rows = [Row.from_plain(data) for data in current.rows]
    for row in rows:
        if mending := mendings.get(row.number):
            sheet.mend(
                row, mending.edits, assignment=mending.assignment, leave_out=mending.leave_out, confirm=mending.confirm
            )
    _take_present_versions(rows, mendings, frame := frame_for(actor, current.round))
    update_versioned(current, rows=[row.plain() for row in sheet.check_rows(rows, frame)])
    return current


def _take_present_versions(rows: list[Row], mendings: Mapping[int, Mending], frame: Frame) -> None:
    """Somebody who chose an assignment from the list a moment ago has seen it as it is now."""
    for row in rows:
        mending = mendings.get(row.number)
        known = frame.known.get(row.assignment) if row.assignment is not None else None
        if mending and mending.assignment is not None and row.version is None and known:
            row.version = known.version


def _lock_own(actor: User, upload: RoundUpload) -> RoundUpload:
    scope_of(actor).require("round.fill")
    current = RoundUpload.objects.select_for_update(of=("self",)).select_related("round").get(pk=upload.pk)
    if current.uploaded_by_id != actor.pk:
        raise NotAllowed(
            _("Only %(person)s, who uploaded this workbook, works on it.") % {"person": current.uploaded_by},
            hint=_("Upload your own workbook."),
        )
    return current


def _require_not_applied(upload: RoundUpload) -> None:
    if upload.applied_at is not None:
        when = timezone.localtime(upload.applied_at).strftime("%Y-%m-%d %H:%M")
        raise Conflict(
            _("This workbook was applied already (%(n)s reports, %(when)s).") % {"n": upload.applied, "when": when},
            hint=_("For further changes upload it again: rows that say the same are skipped."),
        )


@transaction.atomic
def apply(actor: User, upload: RoundUpload, *, partly: bool = False, seen_version: int | None = None) -> RoundUpload:
    """Make a progress report of every ready row, once. With `partly` rows with reasons are left behind, else refused.

    All rows are checked once more against what is so at this moment: their assignments are locked for it, so that of two
    people who apply their workbooks at once the second is told what the first reported. A second call is refused
    (Conflict) and changes nothing. Raises NotAllowed, Conflict, Unlawful (closed), DomainError (rows with reasons and not `partly`).
    """
    current = _lock_own(actor, upload)
    _require_not_applied(current)
    check_version(current, seen_version)
    _require_open(current.round)
    rows = [Row.from_plain(data) for data in current.rows]
    _lock_assignments(rows)
    rows = sheet.check_rows(rows, frame_for(actor, current.round))
    _refuse_unless_ready(rows, partly)
    found = Assignment.objects.in_bulk([row.assignment for row in rows if row.ok])
    targets = targets_of({a.measure_id for a in found.values()})
    for row in rows:
        if row.ok and row.assignment is not None:
            _report(actor, current, row, found[row.assignment], targets)
    _refuse_unless_ready(rows, partly)
    counts = sheet.tally(rows)
    update_versioned(current, rows=[row.plain() for row in rows], applied_at=clock.now(), applied=counts.applied)
    audit(
        actor,
        "plan.apply_upload",
        current,
        data={"applied": counts.applied, "left": counts.faulty, "round": current.round_id},
    )
    return current


def _lock_assignments(rows: list[Row]) -> None:
    """Lock what the rows are about, in one order for everybody, until the transaction ends."""
    wanted = Assignment.objects.filter(pk__in=[row.assignment for row in rows if row.assignment is not None])
    list(wanted.order_by("pk").select_for_update(of=("self",)).values_list("pk"))


def _refuse_unless_ready(rows: list[Row], partly: bool) -> None:
    counts = sheet.tally(rows)
    if counts.faulty and not partly:
        raise DomainError(
            _("%(n)s rows still have reasons against them.") % {"n": counts.faulty},
            hint=_("Mend them, leave them out, or tick that the others shall be applied without them."),
            field="partly",
        )
    if not counts.ready and not counts.applied:
        raise DomainError(_("No row is ready to be applied."), hint=_("Mend at least one row."), field="partly")


def _report(
    actor: User, upload: RoundUpload, row: Row, assignment: Assignment, targets: Mapping[int, MeasureTarget]
) -> None:
    """Report one row; a refusal becomes the row's reason and undoes nothing else."""
    target = targets.get(assignment.measure_id) if row.values["value"] is not None else None
    try:
        with transaction.atomic():
            made = report(
                actor,
                assignment,
                percent=row.values["percent"],
                text=row.values["text"],
                problems=row.values["problems"] or "",
                effective_on=row.values["effective_on"],
                value=row.values["value"],
                target=target,
                round=upload.round,
                key=f"upload-{upload.pk}-{row.number}",
            )
        row.applied = made.pk
    except DomainError as problem:
        row.reasons.append(Fault("refused", problem.field, {"message": problem.message, "hint": problem.hint}))


@transaction.atomic
def carry_on(actor: User, upload: RoundUpload) -> RoundUpload:
    """Take the rows that a partial application left behind into a new upload of the same file, to be mended there."""
    current = _lock_own(actor, upload)
    _require_open(current.round)
    if current.applied_at is None:
        raise Unlawful(_("This workbook was not applied yet."), hint=_("Mend its rows here."))
    taken = set(
        RoundUpload.objects.filter(
            round=current.round, uploaded_by=actor, pk__gt=current.pk, file=current.file_id
        ).values_list("pk", flat=True)
    )
    if taken:
        raise Conflict(
            _("The rows that were left are in a later upload already."), hint=_("Open it from the round's uploads.")
        )
    rows = [row for row in (Row.from_plain(data) for data in current.rows) if row.faulty]
    if not rows:
        raise Unlawful(_("No row was left behind."))
    checked = sheet.check_rows(rows, frame_for(actor, current.round))
    made = RoundUpload.objects.create(
        round=current.round, file=current.file, file_name=current.file_name, uploaded_by=actor, uploaded_at=clock.now(),
        rows=[row.plain() for row in checked], notes=[Fault("continued", params={"name": current.file_name}).plain()],
    )  # fmt: skip
    audit(actor, "plan.upload_round", made, data={"continues": current.pk, "round": current.round_id})
    return made
