"""Documents and their texts: the head, importing, what is open, what adopting would do, two texts beside each other."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from ninja import Field, Schema

from lantian.city.schemas import PlaceRef
from lantian.kit.api import Day, Id, Reason, Version, Word
from lantian.plan.models import Document, DocumentVersion, Measure
from lantian.records.schemas import PersonRef

Kind = Literal["city_plan", "county_plan"]
VersionState = Literal["in_review", "adopted", "superseded", "discarded"]


class DocumentRef(Schema):
    id: int
    kind: Kind
    title: str
    place: PlaceRef
    serves: int | None = Field(None, description="id of the city plan's document that a county's plan carries out")

    @staticmethod
    def resolve_serves(document: Document) -> int | None:
        return document.serves_id


class VersionOut(Schema):
    """One text of a document."""

    id: int
    document: DocumentRef
    ordinal: int
    state: VersionState
    title: str
    number: str
    issuer: str
    issued_on: date | None = None
    period_from: date | None = None
    period_to: date | None = None
    file_name: str
    text_sha256: str
    reader_version: str
    imported_at: datetime
    imported_by: PersonRef
    adopted_at: datetime | None = None
    version: int


class VersionDetail(VersionOut):
    """A text with the reader's warnings and how far the review has come."""

    warnings: list[Any]
    measures: int = Field(description="how many there are")
    unreviewed: int = Field(description="how many of them nobody has looked at")

    @staticmethod
    def resolve_measures(version: DocumentVersion) -> int:
        return Measure.objects.filter(clause__task__version=version).count()

    @staticmethod
    def resolve_unreviewed(version: DocumentVersion) -> int:
        return Measure.objects.filter(clause__task__version=version, review="unreviewed").count()


class TextOut(Schema):
    """The text as it was read; all offsets count its characters."""

    id: int
    text: str
    text_sha256: str


class ParsedOut(Schema):
    """What the reader made of the text, untouched (the output of `lantian plan parse --json`)."""

    id: int
    reader_version: str
    parsed: dict[str, Any]


class VersionFilter(Schema):
    kind: Kind | None = None
    state: VersionState | None = None
    place: Word | None = Field(None, description="code")


class ImportIn(Schema):
    """The form fields beside the file (.txt .md .html .docx .pdf)."""

    kind: Kind = "city_plan"
    place: Word | None = Field(None, description="code of the area of a county's plan; the city if left out")
    serves: Id | None = Field(None, description="document of the city plan that a county's plan carries out")
    document: Id | None = Field(None, description="document of which this is a re-issued text; found if left out")


class Imported(Schema):
    was_there: bool = Field(description="these very bytes had been imported before; nothing was written")
    version: VersionDetail


class HeadingIn(Schema):
    """What is left out stays."""

    title: str | None = Field(None, max_length=200)
    number: str | None = Field(None, max_length=80)
    issuer: str | None = Field(None, max_length=120)
    issued_on: Day | None = None
    period_from: Day | None = None
    period_to: Day | None = None
    version: Version | None = None


class ReasonIn(Schema):
    reason: Reason
    version: Version | None = None


class VersionIn(Schema):
    version: Version | None = None


class Count(Schema):
    count: int


class DoubtOut(Schema):
    """Something open in a text under review."""

    kind: str
    message: str
    anchor: str = Field(description="c<clause id> or m<measure id>")
    blocks: bool = Field(description="adopting waits for it")


class Ending(Schema):
    assignment: int
    reason: str


class NewDeadline(Schema):
    assignment: int
    old: date | None = None
    new: date | None = None


class ConsequencesOut(Schema):
    """What adopting a re-issued text will do. `previous` null: there is no text in force, everything begins anew."""

    previous: int | None = Field(None, description="id of the text in force")
    counts: dict[str, int] = Field({}, description="measures that are the same, changed, moved, added, removed")
    kept: list[int] = Field([], description="assignments that go on")
    ends: list[Ending] = []
    begins: int = Field(0, description="how many assignments are new")
    new_deadlines: list[NewDeadline] = []
    signed_off: list[int] = Field([], description="kept ones that are signed off although their wording changed")


class WordOut(Schema):
    """A stretch of a wording."""

    op: Literal["keep", "gone", "new"]
    text: str


class ChangeOut(Schema):
    field: str
    old: str
    new: str


class PairOut(Schema):
    """A measure of the old text beside its successor."""

    kind: Literal["same", "changed", "moved", "added", "removed"]
    old: int | None = Field(None, description="id of the measure")
    new: int | None = None
    likeness: float
    changes: list[ChangeOut]
    words: list[WordOut]


class ClausePairOut(Schema):
    kind: str
    old: int | None = Field(None, description="id of the clause")
    new: int | None = None
    roles: list[ChangeOut]
    measures: list[PairOut]


class ComparisonOut(Schema):
    old: int = Field(description="id of the text")
    new: int
    counts: dict[str, int]
    clauses: list[ClausePairOut]
