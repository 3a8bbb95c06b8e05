"""Rows of a filled-in sheet: read, checked against what is known of the round's assignments, ready or with reasons.

A row passes through here twice with the same outcome: when its workbook is uploaded, and when somebody mends a cell
on the preview page. What is kept of a row between the two is plain JSON (`Row.plain`, `Row.from_plain`).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from lantian.plan.rules.sheet_cells import (
    Cell,
    Fault,
    Reading,
    as_text,
    clean,
    plain_number,
    read_choice,
    read_date,
    read_number,
    read_percent,
    read_text,
)

# Columns that people fill in, in the order of the workbook.
INPUTS = ("percent", "state", "text", "problems", "value", "effective_on")
LOCKED = ("code", "task", "measure", "holder", "deadline", "status", "last_percent")
HIDDEN = ("key", "version")
COLUMNS = (*HIDDEN, *LOCKED, "percent", "state", "text", "problems", "value", "unit", "effective_on")
NEEDED = ("key", "percent", "text")
STATES = ("not_started", "in_progress", "done")
_PERCENT_OF = {"not_started": 0, "done": 100}


@dataclass(frozen=True, slots=True)
class Said:
    """What the newest valid report of the assignment in this round said: its id, when, and who if somebody else did."""

    percent: int
    text: str
    problems: str
    value: Decimal | None
    effective_on: dt.date
    report: int = 0
    at: dt.datetime | None = None
    by: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """An assignment of the round as it is now. `mine`: the person may report on it; `open`: its state allows a report."""

    id: int
    code: str
    holder: str
    measure: str
    version: int
    state: str
    mine: bool
    open: bool
    unit: str = ""
    has_target: bool = False
    last: Said | None = None
    changed_by: str = ""
    changed_at: str = ""


@dataclass(frozen=True, slots=True)
class Frame:
    """What rows are checked against: the round's assignments by id, how states may be written, and the days allowed."""

    known: Mapping[int, Known]
    states: Mapping[str, str]
    today: dt.date
    earliest: dt.date
    year: int


@dataclass
class Row:
    """A row with what was typed (`raw`, texts), what it means (`values`), and why it cannot be applied (`reasons`).

    `skip`: "" or why nothing is to be applied: empty, same (reported so already), left_out (by the person).
    `confirmed`: what the person looked at of confirmable faults (see `_looked_at`). `applied`: id of the report made
    from it. `made`: when the workbook was made (ISO), as far as it says so.
    """

    number: int
    assignment: int | None = None
    version: int | None = None
    shown: dict[str, str] = field(default_factory=dict)
    raw: dict[str, str] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    reasons: list[Fault] = field(default_factory=list)
    notes: list[Fault] = field(default_factory=list)
    skip: str = ""
    hidden: bool = False
    confirmed: list[str] = field(default_factory=list)
    broken: list[Fault] = field(default_factory=list)
    applied: int | None = None
    made: str = ""

    @property
    def ok(self) -> bool:
        """Ready to be applied."""
        return not self.skip and not self.reasons

    @property
    def faulty(self) -> bool:
        return not self.skip and bool(self.reasons)

    def plain(self) -> dict[str, Any]:
        """The row as JSON."""
        values = {
            name: plain_number(v) if isinstance(v, Decimal) else v.isoformat() if isinstance(v, dt.date) else v
            for name, v in self.values.items()
        }
        return {
            "row": self.number, "assignment": self.assignment, "version": self.version, "shown": self.shown,
            "raw": self.raw, "values": values, "ok": self.ok, "skip": self.skip, "hidden": self.hidden,
            "reasons": [fault.plain() for fault in self.reasons], "notes": [fault.plain() for fault in self.notes],
            "broken": [fault.plain() for fault in self.broken], "confirmed": self.confirmed, "applied": self.applied,
            "made": self.made,
        }  # fmt: skip

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> Row:
        """Read a row back from JSON."""
        values = dict(data["values"])
        if values.get("value") is not None:
            values["value"] = Decimal(values["value"])
        if values.get("effective_on"):
            values["effective_on"] = dt.date.fromisoformat(values["effective_on"])
        return cls(
            data["row"], data["assignment"], data["version"], dict(data["shown"]), dict(data["raw"]), values,
            [Fault(**fault) for fault in data["reasons"]], [Fault(**fault) for fault in data["notes"]], data["skip"],
            data["hidden"], list(data["confirmed"]), [Fault(**fault) for fault in data["broken"]], data["applied"],
            data.get("made", ""),
        )  # fmt: skip


