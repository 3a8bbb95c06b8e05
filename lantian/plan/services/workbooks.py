"""The workbook of a round that goes out to one area or agency, and the keys that tie its rows to their assignments."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from lantian.city import clock
from lantian.city.access import scope_of
from lantian.city.models import User
from lantian.kit.choices import badge
from lantian.kit.errors import DomainError
from lantian.kit.numbers import whole
from lantian.plan import dispatch
from lantian.plan.models import Assignment, DispatchRound, MeasureTarget, RoundEntry
from lantian.plan.sheets import words, writing
from lantian.plan.thresholds import Thresholds, thresholds

FORMAT = "1"
_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')
_SALT = "lantian.plan.sheet"


def file_name(round_: DispatchRound, holder: str) -> str:
    """Return the name under which the workbook of a holder is saved: safe on every system."""
    return _UNSAFE.sub("-", f"{round_.month:%Y-%m} {holder}.xlsx")


def key_of(round_id: int, assignment_id: int) -> str:
    """Return the hidden key of a row: the assignment with a check sum that only this installation can make."""
    return f"{assignment_id}-{_check(round_id, assignment_id)}"


def _check(round_id: int, assignment_id: int) -> str:
    return salted_hmac(_SALT, f"{round_id}:{assignment_id}", algorithm="sha256").hexdigest()[:10]


def assignment_of(round_id: int, key: Any) -> int | None:
    """Return the assignment that a key names, or None for a key that was damaged or belongs to another round."""
    number, _dash, check = str(key or "").strip().partition("-")
    assignment = whole(number)
    if assignment is None:
        return None
    return assignment if constant_time_compare(check, _check(round_id, assignment)) else None


def workbook(actor: User, round_: DispatchRound, *, area_id: int | None = None, agency_id: int | None = None) -> bytes:
    """Return the workbook of one area or of one agency for a round (the rows that the person may see).

    An area's workbook holds what lies in the area; an agency's what the agency carries out itself. Raises NotAllowed,
    DomainError when there is no row.
    """
    scope = scope_of(actor)
    scope.require("round.view")
    entries = [e for e in dispatch.entries_of(round_, scope) if _belongs(e.assignment, area_id, agency_id)]
    if not entries:
        raise DomainError(
            _("This round asks nothing of them."), hint=_("Choose another area or agency."), field="holder"
        )
    limits = thresholds()
    targets = targets_of({entry.assignment.measure_id for entry in entries})
    rows = [_sheet_row(entry, round_, limits, targets) for entry in entries]
    first = entries[0].assignment
    holder = str(first.area if area_id else first.agency)
    meta = {
        "format": FORMAT, "round": str(round_.pk), "title": round_.title, "holder": holder,
        "made": clock.now().isoformat(timespec="seconds"),
    }  # fmt: skip
    return writing.write(_words(round_, holder), rows, meta)


def _belongs(assignment: Assignment, area_id: int | None, agency_id: int | None) -> bool:
    if assignment.state == Assignment.State.CANCELLED:
        return False
    if area_id is not None:
        return assignment.area_id == area_id
    return agency_id is not None and assignment.agency_id == agency_id


def holder_name(assignment: Assignment) -> str:
    """Return how a workbook names the holder: always as the plan does, whatever the page's language."""
    if assignment.enterprise:
        return assignment.enterprise
    return assignment.place.name if assignment.place else assignment.agency.short if assignment.agency else ""


def _sheet_row(
    entry: RoundEntry, round_: DispatchRound, limits: Thresholds, targets: Mapping[int, MeasureTarget]
) -> dict[str, Any]:
    assignment = entry.assignment
    target = targets.get(assignment.measure_id)
    return {
        "key": key_of(round_.pk, assignment.pk),
        "version": assignment.version,
        "code": assignment.measure.code,
        "task": str(assignment.measure.clause.task),
        "measure": assignment.measure.text,
        "holder": holder_name(assignment),
        "deadline": assignment.deadline,
        "status": str(badge("status", limits.status(assignment.state, assignment.deadline)).label),
        "last_percent": entry.percent,  # type: ignore[attr-defined]
        "unit": target.unit if target else "",
    }


def _words(round_: DispatchRound, holder: str) -> writing.Words:
    states = [str(label) for label in words.STATE_LABELS.values()]
    names = {"not_started": states[0], "in_progress": states[1], "done": states[2], "day": round_.due_on.isoformat()}
    lines = [
        _("Fill in the yellow columns and upload the file on the page of this round by %(day)s.") % names,
        _("Progress is a whole number from 0 to 100. “%(not_started)s” stands for 0 and “%(done)s” for 100.") % names,
        _("A row that you leave empty is not reported; nothing is lost by it."),
        _("The value is a number in the unit beside it. “As of” is the day that the row speaks of; empty means today."),
        _("Do not sort or copy single columns: hidden columns tie each row to its assignment."),
        _("Formulas are not run: only their saved results are read."),
        _("After the upload every row is shown with what is wrong with it; it can be corrected there."),
    ]
    if round_.instructions:
        lines += ["", round_.instructions]
    return writing.Words(
        title=f"{round_.title} · {holder}",
        sheet=_("Report"),
        help_sheet=_("How to fill in"),
        instructions=lines,
        labels={name: str(label) for name, label in words.LABELS.items()},
        states=states,
        percent_help=_("A whole number from 0 to 100"),
        percent_error=_("Write a whole number from 0 to 100, nothing else."),
        state_error=_("Choose one of the list."),
        date_help=_("A day, for example 2020-06-05; empty means today"),
    )


def targets_of(measures: Iterable[int]) -> dict[int, MeasureTarget]:
    """Return the number that each measure reports on: its first target."""
    rows = MeasureTarget.objects.filter(measure__in=list(measures), role=MeasureTarget.Role.TARGET).order_by(
        "-position"
    )
    return {target.measure_id: target for target in rows}
