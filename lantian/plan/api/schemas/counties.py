"""County plans beside the city's, and any two days of the ledger beside each other."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from ninja import Field, Schema

from lantian.city.schemas import PlaceRef
from lantian.kit.api import Day, Id, Reason, Word
from lantian.plan.api.schemas.ledger import AssignmentRef
from lantian.plan.api.schemas.measures import MeasureRef


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
    percent: Decimal | None = Field(
        None, description="of what the county owes, covered by confirmed traces of this text"
    )
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
