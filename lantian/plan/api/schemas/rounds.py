"""Dispatch rounds, their workbooks, and a round beside the one before."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from ninja import Field, Schema

from lantian.city.schemas import PlaceRef
from lantian.kit.api import Day, Id, Text, Version, Word
from lantian.plan.api.schemas.ledger import AssignmentRef
from lantian.plan.models import DispatchRound
from lantian.records.schemas import PersonRef

EntryState = Literal["handed_in", "late", "excused", "missing", "cancelled"]


class RoundOut(Schema):
    """A monthly dispatch round. Counts are of what the caller sees."""

    id: int
    document: int
    month: date = Field(description="its first day")
    title: str
    instructions: str
    state: Literal["open", "closed"]
    opened_at: datetime
    opened_by: PersonRef
    due_on: date
    closed_at: datetime | None = None
    asked: int
    handed_in: int
    version: int

    @staticmethod
    def resolve_document(found: DispatchRound) -> int:
        return found.document_id

    @staticmethod
    def resolve_asked(found: Any) -> int:
        return int(found.asked or 0)

    @staticmethod
    def resolve_handed_in(found: Any) -> int:
        return int(found.handed_in or 0)


class RoundFilter(Schema):
    state: Literal["open", "closed"] | None = None
    document: Id | None = None


class RoundIn(Schema):
    document: Id = Field(description="document of a city plan")
    month: Day | None = Field(None, description="any day of the month; the next one if left out")
    due_on: Day | None = Field(None, description="the calendar's day if left out")
    title: str = Field("", max_length=120)
    instructions: str = Field("", max_length=5000)


class RoundEdit(Schema):
    """What is left out stays."""

    due_on: Day | None = None
    title: str | None = Field(None, max_length=120)
    instructions: str | None = Field(None, max_length=5000)
    version: Version | None = None


class RemindIn(Schema):
    area: Word | None = Field(None, description="code; everybody if left out")


class Reminded(Schema):
    messages: int
    entries: int
    again_today: int = Field(description="people who were reminded today already and are left in peace")
    unreached: list[str] = Field(description="holders whom nobody could be reached for")


class EntryOut(Schema):
    """An assignment asked for in a round; in a closed round as it was at closing."""

    id: int
    assignment: AssignmentRef
    area: PlaceRef | None = None
    entry_state: EntryState
    percent: int | None = None
    said_at: datetime | None = None
    said_by: str | None = None
    reminders: int
    closing_status: str

    @staticmethod
    def resolve_area(entry: Any) -> Any:
        return entry.assignment.area


class EntryFilter(Schema):
    state: EntryState | None = None
    area: Word | None = Field(None, description="code")


class UploadOut(Schema):
    """A filled-in workbook: previewed row by row, then applied once."""

    id: int
    round: int
    file_name: str
    uploaded_at: datetime
    rows: list[dict[str, Any]]
    notes: list[Any]
    applied_at: datetime | None = None
    applied: int
    version: int

    @staticmethod
    def resolve_round(upload: Any) -> int:
        found: int = upload.round_id
        return found


class RowMending(Schema):
    """A correction of one row of a workbook; what is left out stays."""

    row: int = Field(ge=1, le=1_048_576, description="its number in the sheet")
    values: dict[Literal["percent", "state", "text", "problems", "value", "effective_on"], Text] = Field(
        {}, description="texts as they would be typed into the columns", examples=[{"percent": "85"}]
    )
    assignment: Id | None = Field(None, description="the right one, for a row whose hidden key was damaged")
    leave_out: bool = Field(False, description="do not report this row")
    confirm: bool = Field(False, description="its confirmable reasons were looked at, and it still holds")


class MendIn(Schema):
    rows: list[RowMending] = Field(min_length=1, max_length=3000)
    version: Version | None = None


class WorkbookOf(Schema):
    """Whose workbook: give one of both."""

    area: Word | None = Field(None, description="code of an area: what lies in it")
    agency: Id | None = Field(None, description="what the agency carries out itself")


class ApplyIn(Schema):
    partly: bool = Field(False, description="leave rows with reasons behind instead of refusing")
    version: Version | None = None


class BalanceOut(Schema):
    """How the assignments of one area, agency or task moved since the round before."""

    key: str
    name: str
    forward: int
    stuck: int
    back: int
    done: int
    fresh: int
    unknown: int
    newly_overdue: int
    missing: int
    missing_twice: int


class RoundComparison(Schema):
    before: int | None = Field(None, description="id of the round before")
    by: Literal["area", "agency", "task", "all"]
    rows: list[BalanceOut]


class By(Schema):
    by: Literal["area", "agency", "task", "all"] = "area"
