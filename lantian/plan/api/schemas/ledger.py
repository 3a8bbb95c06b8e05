"""Assignments, their progress, and the steps of sign-off."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from ninja import Field, Schema

from lantian.city.schemas import AgencyRef, PlaceRef
from lantian.indicators.schemas import ValueOut
from lantian.kit.api import Amount, Day, Id, Line, Percent, Reason, Text, Version, Word
from lantian.plan.api.schemas.measures import MeasureRef, Nature, TaskRef
from lantian.plan.models import Assignment, Objection, ProgressReport, Step
from lantian.plan.rules.states import Freshness, State, Status
from lantian.records.schemas import EvidenceRef, PersonRef

Holder = Literal["area", "agency", "town", "village", "enterprise"]


class AssignmentRef(Schema):
    id: int
    name: str = Field(examples=["7-1-3 · 甲县"])

    @staticmethod
    def resolve_name(assignment: Assignment) -> str:
        return str(assignment)


class AssignmentOut(Schema):
    """A measure that one holder has to carry out. Two lights: where it stands, and how fresh the last word is."""

    id: int
    measure: MeasureRef
    task: TaskRef
    holder: Holder
    place: PlaceRef | None = None
    agency: AgencyRef | None = None
    enterprise: str
    area: PlaceRef | None = Field(None, description="the area that the holder lies in")
    parent: int | None = Field(None, description="id of the assignment that it is a part of")
    state: State
    status: Status = Field(description="the state, overlaid by time")
    freshness: Freshness
    deadline: date | None = None
    deadline_basis: Literal["text", "plan_end", "manual"]
    state_since: datetime
    last_report_at: datetime | None = None
    last_percent: int | None = None
    note: str
    version: int

    @staticmethod
    def resolve_task(assignment: Assignment) -> Any:
        return assignment.measure.clause.task

    @staticmethod
    def resolve_parent(assignment: Assignment) -> int | None:
        return assignment.parent_id


class AssignmentDetail(AssignmentOut):
    """An assignment with its parts and what the caller may do with it now."""

    parts: list[AssignmentRef]
    possible: list[str] = Field(description="steps that the caller may take now", examples=[["report", "submit"]])
    public_from: date | None = None
    public_until: date | None = None
    open_objections: int

    @staticmethod
    def resolve_parts(assignment: Any) -> list[Assignment]:
        parts: list[Assignment] = assignment.shown_parts
        return parts


class AssignmentFilter(Schema):
    """The filters of the page. Without `parts`, wholes only."""

    status: Status | None = None
    freshness: Freshness | None = None
    due: int | None = Field(None, ge=0, le=3650, description="open work that is due within so many days")
    task: Id | None = None
    area: Word | None = Field(None, description="code of an area")
    agency: Id | None = Field(None, description="in the clause, or carrying it out")
    nature: Nature | None = None
    parts: Literal["with", "only"] | None = None
    q: Word = Field("", description="words of the measure, code, holder, note")


class WorkFilter(Schema):
    """What waits for the caller."""

    queue: Literal["mine", "to_verify", "to_publicise", "in_publicity", "objections", "to_approve", "asked"] = "mine"


class ReportOut(Schema):
    """What a holder said about an assignment. A withdrawn report stays and says so."""

    id: int
    assignment: int
    round: int | None = None
    percent: int
    value: Decimal | None = None
    unit: str
    target: int | None = None
    indicator: str = Field(description="what the value is of where the measure's target is in words")
    text: str
    problems: str
    effective_on: date
    reported_by: PersonRef
    reported_at: datetime
    evidence: list[EvidenceRef]
    withdrawn_at: datetime | None = None
    withdrawn_reason: str

    @staticmethod
    def resolve_assignment(report: ProgressReport) -> int:
        return report.assignment_id

    @staticmethod
    def resolve_round(report: ProgressReport) -> int | None:
        return report.round_id

    @staticmethod
    def resolve_target(report: ProgressReport) -> int | None:
        return report.target_id

    @staticmethod
    def resolve_evidence(report: ProgressReport) -> list[Any]:
        return list(report.evidence.all())


class SpotCheckOut(Schema):
    checked_on: date
    location: str
    method: str
    found: str
    passed: bool


class StepOut(Schema):
    """One step of the workflow, appended."""

    id: int
    assignment: int
    action: str
    from_state: str
    to_state: str
    by: PersonRef
    role: str
    at: datetime
    reason: str
    evidence: list[EvidenceRef]
    spot_check: SpotCheckOut | None = None

    @staticmethod
    def resolve_assignment(step: Step) -> int:
        return step.assignment_id

    @staticmethod
    def resolve_evidence(step: Step) -> list[Any]:
        return list(step.evidence.all())

    @staticmethod
    def resolve_spot_check(step: Step) -> Any:
        return getattr(step, "spot_check", None)


class AttachIn(Schema):
    """The form fields beside the file."""

    effective_on: Day = Field(description="the day that the proof speaks of; not after today")
    expires_on: Day | None = Field(None, description="the last day on which it proves anything: a permit, a contract")
    title: Line = Field("", max_length=200)


class ReportIn(Schema):
    percent: Percent
    text: Text = Field(min_length=2, description="what was done", examples=["完成12台锅炉拆除"])
    problems: Text = ""
    effective_on: Day | None = Field(None, description="the day that it speaks of; today if left out")
    value: Amount | None = None
    unit: str = Field("", max_length=30)
    target: Id | None = Field(None, description="the number of the measure that `value` is about")
    indicator: str = Field("", max_length=80, description="what `value` is of where the measure's target is in words")
    evidence: list[Id] = Field([], max_length=50)
    version: Version | None = None


class SubmitIn(Schema):
    statement: Reason
    evidence: list[Id] = Field(min_length=1, max_length=50)
    parts_reason: Reason = Field("", description="why it can be handed in although parts are open")
    version: Version | None = None


class StepIn(Schema):
    reason: Reason
    version: Version | None = None


class ProvenStepIn(StepIn):
    evidence: list[Id] = Field([], max_length=50)


class CheckIn(Schema):
    """The record of a check on the spot."""

    on: Day
    location: Line = Field(max_length=200)
    method: Line = Field(max_length=200)
    found: Text
    passed: bool


class VerifyIn(ProvenStepIn):
    check: CheckIn


class ReturnIn(ProvenStepIn):
    check: CheckIn | None = None


class DeadlineIn(StepIn):
    deadline: Day


class PartIn(Schema):
    """A town or village by its code, or an enterprise by name (`place`: where it lies)."""

    place: Word | None = Field(None, description="code")
    enterprise: Word = ""
    deadline: Day | None = None
    note: Line = ""


class PartsIn(Schema):
    parts: list[PartIn] = Field(min_length=1, max_length=500)
    reason: Reason = ""
    version: Version | None = None


class ObjectionOut(Schema):
    """An objection of the publicity period. Names and contacts are for the office only."""

    id: int
    assignment: int
    text: str
    received_at: datetime
    name: str | None = None
    contact: str | None = None
    resolved_at: datetime | None = None
    upheld: bool | None = None
    resolution: str

    @staticmethod
    def resolve_assignment(objection: Objection) -> int:
        return objection.publicity.assignment_id


class ResolveIn(Schema):
    upheld: bool
    resolution: Reason
    version: Version | None = Field(None, description="of the assignment")


class PublicityOut(Schema):
    id: int
    assignment: AssignmentRef
    starts_on: date
    ends_on: date
    statement: str


class ShareIn(Schema):
    assignment: Id
    value: Amount


class SplitIn(Schema):
    """How a city's number is divided. What does not add up needs an explanation."""

    method: Literal["sum", "same", "mean"]
    shares: list[ShareIn] = Field(max_length=500)
    explanation: Reason = ""
    version: Version | None = None


