"""What was read in a text: tasks, responsibility clauses, measures with their numbers; and how a review corrects them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

from ninja import Field, Schema

from lantian.city.schemas import AgencyRef, PlaceRef
from lantian.kit.api import Day, Id, Line, Reason, Text, Version, Word
from lantian.plan.models import Clause, Measure, Task

ReviewState = Literal["unreviewed", "accepted", "edited", "added"]
Nature = Literal["binding", "striving", "task"]
AgencyRole = Literal["lead", "cooperate", "each"]
AreasMode = Literal["all", "some", "named"]
Comparator = Literal[">=", "<=", "=", ">", "<", "range"]


class TargetOut(Schema):
    """A number in a measure: a target to reach, or a criterion that says which objects are meant."""

    id: int
    role: Literal["target", "criterion"]
    comparator: str = Field(examples=[">="])
    value: Decimal
    upper: Decimal | None = Field(None, description="of a range")
    change: str = Field(description="increase or decrease: by so much")
    basis: str = Field(description="compared with")
    unit: str
    object: str
    start: int | None = None
    end: int | None = None
    confidence: float
    derived_from: str = Field(description="the words that were read as a number; empty: the text has the number")
    indicator: str = Field(description="code of the indicator that shows whether it is met")


class AgencyDuty(Schema):
    agency: AgencyRef
    role: AgencyRole


class ClauseOut(Schema):
    """A responsibility clause: who answers for which stretch of the text."""

    id: int
    label: str = Field(examples=["7-1"])
    start: int
    end: int
    areas: AreasMode
    places: list[PlaceRef]
    agencies: list[AgencyDuty]
    implement_text: list[Any] = Field(description="implementers as written")
    unresolved: list[Any] = Field(description="names that nobody is known by")
    confidence: float
    review: ReviewState
    version: int

    @staticmethod
    def resolve_label(clause: Clause) -> str:
        return str(clause)

    @staticmethod
    def resolve_places(clause: Clause) -> list[Any]:
        return [link.place for link in clause.area_links.all()]

    @staticmethod
    def resolve_agencies(clause: Clause) -> list[Any]:
        return list(clause.agencies.all())


class TaskRef(Schema):
    id: int
    number: str
    title: str
    section: str


class TaskOut(TaskRef):
    version: int = Field(description="id of the text")
    position: int
    start: int
    end: int
    clauses: list[ClauseOut]

    @staticmethod
    def resolve_version(task: Task) -> int:
        return task.version_id

    @staticmethod
    def resolve_clauses(task: Task) -> list[Clause]:
        return list(task.clauses.all())


class MeasureRef(Schema):
    id: int
    code: str = Field(examples=["7-1-3"])
    text: str


class MeasureOut(MeasureRef):
    """The smallest duty that can be checked by itself, tied to its sentence."""

    task: TaskRef
    clause: int
    plan_version: int = Field(description="id of the text")
    start: int
    end: int
    nature: Nature
    deadlines: list[str] = Field(examples=[["2020-09-30"]])
    recurrence: list[Any]
    enterprises: list[Any]
    places: list[Any]
    concerns: list[Any] = Field(description="names of the areas that it concerns; empty: all of the clause")
    cites: list[Any]
    targets: list[TargetOut]
    fields: list[Any] = Field(description="where each field was read, and how surely")
    confidence: float
    review: ReviewState
    version: int

    @staticmethod
    def resolve_task(measure: Measure) -> Task:
        return measure.clause.task

    @staticmethod
    def resolve_clause(measure: Measure) -> int:
        return measure.clause_id

    @staticmethod
    def resolve_plan_version(measure: Measure) -> int:
        return measure.clause.task.version_id

    @staticmethod
    def resolve_targets(measure: Measure) -> list[Any]:
        return list(measure.targets.all())


class MeasureFilter(Schema):
    plan_version: Id | None = Field(None, description="id of a text; the city plan in force if left out")
    task: Id | None = None
    agency: Id | None = Field(None, description="named in the clause, in whatever role")
    area: Word | None = Field(None, description="code of an implementing area")
    nature: Nature | None = None
    review: ReviewState | None = None
    q: Word = Field("", description="part of the text")


class TargetIn(Schema):
    role: Literal["target", "criterion"] = "target"
    comparator: Comparator
    value: Decimal = Field(max_digits=18, decimal_places=6)
    upper: Decimal | None = Field(None, max_digits=18, decimal_places=6)
    change: Literal["", "increase", "decrease"] = ""
    basis: str = Field("", max_length=30)
    unit: str = Field("", max_length=30)
    object: str = Field("", max_length=200)
    start: int | None = Field(None, ge=0, le=10_000_000)
    end: int | None = Field(None, ge=0, le=10_000_000)
    derived_from: str = Field("", max_length=40, description="the words that were read as a number")


class MeasureEdit(Schema):
    """Corrections; what is left out stays."""

    text: Text | None = None
    start: int | None = Field(None, ge=0, le=10_000_000)
    end: int | None = Field(None, ge=0, le=10_000_000)
    nature: Nature | None = None
    deadlines: list[Day] | None = Field(None, max_length=40)
    recurrence: list[Word] | None = Field(None, max_length=40)
    enterprises: list[Word] | None = Field(None, max_length=40)
    places: list[Word] | None = Field(None, max_length=40)
    concerns: list[Word] | None = Field(None, max_length=400)
    cites: list[Line] | None = Field(None, max_length=40)
    targets: list[TargetIn] | None = Field(None, max_length=40)
    reason: Reason = ""
    version: Version | None = None


class SplitIn(Schema):
    offset: int = Field(ge=0, le=10_000_000, description="in the source text")
    version: Version | None = None


class AddIn(Schema):
    start: int = Field(ge=0, le=10_000_000)
    end: int = Field(ge=0, le=10_000_000)
    clause: Id | None = Field(None, description="found by the stretch if left out")


class AcceptAllIn(Schema):
    confidence: float = Field(ge=0, le=1, description="accept what was read at least so surely")


class DutyIn(Schema):
    agency: Id
    role: AgencyRole


class RolesIn(Schema):
    """Who answers for a clause."""

    agencies: list[DutyIn] = Field(max_length=60)
    areas: AreasMode
    places: list[Word] = Field([], max_length=400, description="codes; for “all” every county if left out")
    reason: Reason = ""
    version: Version | None = None


class SpanIn(Schema):
    start: int = Field(ge=0, le=10_000_000)
    end: int = Field(ge=0, le=10_000_000)


class ClauseIn(Schema):
    """A responsibility clause that the reader passed over: the words that it covers, and who answers."""

    start: int = Field(ge=0, le=10_000_000)
    end: int = Field(ge=0, le=10_000_000)
    who: SpanIn | None = Field(None, description="the words that say who answers, if there are any")
    task: Id | None = Field(None, description="the task where the words stand, or the one before, if left out")
    title: Line = Field("", description="of a new task, where a whole one is missing")
    number: str = Field("", max_length=20, description="of the new task; read from the title or counted on if left out")
    cut: Literal["measures", "one", "none"] = Field(
        "measures", description="what becomes of the words: measures as the reader sees them, one measure, none yet"
    )
    agencies: list[DutyIn] = Field(max_length=60)
    areas: AreasMode
    places: list[Word] = Field([], max_length=400, description="codes; for “all” every county if left out")
    reason: Reason = ""
    key: str = Field("", max_length=80, description="the same key again answers what the first one made")


class ClauseDeleteIn(Schema):
    reason: Reason
    with_measures: bool = Field(False, description="its measures go too; without it a clause with measures stays")
    with_task: bool = Field(False, description="its task goes too, if it has no other clause")
    version: Version | None = None


class NewAgency(Schema):
    short: str = Field(max_length=60)
    full_name: str = Field("", max_length=120)
    kind: Literal["department", "company", "group", "party", "justice", "other"] = "department"


class ResolveIn(Schema):
    """Who is meant by a name: give exactly one of agency, place, new_agency, nobody."""

    name: Word
    agency: Id | None = None
    place: Word | None = Field(None, description="code")
    new_agency: NewAgency | None = None
    nobody: Reason = Field("", description="why nobody is meant")


class AreasIn(Schema):
    places: list[Word] = Field(min_length=1, max_length=400, description="codes")
    reason: Reason = ""