def from_cells(
    number: int, cells: Mapping[str, Cell], assignment: int | None, *, hidden: bool = False, made: str = ""
) -> Row:
    """Make a row from a workbook's cells; `assignment` is what its key says, None when the key is damaged."""
    row = Row(number, assignment, hidden=hidden, made=made)
    version = cells.get("version", Cell()).value
    row.version = int(version) if isinstance(version, int | float) and not isinstance(version, bool) else None
    row.shown = {name: as_text(cells[name]) for name in ("code", "holder", "measure") if name in cells}
    for name in INPUTS:
        cell = cells.get(name, Cell())
        row.raw[name] = as_text(cell)
        if cell.formula and cell.value is not None:
            row.notes.append(Fault("formula", name, {"found": cell.formula[:80]}))
        elif cell.formula:
            row.broken.append(Fault("formula_empty", name, {"found": cell.formula[:80]}))
    _keep_typed_dates(row, cells)
    return row


def _keep_typed_dates(row: Row, cells: Mapping[str, Cell]) -> None:
    """A serial number of the 1904 calendar must be turned into a day while we still know the calendar."""
    cell = cells.get("effective_on", Cell())
    if cell.base_1904 and isinstance(cell.value, int | float) and not isinstance(cell.value, bool):
        reading = read_date(cell, year=2000, earliest=dt.date.min, latest=dt.date.max)
        if reading.value:
            row.raw["effective_on"] = reading.value.isoformat()


def check_rows(rows: Iterable[Row], frame: Frame) -> list[Row]:
    """Check rows one by one and against each other; reasons, values and `skip` are set anew. Returns them as a list."""
    checked = [_check(row, frame) for row in rows]
    _mark_duplicates(checked)
    return checked


def _check(row: Row, frame: Frame) -> Row:
    if row.applied is not None:
        return row
    if row.skip != "left_out":
        row.skip = "" if any(row.raw.values()) or row.broken else "empty"
    row.reasons, row.values = [], {}
    if row.skip:
        return row
    known = frame.known.get(row.assignment) if row.assignment is not None else None
    _check_identity(row, known)
    _read_inputs(row, known, frame)
    if row.hidden and "hidden_row" not in row.confirmed:
        row.reasons.append(Fault("hidden_row", confirmable=True))
    if known and not row.reasons and _said_already(row, known):
        row.skip = "same"
    elif known:
        _check_unseen(row, known)
    return row


def _check_identity(row: Row, known: Known | None) -> None:
    if known is None:
        row.reasons.append(Fault("unknown", "key"))
    elif not known.mine:
        row.reasons.append(Fault("not_yours", "key", {"record": f"{known.code} · {known.holder}"}))
    elif not known.open:
        row.reasons.append(Fault("not_open", "key", {"state": known.state}))
    elif _mixed(row, known):
        found = " · ".join(part for part in (row.shown.get("code"), row.shown.get("holder")) if part)
        row.reasons.append(Fault("mixed", "key", {"found": found, "record": f"{known.code} · {known.holder}"}))


def _mixed(row: Row, known: Known) -> bool:
    """A table that was sorted without its hidden columns carries the keys of other rows."""
    code, holder = clean(row.shown.get("code", "")), clean(row.shown.get("holder", ""))
    return bool(code and code != known.code) or bool(holder and holder != known.holder)


def _read_inputs(row: Row, known: Known | None, frame: Frame) -> None:
    unit = known.unit if known else ""
    cells = {name: Cell(text or None) for name, text in row.raw.items()}
    readings = {
        "percent": read_percent(cells["percent"]),
        "state": read_choice(cells["state"], frame.states),
        "text": read_text(cells["text"], "text"),
        "problems": read_text(cells["problems"], "problems"),
        "value": read_number(cells["value"], unit),
        "effective_on": read_date(cells["effective_on"], year=frame.year, earliest=frame.earliest, latest=frame.today),
    }
    broken = {fault.column: fault for fault in row.broken}
    row.reasons += [broken.get(name) or r.fault for name, r in readings.items() if name in broken or r.fault]  # type: ignore[misc]
    row.values = {name: reading.value for name, reading in readings.items()}
    _check_together(row, readings, known)


