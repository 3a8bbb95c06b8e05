"""Dispatch rounds, escalation, county plans beside the city's, any two days compared."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from ninja import Field, Schema

from lantian.city.schemas import AgencyRef, PlaceRef
from lantian.kit.api import Day, Id, Reason, Version, Word
from lantian.plan.api.schemas.ledger import AssignmentRef
from lantian.plan.api.schemas.texts import MeasureRef
from lantian.plan.models import DispatchRound, EscalationProposal
from lantian.records.schemas import PersonRef

Level = Literal["remind", "warn", "circular", "interview", "inspection", "accountability"]
ProposalState = Literal["proposed", "accepted", "rejected", "lapsed"]
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


class ProposalOut(Schema):
    """What a rule proposes, with its reasons; a person decides."""

    id: int
    rule: str
    rule_version: str
    level: Level
    proposed_level: Level
    place: PlaceRef | None = None
    agency: AgencyRef | None = None
    assignment: int | None = None
    reasons: list[dict[str, Any]]
    state: ProposalState
    proposed_at: datetime
    decided_by: PersonRef | None = None
    decided_at: datetime | None = None
    decision_reason: str
    notices: list[int]
    version: int

    @staticmethod
    def resolve_assignment(found: EscalationProposal) -> int | None:
        return found.assignment_id

    @staticmethod
    def resolve_notices(found: EscalationProposal) -> list[int]:
        return [notice.pk for notice in found.notices.all()]


class ProposalFilter(Schema):
    state: ProposalState | None = None
    level: Level | None = None
    area: Word | None = Field(None, description="code")
    agency: Id | None = None


class ProposedOut(Schema):
    new: int
    kept: int
    lapsed: int


class DecisionIn(Schema):
    """Accept (a notice goes out) or reject. A reason is needed to reject, and to accept at another level."""

    accept: bool
    reason: Reason = ""
    level: Level | None = None
    title: str = Field("", max_length=200, description="of the notice; drafted if left out")
    body: str = Field("", max_length=8000, description="of the notice; drafted if left out")
    reply_due_on: Day | None = Field(None, description="no answer is asked for if left out")
    version: Version | None = None


class DraftOut(Schema):
    title: str
    body: str
    reply_due_on: date


class RuleOut(Schema):
    """A rule in force with its threshold, its source and how sure that is."""

    id: str
    version: str
    level: Level
    enabled: bool
    fact: str
    comparator: str
    threshold: Decimal
    unit: str
    quiet_days: int
    answer_days: int
    explanation: str
    source: str
    confidence: str
    own: bool = Field(description="the city pack changed it")


class ReceiptOut(Schema):
    """Delivery, reading and answer of a notice by one person."""

    person: PersonRef
    sent_at: datetime
    delivered_at: datetime | None = None
    read_at: datetime | None = None
    reply: str
    replied_at: datetime | None = None

    @staticmethod
    def resolve_person(receipt: Any) -> Any:
        return receipt.notification.recipient

    @staticmethod
    def resolve_sent_at(receipt: Any) -> Any:
        return receipt.notification.created_at

    @staticmethod
    def resolve_delivered_at(receipt: Any) -> Any:
        return receipt.notification.delivered_at

    @staticmethod
    def resolve_read_at(receipt: Any) -> Any:
        return receipt.notification.read_at


class NoticeOut(Schema):
    id: int
    proposal: int | None = None
    level: Level
    place: PlaceRef | None = None
    agency: AgencyRef | None = None
    title: str
    issued_at: datetime
    issued_by: PersonRef
    reply_due_on: date | None = None

    @staticmethod
    def resolve_proposal(notice: Any) -> int | None:
        proposal: int | None = notice.proposal_id
        return proposal


class NoticeDetail(NoticeOut):
    body: str
    receipts: list[ReceiptOut]

    @staticmethod
    def resolve_receipts(notice: Any) -> list[Any]:
        return list(notice.receipts.select_related("notification__recipient").order_by("pk"))


class AnswerIn(Schema):
    reply: str = Field(min_length=2, max_length=5000)


class HandedOut(Schema):
    """One county that owes something of the city plan: whether it handed its plan in, and what that covers."""

    place: PlaceRef
    timely: Literal["missing", "late", "in_time"]
    handed_in: date | None = None
    due: date | None = None
    owed: int = Field(description="measures of the city plan that it owes")
    percent: Decimal | None = Field(None, description="of them covered by confirmed traces of the plan in force")
    suggested: int | None = Field(None, description="traces to be decided")
    version: int | None = Field(None, description="id of its text, if the caller may see it")


class CityPlanFilter(Schema):
    plan_version: Id | None = Field(None, description="text of a city plan in force; the newest if left out")


class LooserOut(Schema):
    what: str
    county: str
    city: str


class TraceOut(Schema):
    id: int
    county: MeasureRef
    city: MeasureRef
    score: float
    state: Literal["suggested", "confirmed", "rejected"]
    looser: list[LooserOut] = Field(description="where the county asks less than the city")


class OwedOut(Schema):
    measure: MeasureRef
    state: Literal["covered", "suggested", "missing"]
    traces: list[TraceOut]


class TracingOut(Schema):
    """A county's plan beside the city's."""

    version: int
    city_version: int
    percent: Decimal | None = Field(None, description="of what the county owes, covered by confirmed traces of this text")
    owed: list[OwedOut]
    loose_ends: list[MeasureRef] = Field(description="measures that carry out nothing that the county owes")


class TraceDecision(Schema):
    state: Literal["suggested", "confirmed", "rejected"]
    reason: Reason = ""


class TraceIn(Schema):
    county: Id = Field(description="measure of the county's text")
    city: Id = Field(description="measure of the city plan in force")


class SideOut(Schema):
    status: str | None = None
    deadline: date | None = None
    percent: int | None = None


class DifferenceOut(Schema):
    assignment: AssignmentRef
    kind: Literal["added", "cancelled", "changed", "same"]
    before: SideOut | None = None
    after: SideOut | None = None


class BaselineFilter(Schema):
    since: Day
    until: Day | None = Field(None, description="today if left out")
    area: Word | None = Field(None, description="code")
    task: Id | None = None


class FaultOut(Schema):
    assignment: int
    field: str
    seq: int
    recorded: str | None = None
    found: str | None = None


class BaselineOut(Schema):
    """The ledger at the end of two days. `faults`: where the record and the audit chain disagree."""

    since: date
    until: date
    differences: list[DifferenceOut]
    unchanged: int
    faults: list[FaultOut]