class ShareOut(Schema):
    assignment: int
    value: Decimal


class SplitOut(Schema):
    target: int
    method: str
    explanation: str
    version: int
    shares: list[ShareOut]


class CellOut(Schema):
    """One target at one place: computed, reported, wanted."""

    place: str = Field(description="code")
    computed: ValueOut
    comparator: str
    wanted: Decimal | None = None
    verdict: Literal["met", "not_met", "unknown"]
    gap: Decimal | None = None
    reported: Decimal | None = Field(None, description="in the indicator's unit")
    difference: Decimal | None = Field(None, description="reported minus computed")
    agreement: Literal["agree", "disagree", "nothing"]


class TargetRow(Schema):
    """One target of a measure, computed beside reported. `indicator` null: nothing watches it."""

    target: int | None = None
    sentence: str
    indicator: str | None = None
    comparator: str
    wanted: Decimal | None = None
    met: int
    judged: int
    disagreements: int
    cells: list[CellOut]


class SeveralIn(Schema):
    """Assignments that take the same step, each on its own."""

    assignments: list[Id] = Field(min_length=1, max_length=50, description="ids")
    reason: Reason = Field(min_length=2, max_length=2000, description="opinion; of a publicity, what everybody reads")


class Refused(Schema):
    """An assignment that did not take the step, and why."""

    assignment: int
    message: str
    hint: str = ""
    field: str = ""


class SeveralOut(Schema):
    done: list[int] = Field(description="ids of the assignments that took the step")
    refused: list[Refused]