def _check_together(row: Row, readings: Mapping[str, Reading], known: Known | None) -> None:
    """What no column shows alone: state against percent, and what must not be missing."""
    faulty = {fault.column for fault in row.reasons}
    percent, state = row.values["percent"], row.values.pop("state")
    if percent is None and state in _PERCENT_OF and "percent" not in faulty:
        row.values["percent"] = _PERCENT_OF[state]
    elif percent is None and not faulty & {"percent", "state"}:
        row.reasons.append(Fault("percent_missing", "percent"))
    elif percent is not None and state in _PERCENT_OF and percent != _PERCENT_OF[state]:
        params = {"percent": percent, "state": state, "wanted": _PERCENT_OF[state]}
        row.reasons.append(Fault("state_mismatch", "state", params))
    if len(row.values["text"] or "") < 2 and "text" not in faulty:
        row.reasons.append(Fault("text_missing", "text"))
    if row.values["value"] is not None and known and not known.has_target:
        row.reasons.append(Fault("no_target", "value"))


def _said_already(row: Row, known: Known) -> bool:
    last, values = known.last, row.values
    if last is None:
        return False
    same_day = values["effective_on"] in (None, last.effective_on)
    return same_day and (last.percent, last.text, last.problems, last.value) == (
        values["percent"], values["text"], values["problems"], values["value"],
    )  # fmt: skip


def _check_unseen(row: Row, known: Known) -> None:
    """What happened since the workbook was made and whoever filled it in may not know: a step, a colleague's report."""
    last = known.last
    report = last.report if last else 0
    if row.version != known.version:
        params = {"by": known.changed_by, "at": known.changed_at, "now": known.version, "seen": row.version}
        fault = Fault("version_changed", "", {**params, "report": report}, confirmable=True)
    elif last is not None and last.by and not _known_when_made(row, last):
        params = {"by": last.by, "at": f"{last.at:%Y-%m-%d %H:%M}" if last.at else "", "percent": last.percent}
        fault = Fault("said_since", "", {**params, "report": report}, confirmable=True)
    else:
        return
    if not set(_looked_at(fault)) & set(row.confirmed):
        row.reasons.append(fault)


def _known_when_made(row: Row, last: Said) -> bool:
    try:
        made = dt.datetime.fromisoformat(row.made)
    except ValueError:
        return False
    return last.at is not None and made.tzinfo is not None and last.at <= made


def _looked_at(fault: Fault) -> list[str]:
    """Return what is remembered when somebody has looked at a fault: this change, this report, and no later one."""
    params = fault.params
    if fault.code == "version_changed":
        return [f"version_changed:{params['now']}:{params['report']}"]
    return [f"said_since:{params['report']}"] if fault.code == "said_since" else [fault.code]


def _mark_duplicates(rows: Sequence[Row]) -> None:
    groups: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        if row.assignment is not None and not row.skip and row.applied is None:
            groups[row.assignment].append(row)
    for group in groups.values():
        if len(group) > 1:
            numbers = [row.number for row in group]
            for row in group:
                row.reasons.append(Fault("duplicate", "key", {"rows": [n for n in numbers if n != row.number]}))


def mend(
    row: Row, edits: Mapping[str, str], *, assignment: int | None = None, leave_out: bool = False, confirm: bool = False
) -> Row:
    """Put a person's corrections into a row (to be checked again afterwards).

    `edits` are texts by column; `assignment` names the right one for a row whose key was damaged or mixed up;
    `confirm` says that the confirmable faults were looked at.
    """
    for name, text in edits.items():
        if name in INPUTS:
            text = clean(text)
            if text != row.raw.get(name, ""):
                row.raw[name] = text
                row.notes = [note for note in row.notes if note.column != name]
                row.broken = [fault for fault in row.broken if fault.column != name]
    if assignment is not None and assignment != row.assignment:
        row.assignment, row.shown, row.version = assignment, {"measure": row.shown.get("measure", "")}, None
        row.confirmed = [code for code in row.confirmed if not code.startswith(("version_changed", "said_since"))]
    if confirm:
        codes = [code for fault in row.reasons if fault.confirmable for code in _looked_at(fault)]
        row.confirmed = [*row.confirmed, *(code for code in codes if code not in row.confirmed)]
    row.skip = "left_out" if leave_out else "" if row.skip == "left_out" else row.skip
    return row


@dataclass(frozen=True, slots=True)
class Tally:
    """How many rows are ready, faulty, applied, left out, unchanged, empty."""

    ready: int = 0
    faulty: int = 0
    applied: int = 0
    left_out: int = 0
    same: int = 0
    empty: int = 0


def tally(rows: Iterable[Row]) -> Tally:
    """Count rows by what becomes of them."""
    counts: dict[str, int] = defaultdict(int)
    for row in rows:
        counts["applied" if row.applied is not None else row.skip or ("ready" if row.ok else "faulty")] += 1
    return Tally(**counts)
